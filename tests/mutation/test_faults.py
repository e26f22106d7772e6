"""The list of faults keeps step with the source; planting them all is `make mutation`."""

from pathlib import Path

import pytest

from tests.mutation.faults import FAULTS, Fault
from tests.mutation.plant_faults import plant


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_the_line_is_there_once_and_the_tests_exist(fault: Fault, root: Path, tmp_path: Path) -> None:
    original = (root / "src" / "retention" / fault.file).read_text(encoding="utf-8")
    copy = tmp_path / "copy.py"
    copy.write_text(original, encoding="utf-8")
    plant(fault, copy)
    assert copy.read_text(encoding="utf-8") != original
    assert [each for each in fault.tests if not (root / each.partition("::")[0]).exists()] == []


def test_there_are_enough_and_no_two_are_the_same() -> None:
    assert len(FAULTS) >= 25
    assert len({each.name for each in FAULTS}) == len(FAULTS)
    assert len({(each.file, each.before, each.after) for each in FAULTS}) == len(FAULTS)


def test_a_line_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    copy = tmp_path / "copy.py"
    copy.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match="0 times"):
        plant(FAULTS[0], copy)
