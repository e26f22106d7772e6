"""Windows to the microsecond: which end is inside, for rows, for values, and for whole local days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention.customer import Customer
from retention.money import won
from retention.order import Order
from retention.profile import Profile
from retention.rules import Rule, as_of, cart, customer, orders
from retention.spans import TICK, calendar_days, days, months, this_month, today

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 10, 15, 30, tzinfo=SEOUL)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=SEOUL)
DAY = timedelta(days=1)
MARCH = datetime(2026, 3, 1, tzinfo=SEOUL)
APRIL = datetime(2026, 4, 1, tzinfo=SEOUL)

CASES: list[tuple[Rule, Rule, datetime, datetime]] = [
    # of rows, of a value, the first instant inside, the first instant after it that is outside
    (
        orders.within(days(7)).any(),
        customer.joined_at.within(days(7)),
        NOW - 7 * DAY + TICK,
        NOW + TICK,
    ),
    (
        orders.between(days(1), days(7)).any(),
        customer.joined_at.between(days(1), days(7)),
        NOW - 7 * DAY + TICK,
        NOW - DAY + TICK,
    ),
    (
        orders.within(today()).any(),
        customer.joined_at.within(today()),
        MIDNIGHT,
        NOW + TICK,
    ),
    (
        orders.between(today(), calendar_days(3)).any(),
        customer.joined_at.between(today(), calendar_days(3)),
        MIDNIGHT - 2 * DAY,
        MIDNIGHT,
    ),
    (
        orders.between(this_month(), months(1)).any(),
        customer.joined_at.between(this_month(), months(1)),
        datetime(2026, 2, 10, 15, 30, tzinfo=SEOUL) + TICK,
        MARCH,
    ),
    (
        orders.between(MARCH, NOW - DAY).any(),
        customer.joined_at.between(MARCH, NOW - DAY),
        MARCH,
        NOW - DAY,
    ),
    (
        orders.since(MARCH).before(MARCH + DAY).any(),
        (customer.joined_at >= MARCH) & customer.joined_at.before(MARCH + DAY),
        MARCH,
        MARCH + DAY,
    ),
    (
        orders.after(MARCH).before(MARCH + DAY).any(),
        customer.joined_at.after(MARCH) & (customer.joined_at < MARCH + DAY),
        MARCH + TICK,
        MARCH + DAY,
    ),
    (
        orders.where(orders.at.on(MARCH.date())).any(),
        customer.joined_at.on(MARCH.date()),
        MARCH,
        MARCH + DAY,
    ),
    (
        orders.since(as_of - days(2)).any(),
        (customer.joined_at >= as_of - days(2)) & (customer.joined_at <= as_of),
        NOW - 2 * DAY,
        NOW + TICK,
    ),
]


def in_rows(rule: Rule, at: datetime) -> bool:
    return rule.matches(Profile.build(Customer("c-1"), [Order("o-1", at, total=won(1))]), NOW)


def in_value(rule: Rule, at: datetime) -> bool:
    return rule.matches(Profile.build(Customer("c-1", joined_at=at)), NOW)


@pytest.mark.parametrize(("of_rows", "of_value", "begin", "end"), CASES)
def test_a_window_begins_and_ends_where_it_says(of_rows: Rule, of_value: Rule, begin: datetime, end: datetime) -> None:
    around = [begin - TICK, begin, end - TICK, end]
    assert [in_rows(of_rows, at) for at in around] == [False, True, True, False]
    assert [in_value(of_value, at) for at in around] == [False, True, True, False]


@pytest.mark.parametrize("span", [days(7), months(1), today(), calendar_days(7), this_month()])
def test_within_and_older_than_share_nothing_and_leave_nothing_out(span: object) -> None:
    for at in (NOW - 7 * DAY, MIDNIGHT, MARCH, MIDNIGHT - 6 * DAY, datetime(2026, 2, 10, 15, 30, tzinfo=SEOUL)):
        for moment in (at - TICK, at, at + TICK):
            within, older = customer.joined_at.within(span), customer.joined_at.older_than(span)  # type: ignore[arg-type]
            assert in_value(within, moment) != in_value(older, moment)


def test_windows_of_named_instants_side_by_side_share_no_row() -> None:
    later = APRIL + 30 * DAY
    profile = Profile.build(Customer("c-1"), [Order("o-1", APRIL, total=won(1))])
    months_apart = orders.between(MARCH, APRIL).count() + orders.between(APRIL, later).count()
    assert (months_apart == 1).matches(profile, later)


def test_the_customers_own_instant_can_bound_a_window() -> None:
    profile = Profile.build(
        Customer("c-1", joined_at=NOW - 3 * DAY), [Order("o-1", NOW - 2 * DAY, total=won(1), delivered_at=NOW - DAY)]
    )
    assert orders.after(customer.joined_at).any().matches(profile, NOW)
    assert orders.before(customer.joined_at + days(1)).none().matches(profile, NOW)
    assert orders.after(cart.at.last()).none().matches(profile, NOW)
    assert orders.where(orders.delivered_at == orders.at + days(1)).any().matches(profile, NOW)


def test_cadence() -> None:
    def at(*ago: int) -> Profile:
        return Profile.build(Customer("c-1"), [Order(f"o-{n}", NOW - n * DAY, total=won(1)) for n in ago])

    stopped = orders.stopped(quiet=days(30), active=days(60))
    assert [stopped.matches(at(*ago), NOW) for ago in ((30,), (89,), (90,), (29, 40), ())] == [
        True,
        True,
        False,
        False,
        False,
    ]
    restarted = orders.restarted(quiet=days(30), active=days(7))
    assert [restarted.matches(at(*ago), NOW) for ago in ((1, 37), (6, 400), (1, 36), (7, 37), (1,))] == [
        True, True, False, False, False,
    ]  # fmt: skip
    weekly = orders.in_periods(2, of=3, every=days(7))
    assert [weekly.matches(at(*ago), NOW) for ago in ((0, 7), (0, 6), (6, 20), (0, 21), (1, 8, 15))] == [
        True, False, True, False, True,
    ]  # fmt: skip


def test_utc_reads_other_midnights() -> None:
    early = MIDNIGHT + timedelta(hours=1)
    profile = Profile.build(Customer("c-1"), [Order("o-1", early, total=won(1))])
    assert orders.within(today()).any().matches(profile, NOW)
    assert orders.within(today()).none().matches(profile, NOW.astimezone(UTC))
