"""What people get wrong about their own rules, and what analyse says to it."""

from datetime import UTC, date, datetime

import pytest

from retention.errors import UnknownName, WrongKind
from retention.money import won
from retention.rules import (
    Rule,
    any_of,
    as_of,
    at_least,
    cart,
    consents,
    customer,
    orders,
    purchases,
    reviews,
    segment,
    surveys,
    visits,
)
from retention.rules.analyse import Finding, always_empty, always_full, contained, disjoint, equivalent
from retention.rules.backends.reference import holds
from retention.rules.examples import example
from retention.rules.nodes import (
    Aggregate,
    All,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Literal,
    Missing,
    Not,
)
from retention.rules.nodes import Rule as Node
from retention.rules.proof import Effort, Prover
from retention.schema import STANDARD
from retention.spans import calendar_days, days, hours, months, this_month, this_week, this_year, today, years
from retention.testing.rules import EXTENDED

total, coffee = orders.total.sum(), purchases.where(purchases.category == "coffee")
best, answer = reviews.rating.max(), surveys.score.last()
dormant = orders.placed_at.last().older_than(days(90))
left_a_cart = cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()

EMPTY: dict[str, Rule] = {
    "over one limit and under a lower one": (total >= won(500_000)) & (total < won(300_000)),
    "two countries": (customer.country == "KR") & (customer.country == "JP"),
    "two lists of countries": customer.country.is_in(["KR", "US"]) & customer.country.is_in(["JP", "CN"]),
    "the same in other letters": (customer.country == "KR") & (customer.country.casefold() == "jp"),
    "two beginnings": customer.name.starts_with("A") & customer.name.starts_with("B"),
    "joined this week and a month ago": customer.joined_at.within(days(7)) & customer.joined_at.older_than(days(30)),
    "bought once and twice": (orders.count() == 1) & (orders.count() == 2),
    "a window that ends before it begins": orders.within(days(7)).older_than(days(30)).any(),
    "dormant, bought last month": dormant & orders.within(days(30)).any(),
    "months against days": orders.at.last().within(months(1)) & orders.at.last().older_than(days(60)),
    "never bought, spent something": orders.none() & (total >= won(1)),
    "never bought, dormant": orders.none() & dormant,
    "never bought, a mean": orders.none() & (orders.total.mean() >= won(1)),
    "never bought, a big order": orders.none() & orders.where(orders.total >= won(10)).any(),
    "one order, the date of the second": (orders.count() <= 1) & orders.nth(2).at.first().within(days(30)),
    "no coffee, coffee this month": coffee.none() & (coffee.within(days(30)).amount.sum() >= won(1)),
    "no pieces, a number of them": purchases.none() & (purchases.quantity.sum() > 3),
    "more sorts than pieces": (purchases.product_id.distinct() >= 3) & (purchases.count() <= 2),
    "the least above the greatest": (orders.total.min() >= won(100)) & (orders.total.max() < won(100)),
    "the mean above the greatest": (orders.total.mean() > won(100)) & (orders.total.max() <= won(100)),
    "the first after the last": orders.at.first() > orders.at.last(),
    "the third before the second": orders.nth(3).at.first() < orders.nth(2).at.first(),
    "an order above the greatest": orders.where(orders.total >= won(100)).any() & (orders.total.max() < won(100)),
    "a delivery to come": orders.delivered_at.max() > as_of,
    "left a cart, ordered since": left_a_cart & orders.within(hours(1)).any(),
    "left a cart, came back to it": left_a_cart & cart.within(hours(1)).any(),
    "no cart, a cart followed by an order": cart.none() & cart.followed_by(orders, within=days(3)),
    "never bought, a cart followed by an order": cart.followed_by(orders, within=days(3)) & orders.none(),
    "tagged, without tags": customer.tags.has("vip") & (customer.tags.count() == 0),
    "born today, without a birthday": customer.birthday.returns_today() & customer.birthday.is_missing(),
    "missing, yet compared": customer.country.casefold().starts_with("k") & customer.country.is_missing(),
    "two of three that exclude each other": at_least(2, orders.none(), orders.count() == 1, orders.count() >= 2),
    "neither missing nor present": ~any_of(customer.grade.is_missing(), customer.grade.is_present()),
    "an order without a date": orders.any() & orders.placed_at.last().is_missing(),
    "a sum that is missing, its parts not": (best + answer).is_missing() & (best == 5) & (answer == 9),
    "a bucket of one and more": customer.bucket("spring") + 0 >= 1,
    "a segment, and not that segment": segment("vip") & ~segment("vip"),
    "a joining date moved back and later": (customer.joined_at - days(1)) > customer.joined_at,
    "equal by way of a third": (customer.name == customer.grade)
    & (customer.grade == customer.country)
    & (customer.name != customer.country),
    "between five and five, and neither five nor seven": (reviews.rating.min() >= 5)
    & (reviews.rating.max() <= 5)
    & ~reviews.rating.min().is_in([5, 7]),
    "less than two of two, one, and both": ~at_least(2, orders.any(), visits.any()) & orders.any() & visits.any(),
    "less than two of three, and two": ~at_least(2, orders.any(), visits.any(), cart.any())
    & orders.any()
    & (visits.any() | cart.any()),
    "the last one is paid, none is": orders.last().where(orders.status == "paid").any()
    & orders.where(orders.status == "paid").none(),
    "the mean below the least": orders.total.mean() < orders.total.min(),
    "the last order before an order": orders.after(orders.at.last()).any(),
    "an order of the future": orders.at.last() - days(1) > as_of,
    "not at least one of none": ~at_least(0, orders.any(), visits.any()),
}

