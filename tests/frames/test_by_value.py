"""Tests of different values of one column, answered by customer and value."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retention import days, won
from retention.rules import Rule, customer, orders
from retention.rules.backends.frames.by_value import ByValue, by_value
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Pass
from retention.rules.backends.sets.settled import settle
from retention.schema import STANDARD
from tests.frames.shop import AS_OF, LIBRARIES, instants, listed, with_orders
from tests.sets.layouts import plain_layout

Bought: TypeAlias = tuple[str | None, str | None, int, int | None, str | None]
"""Who, the status, how many days ago, how much, with which coupon."""

STATUSES = ("paid", "sent", "held", "lost")
_DAYS = 10
_IS_KOREAN = customer.country == "KR"


def _of(place: int) -> Any:
    """The orders of one status in a window of its own."""
    return orders.where(orders.status == STATUSES[place]).within(days(_DAYS + place))


def _spent(place: int) -> Rule:
    rule: Rule = _of(place).total.sum() >= won(5 + place)
    return rule


def _asked(place: int) -> Rule:
    """What is asked of one status."""
    rule: Rule = (_spent(place) & (_of(place).coupon.distinct() >= 1)) | (_of(place).total.max() >= won(9))
    return rule


def _is_in(who: str, place: int, table: list[Bought]) -> bool:
    kept = [row for row in table if row[:2] == (who, STATUSES[place]) and 0 <= row[2] < _DAYS + place]
    totals = [total for *_, total, _ in kept if total is not None]
    coupons = {coupon for *_, coupon in kept if coupon is not None}
    return (sum(totals) >= 5 + place and len(coupons) >= 1) or max(totals, default=0) >= 9


def _asked_of_sums(place: int) -> Rule:
    """The same but for the greatest."""
    rule: Rule = _spent(place) & (_of(place).coupon.distinct() >= 2)
    return rule


def _has_sums(who: str, place: int, table: list[Bought]) -> bool:
    kept = [row for row in table if row[:2] == (who, STATUSES[place]) and 0 <= row[2] < _DAYS + place]
    return sum(row[3] or 0 for row in kept) >= 5 + place and len({row[4] for row in kept} - {None}) >= 2


@pytest.mark.parametrize(
    ("library", "asked", "is_in"),
    [
        pytest.param("lazy Polars", _asked, _is_in, id="Polars"),
        pytest.param("DuckDB", _asked, _is_in, id="DuckDB"),
        pytest.param("DuckDB", _asked_of_sums, _has_sums, id="DuckDB, sums and distinct counts"),
    ],
)
@example([("c1", "paid", 1, 9, "a"), ("c1", "paid", 1, 9, None)])
@settings(max_examples=30)  # DuckDB plans for 0.1 s whatever the rows
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["c1", "c2", "stranger", None]),
            st.sampled_from([*STATUSES, "other", None]),
            st.integers(-1, _DAYS + len(STATUSES)),
            st.sampled_from([1, 2, 4, 9, None]),
            st.sampled_from(["a", "b", None]),
        )
    )
)
def test_each_value_is_answered_by_its_own_rows(
    library: str, asked: Callable[[int], Rule], is_in: Callable[[str, int, list[Bought]], bool], table: list[Bought]
) -> None:
    who, status, ago, total, coupon = zip(*table, strict=True) if table else ((),) * 5
    bought = pa.table(
        {
            "customer": pa.array(who, pa.string()),
            "id": pa.array([f"o{number}" for number in range(len(table))], pa.string()),
            "at": instants(*(AS_OF - timedelta(days=each) for each in ago)),
            "status": pa.array(status, pa.string()),
            "total": pa.array(total, pa.int64()),
            "coupon": pa.array(coupon, pa.string()),
        }
    )
    frames = with_orders(LIBRARIES[library], bought, status="status", total="total", coupon="coupon")
    tests = {STATUSES[place]: lower(asked(place).node, AS_OF, frames.layout) for place in range(len(STATUSES))}
    expected = {
        each: {status: is_in(each, place, table) for place, status in enumerate(STATUSES)}
        for each in ("c1", "c2", "c3")
    }
    assert {row.pop("id"): row for row in listed(frames.answers(tests))} == expected


def _told(*rules: Rule) -> ByValue | None:
    layout = plain_layout(STANDARD, "KRW")
    plan = settle(arrange([lower(each.node, AS_OF, layout) for each in rules]))
    (step,) = (each for each in plan.steps if isinstance(each, Pass))
    return by_value(step)


def test_what_is_told_by_the_values_of_a_column() -> None:
    found = _told(*map(_asked, range(4)))
    assert found is not None
    assert found.column.column == "status"
    assert tuple(found.rows) == STATUSES
    assert tuple(found.tests.values()) == STATUSES


def test_tests_of_one_value_share_its_rows() -> None:
    found = _told(*map(_spent, range(3)), _of(1).count() >= 2)
    assert found is not None
    assert sorted(map(str, found.tests.values())) == ["held", "paid", "sent", "sent"]


@pytest.mark.parametrize(
    "besides",
    [
        pytest.param([], id="too few values"),
        pytest.param([_spent(2), orders.count() >= 2], id="rows of every value"),
        pytest.param([_spent(2), (_of(2).total.sum() >= won(9)) & _IS_KOREAN], id="a tally that is asked about twice"),
        pytest.param([(_of(2).count() >= 2) & (_of(3).count() >= 2)], id="two values in one test"),
        pytest.param([_of(2).total.sum() < won(5)], id="true of those who have no row"),
        pytest.param([_spent(2), _of(1).within(days(3)).count() >= 2], id="other rows of the same value"),
    ],
)
def test_what_is_not_told_by_value(besides: list[Rule]) -> None:
    assert _told(_spent(0), _spent(1), *besides) is None
