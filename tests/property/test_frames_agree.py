"""Rules on data frames against the reference; see ``tests/sets/agreement.py``."""

import pytest

from tests.sets.agreement import assert_agrees
from tests.sets.engines import FRAMES, SetEngine


@pytest.mark.parametrize("engine", FRAMES, ids=lambda engine: engine.name)
def test_every_engine_agrees_with_the_reference(engine: SetEngine) -> None:
    assert_agrees(engine)
