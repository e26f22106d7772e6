"""Profiles as flat tables, and profiles changed fact by fact."""

from datetime import UTC, datetime, timedelta

import pytest

from retention.activity import Event, Visit
from retention.customer import Address, Customer
from retention.errors import FactError
from retention.money import Money, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.testing.rules import EXTENDED
from retention.testing.tables import NOBODY, apart, changed, flat, with_strays

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Order(
    "o1",
    NOON,
    lines=[OrderLine("p1", amount=won(700)), OrderLine("p2", amount=won(300), id="mine")],
    refunds=[Refund("r1", NOON, won(100))],
)


def somebody(id: str = "c1") -> Profile:
    customer = Customer(
        id, tags=["vip"], addresses=[Address("KR", lines=["Mapo-gu"])], attributes={"wallet": won(50), "vip": True}
    )
    rental = Event("rentals", "n1", NOON, {"bike": "b1", "price": won(9)})
    return Profile.build(customer, [ORDER, Visit("v1", NOON), rental], schema=EXTENDED)


def test_every_row_knows_its_customer_and_every_column_of_the_schema() -> None:
    tables = flat([somebody()], EXTENDED)
    assert tables.keys() == {"customers", *EXTENDED.collections}
    assert [(each["customer"], each["id"], each["order_id"]) for each in tables["purchases"]] == [
        ("c1", "mine", "o1"),
        ("c1", "o1/000001", "o1"),
    ]
    assert tables["orders"][0] == {
        "customer": "c1",
        "id": "o1",
        "at": NOON,
        "total": won(1000),
        "subtotal": won(1000),
        "discount": won(0),
        "shipping": won(0),
        "status": "placed",
        "channel": None,
        "coupon": None,
        "currency": "KRW",
        "item_count": 2,
        "paid_at": None,
        "delivered_at": None,
        "confirmed_at": None,
    }
    assert tables["rentals"][0]["price"] == won(9)
    assert tables["rentals"][0]["minutes"] is None
    assert tables["searches"] == []


def test_customers_come_with_their_currency() -> None:
    row = flat([somebody()], EXTENDED)["customers"][0]
    assert (row["id"], row["tags"], row["wallet"], row["currency"]) == ("c1", frozenset({"vip"}), won(50), "KRW")


def test_strays_are_rows_of_nobody_and_of_somebody_unknown() -> None:
    tables = with_strays(flat([somebody()], EXTENDED))
    assert [each["id"] for each in tables["customers"]] == ["c1"]
    assert [(each["customer"], each["id"]) for each in tables["orders"]] == [
        ("c1", "o1"),
        (None, "o1~None"),
        (NOBODY, f"o1~{NOBODY}"),
    ]
    assert [each["order_id"] for each in tables["refunds"]] == ["o1", "o1~None", f"o1~{NOBODY}"]


def test_profiles_are_told_apart_by_every_id() -> None:
    first, second = apart([somebody(), somebody()])
    assert first == somebody()
    assert second.customer.id == "c1.1"
    assert [each.id for each in second.rows("orders")] == ["o1.1"]
    assert [each.id for each in second.rows("purchases")] == ["mine.1", "o1.1/000001"]
    assert [each.id for each in second.rows("refunds")] == ["r1.1"]
    assert [each.id for each in second.rows("rentals")] == ["n1.1"]
    assert [each.id for each in second.rows("visits")] == ["v1.1"]


def test_everything_in_a_profile_can_be_changed() -> None:
    def change(_: str, value: object) -> object:
        return Money(value.minor, "USD") if isinstance(value, Money) else value

    dollars = changed(Profile.build(Customer("c1"), [ORDER]), change)
    assert dollars.currency == "USD"
    assert dollars.columns["orders.total USD"] == (1000,)
    assert changed(somebody(), lambda _, value: value) == somebody()


def test_what_cannot_be_true_any_more_is_refused() -> None:
    def change(_: str, value: object) -> object:
        return value + timedelta(days=1) if value == NOON and isinstance(value, datetime) else value

    late = Profile.build(
        Customer("c1"), [Order("o1", NOON, total=won(9), refunds=[Refund("r1", NOON + timedelta(1), won(9))])]
    )
    assert changed(late, change).rows("orders")[0].at == NOON + timedelta(days=1)
    much_later = Profile.build(
        Customer("c1"), [Order("o1", NOON, total=won(9), refunds=[Refund("r1", NOON + timedelta(hours=1), won(9))])]
    )
    with pytest.raises(FactError, match="before the order"):
        changed(much_later, change)
