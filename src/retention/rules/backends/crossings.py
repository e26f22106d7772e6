"""When a moment that moves with the present passes a fixed one: ``as_of - 3 months``, the first instant of this week.

Such a moment is a chain of steps from the present. Exact steps move it evenly. Calendar steps do not: a month's end
holds it still and then lets it jump, and clock changes push it back, so that it can pass the same instant several
times. For those, every instant at which it may jump or pass is tried, and the real crossings are kept.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias, assert_never, final

from attrs import frozen

from retention.spans import (
    EARLIEST,
    LATEST,
    TICK,
    Duration,
    LocalDays,
    LocalPeriod,
    Months,
    MovingSpan,
    ago,
    first_date,
    local,
    midnight,
    shift,
    utc,
)

_DAY = timedelta(days=1)
_SAMPLE = timedelta(hours=12)  # no zone has changed its clocks and changed them back within half a day
_LONGEST = {"week": 7, "month": 31, "year": 366}
_UNCLAMPED = 27  # no month's end clamps onto a day up to this one


@final
@frozen
class Exactly:
    """An exact time later or earlier."""

    by: timedelta


@final
@frozen
class Monthly:
    """Months later (``sign`` 1) or earlier (-1) on the wall clock."""

    span: Months
    sign: int


@final
@frozen
class StartOf:
    """The local midnight at which a whole-day span begins."""

    span: LocalDays | LocalPeriod


Step: TypeAlias = Exactly | Monthly | StartOf
Chain: TypeAlias = tuple[Step, ...]


def chain(span: MovingSpan | LocalDays | LocalPeriod, sign: int) -> Chain:
    """The chain of one span; empty for a span of no length."""
    match span:
        case Duration():
            return (Exactly(sign * span.timedelta),) if span.microseconds else ()
        case Months(count):
            return (Monthly(span, sign),) if count else ()
        case LocalDays() | LocalPeriod():
            return (StartOf(span),)
        case _:
            assert_never(span)


def joined(first: Chain, then: Chain) -> Chain:
    """Two chains as one; exact steps that meet are added up."""
    if first and then and isinstance(first[-1], Exactly) and isinstance(then[0], Exactly):
        by = first[-1].by + then[0].by
        return joined(first[:-1] + ((Exactly(by),) if by else ()), then[1:])
    return first + then


def exact_offset(steps: Chain) -> timedelta | None:
    """How far an exact chain's end lies from the present; None if calendar words are in it."""
    match steps:
        case ():
            return timedelta(0)
        case (Exactly(by),):
            return by
        case _:
            return None


def end_of(steps: Chain, present: datetime, zone: tzinfo) -> datetime:
    """Where the chain ends, seen from a present (UTC)."""
    for step in steps:
        match step:
            case Exactly(by):
                present += by
            case Monthly(span, sign):
                present = shift(present, span, sign, zone)
            case StartOf(span):
                present = ago(span, local(present, zone))
            case _:
                assert_never(step)
    return present


def arrivals(steps: Chain, target: datetime, zone: tzinfo) -> set[datetime]:
    """Every present at which the chain's end changes sides: before ``target``, or at it and after.

    Where one calendar step follows another, a few more instants may be among them.
    """
    targets = {target}
    for step in reversed(steps):
        targets = {found for each in targets for found in _arrivals(step, each, zone)}
    return targets


def date_arrivals(steps: Chain, target: date, zone: tzinfo) -> set[datetime]:
    """The same for the local date at the chain's end."""
    return {found for start in date_starts(target, zone) for found in arrivals(steps, start, zone)}


def date_starts(day: date, zone: tzinfo) -> Iterable[datetime]:
    """The instants at which the local date changes sides: before ``day``, or that day and later.

    One, unless clocks go back past midnight: then the day comes, goes and comes again.
    """
    near = midnight(day, zone)
    if _is_calm(near, zone):
        return (near,)
    changes = transitions(near, _DAY, zone)
    if not changes:
        return (near,)
    walls = _both(datetime.combine(day, time()), zone)
    return _sides_changed((near, *walls, *changes), lambda instant: local(instant, zone).date() >= day)


def _arrivals(step: Step, target: datetime, zone: tzinfo) -> Iterable[datetime]:
    try:
        match step:
            case Exactly(by):
                return (target - by,)
            case Monthly():
                return _monthly_arrivals(step, target, zone)
            case StartOf(span):
                return date_starts(_first_day_since(span, target, zone), zone)
            case _:
                assert_never(step)
    except OverflowError:  # outside of the years 1 to 9999 nothing arrives
        return ()


