"""When answers change, case by case; the property tests hold timelines to the reference over random rules."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention.activity import Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.errors import NaiveInstant, UnsupportedRule
from retention.money import won
from retention.order import Order, Refund
from retention.profile import Profile
from retention.rules import cart, coupons, customer, orders, refunds, visits
from retention.rules.backends.course import Course, course_of
from retention.rules.backends.leaves import leaves_of
from retention.rules.backends.thresholds import AnyThreshold
from retention.rules.backends.timeline import Interval, next_change, prepare, timeline
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Anniversary,
    AnniversaryWindow,
    Apply,
    Attribute,
    Compare,
    Events,
    IsIn,
    LeapDay,
    Literal,
    MonthDays,
    NearDays,
    NearMonths,
    Rule,
    Value,
)
from retention.rules.rule import Rule as Written
from retention.schema import STANDARD
from retention.spans import Duration, calendar_days, days, hours, months, this_year, today

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2024, 3, 1, 9, tzinfo=UTC)
NOBODY = Profile.build(Customer("c1"))


def ago(count: float) -> datetime:
    return NOW - timedelta(days=count)


def shopper(*ages: float, worth: int = 1000) -> Profile:
    """A customer who ordered so many days ago."""
    return Profile.build(Customer("c1"), [Order(f"o{age}", ago(age), total=won(worth)) for age in ages])


# What time can do to a rule. ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "course"),
    [
        (orders.count() >= 3, Course.STILL),
        (customer.joined_at <= customer.joined_at + days(3), Course.STILL),
        (orders.at.last().older_than(days(90)), Course.RISING),
        (~orders.at.last().older_than(days(90)), Course.FALLING),
        (orders.within(days(30)).count() >= 3, Course.FALLING),
        (orders.within(days(30)).none(), Course.RISING),
        (orders.within(days(30)).total.sum() < won(5), Course.RISING),
        (coupons.within(days(30)).amount.mean() < won(5), Course.EITHER),
        (orders.older_than(days(30)).count() < 3, Course.FALLING),
        (orders.within(days(30)).count() == 3, Course.EITHER),
        (orders.within(days(30)).last().any(), Course.EITHER),
        (orders.at.last().between(days(1), days(7)), Course.EITHER),
        (orders.at.last().older_than(months(1)), Course.EITHER),
        (customer.birthday.returns_today(), Course.EITHER),
        (visits.not_followed_by(orders, within=days(3)), Course.RISING),
        (visits.within(days(9)).not_followed_by(orders, within=days(3)), Course.EITHER),
        (visits.within(days(9)).followed_by(orders, within=days(3)), Course.FALLING),
        (orders.within(days(9)).any() & customer.tags.has("vip"), Course.FALLING),
    ],
)
def test_course(rule: Written, course: Course) -> None:
    assert course_of(rule.node) is course


@pytest.mark.parametrize(
    "rule",
    [
        customer.joined_at.within(days(7)),
        orders.at.last().older_than(days(90)) & (orders.count() > 2),
        orders.within(days(30)).count() > 2,
        orders.within(days(30)).none(),
        orders.within(days(30)).total.sum() < won(5000),
        orders.at.last() + days(3) > customer.joined_at + days(1),
        orders.within(months(3)).any(),
        orders.within(calendar_days(30)).count() >= 2,
        orders.within(today()).none(),
        orders.at.last().older_than(months(3)),
    ],
)
def test_common_rules_are_asked_nothing_again(rule: Written) -> None:
    assert all(isinstance(each, AnyThreshold) for each in leaves_of(rule.node, STANDARD).movers)


# Next changes. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (orders.within(days(30)).count() >= 2, ago(20) + timedelta(days=30)),
        (orders.within(days(30)).count() > 1.5, ago(20) + timedelta(days=30)),
        (orders.within(days(30)).count() == 2, ago(20) + timedelta(days=30)),
        (orders.within(days(30)).none(), ago(10) + timedelta(days=30)),
        (orders.within(days(30)).total.sum() >= won(2000), ago(20) + timedelta(days=30)),
        (orders.within(days(30)).total.sum() > won(1999), ago(20) + timedelta(days=30)),
        (orders.within(days(30)).total.sum() < won(1), ago(10) + timedelta(days=30)),
        (orders.within(days(30)).total.sum() >= won(2001), None),
        (orders.within(days(30)).count() >= 0, None),
        (orders.older_than(days(30)).count() >= 2, ago(20) + timedelta(days=30)),
        (orders.between(days(15), days(25)).any(), ago(10) + timedelta(days=25)),
        (orders.where(orders.status == "placed").within(days(30)).count() == 1, ago(20) + timedelta(days=30)),
        (orders.within(hours(24 * 30)).any() & customer.tags.has("vip"), None),
    ],
)
def test_the_next_change_of_a_window(rule: Written, change: datetime | None) -> None:
    assert next_change(rule.node, shopper(40, 20, 10), NOW) == change


def test_what_stands_still_decides_first() -> None:
    """Three orders are not there and will not come by waiting, whatever the windows do."""
    rule = (orders.count() >= 3) & orders.within(days(30)).where(orders.status == "placed").any()
    assert next_change(rule.node, shopper(10), NOW) is None
    assert next_change(rule.node, shopper(10, 11, 12), NOW) == ago(10) + timedelta(days=30)


def test_parts_that_flip_together_may_cancel_out() -> None:
    rule = orders.within(days(30)).any() | orders.at.last().older_than(days(30))
    assert next_change(rule.node, shopper(10), NOW) is None


def test_an_anniversary_waits_for_a_window() -> None:
    """The birthday that counts is the first one after the last order is a year old."""
    rule = customer.birthday.returns_today() & orders.at.last().older_than(days(365))
    profile = Profile.build(Customer("c1", birthday=date(1990, 3, 2)), [Order("o1", NOW, total=won(1))])
    as_of = NOW.astimezone(SEOUL)
    assert next_change(rule.node, profile, as_of) == datetime(2025, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "born", "change"),
    [
        (NearDays(0, 366), date(1990, 5, 5), None),
        (NearDays(-366, 0), date(1990, 5, 5), None),
        (NearDays(1, 366), date(1990, 5, 5), None),
        (NearDays(0, 364), date(1990, 5, 5), datetime(2027, 5, 6, tzinfo=UTC)),  # 366 days to that of a leap year
        (NearDays(0, 366), date(2000, 2, 29), datetime(2027, 2, 28, tzinfo=UTC)),
        (NearMonths(0, 11), date(1990, 5, 5), None),
        (NearMonths(1, 12), date(1990, 5, 5), None),
        (NearMonths(0, 10), date(1990, 5, 5), datetime(2024, 6, 1, tzinfo=UTC)),
        (MonthDays((2, 1), (2, 28)), date(1990, 2, 28), None),
        (MonthDays((2, 1), (2, 28)), date(2000, 2, 29), datetime(2025, 1, 1, tzinfo=UTC)),
        (NearDays(0, 7), None, None),
    ],
)
def test_windows_as_long_as_a_year(window: AnniversaryWindow, born: date | None, change: datetime | None) -> None:
    leap: LeapDay = "skip" if isinstance(window, NearDays) else "feb28"
    rule = Anniversary(Attribute("birthday"), window, leap)
    assert next_change(rule, Profile.build(Customer("c1", birthday=born)), NOW) == change


def test_an_anniversary_that_stands_still_leaves_the_rest_to_move() -> None:
    rule = (customer.birthday.returns_within(7) | orders.within(months(3)).any()).node
    profile = Profile.build(Customer("c1"), [Order("o1", NOW, total=won(1))])
    assert next_change(rule, profile, NOW) == datetime(2024, 6, 1, 9, tzinfo=UTC)


def test_calendar_words_are_read_in_the_zone_of_as_of() -> None:
    rule = orders.within(today()).any()
    profile = Profile.build(Customer("c1"), [Order("o1", NOW, total=won(1))])
    assert next_change(rule.node, profile, NOW) == datetime(2024, 3, 2, tzinfo=UTC)
    assert next_change(rule.node, profile, NOW.astimezone(SEOUL)) == datetime(2024, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("span", [this_year(), calendar_days(400), months(1200)])
def test_long_calendar_spans(span: object) -> None:
    profile = shopper(10)
    change = next_change(orders.within(span).any().node, profile, NOW)  # type: ignore[arg-type]
    assert change is not None
    assert change > NOW


def test_one_instant_is_met_for_one_microsecond() -> None:
    rule = Compare("==", Attribute("joined_at"), Ago(days(7)))
    profile = Profile.build(Customer("c1", joined_at=NOW))
    change = next_change(rule, profile, NOW)
    assert change == NOW + timedelta(days=7)
    assert next_change(rule, profile, change) == change + timedelta(microseconds=1)


def test_one_of_several_instants_is_met() -> None:
    rule = IsIn(Ago(days(1)), (NOW, NOW + timedelta(days=3)))
    assert next_change(rule, NOBODY, NOW) == NOW + timedelta(days=1)


def test_facts_to_come_are_not_foreseen() -> None:
    profile = Profile.build(Customer("c1"), [Order("o1", NOW + timedelta(days=1), total=won(1))])
    assert next_change((orders.count() == 1).node, profile, NOW) is None


@pytest.mark.parametrize(
    "rule",
    [
        Compare("<", Ago(months(1)), Ago(days(30))),
        Compare("==", Apply("local_date", Ago(days(1))), Apply("local_date", Ago(days(2)))),
        Anniversary(Apply("local_date", Ago(days(0))), NearDays(0, 0)),
    ],
)
def test_two_moments_that_move_are_refused(rule: Rule) -> None:
    with pytest.raises(UnsupportedRule, match="both move"):
        next_change(rule, NOBODY, NOW)


def test_two_exact_moments_keep_their_distance() -> None:
    assert next_change(Compare("<", Ago(days(30)), Ago(days(1))), NOBODY, NOW) is None
    assert next_change(Compare("==", Ago(months(1)), Ago(months(1))), NOBODY, NOW) is None


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        next_change(orders.within(days(1)).any().node, NOBODY, datetime(2024, 1, 1))


def test_the_end_of_the_calendar_is_no_change() -> None:
    last: Value = Aggregate("last", Events("orders"), "at")
    far = Compare(">", last, Ago(Duration(366_000 * 86_400_000_000)))
    late = Profile.build(Customer("c1"), [Order("o1", datetime(9990, 1, 1, tzinfo=UTC), total=won(1))])
    assert next_change(far, late, datetime(9995, 1, 1, tzinfo=UTC)) is None
    assert next_change(Compare(">", last, Ago(months(12_000))), late, datetime(9995, 1, 1, tzinfo=UTC)) is None


def test_preparing_keeps_nothing_behind_the_back_of_who_asks() -> None:
    rule = orders.within(days(1)).any().node
    assert prepare(rule) is not prepare(rule)
    assert (
        prepare(rule).next_change(shopper(0), NOW) == next_change(rule, shopper(0), NOW) == ago(0) + timedelta(days=1)
    )


# The course of an answer. ---------------------------------------------------------------------------------------------


def test_a_timeline_learns_of_each_fact_as_it_comes() -> None:
    start, end = ago(100), NOW
    pieces = timeline(orders.within(days(30)).any().node, shopper(80, 60, 5), start, end)
    assert pieces == (
        Interval(ago(100), ago(80), False),
        Interval(ago(80), ago(30), True),
        Interval(ago(30), ago(5), False),
        Interval(ago(5), NOW, True),
    )


def test_a_timeline_learns_of_refunds_and_deliveries() -> None:
    order = Order("o1", ago(9), total=won(10), delivered_at=ago(5), refunds=[Refund("r1", ago(2), won(10))])
    profile = Profile.build(Customer("c1"), [order, CartEvent("k1", ago(7), kind="added")])
    rule = orders.delivered_at.last().is_present() & (orders.refunded.sum() == won(0))
    assert timeline(rule.node, profile, ago(10), NOW)[1] == Interval(ago(5), ago(2), True)
    assert len(timeline(rule.node, profile, ago(10), NOW)) == 3


def test_a_timeline_looks_at_no_collection_that_the_rule_does_not_read() -> None:
    order = Order("o1", ago(9), total=won(10), delivered_at=ago(5), refunds=[Refund("r1", ago(2), won(10))])
    profile = Profile.build(Customer("c1"), [order, *(Visit(f"v{back}", ago(back)) for back in range(20))])
    bought = orders.any()
    for ask in (bought.explain, bought.next_change):
        ask(profile, NOW)
    assert [piece.holds for piece in bought.timeline(profile, ago(20), NOW)] == [False, True]
    assert prepare(bought.node)._arrivals(profile, ago(20), NOW) == [ago(9), ago(5), ago(2)]
    assert prepare(refunds.any().node)._arrivals(profile, ago(20), NOW) == [ago(9), ago(5), ago(2)]
    assert len(prepare((bought & visits.any()).node)._arrivals(profile, ago(20), NOW)) == 19


def test_an_empty_stretch_of_time_has_no_intervals() -> None:
    assert timeline((orders.count() == 0).node, NOBODY, NOW, NOW) == ()


def test_a_timeline_of_birthdays() -> None:
    profile = Profile.build(Customer("c1", birthday=date(2000, 2, 29)))
    pieces = timeline(customer.birthday.returns_today().node, profile, NOW, NOW + timedelta(days=4 * 366))
    assert [each.start.date().isoformat() for each in pieces if each.holds] == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


# Since when. ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "since"),
    [
        (orders.count() >= 2, ago(20)),
        (orders.count() < 4, None),
        (orders.at.last().older_than(days(5)), ago(5)),
        (orders.within(days(30)).count() == 2, ago(20)),
        (cart.none(), None),
        (customer.birthday.returns_today(), datetime(2024, 2, 29, tzinfo=UTC)),
        (~customer.birthday.returns_today(), datetime(2024, 2, 29, tzinfo=UTC)),
        (customer.joined_at.within(days(7)), datetime(2019, 1, 8, tzinfo=UTC)),
        (customer.joined_at.within(months(1)), datetime(2019, 2, 1, tzinfo=UTC)),
    ],
)
def test_since_when_the_answer_is_what_it_is(rule: Written, since: datetime | None) -> None:
    known = Customer("c1", joined_at=datetime(2019, 1, 1, tzinfo=UTC), birthday=date(2000, 2, 28))
    profile = Profile.build(known, shopper(40, 20, 10).facts())
    assert prepare(rule.node).since(profile, NOW) == since


def test_what_never_was_otherwise_has_no_beginning() -> None:
    assert prepare(Compare("==", Literal(1), Literal(1))).since(NOBODY, NOW) is None
