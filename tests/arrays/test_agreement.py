"""The arrays engine answers as the reference does."""

import os

import pytest

from retention.arrays import Snapshot
from retention.rules.backends.sets.passes import arrange
from tests.arrays.population import asked, expected, lowered, question

SEEDS = range(max(20, int(os.environ.get("RETENTION_EXAMPLES", "3000")) // 96))


@pytest.mark.parametrize("first", range(4))
def test_random_rules_over_random_populations(first: int) -> None:
    disagreements = []
    for seed in SEEDS[first::4]:
        told = question(seed)
        snapshot = Snapshot.of_profiles(told.profiles, told.schema)
        for as_of in told.instants:
            for name, row in asked(snapshot, lowered(told.rules, as_of, snapshot)).items():
                wanted = expected(told.rules[int(name)], told.profiles, as_of, told.schema)
                if row != wanted:
                    disagreements.append((seed, as_of, told.rules[int(name)], row, wanted))
    assert disagreements == []


def test_tests_that_share_their_windows_are_answered_the_same() -> None:
    for seed in range(20):
        told = question(seed)
        snapshot = Snapshot.of_profiles(told.profiles, told.schema)
        tests = lowered(told.rules, told.instants[0], snapshot)
        shared = dict(zip(tests, arrange(list(tests.values())).tests, strict=True))
        assert asked(snapshot, shared) == asked(snapshot, tests)


def test_chosen_are_the_ids_of_those_for_whom_it_is_true() -> None:
    for seed in range(10):
        told = question(seed)
        snapshot = Snapshot.of_profiles(told.profiles, told.schema)
        for name, test in lowered(told.rules, told.instants[0], snapshot).items():
            mask = snapshot.masks({name: test})[name]
            assert snapshot.chosen(test) == [id for id, true in zip(snapshot.ids, mask, strict=True) if true]


def test_nobody() -> None:
    told = question(1)
    snapshot = Snapshot.of_profiles((), told.schema)
    assert snapshot.ids == []
    for name, row in asked(snapshot, lowered(told.rules, told.instants[0], snapshot)).items():
        assert row == [], name
