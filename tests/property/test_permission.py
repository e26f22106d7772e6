"""Laws of the gate: what says no never opens it, and what it promises is the first instant that keeps the promise."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from retention.permission import (
    Allowed,
    Cap,
    Capabilities,
    Consent,
    Deferred,
    Draft,
    Hours,
    Medium,
    MessageKind,
    Person,
    Policy,
    Refused,
    SendWindow,
    Sent,
    Suppression,
    Trade,
    fold,
    permit,
    standing,
)
from retention.permission.consents import CONFIRMED_WITHIN
from retention.permission.quiet import first_open
from retention.spans import TICK, Span, calendar_days, days, hours, months, this_month, this_week, today
from tests.permission.scene import SENDER, capabilities, draft

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
MEDIA = ("sms", "email")
TOPICS = (None, "news", "sale")

# Consents -------------------------------------------------------------------------------------------------------------

instants = st.integers(0, 20).map(lambda each: START + each * CONFIRMED_WITHIN / 4)
acts = st.sampled_from(["given", "given", "pending", "confirmed", "withdrawn"])


@st.composite
def lines(draw: st.DrawFn, act: st.SearchStrategy[str] = acts) -> Consent:
    what: Any = draw(act)
    topic = draw(st.sampled_from(TOPICS))
    return Consent(
        medium=draw(st.sampled_from(MEDIA)),
        purpose=draw(st.sampled_from(["marketing", "night"])),
        act=what,
        at=draw(instants),
        source=draw(st.sampled_from(["form", "till"])),
        method="checkbox",
        scope=draw(st.sampled_from(["medium", "all"] if topic is None else ["medium", "topic", "all"])),
        topic=topic,
    )


withdrawals = lines(st.just("withdrawn"))
histories = st.lists(lines(), max_size=8)


def held(consents: Iterable[Consent], now: datetime, double: bool) -> set[tuple[str, str, str | None]]:
    return {
        (medium, purpose, topic)
        for medium in MEDIA
        for purpose in ("marketing", "night")
        for topic in TOPICS
        if standing(
            consents,
            medium=medium,
            purpose=purpose,
            topic=topic,
            now=now,
            double_opt_in=double,
        ).holds
    }


@given(histories, withdrawals, instants, st.booleans())
def test_a_withdrawal_more_never_allows_more(
    history: list[Consent], withdrawal: Consent, now: datetime, double: bool
) -> None:
    assert held([*history, withdrawal], now, double) <= held(history, now, double)


@given(histories, withdrawals, st.booleans())
def test_nothing_that_was_given_before_outlives_a_withdrawal_of_all(
    history: list[Consent], withdrawal: Consent, double: bool
) -> None:
    of_all = evolve(withdrawal, scope="all", purpose="marketing")
    assert held([*history, of_all], of_all.at, double) == set()


@given(histories, instants, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_their_repetition_do_not_matter(
    history: list[Consent], now: datetime, double: bool, random: Random
) -> None:
    shuffled = [*history, *history[:3]]
    random.shuffle(shuffled)
    assert fold(shuffled, now=now, double_opt_in=double) == fold(history, now=now, double_opt_in=double)


@given(histories, instants)
def test_double_opt_in_never_allows_more(history: list[Consent], now: datetime) -> None:
    assert held(history, now, True) <= held(history, now, False)


@given(histories, histories, instants, st.booleans())
def test_what_comes_later_does_not_change_the_past(
    history: list[Consent], more: list[Consent], now: datetime, double: bool
) -> None:
    later = [each for each in more if each.at > now]
    assert held([*history, *later], now, double) == held(history, now, double)


# Hours ----------------------------------------------------------------------------------------------------------------

# Where clocks do what they rarely do, and the day on which they do it.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Beirut", date(2026, 3, 29)),  # midnight is skipped
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Atlantic/Azores", date(2026, 3, 29)),
    ("Atlantic/Azores", date(2026, 10, 25)),
    ("Antarctica/Troll", date(2026, 3, 29)),  # by two hours
    ("Antarctica/Troll", date(2026, 10, 25)),
    ("Pacific/Apia", date(2011, 12, 30)),  # the day was skipped
    ("Asia/Seoul", date(2026, 3, 1)),
)
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))
early = st.builds(time, st.integers(0, 4), st.sampled_from([0, 1, 15, 30, 45, 59]))
weekdays = st.one_of(st.just(frozenset(range(7))), st.frozensets(st.integers(0, 6), min_size=1))
weeks = st.lists(st.builds(Hours, st.one_of(early, times), st.one_of(early, times), weekdays), max_size=2).map(tuple)


class Watch:
    """The hours as somebody would tell who looks at a clock every minute, and remembers what it has shown."""

    def __init__(self, week: Sequence[Hours], zone: tzinfo) -> None:
        self.week, self.zone = week, zone
        self.over: set[tuple[date, Hours]] = set()

    def look(self, instant: datetime) -> bool:
        """Whether they are open at the instant, the next minute after the last one looked at."""
        shown = instant.astimezone(self.zone).replace(tzinfo=None, fold=0)
        found = False
        for each in self.week:
            for day in (shown.date() - 2 * DAY, shown.date() - DAY, shown.date()):
                begins = datetime.combine(day, each.opens)
                ends = datetime.combine(day if each.closes > each.opens else day + DAY, each.closes)
                if shown >= ends:
                    self.over.add((day, each))
                elif shown >= begins and day.weekday() in each.weekdays and (day, each) not in self.over:
                    found = True
        return found


def first_minute(week: Sequence[Hours], zones: Sequence[tzinfo], now: datetime, end: datetime) -> datetime:
    watches = [Watch(week, zone) for zone in zones]
    at = now - 3 * DAY
    while at < end:
        found = [watch.look(at) for watch in watches]  # each of them looks, every minute
        if all(found) and at >= now:
            return at
        at += MINUTE
    return end


@given(st.sampled_from(CHANGES), st.integers(-24 * 60, 30 * 60), weeks)
@example(CHANGES[1], 0, (Hours(time(2, 30), time(5)),))
@example(CHANGES[1], 0, (Hours(time(1), time(2, 30)),))
@example(CHANGES[0], 0, (Hours(time(2, 10), time(2, 50)),))
def test_the_instant_is_the_first_minute_that_a_watcher_of_clocks_finds(
    change: tuple[str, date], minutes: int, week: tuple[Hours, ...]
) -> None:
    zone = ZoneInfo(change[0])
    now = datetime.combine(change[1], time(), UTC) + minutes * MINUTE
    end = now + 4 * DAY
    assert first_open(week, (zone,), now, end) == first_minute(week, (zone,), now, end)


@settings(max_examples=30)
@given(st.sampled_from(CHANGES), st.sampled_from(["Asia/Seoul", "America/New_York", "Pacific/Chatham"]), weeks)
def test_of_two_zones_the_first_minute_in_both(change: tuple[str, date], other: str, week: tuple[Hours, ...]) -> None:
    zones = ZoneInfo(change[0]), ZoneInfo(other)
    now = datetime.combine(change[1], time(), UTC)
    assert first_open(week, zones, now, now + 3 * DAY) == first_minute(week, zones, now, now + 3 * DAY)


# The gate -------------------------------------------------------------------------------------------------------------

ZONES = (None, "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Honolulu")
MOVING = st.integers(0, 60 * 24 * 40).map(lambda each: START + each * MINUTE)
spans: st.SearchStrategy[Span] = st.sampled_from(
    [hours(5), days(1), days(7), months(1), today(), calendar_days(3), this_week(), this_month()]
)


@st.composite
def caps(draw: st.DrawFn) -> Cap:
    return Cap(
        key=draw(st.sampled_from(["a", "b", "c"])),
        limit=draw(st.integers(1, 3)),
        window=draw(spans),
        over="defer",
        media=draw(st.sampled_from([frozenset(), frozenset({Medium.SMS})])),
    )


@st.composite
def people(draw: st.DrawFn) -> Person:
    country = draw(st.sampled_from(["KR", "US", "DE", "CA", "BR", None]))
    sent = draw(st.lists(st.builds(_sent, MOVING), max_size=6))
    trade = draw(st.none() | st.builds(_trade, MOVING))
    consents = [Consent(medium=each, act="given", at=START, source="form", method="x") for each in ("sms", "kakao")]
    return Person(
        country=country,
        region=draw(st.sampled_from([None, "NY", "TX", "RI"])),
        zone=draw(st.sampled_from(ZONES)),
        consents=tuple(draw(st.sampled_from([consents, []])) + draw(st.lists(lines(), max_size=2))),
        sent=tuple(sent),
        trades=() if trade is None else (trade,),
    )


def _sent(at: datetime) -> Sent:
    return Sent(at=at, medium=Medium.SMS, channel="sms", kind=MessageKind.MARKETING)


def _trade(at: datetime) -> Trade:
    return Trade(ended_at=at, collected_directly=True, topics=None, could_refuse=True)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Draft, Capabilities, Person, Policy, datetime]:
    medium = draw(st.sampled_from([Medium.SMS, Medium.BRAND_MESSAGE]))
    channel = capabilities(
        medium,
        window=KAKAO if medium is Medium.BRAND_MESSAGE else None,
        per_recipient_per_day=draw(st.sampled_from([None, 1])),
    )
    now = draw(MOVING)
    message = draft(
        medium,
        planned_at=draw(MOVING),
        expires_at=now + draw(st.sampled_from([3, 30, 600])) * DAY,
        topic=draw(st.sampled_from(TOPICS)),
    )
    policy = Policy(sender=SENDER, country="KR", caps=tuple(draw(st.lists(caps(), max_size=2))))
    return message, channel, draw(people()), policy, now


@given(questions(), st.data())
def test_a_deferral_is_until_the_first_instant_at_which_all_let_it_through(
    question: tuple[Draft, Capabilities, Person, Policy, datetime], data: st.DataObject
) -> None:
    message, channel, to, policy, now = question
    to = evolve(
        to,
        sent=tuple(each for each in to.sent if each.at <= now),
        consents=tuple(each for each in to.consents if each.at <= now),
    )
    answer = permit(message, channel, to, policy=policy, now=now)
    assume(isinstance(answer, Deferred))
    assert isinstance(answer, Deferred)
    later = permit(message, channel, to, policy=policy, now=answer.until)
    assert isinstance(later, Allowed), later
    between = data.draw(st.integers(0, (answer.until - now) // TICK - 1))
    for instant in (now + between * TICK, answer.until - TICK):
        meanwhile = permit(message, channel, to, policy=policy, now=instant)
        assert isinstance(meanwhile, Deferred)
        assert meanwhile.until == answer.until


@given(questions(), withdrawals, st.sampled_from(["hard bounce", "complaint", "opt-out", "erased"]), MOVING)
def test_what_says_no_never_opens_the_gate(
    question: tuple[Draft, Capabilities, Person, Policy, datetime], withdrawal: Consent, reason: Any, at: datetime
) -> None:
    message, channel, to, policy, now = question
    refusing = (
        evolve(to, consents=(*to.consents, withdrawal)),
        evolve(to, suppressions=(Suppression(medium=channel.medium, reason=reason, at=at),)),
        evolve(to, sent=(*to.sent, _sent(at))),
    )
    before = permit(message, channel, to, policy=policy, now=now)
    for person in refusing:
        after = permit(message, channel, person, policy=policy, now=now)
        if isinstance(after, Allowed):
            assert isinstance(before, Allowed)
        elif isinstance(before, Refused):
            assert isinstance(after, Refused)
        elif isinstance(after, Deferred) and isinstance(before, Deferred):
            assert after.until >= before.until


# A year ---------------------------------------------------------------------------------------------------------------

YEAR_ZONES = (
    *("Asia/Seoul", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "America/St_Johns", "Europe/Berlin"),
    *(
        "Europe/London",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/Havana",
        "Pacific/Chatham",
        "Africa/Casablanca",
    ),
)
KAKAO = SendWindow(time(8), time(20, 50), "Asia/Seoul", frozenset({MessageKind.MARKETING}))
STATES = {"NY": (8, 21), "FL": (8, 20), "RI": (9, 18), "KY": (10, 21)}


def forbidden(at: datetime, zone: str, country: str, region: str, medium: Medium) -> bool:
    """Told by the clock on the wall alone, apart from the library."""
    shown = at.astimezone(ZoneInfo(zone))
    if medium is Medium.EMAIL:
        return False
    if medium is Medium.BRAND_MESSAGE:
        korean = at.astimezone(ZoneInfo("Asia/Seoul"))
        if not time(8) <= korean.time() < time(20, 50):
            return True
    if country == "US":
        opens, closes = STATES[region]
        if medium is not Medium.SMS:
            return False
        return not opens <= shown.hour < closes or (region == "RI" and shown.weekday() >= 5)
    return not 8 <= shown.hour < 21


CONSENTS = tuple(
    Consent(medium=each, act="given", at=START, source="form", method="x") for each in ("sms", "kakao", "email")
)
JUMPS = (0, 0, 0, -10_800, -1, 1, 420, 10_800)
"""Seconds by which a worker's clock is wrong when it wakes."""


