"""A wrong comparison is a mypy error: which one is written beside it, and mypy must say that and nothing else."""

import re
from collections import Counter
from pathlib import Path

import pytest
from mypy import api

FOLDER = Path(__file__).parent
_EXPECTED = re.compile(r"# expect: ([a-z-]+)$")
_REPORTED = re.compile(r"^.*?([\w-]+\.py):(\d+): error: .*\[([a-z-]+)\]$")


@pytest.fixture(scope="module")
def reported(root: Path) -> Counter[tuple[str, int, str]]:
    """What mypy says of the two programs: file, line, code."""
    options = ["--config-file", str(root / "pyproject.toml"), "--no-error-summary", "--no-pretty", "--show-error-codes"]
    programs = [str(FOLDER / "right.py"), str(FOLDER / "wrong.py")]
    printed, failure, _ = api.run([*options, *programs])
    assert not failure
    found = [match.groups() for line in printed.splitlines() if (match := _REPORTED.match(line))]
    return Counter((file, int(line), code) for file, line, code in found)


def expected_in_wrong() -> list[tuple[str, int, str]]:
    lines = (FOLDER / "wrong.py").read_text(encoding="utf-8").splitlines()
    return [("wrong.py", n, match[1]) for n, line in enumerate(lines, 1) if (match := _EXPECTED.search(line))]


def test_every_wrong_line_is_the_error_that_it_expects(reported: Counter[tuple[str, int, str]]) -> None:
    expected = expected_in_wrong()
    assert len(expected) >= 80
    assert {each for each in reported if each[0] == "wrong.py"} == set(expected)


def test_every_right_line_is_right(reported: Counter[tuple[str, int, str]]) -> None:
    assert [each for each in reported if each[0] == "right.py"] == []
