"""What is taken out of some of each customer's rows: sums, means, extremes, refunds."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.arrays import Snapshot
from retention.rules import visits
from retention.rules.backends.arrays.columns import Numbers
from retention.rules.backends.arrays.reductions import extreme_at, sums_of_column
from retention.rules.backends.arrays.selections import everything, from_instant, through_instant
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import AT, Both, Cell, Constant, Is, Refunded, Tally, Test
from retention.schema import Kind

Bought = list[list[tuple[int, int]]]
"""Of each customer when, and for how much."""

bought = st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(-50, 50)), max_size=12), max_size=6)


def _table(bought: Bought) -> Table:
    rows = [(owner, at, total) for owner, each in enumerate(bought) for at, total in each]
    owner, at, total = (np.array(column, np.int64) for column in (zip(*rows, strict=True) if rows else ((), (), ())))
    return Table.cluster(len(bought), owner.astype(np.int32), {"at": Numbers(at), "total": Numbers(total)})


@given(bought, st.integers(-1, 10), st.integers(-1, 10))
def test_sums_and_extremes_of_a_window(history: Bought, low: int, high: int) -> None:
    found = from_instant(through_instant(everything(_table(history)), np.array(high)), np.array(low))
    inside = [[(at, total) for at, total in each if low <= at <= high] for each in history]
    sums = sums_of_column(found, "total")
    assert sums is not None
    assert sums.data.tolist() == [sum(total for _, total in each) for each in inside]
    for latest, extreme in ((True, max), (False, min)):
        ends = extreme_at(found, latest)
        assert ends.missing is not None
        assert ends.missing.tolist() == [not each for each in inside]
        assert ends.data[~ends.missing].tolist() == [extreme(at for at, _ in each) for each in inside if each]


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("days", "expected"), [(1, [4, 0]), (2, [6, 0]), (3, [7, 16]), (9, [15, 16])])
def test_a_sum_within_a_window_leaves_out_what_came_before(days: int, expected: list[int]) -> None:
    ago = [NOON - timedelta(days=count) for count in (4, 3, 2, 1, 3)]
    snapshot = Snapshot.of_columns(
        {"id": ["a", "b"]},
        currency="KRW",
        orders={"customer": [*"aaaab"], "id": [*"12345"], "at": ago, "total": [8, 1, 2, 4, 16]},
    )
    window = Both((Is(">=", AT, Constant(NOON - timedelta(days=days))), Is("<=", AT, Constant(NOON))))
    total = Tally("sum", "orders", window, Cell("total", Kind.AMOUNT))
    tests: dict[str, Test] = {str(sum): Is("==", total, Constant(sum)) for sum in expected}
    masks = snapshot.masks(tests)
    assert [masks[str(sum)][place] for place, sum in enumerate(expected)] == [True, True]


def test_refunds_count_for_their_own_order_until_the_instant() -> None:
    snapshot = Snapshot.of_columns(
        {"id": ["a", "b"]},
        currency="KRW",
        orders={"customer": ["a", "b"], "id": ["1", "1"], "at": [NOON - timedelta(1)] * 2},
        refunds={
            "customer": [*"aabbz"],
            "id": [*"12345"],
            "at": [NOON - timedelta(1), NOON, NOON + timedelta(microseconds=1), NOON, NOON],
            "order_id": ["1", "1", "1", "2", "1"],
            "amount": [3, 4, 50, 60, 70],
        },
    )
    refunded = Tally("sum", "orders", Is("<=", AT, Constant(NOON)), Refunded(NOON))
    tests: dict[str, Test] = {str(sum): Is("==", refunded, Constant(sum)) for sum in (7, 0)}
    assert {name: mask.tolist() for name, mask in snapshot.masks(tests).items()} == {
        "7": [True, False],
        "0": [False, True],
    }


def test_a_mean_is_of_what_is_known() -> None:
    snapshot = Snapshot.of_columns(
        {"id": ["a", "b"]},
        visits={"customer": [*"aabb"], "id": [*"1234"], "at": [NOON] * 4, "seconds": [10, None, None, None]},
    )
    mean = visits.seconds.mean()
    rules = {"ten": mean == 10, "none": mean.is_missing()}
    masks = snapshot.masks({name: lower(rule.node, NOON, snapshot.layout) for name, rule in rules.items()})
    assert [masks["ten"].tolist(), masks["none"].tolist()] == [[True, False], [False, True]]
