"""What people write becomes these nodes and no others: every engine reads only the nodes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pytest

from retention.money import won
from retention.rules import (
    Rule,
    all_of,
    any_of,
    as_of,
    at_least,
    cart,
    consents,
    coupons,
    customer,
    nodes,
    orders,
    purchases,
    reviews,
    segment,
    views,
    visits,
)
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Reference,
)
from retention.spans import days, months

AT = Column("at")
NOW = Ago(days(0))
JOINED = Attribute("joined_at")
ORDERS = Events("orders")
COUNT = Aggregate("count", ORDERS)
SPENT = Aggregate("sum", ORDERS, "total")


class Country(StrEnum):
    KOREA = "KR"


def rows(*, pick: int) -> Events:
    return Events("orders", pick=pick)


RULES: list[tuple[Any, nodes.Node]] = [
    (orders.any(), Compare(">=", COUNT, Literal(1))),
    (orders.none(), Compare("==", COUNT, Literal(0))),
    (orders.count() != 3, Not(Compare("==", COUNT, Literal(3)))),
    (~(orders.count() != 3), Compare("==", COUNT, Literal(3))),
    (orders.count() < 3, Compare("<", COUNT, Literal(3))),
    (3 <= orders.count(), Compare(">=", COUNT, Literal(3))),  # noqa: SIM300
    (orders.count().between(2, 5), All((Compare(">=", COUNT, Literal(2)), Compare("<=", COUNT, Literal(5))))),
    (orders.count().is_in([3, 1, 3]), IsIn(COUNT, (3, 1))),
    (orders.count().is_in({9, 1, 4}), IsIn(COUNT, (1, 4, 9))),
    (orders.item_count.mean() > 2.5, Compare(">", Aggregate("mean", ORDERS, "item_count"), Literal(Fraction(5, 2)))),
    (orders.count() > 3.0, Compare(">", COUNT, Literal(3))),
    (orders.count() > Decimal("0.1"), Compare(">", COUNT, Literal(Fraction(1, 10)))),
    (orders.count() > 0.1, Compare(">", COUNT, Literal(Fraction(1, 10)))),
    (orders.total.sum() >= won(5), Compare(">=", SPENT, Literal(won(5)))),
    (won(5) <= orders.total.sum(), Compare(">=", SPENT, Literal(won(5)))),
    (orders.total.max().is_in([won(5)]), IsIn(Aggregate("max", ORDERS, "total"), (won(5),))),
    (
        orders.total.min().between(won(1), won(2)),
        All(
            (
                Compare(">=", Aggregate("min", ORDERS, "total"), Literal(won(1))),
                Compare("<=", Aggregate("min", ORDERS, "total"), Literal(won(2))),
            )
        ),
    ),
    (orders.status.distinct() > 1, Compare(">", Aggregate("distinct", ORDERS, "status"), Literal(1))),
    (orders.status.first() == "paid", Compare("==", Aggregate("first", ORDERS, "status"), Literal("paid"))),
    (orders.status.nth(2) == "paid", Compare("==", Aggregate("first", rows(pick=2), "status"), Literal("paid"))),
    (
        orders.last().status.last() == "paid",
        Compare("==", Aggregate("last", rows(pick=-1), "status"), Literal("paid")),
    ),
    (
        orders.last().status.nth(1) == "paid",
        Compare("==", Aggregate("first", Events(rows(pick=-1), pick=1), "status"), Literal("paid")),
    ),
    (customer.country == Country.KOREA, Compare("==", Attribute("country"), Literal("KR"))),
    (customer.country.is_in(["KR", "JP"]), IsIn(Attribute("country"), ("KR", "JP"))),
    (customer.city.contains("eo"), Compare("contains", Attribute("city"), Literal("eo"))),
    (customer.city.starts_with("Se"), Compare("starts_with", Attribute("city"), Literal("Se"))),
    (customer.city.ends_with("ul"), Compare("ends_with", Attribute("city"), Literal("ul"))),
    (customer.country.is_missing(), Missing(Attribute("country"))),
    (customer.country.is_present(), Not(Missing(Attribute("country")))),
    (customer.tags.has("vip"), Compare("has", Attribute("tags"), Literal("vip"))),
    (customer.tags.has(customer.grade), Compare("has", Attribute("tags"), Attribute("grade"))),
    (
        customer.tags.has_any("vip", "press"),
        AnyOf((Compare("has", Attribute("tags"), Literal("vip")), Compare("has", Attribute("tags"), Literal("press")))),
    ),
    (
        customer.tags.has_all("vip", "press"),
        All((Compare("has", Attribute("tags"), Literal("vip")), Compare("has", Attribute("tags"), Literal("press")))),
    ),
    (customer.tags.has_any(), nodes.FALSE),
    (customer.tags.has_all(), nodes.TRUE),
    (customer.tags.count() > 2, Compare(">", Apply("size", Attribute("tags")), Literal(2))),
    (
        customer.bucket("spring") < 0.5,
        Compare("<", Apply("bucket", Attribute("id"), "spring"), Literal(Fraction(1, 2))),
    ),
    (
        customer.birthday.between(date(1990, 1, 1), date(1999, 12, 31)),
        All(
            (
                Compare(">=", Attribute("birthday"), Literal(date(1990, 1, 1))),
                Compare("<=", Attribute("birthday"), Literal(date(1999, 12, 31))),
            )
        ),
    ),
    (customer.birthday.returns_today(), Anniversary(Attribute("birthday"), NearDays(0, 0))),
    (customer.birthday.returns_within(7, leap="mar1"), Anniversary(Attribute("birthday"), NearDays(0, 7), "mar1")),
    (customer.birthday.returned_within(7), Anniversary(Attribute("birthday"), NearDays(-7, 0))),
    (customer.birthday.returns_this_month(), Anniversary(Attribute("birthday"), NearMonths(0, 0))),
    (
        customer.birthday.returns_this_month(1, leap="skip"),
        Anniversary(Attribute("birthday"), NearMonths(1, 1), "skip"),
    ),
    (
        customer.birthday.returns_between((12, 20), (1, 5)),
        Anniversary(Attribute("birthday"), MonthDays((12, 20), (1, 5))),
    ),
    (customer.joined_at.local_date().returns_today(), Anniversary(Apply("local_date", JOINED), NearDays(0, 0))),
    (
        views.followed_by(orders, within=days(3)),
        Follows(Events("views"), ORDERS, days(3)),
    ),
    (
        views.not_followed_by(orders, within=months(1)),
        Follows(Events("views"), ORDERS, months(1), missed=True),
    ),
    (consents.given.last(), Compare("==", Aggregate("last", Events("consents"), "given"), Literal(True))),
    (consents.given.first(), Compare("==", Aggregate("first", Events("consents"), "given"), Literal(True))),
    (
        consents.given.nth(2).is_false(),
        Compare("==", Aggregate("first", Events("consents", pick=2), "given"), Literal(False)),
    ),
    (consents.given.last().is_missing(), Missing(Aggregate("last", Events("consents"), "given"))),
    (consents.given.last().is_present(), Not(Missing(Aggregate("last", Events("consents"), "given")))),
    (consents.given.distinct() == 2, Compare("==", Aggregate("distinct", Events("consents"), "given"), Literal(2))),
    (segment("dormant"), Reference("dormant")),
    (segment("dormant").named("sleepers"), Named("sleepers", Reference("dormant"))),
    (at_least(1, orders.any(), cart.any()), AtLeast(1, (orders.any().node, cart.any().node))),
    (all_of(), nodes.TRUE),
    (any_of(), nodes.FALSE),
    (all_of(orders.any()), orders.any().node),
    (
        orders.any() & cart.any() & visits.any(),
        All((orders.any().node, cart.any().node, visits.any().node)),
    ),
    (
        orders.any() | (cart.any() | visits.any()),
        AnyOf((orders.any().node, cart.any().node, visits.any().node)),
    ),
    (orders.any() & (cart.any() | visits.any()), All((orders.any().node, (cart.any() | visits.any()).node))),
    (~orders.any(), Not(orders.any().node)),
    (
        orders.in_periods(2, of=3, every=months(1)),
        AtLeast(
            2,
            (
                orders.within(months(1)).any().node,
                orders.between(months(1), months(2)).any().node,
                orders.between(months(2), months(3)).any().node,
            ),
        ),
    ),
    (
        orders.stopped(quiet=days(30), active=days(60)),
        All((orders.between(days(30), days(90)).any().node, orders.within(days(30)).none().node)),
    ),
    (
        orders.restarted(quiet=days(60), active=days(7)),
        All(
            (
                orders.within(days(7)).any().node,
                orders.between(days(7), days(67)).none().node,
                orders.older_than(days(67)).any().node,
            )
        ),
    ),
    (
        consents.to("email"),
        consents.where(consents.channel == "email", consents.purpose == "marketing").given.last().node,
    ),
    (
        consents.to("sms", purpose="night"),
        consents.where(consents.channel == "sms", consents.purpose == "night").given.last().node,
    ),
]

ROW_RULES: list[tuple[Any, nodes.Node]] = [
    (consents.given, Compare("==", Column("given"), Literal(True))),
    (~consents.given, Not(Compare("==", Column("given"), Literal(True)))),
    (consents.given.is_false(), Compare("==", Column("given"), Literal(False))),
    (consents.given.is_missing(), Missing(Column("given"))),
    (consents.given.is_present(), Not(Missing(Column("given")))),
    (consents.given.named("yes"), Named("yes", Compare("==", Column("given"), Literal(True)))),
    (reviews.has_photo | (reviews.rating == 5), AnyOf((reviews.has_photo.node, (reviews.rating == 5).node))),
    (purchases.tags.has(purchases.brand), Compare("has", Column("tags"), Column("brand"))),
    (purchases.tags.has_any("new"), Compare("has", Column("tags"), Literal("new"))),
    (coupons.expires_at > as_of, Compare(">", Column("expires_at"), NOW)),
    (orders.at.within(days(1)), Compare(">", AT, Ago(days(1)))),
    (orders.total > orders.total.mean(), Compare(">", Column("total"), Aggregate("mean", ORDERS, "total"))),
    (orders.total.mean() < orders.total, Compare(">", Column("total"), Aggregate("mean", ORDERS, "total"))),
    (orders.total.mean() != orders.total, Not(Compare("==", Column("total"), Aggregate("mean", ORDERS, "total")))),
    (orders.total == orders.subtotal, Compare("==", Column("total"), Column("subtotal"))),
    (
        orders.count() < orders.item_count + 1,
        Compare(">", Arithmetic("+", Column("item_count"), Literal(1)), COUNT),
    ),
    (
        orders.count() != orders.item_count + 1,
        Not(Compare("==", Arithmetic("+", Column("item_count"), Literal(1)), COUNT)),
    ),
    (
        all_of(orders.total > won(1), orders.item_count > 2),
        All((Compare(">", Column("total"), Literal(won(1))), Compare(">", Column("item_count"), Literal(2)))),
    ),
    (
        at_least(1, orders.total > won(1), orders.item_count > 2),
        AtLeast(1, (Compare(">", Column("total"), Literal(won(1))), Compare(">", Column("item_count"), Literal(2)))),
    ),
]

ARITHMETIC: list[tuple[Any, nodes.Node]] = [
    (orders.count() + 1, Arithmetic("+", COUNT, Literal(1))),
    (1 + orders.count(), Arithmetic("+", Literal(1), COUNT)),
    (orders.count() - 0.5, Arithmetic("-", COUNT, Literal(Fraction(1, 2)))),
    (1 - orders.count(), Arithmetic("-", Literal(1), COUNT)),
    (orders.count() * 2, Arithmetic("*", COUNT, Literal(2))),
    (2 * orders.count(), Arithmetic("*", Literal(2), COUNT)),
    (orders.count() / 2, Arithmetic("/", COUNT, Literal(2))),
    (2 / orders.count(), Arithmetic("/", Literal(2), COUNT)),
    (orders.count() * won(3), Arithmetic("*", COUNT, Literal(won(3)))),
    (won(3) * orders.count(), Arithmetic("*", Literal(won(3)), COUNT)),
    (orders.total.sum() + won(3), Arithmetic("+", SPENT, Literal(won(3)))),
    (won(3) + orders.total.sum(), Arithmetic("+", Literal(won(3)), SPENT)),
    (orders.total.sum() - won(3), Arithmetic("-", SPENT, Literal(won(3)))),
    (won(3) - orders.total.sum(), Arithmetic("-", Literal(won(3)), SPENT)),
    (orders.total.sum() * 0.1, Arithmetic("*", SPENT, Literal(Fraction(1, 10)))),
    (3 * orders.total.sum(), Arithmetic("*", Literal(3), SPENT)),
    (orders.total.sum() / orders.count(), Arithmetic("/", SPENT, COUNT)),
    (orders.total.sum() / won(3), Arithmetic("/", SPENT, Literal(won(3)))),
    (won(3) / orders.total.sum(), Arithmetic("/", Literal(won(3)), SPENT)),
    (orders.total - orders.total.mean(), Arithmetic("-", Column("total"), Aggregate("mean", ORDERS, "total"))),
    (orders.total.mean() - orders.total, Arithmetic("-", Aggregate("mean", ORDERS, "total"), Column("total"))),
    (orders.count() * orders.total, Arithmetic("*", COUNT, Column("total"))),
]


@pytest.mark.parametrize(("written", "node"), RULES + ROW_RULES + ARITHMETIC)
def test_a_handle_lowers_to_its_node(written: Any, node: nodes.Node) -> None:
    assert written.node == node


@pytest.mark.parametrize("rule", [written for written, _ in RULES])
def test_a_rule_is_valid_and_comes_back_from_both_forms(rule: Rule) -> None:
    rule.validate()
    assert Rule.from_text(rule.to_text()) == rule
    assert Rule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("written", "node"),
    [
        (customer.city.casefold() == "SEOUL", Compare("==", Apply("casefold", Attribute("city")), Literal("seoul"))),
        (
            customer.city.casefold().casefold().starts_with("STRASSE"),
            Compare("starts_with", Apply("casefold", Attribute("city")), Literal("strasse")),
        ),
        (customer.city.casefold().is_in(["A", "a", "B"]), IsIn(Apply("casefold", Attribute("city")), ("a", "b"))),
        (
            customer.city == customer.region.casefold(),
            Compare("==", Apply("casefold", Attribute("city")), Apply("casefold", Attribute("region"))),
        ),
        (
            customer.city.casefold() != "A",
            Not(Compare("==", Apply("casefold", Attribute("city")), Literal("a"))),
        ),
    ],
)
def test_folding_folds_both_sides(written: Any, node: nodes.Node) -> None:
    assert written.node == node


def test_rules_are_equal_when_they_are_written_alike() -> None:
    assert orders.any() == (orders.count() >= 1)
    assert hash(orders.any()) == hash(orders.count() >= 1)
    assert orders.any() != orders.none()
    assert (orders.total > won(1)) == (orders.total > won(1))
    assert hash(orders.total > won(1)) == hash(orders.total > won(1))
    assert (orders.total > won(1)) != (orders.total > won(2))
    assert orders.any() != "orders.any()"
    assert (orders.total > won(1)) != "orders.total"
