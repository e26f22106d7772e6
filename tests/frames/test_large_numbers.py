"""Whole numbers without a sign, of which the largest have one bit more than 64 with a sign can say."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from retention.errors import ConfigurationError
from retention.frames import As, Decimals, Epoch, Frames, Stored, rows
from retention.money import won
from retention.rules import CustomerAttributes, NumberField, Rule, customer, declare, orders
from tests.frames.shop import (
    AS_OF,
    LIBRARIES,
    Make,
    ids,
    instants,
    of_customers,
    orders_table,
    people,
    with_orders,
)

HALF = 2**63
MOST = won(HALF - 1)
EARLIER = AS_OF.replace(year=2025)
WIDE = {name: LIBRARIES[name] for name in ("Polars", "lazy Polars", "DuckDB")}
IN_ARROW = {name: LIBRARIES[name] for name in ("PyArrow", "pandas", "pandas of Arrow")}


class Member(CustomerAttributes):
    score = NumberField()


def _unsigned(*cells: int | None) -> pa.Array:
    return pa.array(cells, pa.uint64())


def _totals(make: Make, *cells: int | None) -> Frames[Any]:
    placed = orders_table(*((f"c{n}", f"o{n}", EARLIER) for n in range(1, 1 + len(cells))), total=_unsigned(*cells))
    return with_orders(make, placed, total="total")


def test_unsigned_numbers_that_fit_are_read_as_they_are(make: Make) -> None:
    frames = _totals(make, 3, HALF - 1, 0)
    assert ids(frames, orders.total.sum() > won(2)) == {"c1", "c2"}
    assert ids(frames, orders.total.sum() == MOST) == {"c2"}


@pytest.mark.parametrize("library", WIDE)
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (orders.total.sum() > MOST, {"c1", "c2"}),
        (orders.total.sum() - MOST > won(1), {"c2"}),
        (orders.total.max() == MOST, set()),
        (orders.total.last() <= MOST, {"c3"}),
        (orders.where(orders.total > MOST).any(), {"c1", "c2"}),
        (orders.total.mean() > MOST, {"c1", "c2"}),
    ],
)  # fmt: skip
def test_larger_ones_are_exact_where_there_are_more_bits(library: str, rule: Rule, expected: set[str]) -> None:
    assert ids(_totals(WIDE[library], HALF, HALF + 4, 3), rule) == expected


@pytest.mark.parametrize("library", WIDE)
@pytest.mark.parametrize("places", [0, 2])
def test_larger_ones_that_are_counted_in_parts(library: str, places: int) -> None:
    score = Member().score
    said = rows(WIDE[library](people(score=_unsigned(HALF, 3, None))), id="id", score=As("score", Decimals(places)))
    frames = Frames(customers=said, schema=declare(Member()))
    assert ids(frames, score > HALF - 1) == {"c1"}
    assert ids(frames, score == HALF) == {"c1"}
    assert ids(frames, score.is_in([HALF, 3])) == {"c1", "c2"}


@pytest.mark.parametrize("library", IN_ARROW)
def test_larger_ones_are_refused_by_name_where_there_are_not(library: str) -> None:
    frames = _totals(IN_ARROW[library], 3, HALF)
    assert ids(frames, orders.any()) == {"c1", "c2"}
    with pytest.raises(ConfigurationError, match=f"'total' of orders holds {HALF}.*Polars or DuckDB"):
        ids(frames, orders.total.sum() > won(2))


MUCH = HALF // 2 + 1


def _of_one(make: Make, *cells: int) -> Frames[Any]:
    placed = orders_table(*(("c1", f"o{n}", EARLIER) for n in range(len(cells))), total=pa.array(cells, pa.int64()))
    return with_orders(make, placed, total="total")


@pytest.mark.parametrize("library", ["Polars", "DuckDB"])
def test_sums_of_more_than_64_bits_are_exact_where_rows_are_in_memory(library: str) -> None:
    frames = _of_one(WIDE[library], MUCH, MUCH, 3)
    assert ids(frames, orders.total.sum() > MOST) == {"c1"}
    assert ids(frames, orders.total.sum() - MOST == won(6)) == {"c1"}
    assert ids(frames, orders.total.mean() > won(2 * MUCH // 3)) == {"c1"}
    assert ids(_of_one(WIDE[library], -MUCH, -MUCH), orders.total.sum() < -MOST) == {"c1"}


@pytest.mark.parametrize("library", IN_ARROW)
def test_sums_of_more_than_64_bits_are_refused_by_name_in_arrow(library: str) -> None:
    frames = _of_one(IN_ARROW[library], MUCH, MUCH)
    assert ids(frames, orders.any()) == {"c1"}
    with pytest.raises(ConfigurationError, match="'total' of orders holds numbers of which sums are too large"):
        ids(frames, orders.total.sum() > won(2))
    assert ids(_of_one(IN_ARROW[library], MUCH, MUCH - 3), orders.total.sum() > won(2)) == {"c1"}


def test_parts_of_numbers_are_summed_exactly() -> None:
    score, cell = orders.item_count, 10**10
    placed = orders_table(("c1", "o1", EARLIER), ("c1", "o2", EARLIER), items=pa.array([cell, cell], pa.int64()))
    frames = with_orders(LIBRARIES["Polars"], placed, Stored(numbers=Decimals(9)), item_count="items")
    assert ids(frames, score.sum() == 2 * cell) == {"c1"}


def _joined(make: Make, *seconds: int) -> Frames[Any]:
    return of_customers(make, people(since=_unsigned(*seconds)), Stored(instants=Epoch()), joined_at="since")


@pytest.mark.parametrize("library", WIDE)
def test_seconds_beyond_the_calendar_are_later_than_all_of_it(library: str) -> None:
    frames = _joined(WIDE[library], 5, HALF, HALF - 1)
    assert ids(frames, customer.joined_at <= AS_OF) == {"c1"}
    assert ids(frames, customer.joined_at > AS_OF) == {"c2", "c3"}


@pytest.mark.parametrize("library", IN_ARROW)
def test_seconds_beyond_the_calendar_are_refused_by_name(library: str) -> None:
    with pytest.raises(ConfigurationError, match=r"'since' of customers holds"):
        ids(_joined(IN_ARROW[library], 5, HALF, 6), customer.joined_at <= AS_OF)


# Ids. -----------------------------------------------------------------------------------------------------------------


def _with_ids(make: Make, own: pa.Array, theirs: pa.Array) -> Frames[Any]:
    placed = {"id": ["o"] * len(theirs), "at": instants(*[EARLIER] * len(theirs))}
    return Frames(
        customers=rows(make(pa.table({"id": own})), id="id"),
        orders=rows(make(pa.table({"customer": theirs, **placed})), customer="customer", id="id", at="at"),
        currency="KRW",
    )


def test_ids_may_be_as_large_as_they_are(make: Make) -> None:
    frames = _with_ids(make, _unsigned(1, HALF + 4, HALF + 5), _unsigned(HALF + 5, 7))
    assert ids(frames, orders.any()) == {HALF + 5}
    assert ids(frames, customer.id == str(HALF + 4)) == {HALF + 4}


def test_ids_with_and_without_a_sign_meet(make: Make) -> None:
    own = pa.array([1, 2, 2**53 + 1])
    assert ids(_with_ids(make, own, _unsigned(2, 2**53 + 1, HALF)), orders.any()) == {2, 2**53 + 1}


@pytest.mark.parametrize("cell", [2.0**53, float(HALF), -(2.0**60), 1.5])
def test_ids_that_are_rounded_are_refused_by_name(cell: float) -> None:
    placed = pd.DataFrame({"customer": [1.0, cell, None], "id": ["a", "b", "c"], "at": [EARLIER] * 3})
    frames = Frames(
        customers=rows(pd.DataFrame({"id": [1, 2]}), id="id"),
        orders=rows(placed, customer="customer", id="id", at="at"),
        currency="KRW",
    )
    with pytest.raises(ConfigurationError, match=r"ids in the column 'customer' of orders are floats.*Int64"):
        ids(frames, orders.any())