CONTAINED: dict[str, tuple[Rule, Rule]] = {
    "a higher limit": (total >= won(1_000_000), total >= won(500_000)),
    "a shorter window": (orders.within(days(30)).any(), orders.within(days(90)).any()),
    "today in this month": (orders.within(today()).any(), orders.within(this_month()).any()),
    "this month in this year": (visits.within(this_month()).count() >= 2, visits.within(this_year()).any()),
    "this week in seven days": (visits.within(this_week()).any(), visits.within(calendar_days(7)).any()),
    "a month in forty days": (visits.within(months(1)).any(), visits.within(days(40)).any()),
    "a month in a year": (visits.within(months(1)).any(), visits.within(years(1)).any()),
    "a few countries in more": (customer.country == "KR", customer.country.is_in(["JP", "KR"])),
    "dormant: nothing in a month": (dormant, orders.within(days(30)).none()),
    "the last in a month: some in a quarter": (orders.at.last().within(days(30)), orders.within(days(90)).any()),
    "three of coffee: two pieces": (coffee.count() >= 3, purchases.count() >= 2),
    "a consent: something said of consents": (
        consents.where(consents.channel == "email", consents.given).any(),
        consents.any(),
    ),
    "an order above all coffee: coffee": (orders.where(orders.total > coffee.amount.max()).any(), coffee.any()),
    "a left cart: a cart this week": (left_a_cart, cart.within(days(7)).any()),
    "followed soon: followed": (
        cart.followed_by(orders, within=days(1)),
        cart.followed_by(orders, within=days(3)),
    ),
    "a birthday soon: a birthday in a while": (
        customer.birthday.returns_within(7),
        customer.birthday.returns_within(30),
    ),
    "two of three: one of three": (
        at_least(2, orders.any(), visits.any(), cart.any()),
        any_of(orders.any(), visits.any(), cart.any()),
    ),
    "the last one paid: a paid one": (
        orders.last().where(orders.status == "paid").any(),
        orders.where(orders.status == "paid").any(),
    ),
    "of the last one: of the last two": (orders.nth(-1).any(), orders.any() | visits.any()),
    "half a quarter, asked with the quarter's rows": (
        orders.within(days(90)).where(orders.channel == "app").within(days(45)).any(),
        orders.within(days(90)).any(),
    ),
}

