"""Rules as terms, plans and arrays against the reference; see ``tests/sets/agreement.py``."""

import pytest

from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import ARRAYS, PLANS, TERMS, SetEngine


@pytest.mark.parametrize("engine", [TERMS, PLANS, ARRAYS], ids=lambda engine: engine.name)
def test_every_engine_agrees_with_the_reference(engine: SetEngine, record_property: RecordProperty) -> None:
    assert_agrees(engine).tell(engine.name, record_property)
