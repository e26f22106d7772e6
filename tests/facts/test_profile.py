"""Profiles: what is refused, what is visible when, and what a host declares."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retention.activity import CouponEvent, CreditEvent, Event, Visit
from retention.cart import CartEvent
from retention.columns import Purchase, RefundRow
from retention.customer import Customer
from retention.errors import ConfigurationError, CurrencyMismatch, FactError, NaiveInstant, UnknownChoice, UnknownName
from retention.money import usd, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.schema import STANDARD, Kind, Schema
from retention.spans import EARLIEST

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
C = Customer("c1", country="KR")

SHOP = STANDARD.extend(
    attributes={
        "shoe_size": Kind.NUMBER,
        "limit": Kind.AMOUNT,
        "club": Kind.TEXT,
        "blocked": Kind.FLAG,
        "seen_at": Kind.INSTANT,
        "wedding": Kind.DATE,
        "hobbies": Kind.LABELS,
    },
    collections={"rentals": {"bike": Kind.TEXT, "minutes": Kind.NUMBER, "deposit": Kind.AMOUNT}},
    currency="KRW",
)


def test_a_fact_that_comes_twice_is_kept_once() -> None:
    order = Order("o", AT, total=won(1))
    assert Profile.build(C, [order, Visit("o", AT), order]).rows("orders") == (order,)


def test_two_different_facts_with_one_id_are_refused() -> None:
    with pytest.raises(FactError, match=r"^orders\.id: is the id of two different facts"):
        Profile.build(C, [Order("o", AT, total=won(1)), Order("o", AT, total=won(2))])


@pytest.mark.parametrize("fact", [None, 5, {"id": "o"}, C])
def test_what_is_not_a_fact_is_refused(fact: Any) -> None:
    with pytest.raises(FactError, match="is not a fact"):
        Profile.build(C, [fact])


@pytest.mark.parametrize(
    "build",
    [
        lambda: Profile.build(C, [Order("1", AT, total=won(1)), Order("2", AT, total=usd(1))]),
        lambda: Profile.build(C, [Order("1", AT, total=won(1)), CartEvent("1", AT, kind="added", amount=usd(1))]),
        lambda: Profile.build(C, [CreditEvent("1", AT, kind="issued", amount=usd(1))], schema=SHOP),
        lambda: Profile.build(C, [Event("rentals", "1", AT, {"deposit": usd(1)})], schema=SHOP),
    ],
)
def test_the_amounts_of_a_profile_are_of_one_currency(build: Callable[[], object]) -> None:
    with pytest.raises(CurrencyMismatch):
        build()


def test_the_currency_is_that_of_its_amounts_or_of_the_schema() -> None:
    assert Profile.build(C).currency is None
    assert Profile.build(C, [Visit("v", AT)]).currency is None
    assert Profile.build(C, [CouponEvent("o", AT, kind="issued", amount=usd(1))]).currency == "USD"
    assert Profile.build(C, schema=SHOP).currency == "KRW"


def test_a_column_can_be_asked_for_in_a_currency() -> None:
    profile = Profile.build(C, [Order("o", AT, total=won(7))])
    assert profile.columns["orders.total"] == profile.columns["orders.total KRW"] == (7,)
    with pytest.raises(CurrencyMismatch):
        profile.columns["orders.total USD"]


def test_lines_and_refunds_become_rows() -> None:
    lines = [OrderLine("p1", amount=won(1), category="coffee"), OrderLine("p2", amount=won(2), id="own")]
    order = Order("o", AT, lines=lines, refunds=[Refund("r", AT + DAY, won(1), "broken")])
    profile = Profile.build(C, [order])
    first, second = profile.rows("purchases")
    assert isinstance(first, Purchase)
    assert isinstance(second, Purchase)
    assert (first.product_id, first.order_id, first.at, first.category) == ("p1", "o", AT, "coffee")
    assert second.id == "own"
    assert profile.rows("refunds") == (RefundRow("r", AT + DAY, "o", won(1), "broken"),)
    assert profile.cell(first, "amount") == won(1)


def test_later_facts_refunds_and_deliveries_do_not_exist() -> None:
    order = Order("o", AT, total=won(9), delivered_at=AT + 2 * DAY, refunds=[Refund("r", AT + 3 * DAY, won(4))])
    profile = Profile.build(C, [order, Visit("v", AT + 4 * DAY)])
    then = profile.until(AT + DAY)
    (seen,) = then.rows("orders")
    assert isinstance(seen, Order)
    assert (seen.delivered_at, seen.refunded, seen.total) == (None, won(0), won(9))
    assert then.rows("refunds") == ()
    assert then.rows("visits") == ()
    assert profile.until(AT + 3 * DAY).rows("orders") == (order,)
    assert profile.until(AT - DAY).rows("orders") == ()
    assert profile.until(AT - DAY).latest == EARLIEST
    assert profile.instants() == (AT, AT + 2 * DAY, AT + 3 * DAY, AT + 4 * DAY)
    assert profile.instants(["orders"]) == profile.instants(["refunds"]) == (AT, AT + 2 * DAY, AT + 3 * DAY)
    assert profile.instants(["visits"]) == (AT + 4 * DAY,)
    assert profile.instants(["visits", "orders"]) == profile.instants()
    assert profile.instants([]) == ()


def test_the_instant_itself_is_known() -> None:
    profile = Profile.build(C, [Visit("v", AT)])
    assert profile.until(AT) is profile
    assert profile.until(AT.astimezone(ZoneInfo("Asia/Seoul"))) is profile
    with pytest.raises(NaiveInstant, match="as_of"):
        profile.until(AT.replace(tzinfo=None))


def test_equal_instants_are_ordered_by_id() -> None:
    visits = [Visit("b", AT), Visit("a", AT), Visit("c", AT - DAY)]
    assert [row.id for row in Profile.build(C, visits).rows("visits")] == ["c", "a", "b"]


def test_unknown_names_suggest_the_nearest() -> None:
    profile = Profile.build(C)
    with pytest.raises(UnknownName, match="Did you mean 'orders'"):
        profile.rows("order")
    with pytest.raises(UnknownName, match="Did you mean 'country'"):
        profile.value("contry")


def test_a_host_s_own_facts_are_held_to_its_schema() -> None:
    seoul = datetime(2024, 3, 1, 21, tzinfo=ZoneInfo("Asia/Seoul"))
    own = {
        "shoe_size": 42.5, "limit": won(9), "club": "gold", "blocked": False, "seen_at": seoul,
        "wedding": date(2020, 2, 29), "hobbies": ["chess"],
    }  # fmt: skip
    profile = Profile.build(
        Customer("c", attributes=own),
        [Event("rentals", "r", AT, {"bike": "B1", "minutes": 0.5, "deposit": won(5)})],
        schema=SHOP,
    )
    assert profile.value("shoe_size") == Fraction(85, 2)
    assert profile.value("seen_at") == AT
    assert profile.value("hobbies") == frozenset({"chess"})
    assert profile.value("id") == "c"
    (rental,) = profile.rows("rentals")
    assert profile.cell(rental, "minutes") == Fraction(1, 2)
    assert profile.cell(rental, "at") == AT
    assert profile.columns["rentals.deposit"] == (5,)
    assert profile.columns["rentals.bike"] == ("B1",)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("shoe_size", "42"),
        ("shoe_size", float("nan")),
        ("limit", 9),
        ("club", 5),
        ("blocked", "no"),
        ("seen_at", "2024-01-01"),
        ("seen_at", datetime(2024, 1, 1)),
        ("wedding", AT),
        ("wedding", "2020-02-29"),
        ("hobbies", "chess"),
    ],
)
def test_an_attribute_of_the_wrong_kind_is_refused(name: str, bad: Any) -> None:
    with pytest.raises(FactError) as caught:
        Profile.build(Customer("c", attributes={name: bad}), schema=SHOP)
    assert caught.value.field == f"Customer.attributes.{name}"


def test_missing_attributes_stay_missing() -> None:
    profile = Profile.build(Customer("c", attributes={"club": None}), schema=SHOP)
    assert profile.value("club") is None
    assert profile.value("hobbies") is None
    assert profile.value("birthday") is None


@pytest.mark.parametrize(
    ("build", "schema"),
    [
        (lambda schema: Profile.build(Customer("c", attributes={"shoes": 1}), schema=schema), SHOP),
        (lambda schema: Profile.build(Customer("c", attributes={"country": "KR"}), schema=schema), SHOP),
        (lambda schema: Profile.build(C, [Event("rental", "1", AT)], schema=schema), SHOP),
        (lambda schema: Profile.build(C, [Event("rentals", "1", AT, {"minute": 1})], schema=schema), SHOP),
        (lambda schema: Profile.build(C, [Event("rentals", "1", AT)], schema=schema), STANDARD),
    ],
)
def test_what_the_schema_does_not_declare_is_refused(build: Callable[[Schema], object], schema: Schema) -> None:
    with pytest.raises(UnknownName):
        build(schema)


def test_a_schema_may_do_without_a_standard_collection() -> None:
    no_visits = {name: each for name, each in STANDARD.collections.items() if name != "visits"}
    with pytest.raises(UnknownName, match="no collection is called 'visits'"):
        Profile.build(C, [Visit("v", AT)], schema=Schema(STANDARD.attributes, no_visits))


def test_a_standard_collection_has_its_own_classes() -> None:
    with pytest.raises(FactError, match="belongs to the standard schema"):
        Profile.build(C, [Event("orders", "1", AT)])


def test_merging_two_records_joins_their_facts() -> None:
    order, visit = Order("o", AT, total=won(1)), Visit("v", AT)
    merged = Profile.build(C, [order]).merge(Profile.build(Customer("c2", grade="gold"), [visit, order]))
    assert merged == Profile.build(Customer("c1", country="KR", grade="gold"), [visit, order])
    with pytest.raises(CurrencyMismatch):
        merged.merge(Profile.build(C, [Order("p", AT, total=usd(1))]))


def test_a_profile_shows_its_size_and_nothing_personal() -> None:
    customer = Customer("c1", name="s3cret", email="s3cret")
    assert repr(Profile.build(customer, [Visit("v", AT)])) == "Profile('c1', 1 visits)"
    assert repr(Profile.build(customer)) == "Profile('c1', no facts)"


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (Refund("r", AT, won(1)), "inside its Order"),
        (OrderLine("p", amount=won(1)), "inside its Order"),
        (Visit, "Give Order, CartEvent"),
        (C, "Give Order, CartEvent"),
    ],
)
def test_what_is_no_fact_by_itself_is_refused(given: Any, hint: str) -> None:
    with pytest.raises(FactError, match=hint):
        Profile.build(C, [given])


def test_a_newer_fact_takes_the_place_of_the_older_one() -> None:
    placed, paid = Order("o", AT, total=won(1)), Order("o", AT, total=won(1), status="paid")
    profile = Profile.build(C, [placed, Visit("v", AT)]).adding(paid, Order("p", AT + DAY, total=won(2)))
    assert profile == Profile.build(C, [paid, Visit("v", AT), Order("p", AT + DAY, total=won(2))])


def test_a_schema_is_declared_with_kinds_and_a_known_currency() -> None:
    with pytest.raises(ConfigurationError, match="'x' is declared as 'number', which is not a Kind"):
        STANDARD.extend(attributes={"x": "number"})  # type: ignore[dict-item]
    with pytest.raises(ConfigurationError, match="not a Kind"):
        STANDARD.extend(collections={"c": {"x": int}})  # type: ignore[dict-item]
    with pytest.raises(UnknownChoice, match="'KRW'"):
        STANDARD.extend(currency="krw")
