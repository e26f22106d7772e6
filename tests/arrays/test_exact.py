"""Whole numbers stay exact where 64 bits are too few."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from retention.arrays import Snapshot
from retention.money import Money
from retention.rules import Rule, credits, points, surveys
from retention.rules.backends.arrays import values
from retention.rules.backends.arrays.values import Values
from retention.rules.backends.sets.lower import lower
from retention.rules.nodes import Comparison

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LARGE = 2**62


def who(rule: Rule) -> list[str]:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b"]},
        points={
            "customer": ["a", "a", "a", "b", "b"],
            "id": list("12345"),
            "at": [NOW] * 5,
            "amount": [LARGE, LARGE, LARGE, -LARGE, 1],
        },
        credits={"customer": ["a", "b"], "id": ["1", "2"], "at": [NOW] * 2, "amount": [LARGE, 3]},
        surveys={"customer": ["a", "b"], "id": ["1", "2"], "at": [NOW] * 2, "score": [LARGE, 3]},
        currency="KRW",
    )
    return snapshot.chosen(lower(rule.node, NOW, snapshot.layout))


score = surveys.score.sum()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (points.amount.sum() == 3 * LARGE, ["a"]),
        (points.amount.sum() > 2**70, []),
        (points.amount.sum() < 2**70, ["a", "b"]),
        (points.where(points.amount > 0).amount.sum() == 3 * LARGE, ["a"]),
        (points.amount.mean() == LARGE, ["a"]),
        (points.amount.min() == -LARGE, ["b"]),
        (score * score == LARGE**2, ["a"]),
        (score * score == 9, ["b"]),
        (score + score + score == 3 * LARGE, ["a"]),
        ((score * score).is_in([9, LARGE**2, 5]), ["a", "b"]),
        ((score / 7) * score > LARGE, ["a"]),
        (credits.amount.sum() == Money(LARGE, "KRW"), ["a"]),
    ],
)
def test_large_numbers(rule: Rule, expected: list[str]) -> None:
    assert who(rule) == expected


@pytest.mark.parametrize("count", [2, 20])
def test_membership_of_numbers_beyond_64_bits(count: int) -> None:
    value = Values(np.array([1, 5, LARGE]))
    options = [*range(5, 5 + count), 2**80]
    assert values.among(value, options).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("operator", "expected"), [("==", [False, True, False]), ("<", [True, False, False]), (">=", [False, True, False])]
)
def test_missing_numbers_compare_with_nothing(operator: Comparison, expected: list[bool]) -> None:
    given: Any = Values(np.array([1, 5, 0]), np.array([False, False, True]))
    assert values.compared_with(operator, given, 5).tolist() == expected
    assert values.compared(operator, given, Values(np.array([5, 5, 0]))).tolist() == expected
