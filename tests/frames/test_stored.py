"""Columns as hosts keep them: units, zones, integers for texts, floats for amounts, and what is missing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pytest

from retention.errors import ConfigurationError
from retention.frames import As, Decimals, Epoch, Frames, Major, Naive, Separated, Stored, rows
from retention.money import Money, won
from retention.rules import CustomerAttributes, NumberField, Rule, customer, declare, orders
from retention.spans import days
from tests.frames.shop import (
    AS_OF,
    LIBRARIES,
    Make,
    ids,
    instants,
    of_customers,
    orders_table,
    people,
    polars,
    with_orders,
)

EARLIER = datetime(2026, 2, 1, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
NOT_PANDAS = {name: make for name, make in LIBRARIES.items() if "pandas" not in name}


# Instants. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_instants_of_every_unit_and_zone(make: Make, unit: str, zone: str) -> None:
    at = datetime(2026, 2, 22, 9, 30, tzinfo=UTC)  # seven days before
    joined = instants(at, at + timedelta(seconds=1), None, unit=unit, zone=zone)
    frames = of_customers(make, people(joined=joined), joined_at="joined")
    assert ids(frames, customer.joined_at.within(days(7))) == {"c2"}
    assert ids(frames, customer.joined_at.older_than(days(7))) == {"c1"}
    assert ids(frames, ~customer.joined_at.within(days(7))) == {"c1", "c3"}
    between = AS_OF + timedelta(milliseconds=500)  # half a second later than c1 by a window of seven days
    assert ids(frames, customer.joined_at.within(days(7)), between) == {"c2"}
    assert ids(frames, customer.joined_at == at) == {"c1"}
    assert ids(frames, customer.joined_at == at + timedelta(milliseconds=500)) == set()


def test_instants_before_and_after_all_that_nanoseconds_can_say(make: Make) -> None:
    frames = of_customers(make, people(joined=instants(EARLIER, EARLIER, None, unit="ns")), joined_at="joined")
    assert ids(frames, customer.joined_at > datetime(1, 1, 1, tzinfo=UTC)) == {"c1", "c2"}
    assert ids(frames, customer.joined_at < datetime(9999, 12, 31, tzinfo=UTC)) == {"c1", "c2"}


def test_instants_of_two_units_and_zones_meet(make: Make) -> None:
    paid = instants(EARLIER + timedelta(microseconds=1), EARLIER, unit="us", zone="Asia/Seoul")
    table = orders_table(("c1", "o1", EARLIER), ("c2", "o2", EARLIER), paid=paid)
    table = table.set_column(2, "at", instants(EARLIER, EARLIER, unit="ms"))
    frames = with_orders(make, table, paid_at="paid")
    assert ids(frames, orders.where(orders.paid_at > orders.placed_at).any()) == {"c1"}
    assert ids(frames, orders.where(orders.paid_at - days(1) < orders.placed_at).any()) == {"c1", "c2"}


@pytest.mark.parametrize(("unit", "size"), [("s", 1), ("ms", 1_000), ("us", 1_000_000)])
def test_instants_as_whole_numbers(make: Make, unit: Any, size: int) -> None:
    seconds = [int(EARLIER.timestamp()) * size, None, -5 * size]
    frames = of_customers(make, people(joined=pa.array(seconds)), Stored(instants=Epoch(unit)), joined_at="joined")
    assert ids(frames, customer.joined_at <= EARLIER) == {"c1", "c3"}
    assert ids(frames, customer.joined_at == EARLIER) == {"c1"}
    assert ids(frames, customer.joined_at < EARLIER - timedelta(microseconds=1)) == {"c3"}


def test_whole_numbers_beside_instants_that_know_their_zone(make: Make) -> None:
    paid = pa.array([int(EARLIER.timestamp()) + 1, -86_400 * 365 * 100])
    table = orders_table(("c1", "o1", EARLIER), ("c2", "o2", EARLIER), paid=paid)
    frames = with_orders(make, table, paid_at=As("paid", Epoch()))
    assert ids(frames, orders.where(orders.paid_at > orders.placed_at).any()) == {"c1"}
    assert ids(frames, orders.where(orders.paid_at < orders.placed_at).any()) == {"c2"}


def test_a_wall_clock_time_that_comes_twice_is_the_first(make: Make) -> None:
    wall = datetime(2025, 11, 2, 1, 30)  # at 05:30 and at 06:30 UTC
    table = people(joined=instants(wall, wall + timedelta(hours=1), None, zone=None))
    frames = of_customers(make, table, Stored(instants=Naive(NEW_YORK)), joined_at="joined")
    first, second = (datetime(2025, 11, 2, hour, 30, tzinfo=UTC) for hour in (5, 6))
    assert ids(frames, customer.joined_at == first) == {"c1"}
    assert ids(frames, customer.joined_at == second) == set()
    assert ids(frames, customer.joined_at < second) == {"c1"}
    assert ids(frames, customer.joined_at > second) == {"c2"}


# Numbers and amounts. -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "totals",
    [
        pa.array([12.34, float("nan"), 0.29]),
        pa.array([12.34, float("inf"), 0.29], pa.float64()),
        pa.array([Decimal("12.34"), None, Decimal("0.29")], pa.decimal128(38, 10)),
        pa.array([Decimal("12.344"), None, Decimal("0.286")], pa.decimal128(12, 3)),
    ],
    ids=["nan", "infinite", "decimal of 38 digits", "finer digits"],
)
def test_amounts_in_major_units(make: Make, totals: pa.Array) -> None:
    table = orders_table(*((f"c{number}", f"o{number}", EARLIER) for number in (1, 2, 3)), total=totals)
    frames = Frames(
        customers=rows(make(people()), id="id"),
        orders=rows(make(table), customer="customer", id="id", at="at", total="total"),
        stored=Stored(amounts=Major()),
        currency="USD",
    )
    assert ids(frames, orders.total.sum() == Money(1234, "USD")) == {"c1"}
    assert ids(frames, orders.total.max() == Money(29, "USD")) == {"c3"}
    assert ids(frames, orders.where(orders.total.is_missing()).any()) == {"c2"}


def _money(make: Make, totals: pa.Array, currency: str | None) -> Frames[Any]:
    table = orders_table(("c1", "o1", EARLIER), total=totals)
    return Frames(
        customers=rows(make(people()), id="id"),
        orders=rows(make(table), customer="customer", id="id", at="at", total="total"),
        currency=currency,
    )


def _ask(frames: Frames[Any]) -> None:
    ids(frames, orders.total.sum() >= Money(1, frames.layout.currency or "USD"))


@pytest.mark.parametrize("currency", ["USD", None])
def test_decimals_of_a_dollar_are_not_read_as_cents(make: Make, currency: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"2 decimals and is read as whole.*Stored\(amounts=Major\(\)\)"):
        _ask(_money(make, pa.array([Decimal("12.34")], pa.decimal128(12, 2)), currency))


def test_floats_are_not_read_as_cents(make: Make) -> None:
    said = r"(orders.total is Float64|'total' of orders holds 12.34) and is read as.*Stored\(amounts=Major\(\)\)"
    with pytest.raises(ConfigurationError, match=said):
        _ask(_money(make, pa.array([12.34]), "USD"))


def test_what_has_no_fraction_is_read_as_minor_units(make: Make) -> None:
    for totals in (pa.array([Decimal(1234)], pa.decimal128(12, 0)), pa.array([1234])):
        assert ids(_money(make, totals, "USD"), orders.total.sum() == Money(1234, "USD")) == {"c1"}
    for totals in (pa.array([Decimal("1234.00")], pa.decimal128(12, 2)), pa.array([1234.0])):
        assert ids(_money(make, totals, "KRW"), orders.total.sum() == won(1234)) == {"c1"}


def test_a_decimal_without_a_digit_before_the_point_is_read(make: Make) -> None:
    nothing = pa.array([Decimal("0.0000")], pa.decimal128(4, 4))
    assert ids(_money(make, nothing, "KRW"), orders.total.sum() == won(0)) >= {"c1"}


def test_whole_numbers_with_gaps_are_floats_in_pandas() -> None:
    frames = _money(LIBRARIES["pandas"], pa.array([1234.0]), "USD")
    assert ids(frames, orders.total.sum() == Money(1234, "USD")) == {"c1"}


def test_floats_that_may_have_lost_their_last_digits_are_no_whole_numbers() -> None:
    with pytest.raises(ConfigurationError, match=r"holds 9007199254740992\.0"):
        _ask(_money(LIBRARIES["pandas"], pa.array([2.0**53]), "USD"))


@pytest.mark.parametrize("places", [0, 1])
def test_decimals_of_numbers_are_not_rounded_away(make: Make, places: int) -> None:
    size = Shopper().shoe_size
    customers = rows(make(people(size=pa.array([Decimal("42.25"), None, None]))), id="id", shoe_size="size")
    with pytest.raises(ConfigurationError, match=rf"2 decimals and is read with {places}.*Decimals\(2\)"):
        ids(Frames(customers=customers, schema=declare(Shopper()), stored=Stored(numbers=Decimals(places))), size > 1)


def test_floats_are_not_read_as_whole_numbers(make: Make) -> None:
    customers = rows(make(people(size=pa.array([42.5, 41.0, None]))), id="id", shoe_size="size")
    said = r"(customers.shoe_size is Float64|'size' of customers holds 42.5) and is read as.*Decimals\(1\)"
    with pytest.raises(ConfigurationError, match=said):
        ids(Frames(customers=customers, schema=declare(Shopper())), Shopper().shoe_size > 41)


@pytest.mark.parametrize("make", NOT_PANDAS.values(), ids=NOT_PANDAS)
def test_texts_are_no_numbers(make: Make) -> None:
    with pytest.raises(ConfigurationError, match=r"orders.total is amount.*Cast it to a number"):
        _money(make, pa.array(["1234"]), "USD")


def test_ids_of_orders_with_gaps_are_their_digits_in_pandas() -> None:
    back = orders_table(("c1", "r1", EARLIER), ("c1", "r2", EARLIER), of=pa.array([7.0, None]), amount=pa.array([5, 1]))
    sold = pa.table({"customer": ["c1"], "id": [7], "at": instants(EARLIER), "total": [100]})

    def told(make: Make) -> Frames[Any]:
        return Frames(
            customers=rows(make(people()), id="id"),
            orders=rows(make(sold), customer="customer", id="id", at="at", total="total"),
            refunds=rows(make(back), customer="customer", id="id", at="at", order_id="of", amount="amount"),
            currency="KRW",
        )

    assert ids(told(LIBRARIES["pandas"]), orders.refunded.sum() == won(5)) == {"c1"}
    for make in NOT_PANDAS.values():
        with pytest.raises(
            ConfigurationError, match=r"refunds.order_id is text, its column is Float64.*cast it to Int64"
        ):
            told(make)


@pytest.mark.parametrize("cells", [[5.0, 7.2, None], [5.25, None, None]])
def test_seconds_with_a_fraction_are_no_whole_ones(make: Make, cells: list[float | None]) -> None:
    said = r"(joined_at is Float64|'joined' of customers holds \d\.\d+) and is read as a whole number since 1970"
    with pytest.raises(ConfigurationError, match=said):
        ids(
            of_customers(make, people(joined=cells), Stored(instants=Epoch()), joined_at="joined"),
            customer.joined_at < AS_OF,
        )


@pytest.mark.parametrize("name", ["PyArrow", "pandas of Arrow"])
@pytest.mark.parametrize("kept", [pa.decimal32(7, 2), pa.decimal64(12, 2), pa.decimal128(12, 2)], ids=str)
def test_what_arrow_only_keeps_is_calculated_with(name: str, kept: pa.DataType) -> None:
    sold = orders_table(
        ("c1", "o1", EARLIER),
        ("c2", "o2", EARLIER),
        status=pa.array(["paid", None]).cast(pa.string_view()),
        total=pa.array([Decimal("42.50"), Decimal(41)], kept),
    )
    frames = Frames(
        customers=rows(LIBRARIES[name](people()), id="id"),
        orders=rows(LIBRARIES[name](sold), customer="customer", id="id", at="at", status="status", total="total"),
        stored=Stored(amounts=Major()),
        currency="USD",
    )
    assert ids(frames, orders.status.last() == "paid") == {"c1"}
    assert ids(frames, orders.total.sum() == Money(4250, "USD")) == {"c1"}


class Shopper(CustomerAttributes):
    shoe_size = NumberField()


def test_numbers_of_some_decimals(make: Make) -> None:
    size = Shopper().shoe_size
    for sizes in (pa.array([42.5, 41.0, None]), pa.array([Decimal("42.5"), Decimal(41), None])):
        customers = rows(make(people(size=sizes)), id="id", shoe_size=As("size", Decimals(1)))
        frames = Frames(customers=customers, schema=declare(Shopper()))
        assert ids(frames, size == 42.5) == {"c1"}
        assert ids(frames, size * 2 >= 82) == {"c1", "c2"}


def test_sums_of_small_integers_do_not_overflow(make: Make) -> None:
    much = pa.array([2_000_000_000, 2_000_000_000], pa.int32())
    frames = with_orders(make, orders_table(("c1", "o1", EARLIER), ("c1", "o2", EARLIER), total=much), total="total")
    assert ids(frames, orders.total.sum() == won(4_000_000_000)) == {"c1"}


@pytest.mark.parametrize("make", [polars], ids=["Polars"])
def test_products_may_have_more_than_64_bits(make: Make) -> None:
    table = orders_table(("c1", "o1", EARLIER), total=pa.array([2**62]), items=pa.array([2**62]))
    frames = with_orders(make, table, total="total", item_count="items")
    assert ids(frames, orders.total.sum() * orders.item_count.sum() >= won(1)) == {"c1"}


@pytest.mark.parametrize("most", [10**30, -(10**30)])
def test_constants_that_no_column_can_reach(make: Make, most: int) -> None:
    table = orders_table(("c1", "o1", EARLIER), items=pa.array([1]))
    frames = with_orders(make, table, item_count="items")
    low, high = ({"c1"}, set()) if most > 0 else (set(), {"c1"})
    assert ids(frames, orders.item_count.max() < most) == low
    assert ids(frames, orders.item_count.max() >= most) == high


# Texts, labels, flags and dates. --------------------------------------------------------------------------------------

HOSTILE = ["o'hara", 'a"b', "100%", "a_b", "back\\slash", "", " ", "가나", "$1", "(x", "NULL", "; drop table x --"]


def test_texts_are_what_they_are(make: Make) -> None:
    table = pa.table({"id": [f"c{place}" for place in range(len(HOSTILE))], "name": HOSTILE})
    frames = of_customers(make, table, name="name")
    for place, text in enumerate(HOSTILE):
        assert ids(frames, customer.name == text) == {f"c{place}"}
        assert f"c{place}" in ids(frames, customer.name.contains(text) & customer.name.starts_with(text))
        assert f"c{place}" in ids(frames, customer.name.ends_with(text) & customer.name.is_in([text, "nobody"]))


def test_labels_in_one_text(make: Make) -> None:
    table = people(tags=pa.array(["vip,wholesale,vip", "", None]))
    frames = of_customers(make, table, Stored(labels=Separated()), tags="tags")
    assert ids(frames, customer.tags.has("vip")) == {"c1"}
    assert ids(frames, customer.tags.has("whole")) == set()
    assert ids(frames, customer.tags.has("")) == set()
    assert ids(frames, customer.tags.has("vip,wholesale")) == set()
    assert ids(frames, customer.tags.count() == 2) == {"c1"}
    assert ids(frames, customer.tags.count() == 0) == {"c2"}


def test_labels_in_lists(make: Make) -> None:
    table = people(tags=pa.array([["vip", "whole\x1fsale", "vip"], [], [""]], pa.list_(pa.string())))
    frames = of_customers(make, table, tags="tags")
    assert ids(frames, customer.tags.has("vip")) == {"c1"}
    assert ids(frames, customer.tags.has("whole\x1fsale")) == {"c1"}
    assert ids(frames, customer.tags.has("sale")) == set()
    assert ids(frames, customer.tags.has("")) == {"c3"}
    assert ids(frames, customer.tags.count() == 2) == {"c1"}
    assert ids(frames, customer.tags.count() == 0) == {"c2"}


def test_whole_numbers_are_read_as_texts(make: Make) -> None:
    customers = pa.table({"id": pa.array([1, 2, 3])})
    table = pa.table(
        {
            "customer": pa.array([1, 1, 2, None]),
            "id": pa.array([9, 10, 11, 12]),
            "at": instants(*[EARLIER] * 4),
            "coupon": pa.array([7, 8, 7, 7]),
        }
    )
    frames = with_orders(make, table, customers=customers, coupon="coupon")
    assert ids(frames, customer.id.is_in(["1", "3"])) == {1, 3}
    assert ids(frames, orders.where(orders.coupon == "7").any()) == {1, 2}
    assert ids(frames, orders.coupon.distinct() == 2) == {1}
    assert ids(frames, orders.coupon.last() == "7") == {1, 2}, "'10' sorts before '9'"


def test_categories_of_polars_and_pandas() -> None:
    for make in (
        lambda table: polars(table).with_columns(pl.col("land").cast(pl.Categorical)),
        lambda table: table.to_pandas().astype({"land": "category"}),
    ):
        frames = of_customers(make, people(land=pa.array(["KR", "JP", None])), country="land")
        assert ids(frames, customer.country == "KR") == {"c1"}
        assert ids(frames, customer.country.starts_with("J")) == {"c2"}
        assert ids(frames, ~customer.country.is_in(["KR", "US"])) == {"c2", "c3"}


def test_dates_and_timestamps_of_dates(make: Make) -> None:
    born = [date(2000, 2, 29), date(1990, 3, 1), None]
    for kept in (pa.array(born, pa.date32()), pa.array(born, pa.date32()).cast(pa.timestamp("us"))):
        frames = of_customers(make, people(born=kept), birthday="born")
        assert ids(frames, customer.birthday < date(1995, 1, 1)) == {"c2"}
        assert ids(frames, customer.birthday.returns_within(0)) == {"c2"}
        assert ids(frames, customer.birthday.is_missing()) == {"c3"}


# Nothing there. -------------------------------------------------------------------------------------------------------


def test_columns_without_any_value(make: Make) -> None:
    nothing = pa.nulls(3)
    table = people(land=nothing, born=nothing, joined=nothing, tags=nothing)
    frames = of_customers(make, table, country="land", birthday="born", joined_at="joined", tags="tags")
    everybody = {"c1", "c2", "c3"}
    rules: list[Rule] = [
        customer.country == "KR",
        customer.country.is_in(["KR", "JP"]),
        customer.birthday < date(2020, 1, 1),
        customer.joined_at < AS_OF,
        customer.tags.has("vip"),
    ]
    for rule in rules:
        assert ids(frames, rule) == set()
        assert ids(frames, ~rule) == everybody
    assert ids(frames, customer.country.is_missing() & customer.joined_at.is_missing()) == everybody


def test_tables_without_rows(make: Make) -> None:
    nobody = pa.table({"id": pa.array([], pa.string())})
    nothing = orders_table(total=pa.array([], pa.int64()), status=pa.array([], pa.string()))
    rule = (orders.total.sum() >= won(0)) & (orders.status.last().is_missing()) & (orders.id.distinct() == 0)
    assert ids(with_orders(make, nothing, total="total", status="status"), rule) == {"c1", "c2", "c3"}
    frames = with_orders(make, nothing, customers=nobody, total="total", status="status")
    assert ids(frames, rule) == set()
