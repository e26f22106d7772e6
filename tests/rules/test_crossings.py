"""When calendar moments pass fixed ones: every crossing is found, found by walking there in small steps."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from retention.rules.backends import crossings
from retention.rules.backends.crossings import (
    Chain,
    Exactly,
    Monthly,
    StartOf,
    arrivals,
    chain,
    date_arrivals,
    date_starts,
    end_of,
    exact_offset,
    joined,
    transitions,
)
from retention.spans import (
    LATEST,
    TICK,
    LocalDays,
    LocalPeriod,
    Months,
    Span,
    days,
    months,
    this_month,
    this_week,
    this_year,
)
from retention.testing.choices import Choices
from retention.testing.scenes import MONTHS, SCENES, WHOLE_DAYS, Scene

STEP = timedelta(minutes=45)


def test_chains_of_exact_steps_are_one_step() -> None:
    assert chain(days(0), 1) == ()
    assert chain(months(0), 1) == ()
    assert joined(chain(days(3), -1), chain(days(1), 1)) == (Exactly(timedelta(days=-2)),)
    assert joined(chain(days(3), -1), chain(days(3), 1)) == ()
    assert joined(chain(months(1), -1), chain(days(3), 1)) == (Monthly(Months(1), -1), Exactly(timedelta(days=3)))
    assert exact_offset(()) == timedelta(0)
    assert exact_offset((Exactly(TICK),)) == TICK
    assert exact_offset(chain(this_week(), -1)) is None


def walked(steps: Chain, target: datetime, scene: Scene, middle: datetime) -> set[datetime]:
    """The crossings within five days of an instant that steps of 45 minutes show, to the microsecond."""

    def beyond(instant: datetime) -> bool:
        return end_of(steps, instant, scene.zone) >= target

    found = set()
    low = middle - timedelta(days=5)
    while low < middle + timedelta(days=5):
        high, next_low = low + STEP, low + STEP
        if beyond(low) != beyond(high):
            before = beyond(low)
            while high - low > TICK:
                half = low + (high - low) // 2
                low, high = (half, high) if beyond(half) == before else (low, half)
            found.add(high)
        low = next_low
    return found


def _cases() -> list[tuple[Scene, Chain, datetime]]:
    choices = Choices.seeded(7)
    calendar = (*MONTHS[:5], *WHOLE_DAYS)
    found = []
    for scene in SCENES * 4:
        steps = chain(choices.among(calendar), -1)
        if choices.chance(4):
            steps = joined(steps, chain(choices.one_of(days(3), months(1)), choices.one_of(1, -1)))
        target = scene.instant(
            timedelta(days=choices.one_of(0, -1, 1)),
            choices.one_of(0, -1),
            choices.one_of(None, time(0), time(1, 30)),
            timedelta(0),
            choices.among(range(2)),
        )
        found.append((scene, steps, target))
    return found


@pytest.mark.parametrize(("scene", "steps", "target"), _cases())
def test_every_crossing_is_found(scene: Scene, steps: Chain, target: datetime) -> None:
    found = arrivals(steps, target, scene.zone)
    assert found
    for middle in found:
        assert walked(steps, target, scene, middle) <= found
        if len(steps) == 1:
            before, after = (end_of(steps, each, scene.zone) >= target for each in (middle - TICK, middle))
            assert before is not after


def test_a_date_comes_goes_and_comes_again() -> None:
    """At a minute after midnight clocks in Newfoundland went back to the day before."""
    found = date_starts(date(2010, 11, 7), ZoneInfo("America/St_Johns"))
    assert sorted(found) == [datetime(2010, 11, 7, *at, tzinfo=UTC) for at in ((2, 30), (2, 31), (3, 30))]


def test_a_date_of_a_moving_moment() -> None:
    seoul = ZoneInfo("Asia/Seoul")
    assert date_arrivals(chain(days(2), -1), date(2024, 3, 1), seoul) == {datetime(2024, 3, 2, 15, tzinfo=UTC)}


def test_clock_changes_are_found_to_the_second() -> None:
    found = transitions(datetime(2024, 3, 10, tzinfo=UTC), timedelta(days=1), ZoneInfo("America/New_York"))
    assert found == (datetime(2024, 3, 10, 7, tzinfo=UTC),)
    assert transitions(datetime(2024, 3, 10, tzinfo=UTC), timedelta(days=1), timezone(timedelta(hours=9))) == ()


@pytest.mark.parametrize(
    "steps",
    [
        (Exactly(timedelta(days=-3)),),
        (Monthly(Months(3), -1),),
        (StartOf(LocalDays(3)),),
        (StartOf(LocalPeriod("year")),),
    ],
)
def test_nothing_arrives_beyond_the_calendar(steps: Chain) -> None:
    assert not arrivals(steps, LATEST, UTC)


# The short way for days near which no clock changes, beside the long way. -------------------------------------------

SPANS: tuple[Span, ...] = (
    *map(months, (1, 3, 13)),
    *map(LocalDays, (1, 30)),
    this_week(),
    this_month(),
    this_year(),
)
ZONES = ("Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "Africa/Casablanca")
TRANSITION_DAYS = (date(2024, 3, 10), date(2024, 11, 3), date(2024, 4, 7), date(2011, 12, 30), date(2024, 4, 14))


def _days_that_matter(choices: Choices) -> list[date]:
    months_ends = [
        date(2024, 1 + choices.among(range(12)), 1) + timedelta(days=25 + choices.below(6)) for _ in range(12)
    ]
    near_changes = [day + timedelta(days=choices.among(range(13)) - 6) for day in TRANSITION_DAYS * 4]
    return months_ends + near_changes


@pytest.mark.parametrize("name", ZONES)
def test_the_short_way_agrees_with_the_long_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = Choices.seeded(11)
    zone = ZoneInfo(name)
    cases = [
        (chain(span, -1), datetime.combine(day, choices.one_of(time(), time(0, 30), time(13, 5)), zone).astimezone(UTC))
        for day in _days_that_matter(choices)
        for span in SPANS
    ]
    short = [arrivals(steps, target, zone) for steps, target in cases]
    monkeypatch.setattr(crossings, "_is_calm", lambda instant, zone: False)
    assert short == [arrivals(steps, target, zone) for steps, target in cases]


@pytest.mark.parametrize("name", ZONES)
def test_crossings_of_one_step_change_sides_in_turn(name: str) -> None:
    choices = Choices.seeded(12)
    zone = ZoneInfo(name)
    for day in _days_that_matter(choices):
        target = datetime.combine(day, choices.one_of(time(), time(1, 30)), zone).astimezone(UTC)
        for span in SPANS:
            steps = chain(span, -1)
            found = sorted(arrivals(steps, target, zone))
            before = [end_of(steps, each - TICK, zone) >= target for each in found]
            assert before == [place % 2 == 1 for place in range(len(found))]
            assert len(found) % 2 == 1


def test_a_zone_that_cannot_be_a_key_takes_the_long_way() -> None:
    class Unhashable(tzinfo):
        __hash__ = None  # type: ignore[assignment]

        def utcoffset(self, when: datetime | None) -> timedelta:
            return timedelta(hours=9)

        def tzname(self, when: datetime | None) -> str:
            return "+09"

        def dst(self, when: datetime | None) -> timedelta:
            return timedelta(0)

    target = datetime(2024, 5, 5, tzinfo=UTC)
    for span in (months(3), LocalDays(3)):
        assert arrivals(chain(span, -1), target, Unhashable()) == arrivals(
            chain(span, -1), target, timezone(timedelta(hours=9))
        )