EQUIVALENT: dict[str, tuple[Rule, Rule]] = {
    "nothing in a month, but before, dormant": (
        orders.any() & orders.within(days(30)).none(),
        orders.placed_at.last().older_than(days(30)),
    ),
    "a big order, a great greatest": (
        orders.where(orders.total >= won(100)).any(),
        orders.total.max() >= won(100),
    ),
    "a second order, two orders": (orders.nth(2).any(), orders.count() >= 2),
    "a date of the second order, two orders": (orders.nth(2).at.first().is_present(), orders.count() >= 2),
    "bought, but not for long": (orders.any() & ~orders.within(days(90)).any(), dormant),
    "other words": (dormant, dormant.named("quiet")),
    "of each pair one": (at_least(1, orders.any(), orders.none()), visits.any() | visits.none()),
}

NOT_EMPTY: dict[str, Rule] = {
    "neither below nor above, for want of a rating": ~(best < 3) & ~(best >= 3),
    "neither below nor above another, for want of either": ~(best < answer) & ~(best >= answer),
    "neither one nor another, for want of a name": ~(customer.name == "A") & (customer.name != "B"),
    "spent much": total >= won(500_000),
    "spent much on the whole, little at once": (total >= won(500_000)) & (orders.total.max() < won(60_000)),
    "a dozen orders": orders.count() >= 12,
    "a birthday today": customer.birthday.returns_today(),
    "a birthday next month": customer.birthday.returns_this_month(offset=1),
    "a birthday in summer": customer.birthday.returns_between((6, 1), (8, 31)),
    "coffee": coffee.within(days(30)).amount.sum() >= won(30_000),
    "three paid in the shop's app": orders.where(orders.status == "paid", orders.channel == "app").count() >= 3,
    "left a cart": left_a_cart,
    "followed": cart.followed_by(orders, within=days(3)),
    "not followed": cart.not_followed_by(orders, within=days(3)),
    "stopped": orders.stopped(quiet=days(30), active=days(90)),
    "every other month": orders.in_periods(2, of=3, every=months(1)),
    "the first tenth": customer.bucket("spring") < 0.1,
    "the last tenth": customer.bucket("spring") >= 0.9,
    "given back": orders.refunded.sum() >= won(100),
    "many pieces": orders.item_count.max() >= 10,
    "labels": customer.tags.has_all("vip", "wholesale"),
    "after a day yet to come": orders.since(datetime(2031, 5, 1, tzinfo=UTC)).any(),
    "delivered on a day": orders.delivered_at.max().on(date(2026, 3, 1)),
    "everybody": orders.any() | orders.none(),
}


@pytest.mark.parametrize("rule", EMPTY.values(), ids=EMPTY.keys())
def test_nobody_can_be_in(rule: Rule) -> None:
    assert always_empty(rule.node) is Finding.YES
    assert always_full(Not(rule.node)) is Finding.YES
    assert example(rule.node) is None


@pytest.mark.parametrize(("part", "whole"), CONTAINED.values(), ids=CONTAINED.keys())
def test_one_is_part_of_the_other(part: Rule, whole: Rule) -> None:
    assert contained(part.node, whole.node) is Finding.YES
    assert disjoint(part.node, (~whole).node) is Finding.YES
    assert contained(whole.node, part.node) is Finding.NO
    assert equivalent(part.node, whole.node) is Finding.NO


@pytest.mark.parametrize("rule", NOT_EMPTY.values(), ids=NOT_EMPTY.keys())
def test_somebody_can_be_in(rule: Rule) -> None:
    assert always_empty(rule.node) is Finding.NO
    found = example(rule.node)
    assert found is not None
    assert holds(rule.node, found.profile, found.as_of)


@pytest.mark.parametrize(("one", "other"), EQUIVALENT.values(), ids=EQUIVALENT.keys())
def test_the_same_customers_are_in_both(one: Rule, other: Rule) -> None:
    assert equivalent(one.node, other.node) is Finding.YES


