"""Rules on data frames against the reference; see ``tests/sets/agreement.py``."""

import pytest

from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import FRAMES, SetEngine


@pytest.mark.parametrize("engine", FRAMES, ids=lambda engine: engine.name)
def test_every_engine_agrees_with_the_reference(engine: SetEngine, record_property: RecordProperty) -> None:
    assert_agrees(engine).tell(engine.name, record_property)