@pytest.mark.parametrize("zone", YEAR_ZONES)
def test_a_year_without_a_send_in_a_forbidden_window(zone: str) -> None:
    """A worker whose clock jumps back and forth by up to three hours asks, waits as it is told, and asks again."""
    random = Random(zone)
    policy = Policy(sender=SENDER, country="KR")
    sends = deferrals = 0
    for day in range(365):
        country, region = random.choice([("KR", "11"), ("BR", "SP"), *(("US", each) for each in STATES)])
        medium = random.choice([Medium.SMS, Medium.BRAND_MESSAGE, Medium.EMAIL])
        channel = capabilities(medium, window=KAKAO if medium is Medium.BRAND_MESSAGE else None)
        to = Person(country=country, region=region, zone=zone, consents=CONSENTS)
        now = START + day * DAY + timedelta(seconds=random.randrange(86_400))
        message = draft(medium, planned_at=now, expires_at=now + 20 * DAY)
        while isinstance(answer := permit(message, channel, to, policy=policy, now=now), Deferred):
            deferrals += 1
            now = answer.until + timedelta(seconds=random.choice(JUMPS))
        if isinstance(answer, Allowed):
            assert not forbidden(answer.message.sent_at, zone, country, region, medium)
            sends += 1
    assert sends > 300
    assert deferrals > 50