# Months: the wall clock is moved, a month's end clamps, clock changes bend. -------------------------------------------


def _monthly_arrivals(step: Monthly, target: datetime, zone: tzinfo) -> Iterable[datetime]:
    wall = local(target, zone)
    back = shift(target, step.span, -step.sign, zone)
    if not 1 < back.year < 9999:
        return ()
    if wall.day <= _UNCLAMPED and _is_calm(target, zone) and _is_calm(back, zone):
        return (back,)  # the same, known from days looked at before
    bends = transitions(target, 3 * _DAY, zone)
    if wall.day <= _UNCLAMPED and not bends and not transitions(back, 3 * _DAY, zone):
        return (back,)  # nothing near clamps or bends: the way back is the way there
    days = 7 if wall.day > _UNCLAMPED - 3 or wall.day <= 3 else 3
    nearby = [local(back, zone).date() + each * _DAY for each in range(-days, days + 1)]
    shown = {wall.time(), time(), *(each for bend in bends for each in _shown(bend, zone))}
    tried = {instant for day in nearby for at in shown for instant in _both(datetime.combine(day, at), zone)}
    tried.update(transitions(back, (days + 1) * _DAY, zone))
    return _sides_changed(tried, lambda instant: shift(instant, step.span, step.sign, zone) >= target)


def _shown(bend: datetime, zone: tzinfo) -> tuple[time, time]:
    """What clocks show as a clock change comes: without it, and with it."""
    after = local(bend, zone)
    before = local(bend - TICK, zone).replace(tzinfo=None) + TICK
    return before.time(), after.time()


# Whole days. ----------------------------------------------------------------------------------------------------------


def _first_day_since(span: LocalDays | LocalPeriod, target: datetime, zone: tzinfo) -> date:
    """The first local date whose span begins at ``target`` or later."""
    wall = local(target, zone)
    if _is_calm(target, zone):  # every day near begins at 0:00, so today's begins before the target unless it is that
        today = wall.date() if wall.time() == time() else wall.date() + _DAY
        if isinstance(span, LocalDays):
            return today + (span.count - 1) * _DAY
        start = first_date(span, today)
        return start if start == today else first_date(span, start + _LONGEST[span.unit] * _DAY)
    day = first_date(span, local(target, zone).date() - 2 * _DAY)
    while midnight(day, zone) < target:
        day = first_date(span, day + _LONGEST[span.unit] * _DAY) if isinstance(span, LocalPeriod) else day + _DAY
    return day + (span.count - 1) * _DAY if isinstance(span, LocalDays) else day


# Clock changes. -------------------------------------------------------------------------------------------------------


def transitions(middle: datetime, reach: timedelta, zone: tzinfo) -> tuple[datetime, ...]:
    """The instants at which clocks in ``zone`` change, no further than ``reach`` (and half a day) from the middle."""
    if isinstance(zone, timezone) or not EARLIEST + 9 * _DAY < middle < LATEST - 9 * _DAY:
        return ()
    samples = [middle - reach + each * _SAMPLE for each in range(2 * reach // _SAMPLE + 2)]
    offsets = [each.astimezone(zone).utcoffset() for each in samples]
    if offsets.count(offsets[0]) == len(offsets):
        return ()
    spots = zip(pairwise(samples), pairwise(offsets), strict=True)
    return tuple(_change(low, high, zone) for (low, high), (before, after) in spots if before != after)


def _is_calm(instant: datetime, zone: tzinfo) -> bool:
    """Whether clocks are known not to change within four days; if not, look closer."""
    try:
        return _is_calm_day(instant.toordinal(), zone)
    except TypeError:  # a zone that cannot be a key
        return False


@lru_cache(maxsize=4096)
def _is_calm_day(day: int, zone: tzinfo) -> bool:
    """No clock change within four days of any instant of a UTC date."""
    noon = datetime.combine(date.fromordinal(day), time(12), UTC)
    return not transitions(noon, 5 * _DAY, zone)


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The first instant in ``(low, high]`` at which the offset is no longer that at ``low``."""
    before = low.astimezone(zone).utcoffset()
    while high - low > TICK:
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high


def _both(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants at which clocks show a wall time, for the first time and for the second."""
    return utc(wall.replace(tzinfo=zone, fold=0)), utc(wall.replace(tzinfo=zone, fold=1))


def _sides_changed(tried: Iterable[datetime], later_side: Callable[[datetime], bool]) -> list[datetime]:
    return [each for each in set(tried) if later_side(each) != later_side(each - TICK)]
