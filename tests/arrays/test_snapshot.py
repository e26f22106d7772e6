"""Columns as hosts have them, to a snapshot."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest

from retention import Segment
from retention.arrays import As, Decimals, Epoch, Json, Major, Naive, Separated, Snapshot, Stored
from retention.errors import ConfigurationError, FactError, UnknownName, UnmappedName
from retention.money import Money
from retention.rules import Rule, customer, orders, points, purchases, reviews, visits
from retention.rules.backends.sets.lower import lower
from retention.schema import STANDARD, Kind
from retention.spans import days

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")


def who(snapshot: Snapshot, rule: Rule, as_of: datetime = NOW) -> list[str]:
    return snapshot.chosen(lower(rule.node, as_of, snapshot.layout))


def test_rows_may_stand_in_any_order_and_be_of_nobody_known() -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["b", "a", "c"]},
        orders={
            "customer": ["a", None, "b", "stranger", "a"],
            "id": ["3", "5", "1", "2", "4"],
            "at": [NOW, NOW, NOW - timedelta(2), NOW, NOW - timedelta(1)],
            "total": [7, 100, 5, 100, 3],
        },
        currency="KRW",
    )
    assert repr(snapshot) == "Snapshot(3 customers, 3 orders)"
    assert (len(snapshot), snapshot.ids) == (3, ["b", "a", "c"])
    assert who(snapshot, orders.total.sum() >= Money(10, "KRW")) == ["a"]
    assert who(snapshot, orders.total.last() == Money(7, "KRW")) == ["a"]
    assert who(snapshot, orders.none()) == ["c"]


def test_rows_of_one_instant_stand_in_order_of_their_ids() -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a"]},
        visits={"customer": ["a"] * 3, "id": ["10", "9", "09"], "at": [NOW] * 3, "page": ["ten", "nine", "old"]},
    )
    assert who(snapshot, visits.page.first() == "old") == ["a"]
    assert who(snapshot, visits.page.last() == "nine") == ["a"]


def test_rows_that_do_not_say_when_are_left_out() -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b"]}, visits={"customer": ["a", "b"], "id": ["1", "2"], "at": [None, NOW]}
    )
    assert who(snapshot, visits.any()) == ["b"]


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        ([datetime(2026, 2, 28, 21, tzinfo=SEOUL), None], Stored()),
        (np.array(["2026-02-28T12", "NaT"], "M8[h]"), Stored()),
        (np.ma.MaskedArray(np.array(["2026-02-28T12"] * 2, "M8[s]"), [False, True]), Stored()),
        ([datetime(2026, 2, 28, 21), None], Stored(Naive(SEOUL))),
        (np.array(["2026-02-28T21", "NaT"], "M8[us]"), Stored(Naive(SEOUL))),
        ([1_772_280_000, None], Stored(Epoch())),
        (np.array([1_772_280_000_000, np.nan]), Stored(Epoch("ms"))),
        (np.ma.MaskedArray([1_772_280_000_000_000, 0], [False, True]), Stored(Epoch("us"))),
        (As([1_772_280_000, None], Epoch()), Stored()),
    ],
)
def test_instants(cells: Any, stored: Stored) -> None:
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b"], "joined_at": cells}, stored=stored)
    noon = datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert who(snapshot, customer.joined_at.is_missing()) == ["b"]
    assert who(snapshot, customer.joined_at.within(days(1)), noon) == ["a"]
    assert who(snapshot, customer.joined_at.within(days(1)), noon - timedelta(microseconds=1)) == []
    assert who(snapshot, customer.joined_at.within(days(1)), noon + timedelta(days=1)) == []


def test_a_wall_time_that_comes_twice_is_the_first_of_the_two() -> None:
    walls = np.array(["2025-11-02T01:30", "2025-03-09T02:30", "2025-11-02T01:30"], "M8[s]")
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"], "joined_at": walls}, stored=Stored(Naive(NEW_YORK))
    )
    assert who(snapshot, customer.joined_at == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)) == ["a", "c"]
    assert who(snapshot, customer.joined_at == datetime(2025, 3, 9, 7, tzinfo=UTC)) == ["b"]


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        ([1234, None, 0], Stored()),
        (np.array([1234, np.nan, 0]), Stored()),
        ([Decimal("12.34"), None, Decimal(0)], Stored(amounts=Major())),
        (np.array([12.34, np.nan, 0]), Stored(amounts=Major())),
        ([12.34, float("nan"), 0], Stored(amounts=Major())),
    ],
)
def test_amounts(cells: Any, stored: Stored) -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"]},
        orders={"customer": ["a", "b", "c"], "id": ["1", "2", "3"], "at": [NOW] * 3, "discount": cells},
        currency="USD",
        stored=stored,
    )
    assert who(snapshot, orders.discount.sum() == Money(1234, "USD")) == ["a"]
    assert who(snapshot, orders.where(orders.discount.is_missing()).any()) == ["b"]


@pytest.mark.parametrize(
    "cells", [[2.5, 0.1, None], [Fraction(5, 2), Decimal("0.1"), None], np.array([2.5, 0.1, np.nan])]
)
def test_numbers_of_some_decimals(cells: Any) -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"]},
        purchases={
            "customer": ["a", "b", "c"],
            "id": ["1", "2", "3"],
            "at": [NOW] * 3,
            "quantity": As(cells, Decimals(1)),
        },
    )
    assert who(snapshot, purchases.quantity.sum() == 2.5) == ["a"]
    assert who(snapshot, purchases.quantity.sum() == 0.1) == ["b"]
    assert who(snapshot, purchases.quantity.sum() == 0) == ["c"]


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        ([["vip", "vip", "big"], [], None], Stored()),
        (["vip,big", "", None], Stored(labels=Separated())),
        (["vip|big", "", None], Stored(labels=Separated("|"))),
        (['["big", "vip", "big"]', "[]", None], Stored(labels=Json())),
    ],
)
def test_labels(cells: Any, stored: Stored) -> None:
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b", "c"], "tags": cells}, stored=stored)
    assert who(snapshot, customer.tags.has("vip")) == ["a"]
    assert who(snapshot, customer.tags.has("absent")) == []
    assert who(snapshot, customer.tags.count() == 2) == ["a"]
    assert who(snapshot, customer.tags.count() == 0) == ["b"]


@pytest.mark.parametrize(
    "cells", [[True, False, None], np.ma.MaskedArray([True, False, True], [False, False, True]), [1, 0, None]]
)
def test_flags(cells: Any) -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"]},
        reviews={"customer": ["a", "b", "c"], "id": ["1", "2", "3"], "at": [NOW] * 3, "has_photo": cells},
    )
    assert who(snapshot, reviews.where(reviews.has_photo).any()) == ["a"]
    assert who(snapshot, reviews.where(~reviews.has_photo).any()) == ["b", "c"]


@pytest.mark.parametrize("cells", [[date(1990, 3, 1), None], np.array(["1990-03-01", "NaT"], "M8[D]")])
def test_dates(cells: Any) -> None:
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b"], "birthday": cells})
    assert who(snapshot, customer.birthday.returns_within(1)) == ["a"]
    assert who(snapshot, customer.birthday == date(1990, 3, 1)) == ["a"]


@pytest.mark.parametrize("ids", [[1, 10, 9], np.array([1, 10, 9]), ["1", "10", "9"]])
def test_ids_may_be_whole_numbers(ids: Any) -> None:
    owners = np.ma.MaskedArray([9, 10, 1], [False, False, True])
    snapshot = Snapshot.of_columns(
        customers={"id": ids}, visits={"customer": owners, "id": np.arange(3), "at": [NOW] * 3}
    )
    assert snapshot.ids == ["1", "10", "9"]
    assert who(snapshot, visits.any()) == ["10", "9"]


def test_customers_of_several_currencies() -> None:
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"]},
        currencies=["KRW", "USD", None],
        orders={"customer": ["a", "b"], "id": ["1", "2"], "at": [NOW] * 2, "total": [9000, 9000]},
    )
    assert who(snapshot, orders.total.sum() >= Money(9000, "KRW")) == ["a"]
    assert who(snapshot, orders.total.sum() < Money(9000, "KRW")) == ["c"]


def test_fields_of_the_host() -> None:
    schema = STANDARD.extend(attributes={"shoe": Kind.NUMBER}, collections={"rentals": {"bike": Kind.TEXT}})
    snapshot = Snapshot.of_columns(
        customers={"id": ["a"], "shoe": [44]},
        schema=schema,
        rentals={"customer": ["a"], "id": ["1"], "at": [NOW], "bike": ["red"]},
    )
    assert snapshot.layout.maps("rentals", "bike")
    assert snapshot.layout.maps(None, "shoe")


def test_what_a_snapshot_lacks_is_refused_before_anything_is_read() -> None:
    snapshot = Snapshot.of_columns(customers={"id": ["a"]})
    with pytest.raises(UnmappedName, match="points"):
        who(snapshot, points.any())


@pytest.mark.parametrize(
    ("customers", "visited", "error", "told"),
    [
        ({"id": ["b", "a", "c", "a", "b"]}, {}, FactError, r"customers\.id\[3\]: is there twice"),
        ({"id": ["a", None]}, {}, FactError, "is missing"),
        ({"country": ["KR"]}, {}, ConfigurationError, "no ids"),
        ({"id": ["a"], "shoe": [1]}, {}, UnknownName, "shoe"),
        ({"id": ["a"], "country": ["KR", "JP"]}, {}, FactError, "different lengths"),
        ({"id": ["a"], "country": np.array([1.5])}, {}, FactError, r"is not text \(got float64\)"),
        ({"id": ["a"], "joined_at": [datetime(2026, 3, 1)]}, {}, FactError, "naive"),
        ({"id": ["a"], "joined_at": np.array([7])}, {}, FactError, "is not an instant"),
        ({"id": ["a"], "joined_at": As([NOW], Naive(UTC))}, {}, FactError, "wall clock"),
        ({"id": ["a"], "joined_at": As([10**17], Epoch())}, {}, FactError, "years 1 to 9999"),
        ({"id": ["a"], "joined_at": As([NOW], Decimals())}, {}, ConfigurationError, "not kept as"),
        ({"id": ["a"], "birthday": [NOW]}, {}, FactError, "is not a date"),
        ({"id": ["a"], "birthday": np.array([3])}, {}, FactError, "is not a date"),
        ({"id": ["a"], "birthday": np.array(["10001-01-01"], "M8[D]")}, {}, FactError, "years 1 to 9999"),
        ({"id": ["a"], "tags": ["vip"]}, {}, FactError, "list of texts"),
        ({"id": ["a"], "tags": As([["vip"]], Separated())}, {}, FactError, "is not text"),
        ({"id": ["a"], "tags": As(["{}"], Json())}, {}, FactError, "JSON array"),
        ({"id": ["a"], "tags": As(["["], Json())}, {}, FactError, "JSON array"),
        ({"id": ["a"]}, {"id": ["1"], "at": [NOW]}, ConfigurationError, "whose"),
        ({"id": ["a"]}, {"customer": ["a"] * 2, "at": [NOW]}, FactError, "customer 2, at 1"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW] * 2}, FactError, "customer 1, at 2"),
        ({"id": ["a"]}, {"customer": np.array([1.0]), "at": [NOW]}, FactError, "use Int64"),
        ({"id": ["a"]}, {"customer": ["a"], "id": ["1"]}, ConfigurationError, "no column for at"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": ["1"]}, FactError, "is not a number"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": [True]}, FactError, "is not a number"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": np.array([True])}, FactError, "is not a number"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": [2**63]}, FactError, "64 bits"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": np.array([1e19])}, FactError, "64 bits"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": np.array([2**63], "u8")}, FactError, "64 bits"),
        ({"id": ["a"]}, {"customer": ["a"], "at": [NOW], "seconds": [Fraction(2**64)]}, FactError, "64 bits"),
    ],
)
def test_what_cannot_be_is_refused(
    customers: dict[str, Any], visited: dict[str, Any], error: type[Exception], told: str
) -> None:
    collections: dict[str, Any] = {"visits": visited} if visited else {}
    with pytest.raises(error, match=told):
        Snapshot.of_columns(customers=customers, **collections)


@pytest.mark.parametrize("cells", [["yes"], np.array([2]), np.array([1.0])])
def test_what_is_no_flag_is_refused(cells: Any) -> None:
    reviewed = {"customer": ["a"], "id": ["1"], "at": [NOW], "has_photo": cells}
    with pytest.raises(FactError, match="is not a flag"):
        Snapshot.of_columns(customers={"id": ["a"]}, reviews=reviewed)


def test_amounts_in_major_units_of_no_currency_are_refused() -> None:
    ordered = {"customer": ["a"], "id": ["1"], "at": [NOW], "total": [12.34]}
    with pytest.raises(ConfigurationError, match="no stated currency"):
        Snapshot.of_columns(customers={"id": ["a"]}, orders=ordered, stored=Stored(amounts=Major()))


def bought(total: Any, quantity: Any, stored: Stored, currency: str | None = "USD") -> Snapshot:
    row = {"customer": ["a"], "id": ["1"], "at": [NOW]}
    return Snapshot.of_columns(
        customers={"id": ["a"]},
        orders={**row, "total": total},
        purchases={**row, "quantity": quantity},
        currency=currency,
        stored=stored,
    )


@pytest.mark.parametrize("currency", ["USD", None])
@pytest.mark.parametrize(
    "cells", [[Decimal("12.34")], [12.5], [Fraction(1, 3)], np.array([12.34]), np.array([0.5], "f4")]
)
def test_fractions_of_minor_units_are_refused(cells: Any, currency: str | None) -> None:
    with pytest.raises(FactError, match=r"orders\.total(\[0\])?: has more decimals.*Stored\(amounts=Major\(\)\)"):
        bought(cells, [1], Stored(), currency)


@pytest.mark.parametrize("cells", [[Decimal("12.345")], [12.345], np.array([12.345])])
def test_finer_amounts_in_major_units_are_rounded(cells: Any) -> None:
    snapshot = bought(cells, [1], Stored(amounts=Major()))
    assert who(snapshot, orders.total.sum().between(Money(1234, "USD"), Money(1235, "USD"))) == ["a"]


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        ([4.5], 0),
        ([Decimal("4.5")], 0),
        (np.array([4.5]), 0),
        ([Decimal("4.00000001")], 7),
        ([0.25], 1),
        (np.array([1e6 + 0.01]), 1),
        (np.array([0.25], "f4"), 1),
    ],
)
def test_finer_numbers_are_refused(cells: Any, places: int) -> None:
    with pytest.raises(FactError, match=rf"purchases\.quantity(\[0\])?: has more decimals.*Decimals\({places + 1}\)"):
        bought([1], cells, Stored(numbers=Decimals(places)))


@pytest.mark.parametrize(
    "cells", [[0.1 + 0.2], [Decimal("0.30")], np.array([0.1 + 0.2]), np.array([0.3], "f4"), np.array([0.3], "f2")]
)
def test_what_floats_leave_behind_is_no_decimal(cells: Any) -> None:
    assert who(bought([1], cells, Stored(numbers=Decimals(1))), purchases.quantity.sum() == Fraction(3, 10)) == ["a"]


def test_nine_decimals_are_the_finest_so_more_are_rounded() -> None:
    snapshot = bought([1], [Fraction(1, 3)], Stored(numbers=Decimals(9)))
    assert who(snapshot, purchases.quantity.sum() == Decimal("0.333333333")) == ["a"]


@pytest.mark.parametrize(
    ("ids", "owners", "told"),
    [
        (["c-1", "c-2"], [1, 2], "visits.customer has int, customers.id has str"),
        (np.array([1, 2]), ["c-1", None], "visits.customer has str, customers.id has int64"),
        (["c-1"], np.ma.MaskedArray([7, 8], [True, False]), "visits.customer has int64, customers.id has str"),
    ],
)
def test_a_collection_without_one_known_customer_is_refused(ids: Any, owners: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"no row of visits .*{told}"):
        Snapshot.of_columns(customers={"id": ids}, visits={"customer": owners, "at": [NOW] * len(owners)})


@pytest.mark.parametrize(("ids", "owners"), [(["a"], [None, None]), ([], ["a"]), (["a"], [])])
def test_rows_of_nobody_and_populations_of_nobody_are_none(ids: list[str], owners: list[str | None]) -> None:
    snapshot = Snapshot.of_columns(customers={"id": ids}, visits={"customer": owners, "at": [NOW] * len(owners)})
    assert (len(snapshot), len(snapshot.tables["visits"])) == (len(ids), 0)


def test_columns_of_pandas_and_polars_are_taken_and_frames_are_not() -> None:
    frame = pd.DataFrame({"id": [1, 2], "country": ["KR", None]})
    visited = pd.DataFrame({"customer": pd.array([2, None], "Int64"), "id": ["v", "w"], "at": [NOW, NOW]})
    visited["seconds"] = pd.array([None, 3], "Int64")
    snapshot = Snapshot.of_columns(customers=dict(frame), visits=dict(visited))
    again = Snapshot.of_columns(customers=dict(frame), visits=pl.from_pandas(visited).to_dict())
    assert repr(again) == repr(snapshot) == "Snapshot(2 customers, 1 visits)"
    assert who(snapshot, visits.where(visits.seconds.is_missing()).any()) == ["2"]
    assert who(snapshot, customer.country == "KR") == ["1"]
    assert Snapshot.of_columns(customers=pl.DataFrame({"id": ["a"]}).to_dict()).ids == ["a"]
    given: Any
    for given in (frame, pl.DataFrame({"id": ["a"]})):
        with pytest.raises(ConfigurationError, match=r"customers is DataFrame, .*dict\(df\)"):
            Snapshot.of_columns(customers=given)
    with pytest.raises(ConfigurationError, match=r"visits is DataFrame"):
        Snapshot.of_columns(customers=dict(frame), visits=given)


@pytest.mark.parametrize("cells", [[5.0, math.inf, -math.inf], [5, math.inf, None], [5, Decimal("Infinity"), None]])
@pytest.mark.parametrize("made", [list, np.array])
def test_an_infinite_number_is_missing_as_in_databases(cells: list[Any], made: Any) -> None:
    at = [datetime(2026, 1, 1, tzinfo=UTC)] * 3
    given = made(cells)
    snapshot = Snapshot.of_columns(
        customers={"id": ["a", "b", "c"]}, visits={"customer": ["a", "b", "c"], "at": at, "seconds": given}
    )
    missing = Segment("m", visits.seconds.max().is_missing())
    assert set(missing.ids(snapshot, as_of=datetime(2026, 2, 1, tzinfo=UTC))) == {"b", "c"}
