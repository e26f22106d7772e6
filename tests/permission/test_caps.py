"""Frequency caps: rolling and calendar windows in the customer's zone, skip or defer, to the microsecond."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retention.permission import Allowed, Cap, Deferred, Medium, MessageKind, Policy, Sent
from retention.permission.caps import ends_at, freed_at
from retention.spans import (
    TICK,
    Span,
    calendar_days,
    days,
    hours,
    months,
    this_month,
    this_week,
    this_year,
    today,
)
from tests.permission.scene import NOON, SENDER, SEOUL, ask, capabilities, codes, draft, person, refused, sent, until

DAY = timedelta(days=1)


def policy(*caps: Cap) -> Policy:
    return Policy(sender=SENDER, country="KR", caps=caps)


def cap(limit: int = 1, window: Span = days(7), **changed: object) -> Cap:
    return Cap(**({"key": "weekly", "limit": limit, "window": window, "over": "defer"} | changed))  # type: ignore[arg-type]


def test_a_place_in_a_rolling_window_is_free_exactly_one_window_later() -> None:
    to = person(sent=(sent(NOON - 2 * DAY),))
    assert until(ask(to=to, policy=policy(cap()))) == NOON + 5 * DAY
    last = NOON + 5 * DAY - TICK
    assert codes(ask(to=to, policy=policy(cap()), now=last)) == ("cap-reached",)
    assert isinstance(ask(to=to, policy=policy(cap()), now=NOON + 5 * DAY), Allowed)


def test_of_several_places_the_one_that_makes_room() -> None:
    earlier = tuple(sent(NOON - timedelta(days=each)) for each in (1, 2, 3, 4))
    ends = [NOON + (7 - each) * DAY for each in (4, 3, 2, 1)]
    for limit in (1, 2, 3, 4):
        found = freed_at(cap(limit), earlier, now=NOON, zones=(SEOUL,))
        assert found == ends[4 - limit]
    assert freed_at(cap(5), earlier, now=NOON, zones=(SEOUL,)) == NOON


def test_skip_refuses_and_is_the_default() -> None:
    weekly = Cap(key="weekly", limit=1, window=days(7))
    answer = ask(to=person(sent=(sent(NOON - DAY),)), policy=policy(weekly))
    assert refused(answer) == ("cap-reached",)


def test_a_limit_of_nothing_never_has_room() -> None:
    assert refused(ask(policy=policy(cap(limit=0)))) == ("cap-reached",)


SUNDAY = datetime(2026, 11, 22, 23, 30, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("window", "free"),
    [
        (hours(36), SUNDAY + timedelta(hours=36)),
        (months(1), datetime(2026, 12, 22, 23, 30, tzinfo=SEOUL)),
        (today(), datetime(2026, 11, 23, tzinfo=SEOUL)),
        (calendar_days(7), datetime(2026, 11, 29, tzinfo=SEOUL)),
        (this_week(), datetime(2026, 11, 23, tzinfo=SEOUL)),
        (this_month(), datetime(2026, 12, 1, tzinfo=SEOUL)),
        (this_year(), datetime(2027, 1, 1, tzinfo=SEOUL)),
    ],
)
def test_when_each_window_is_over(window: Span, free: datetime) -> None:
    assert ends_at(SUNDAY, window, (SEOUL,)) == free


def test_months_end_where_the_month_does() -> None:
    assert ends_at(datetime(2026, 1, 31, 12, tzinfo=SEOUL), months(1), (SEOUL,)) == datetime(
        2026, 2, 28, 12, tzinfo=SEOUL
    )


def test_days_are_the_customers_and_have_23_and_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 3, 29, 1, tzinfo=berlin)  # the clocks go forward an hour later
    assert ends_at(evening, today(), (berlin,)) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert ends_at(datetime(2026, 10, 25, 1, tzinfo=berlin), today(), (berlin,)) == datetime(
        2026, 10, 25, 23, tzinfo=UTC
    )


def test_where_the_zone_is_not_known_the_day_is_over_when_it_is_over_everywhere() -> None:
    america = person(country="US", region="CA", zone=None, sent=(sent(datetime(2026, 11, 23, 20, tzinfo=UTC)),))
    answer = ask(draft(), america, policy=policy(cap(window=today())), now=datetime(2026, 11, 24, 5, tzinfo=UTC))
    assert isinstance(answer, Deferred)
    assert freed_at(
        cap(window=today()),
        america.sent,
        now=datetime(2026, 11, 24, 5, tzinfo=UTC),
        zones=(ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu")),
    ) == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "earlier", "counted"),
    [
        ({}, {}, True),
        ({"media": frozenset({Medium.EMAIL})}, {}, False),
        ({"media": frozenset({Medium.SMS})}, {}, True),
        ({}, {"kind": MessageKind.TRANSACTIONAL}, False),
        ({"kinds": frozenset()}, {"kind": MessageKind.TRANSACTIONAL}, True),
        ({"tags": frozenset({"sale"})}, {}, False),
        ({"tags": frozenset({"sale", "news"})}, {"tags": frozenset({"sale", "x"})}, True),
    ],
)
def test_what_a_cap_counts(changed: dict[str, Any], earlier: dict[str, Any], counted: bool) -> None:
    answer = ask(
        draft(tags=frozenset({"sale"})),
        person(sent=(sent(NOON - DAY, **earlier),)),
        policy=policy(cap(**changed)),
    )
    assert codes(answer) == (("cap-reached",) if counted else ())


def test_a_cap_does_not_hold_what_it_does_not_count() -> None:
    to = person(sent=(sent(NOON - DAY),))
    assert codes(ask(draft(kind=MessageKind.SERVICE), to, policy=policy(cap()))) == ()


def test_what_is_important_enough_goes_through_and_still_counts() -> None:
    to, held = person(sent=(sent(NOON - DAY, priority=9),)), policy(cap(unless=5))
    assert codes(ask(draft(priority=5), to, policy=held)) == ()
    assert codes(ask(draft(priority=4), to, policy=held)) == ("cap-reached",)
    assert codes(ask(draft(priority=5), person(sent=to.sent * 3), policy=held)) == ()


def test_a_message_that_is_tried_again_does_not_stand_in_its_own_way() -> None:
    to = person(sent=(sent(NOON - DAY, key="m-1"),))
    assert codes(ask(draft(key="m-1"), to, policy=policy(cap()), attempt=2)) == ()
    assert codes(ask(draft(key="m-2"), to, policy=policy(cap()))) == ("cap-reached",)


@pytest.mark.parametrize("ahead", [TICK, DAY])
def test_what_was_sent_counts_though_its_clock_was_ahead(ahead: timedelta) -> None:
    answer = ask(to=person(sent=(sent(NOON + ahead),)), policy=policy(cap()))
    assert codes(answer) == ("cap-reached",)
    assert until(answer) == NOON + 7 * DAY


def test_a_platform_that_takes_one_a_day_defers_to_the_next() -> None:
    channel = capabilities(Medium.BRAND_MESSAGE, per_recipient_per_day=1)
    earlier = sent(NOON - timedelta(hours=1), Medium.BRAND_MESSAGE)
    answer = ask(draft(Medium.BRAND_MESSAGE), person(sent=(earlier,)), by=channel)
    assert codes(answer) == ("platform-limit", "quiet-hours")  # midnight is free, and quiet
    assert until(answer) == datetime(2026, 11, 24, 8, tzinfo=SEOUL)
    elsewhere = Sent(
        at=NOON - timedelta(hours=1), medium=Medium.BRAND_MESSAGE, channel="other", kind=MessageKind.MARKETING
    )
    assert codes(ask(draft(Medium.BRAND_MESSAGE), person(sent=(elsewhere,)), by=channel)) == ()


def test_the_customers_own_wish_is_held_beside_the_shops_caps() -> None:
    """sending.md, The gate: preferences are channels, topics and how often."""
    wish = cap(key="wish", window=days(30))
    to = person(sent=(sent(NOON - 2 * DAY),), at_most=wish)
    assert until(ask(to=to)) == NOON + 28 * DAY
    assert until(ask(to=to, policy=policy(cap()))) == NOON + 28 * DAY
    assert until(ask(to=to, policy=policy(cap(window=days(90))))) == NOON + 88 * DAY
    assert codes(ask(draft(kind=MessageKind.TRANSACTIONAL), to)) == ()
    assert codes(ask(draft(priority=99), to)) == ("cap-reached",)
    assert codes(ask(to=person(at_most=wish))) == ()
    assert refused(ask(to=person(at_most=cap(limit=0)))) == ("cap-reached",)
