"""The ledger against a plain model of it: never a disagreement in results, refusals or state.

The number of operations is ``RETENTION_OPERATIONS``; ``make thorough`` asks for 100,000.
"""

import os
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from retention.testing.choices import Choices
from tests.counted import COUNTS, RecordProperty
from tests.loyalty.ledger import scenes
from tests.loyalty.ledger.lives import HAPPENINGS, Life

OPERATIONS = int(os.environ.get("RETENTION_OPERATIONS", "5000"))
STEPS = 120


class Lives(RuleBasedStateMachine):
    """Lives that Hypothesis writes, and shrinks when the ledger and the model disagree."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()

    def teardown(self) -> None:
        self.life.check_history()


def _as_rule(happening: Callable[[Life, Choices], None]) -> Any:
    def happens(self: Lives, data: st.DataObject) -> None:
        happening(self.life, Choices(lambda size: data.draw(st.integers(0, size - 1))))

    happens.__name__ = happening.__name__
    return rule(data=st.data())(happens)


for _each in dict.fromkeys(HAPPENINGS):
    setattr(Lives, _each.__name__, _as_rule(_each))


def test_lives_that_shrink() -> None:
    profile = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Lives, settings=profile)


def test_many_operations_without_a_disagreement(record_property: RecordProperty) -> None:
    """Written from seeds, which is much faster; the seed of a life that fails is in the traceback."""
    carried, refused = Counter[str](), Counter[str]()
    for seed in count():
        if carried.total() + refused.total() >= OPERATIONS:
            break
        life, choose = Life(), Choices.seeded(seed)
        for _ in range(STEPS):
            life.step(choose)
        life.check_history()
        carried.update(life.carried)
        refused.update(life.refused)
    told = {"engine": "ledger", "cases": carried.total() + refused.total(), "refused": 0, "disagreements": 0}
    record_property(COUNTS, told)
    assert_telling(carried, refused)


def assert_telling(carried: Counter[str], refused: Counter[str]) -> None:
    """Few faults show in lives in which little happens, or nothing is refused."""
    assert carried.total() >= refused.total()
    assert len(carried) == 12, carried  # every kind of command
    assert len({each.partition(": ")[2] for each in refused}) >= 11, refused


def test_a_ledger_that_is_wrong_is_found_out() -> None:
    life = Life()
    life.gift(Choices(lambda _: 0))
    life.compare()
    head = life.shelf.heads[scenes.ANN]
    life.shelf.heads[scenes.ANN] = evolve(head, open=())
    with pytest.raises(AssertionError, match="ann"):
        life.compare()
