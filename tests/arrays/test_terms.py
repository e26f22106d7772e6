"""Every kind of term, over customers chosen for it: as the reference answers, or by hand where no rule comes to it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention.activity import CouponEvent, Event, View
from retention.arrays import Snapshot
from retention.customer import Customer
from retention.money import won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.rules import Rule, at_least, customer, orders, purchases, refunds, views
from retention.rules.backends.reference import holds
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import (
    Among,
    Both,
    Cell,
    Constant,
    Day,
    Either,
    Is,
    Negation,
    Picked,
    Several,
    Sum,
    Tally,
    Test,
    Trait,
)
from retention.schema import STANDARD, Kind
from retention.spans import days

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Seoul"))
SHOP = STANDARD.extend(collections={"rentals": {"bike": Kind.TEXT, "labels": Kind.LABELS, "back": Kind.DATE}})


def ago(count: float) -> datetime:
    return NOW.astimezone(UTC) - timedelta(days=count)


def order(id: str, when: datetime, *lines: tuple[str, str, int], refund: datetime | None = None) -> Order:
    several = tuple(OrderLine(product, amount=won(price), category=kind) for product, kind, price in lines)
    back = () if refund is None else (Refund("r" + id, refund, won(1000)), Refund("s" + id, ago(-9), won(9)))
    return Order(id, when, lines=several, refunds=back, status="paid", coupon="SPRING")


PEOPLE = [
    Profile.build(
        Customer("c1", name="Kim Coffee", city="Coffee", country="KR", tags={"paid", "vip"}, birthday=date(1990, 3, 1)),
        [
            order("1", ago(80), ("p1", "coffee", 3000), ("p2", "tea", 2000), refund=ago(3)),
            order("2", ago(10), ("p1", "coffee", 9000)),
            order("3", ago(10), ("p3", "coffee", 4000), refund=ago(0.5)),
            order("4", ago(-1), ("p3", "coffee", 400_000)),
            View("v1", ago(10.5), page="/p1", product_id="p1"),
            View("v2", ago(2), page="/p9", product_id="p9"),
            Event("rentals", "e1", ago(4), {"bike": "vip", "labels": {"vip", "red"}, "back": date(2026, 2, 25)}),
            Event("rentals", "e2", ago(2), {"bike": "city", "labels": {"red"}, "back": date(2026, 2, 1)}),
        ],
        schema=SHOP,
    ),
    Profile.build(
        Customer("c2", name="LEE", city="Busan", tags=frozenset(), joined_at=ago(40)),
        [
            order("1", ago(30), ("p2", "tea", 5000)),
            View("v1", ago(29), page="/p2", product_id="p2"),
            CouponEvent("k", ago(1), kind="issued", code="X", amount=won(500), expires_at=ago(-5)),
            Event("rentals", "e1", ago(4), {"bike": "red"}),
        ],
        schema=SHOP,
    ),
    Profile.build(Customer("c3", name="lee", country="JP", joined_at=ago(4), tags={"VIP"}), [], schema=SHOP),
]
RULES: dict[str, Rule] = {
    "refunded by then": orders.refunded.sum() >= won(2000),
    "refunded on one row": orders.where(orders.refunded > won(0)).count() == 1,
    "refunds themselves": refunds.amount.max() == won(1000),
    "distinct": purchases.product_id.distinct() >= 2,
    "distinct in a window": purchases.within(days(30)).product_id.distinct() == 2,
    "distinct of none": purchases.where(purchases.category == "milk").product_id.distinct() == 0,
    "least": purchases.amount.min() <= won(2000),
    "least of some": purchases.where(purchases.category == "coffee").amount.min() == won(3000),
    "most of some": purchases.where(purchases.category == "coffee").within(days(30)).amount.max() == won(9000),
    "sum of some": purchases.where(purchases.category == "tea").amount.sum() >= won(2000),
    "folded": customer.name.casefold() == "lee",
    "folded, of several": customer.name.casefold().is_in(["lee", "kim coffee"]),
    "bucket": customer.bucket("salt") < 0.5,
    "text in text": customer.name.contains(customer.city),
    "text ends": customer.name.ends_with("ee"),
    "text starts": customer.name.starts_with("L"),
    "text order": orders.status.first() == orders.status.last(),
    "row and customer": purchases.where(purchases.category == customer.city.casefold()).any(),
    "labels": customer.tags.has("vip"),
    "labels and another value": customer.tags.has(orders.status.last()),
    "labels of a row": purchases.where(purchases.tags.has("x")).none(),
    "number of labels": customer.tags.count() == 2,
    "birthday": customer.birthday.returns_within(3),
    "one of many countries": customer.country.is_in([f"{n}" for n in range(20)] + ["KR"]),
    "missing": customer.country.is_missing() & customer.joined_at.is_missing() | customer.birthday.is_missing(),
    "second order": orders.nth(2).total.sum() >= won(9000),
    "then bought": views.followed_by(orders, within=days(1)),
    "then did not buy": views.not_followed_by(orders, within=days(1)),
    "after the last view": orders.after(views.at.last()).any(),
    "before the first view": orders.before(views.at.first()).count() >= 2,
    "several": at_least(2, orders.any(), views.any(), customer.country == "JP"),
    "when it happened, to a day": orders.where(orders.placed_at.on(date(2026, 2, 19))).count() == 2,
    "rich for who joined": orders.where(orders.total > won(4000)).count() >= 1,
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("as_of", [NOW, ago(9.9), ago(0)])
def test_rules(name: str, as_of: datetime) -> None:
    snapshot = Snapshot.of_profiles(PEOPLE, SHOP)
    found = snapshot.masks({name: lower(RULES[name].node, as_of, snapshot.layout)})[name]
    assert found.tolist() == [holds(RULES[name].node, each, as_of, SHOP) for each in PEOPLE]


def test_rules_together_as_each_alone() -> None:
    snapshot = Snapshot.of_profiles(PEOPLE, SHOP)
    tests = {name: lower(rule.node, NOW, snapshot.layout) for name, rule in RULES.items()}
    together = snapshot.masks(tests)
    for name, test in tests.items():
        assert together[name].tolist() == snapshot.masks({name: test})[name].tolist(), name


AT, NAME, CITY = Cell("at", Kind.INSTANT), Trait("name", Kind.TEXT), Trait("city", Kind.TEXT)
UNTIL = Is("<=", AT, Constant(NOW))
ID, STATUS, TAGS = Cell("id", Kind.TEXT), Cell("status", Kind.TEXT), Trait("tags", Kind.LABELS)
BIKE, LABELS, BACK = Cell("bike", Kind.TEXT), Cell("labels", Kind.LABELS), Cell("back", Kind.DATE)


def some(collection: str, where: Test) -> Test:
    return Is(">=", Tally("count", collection, where), Constant(1))


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Both(()), [True, True, True]),
        (Either(()), [False, False, False]),
        (Several(2, (Is("==", NAME, Constant("LEE")),) * 2), [False, True, False]),
        (Is("<", NAME, CITY), [False, False, False]),
        (Is(">", NAME, CITY), [True, True, False]),
        (Is("contains", Constant("Coffee and tea"), CITY), [True, False, False]),
        (some("rentals", Is("has", LABELS, BIKE)), [True, False, False]),
        (some("orders", Is("has", TAGS, STATUS)), [True, False, False]),
        (some("rentals", Is("has", LABELS, Constant("red"))), [True, False, False]),
        (some("rentals", Both((Is("==", BACK, Day(AT, UTC)), UNTIL))), [True, False, False]),
        (some("rentals", Negation(Picked(UNTIL, 1))), [True, False, False]),
        (some("rentals", Both((Picked(UNTIL, -1), Is("==", BIKE, Constant("red"))))), [False, True, False]),
        (some("orders", Both((UNTIL, Is(">", AT, Trait("joined_at", Kind.INSTANT))))), [False, True, False]),
        (some("orders", Both((UNTIL, Is("<", AT, Trait("joined_at", Kind.INSTANT))))), [False, False, False]),
        (some("orders", Is("==", AT, Tally("max", "orders", UNTIL, AT))), [True, True, False]),
        (some("orders", Both((UNTIL, Is("==", NAME, Constant("LEE"))))), [False, True, False]),
        (
            some(
                "orders", Both((UNTIL, Is("==", NAME, Constant("LEE")), Is("==", Cell("id", Kind.TEXT), Constant("1"))))
            ),
            [False, True, False],
        ),
        (Is("==", Tally("only", "rentals", Picked(UNTIL, -1), BIKE), Constant("city")), [True, False, False]),
        (Is("==", Tally("min", "rentals", UNTIL, BACK), Constant(date(2026, 2, 1))), [True, False, False]),
        (Is("==", Tally("max", "rentals", UNTIL, BIKE), Constant("vip")), [True, False, False]),
        (Is("==", Tally("distinct", "rentals", UNTIL, BIKE), Constant(2)), [True, False, False]),
        (Is(">", Tally("max", "rentals", UNTIL, BIKE), NAME), [True, True, False]),
        (
            Is(">=", Tally("sum", "orders", UNTIL, Sum(Cell("total", Kind.AMOUNT), Constant(1))), Constant(18_003)),
            [True, False, False],
        ),
        (Among(Tally("count", "orders", UNTIL), (1, 3)), [True, True, False]),
    ],
)
def test_terms(test: Test, expected: list[bool]) -> None:
    assert Snapshot.of_profiles(PEOPLE, SHOP).masks({"it": test})["it"].tolist() == expected