def test_windows_that_only_look_nested() -> None:
    """Thirty days can be less than a month and more than one, so neither contains the other."""
    month, thirty = orders.within(months(1)).any(), orders.within(days(30)).any()
    assert contained(month.node, thirty.node) is not Finding.YES
    assert contained(thirty.node, month.node) is not Finding.YES


def test_a_segment_that_is_only_named_is_unknown() -> None:
    assert always_empty(segment("vip").node) is Finding.UNKNOWN
    assert contained(segment("vip").node, orders.any().node) is Finding.UNKNOWN
    assert equivalent(segment("vip").node, orders.any().node) is Finding.UNKNOWN


def test_too_much_work_is_unknown_and_ends() -> None:
    columns = ("status", "channel", "coupon", "currency")
    windows = [
        Compare(
            ">=", Aggregate("count", Events("orders", Compare("==", Column(name), Literal(f"{number}")))), Literal(1)
        )
        for name in columns
        for number in range(9)
    ]
    assert not Prover(STANDARD).refutes(AtLeast(18, tuple(windows)))


def test_a_finding_has_no_truth_value() -> None:
    with pytest.raises(WrongKind, match=r"is Finding\.YES"):
        bool(Finding.NO)


def test_a_rule_that_is_not_valid_is_refused() -> None:
    with pytest.raises(UnknownName, match="country"):
        always_empty(Missing(Attribute("contry")))


def test_a_proof_that_is_given_up_proves_nothing() -> None:
    rule = dormant & orders.within(days(30)).any()
    assert Prover(STANDARD).refutes(rule.node)
    assert not Prover(STANDARD, effort=Effort(0)).refutes(rule.node)


def test_a_flag_beside_a_count_of_one() -> None:
    """A host's flag may be True beside a count of 1: to Python the two constants are equal."""
    vip = Compare("==", Attribute("vip"), Literal(True))
    count = Aggregate("count", Events("rentals"))
    assert always_empty(All((vip, Compare("==", Attribute("vip"), Literal(False)))), EXTENDED) is Finding.YES
    assert always_empty(All((vip, Compare("==", count, Literal(1)))), EXTENDED) is Finding.NO
    insured = Events("rentals", Compare("==", Column("insured"), Literal(True)))
    several = Compare(">=", Aggregate("count", insured), Literal(2))
    assert contained(several, Compare(">", count, Literal(1)), EXTENDED) is Finding.YES


@pytest.mark.parametrize("name", sorted(EXTENDED.collections))
def test_every_collection_can_have_rows_and_have_none(name: str) -> None:
    some = Compare(">=", Aggregate("count", Events(name)), Literal(1))
    assert always_empty(some, EXTENDED) is Finding.NO
    assert always_full(some, EXTENDED) is Finding.NO


@pytest.mark.parametrize("name", sorted(EXTENDED.attributes))
def test_every_attribute_can_be_there(name: str) -> None:
    assert always_empty(Not(Missing(Attribute(name))), EXTENDED) is Finding.NO
    gone = always_empty(Missing(Attribute(name)), EXTENDED)
    assert gone is (Finding.YES if EXTENDED.attribute(name).required else Finding.NO)


@pytest.mark.parametrize(
    ("collection", "column"),
    [(each.name, column) for each in EXTENDED.collections.values() for column in each.columns],
)
def test_every_column_can_be_there_and_only_required_ones_always_are(collection: str, column: str) -> None:
    gone = Events(collection, Missing(Column(column)))
    there = Events(collection, Not(Missing(Column(column))))
    required = EXTENDED.collection(collection).column(column).required
    assert always_empty(_any(there), EXTENDED) is Finding.NO
    assert (always_empty(_any(gone), EXTENDED) is Finding.YES) is required


def _any(events: Events) -> Node:
    return Compare(">=", Aggregate("count", events), Literal(1))
