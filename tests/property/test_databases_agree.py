"""Rules in databases against the reference; see ``tests/sets/agreement.py``."""

import pytest

from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import DATABASES, SetEngine


@pytest.mark.parametrize("engine", DATABASES, ids=lambda engine: engine.name)
def test_every_engine_agrees_with_the_reference(
    engine: SetEngine, request: pytest.FixtureRequest, record_property: RecordProperty
) -> None:
    server = request.getfixturevalue(engine.fixture) if engine.fixture else None
    assert_agrees(engine, server).tell(engine.name, record_property)
