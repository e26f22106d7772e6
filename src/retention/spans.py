"""Spans of time, exact and calendar, and the arithmetic that reads them on a wall clock.

Three families, because they answer different questions. ``days(7)`` and ``hours(36)`` are exact durations.
``months(3)`` and ``years(1)`` move the wall clock and keep the time of day; month ends clamp. ``calendar_days(7)``,
``today()`` and ``this_month()`` reach back to a local midnight, and the day that begins there is inside, its first
instant included.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias, assert_never, final

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from retention.errors import FactError, NaiveInstant

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)

_DAY = 86_400_000_000  # microseconds
_MOST_DAYS = 366_000  # a thousand years: a longer span is a mistake, and could leave the calendar


def _within_reach(span: object, _: object, value: int) -> None:
    name = type(span).__name__
    most = {"Duration": _MOST_DAYS * _DAY, "Months": 12_000, "LocalDays": _MOST_DAYS}[name]
    what = "calendar_days()" if name == "LocalDays" else "a span"
    _check_count(what, value, most, "Write days(7), months(3), calendar_days(1)")
    if name == "LocalDays" and value == 0:
        raise FactError(what, "has no day", got=value, hint="Today alone is calendar_days(1), or today()")


def _check_count(what: str, count: object, most: int, whole: str) -> None:
    """``whole`` is the repair of what is not a whole number; a text that was meant as one is shown as a number."""
    if type(count) is not int:
        hint = f"Write {what[:-1]}30)" if isinstance(count, str) and what.endswith("()") else whole
        raise FactError(what, "needs a whole number", got=count, hint=hint)
    if count < 0:
        raise FactError(what, "is negative", got=count, hint="Write how long it is; within and ago look back already")
    if count > most:
        raise FactError(what, "is more than a thousand years", got=count, hint="Check the unit")


@final
@frozen(order=True)
class Duration:
    """An exact length of time in microseconds, the same in every zone and across clock changes."""

    microseconds: int = field(validator=_within_reach)

    def __mul__(self, times: int) -> "Duration":
        return Duration(self.microseconds * times)

    def __add__(self, other: "Duration") -> "Duration":
        if not isinstance(other, Duration):
            return NotImplemented
        return Duration(self.microseconds + other.microseconds)

    @property
    def timedelta(self) -> timedelta:
        return timedelta(microseconds=self.microseconds)


@final
@frozen(order=True)
class Months:
    """Calendar months on the wall clock; 31 March minus one month is the last day of February."""

    count: int = field(validator=_within_reach)

    def __mul__(self, times: int) -> "Months":
        return Months(self.count * times)

    def __add__(self, other: "Months") -> "Months":
        if not isinstance(other, Months):
            return NotImplemented
        return Months(self.count + other.count)


@final
@frozen(order=True)
class LocalDays:
    """Whole local dates, today included: 1 is today, 7 is today and the six dates before it."""

    count: int = field(validator=_within_reach)


@final
@frozen
class LocalPeriod:
    """The present local week (from Monday), month or year, up to now."""

    unit: Literal["week", "month", "year"]


MovingSpan: TypeAlias = Duration | Months
Span: TypeAlias = Duration | Months | LocalDays | LocalPeriod


def _exact(unit_microseconds: int, name: str) -> Callable[[int], Duration]:
    def build(count: int) -> Duration:
        _check_count(f"{name}()", count, _MOST_DAYS * _DAY // unit_microseconds, "Use a smaller unit: hours(36)")
        return Duration(count * unit_microseconds)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"An exact span of ``count`` {name}; a day is 24 hours, whatever the clocks do."
    return build


minutes = _exact(60_000_000, "minutes")
hours = _exact(3_600_000_000, "hours")
days = _exact(_DAY, "days")
weeks = _exact(7 * _DAY, "weeks")


def months(count: int) -> Months:
    """A calendar span: the same day and time of day ``count`` months away, clamped to the month's end."""
    _check_count("months()", count, 12_000, "Use days(45) for a month and a half")
    return Months(count)


def years(count: int) -> Months:
    """A calendar span of twelve months each; 29 February minus one year is 28 February."""
    _check_count("years()", count, 1_000, "Use months(18) for a year and a half")
    return Months(12 * count)


def calendar_days(count: int) -> LocalDays:
    """``count`` whole local dates, today included."""
    _check_count("calendar_days()", count, _MOST_DAYS, "Use hours(36) for a day and a half")
    return LocalDays(count)


def today() -> LocalDays:
    """The present local date; the same as ``calendar_days(1)``."""
    return LocalDays(1)


def this_week() -> LocalPeriod:
    """The local week so far, from Monday."""
    return LocalPeriod("week")


def this_month() -> LocalPeriod:
    """The local month so far."""
    return LocalPeriod("month")


def this_year() -> LocalPeriod:
    """The local year so far."""
    return LocalPeriod("year")


def is_whole_days(span: Span) -> bool:
    """True of spans that reach back to a local midnight, whose first instant belongs to the window."""
    match span:
        case LocalDays() | LocalPeriod():
            return True
        case Duration() | Months():
            return False
        case _:
            assert_never(span)


# Arithmetic. Every result is in UTC; results that would leave the calendar stop at its ends. --------------------------


def utc(instant: datetime, field: str = "as_of") -> datetime:
    """The same instant in UTC. Raises NaiveInstant without a zone, FactError for anything but a datetime."""
    if not isinstance(instant, datetime):
        raise FactError(field, "is not a datetime", got=instant, hint="Give an aware datetime")
    if instant.tzinfo is UTC:
        return instant
    try:
        if instant.utcoffset() is None:
            raise NaiveInstant(field)
        return instant.astimezone(UTC)
    except OverflowError:
        return EARLIEST if instant.year < 5000 else LATEST
    except NaiveInstant:
        raise
    except Exception:  # whatever a zone of others raises
        raise FactError(
            field, "has a zone that does not work", got=instant.tzinfo, hint="Use zoneinfo.ZoneInfo"
        ) from None


def local(instant: datetime, zone: tzinfo) -> datetime:
    """The wall clock of ``zone`` at an instant."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return (EARLIEST if instant.year < 5000 else LATEST).replace(tzinfo=zone)


def resolve(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which clocks in ``zone`` show ``wall`` (naive).

    A wall time that occurs twice is the first of the two; one that is skipped is the first instant after the gap.
    """
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = early.utcoffset(), late.utcoffset()
    if before is not None and after is not None and after > before:  # in a gap (PEP 495)
        return _first_offset_change(_minus(wall, after), _minus(wall, before), zone)
    return utc(early)


def _minus(wall: datetime, offset: timedelta) -> datetime:
    try:
        return (wall - offset).replace(tzinfo=UTC)
    except OverflowError:
        return EARLIEST if wall.year < 5000 else LATEST


def _first_offset_change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The instant in ``(low, high]`` at which the offset stops being that at ``low``; transitions are whole seconds."""
    before = local(low, zone).utcoffset()
    low = low.replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle == low:
            middle += timedelta(seconds=1)
        if local(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0) if high.microsecond and high.replace(microsecond=0) > low else high


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local date: after the gap if midnight is skipped, the first of two if it comes twice."""
    return resolve(datetime.combine(day, time()), zone)


def shift(instant: datetime, span: MovingSpan, sign: int, zone: tzinfo) -> datetime:
    """An instant moved by a span; months keep the wall clock of ``zone`` and clamp to the month's end."""
    try:
        match span:
            case Duration():
                return instant + sign * span.timedelta
            case Months(count=0):
                return instant
            case Months():
                wall = local(instant, zone).replace(tzinfo=None) + relativedelta(months=sign * span.count)
                return resolve(wall.replace(fold=0), zone)
            case _:
                assert_never(span)
    except (OverflowError, ValueError):  # relativedelta says ValueError when it leaves the years 1 to 9999
        return EARLIEST if sign < 0 else LATEST


def ago(span: Span, as_of: datetime) -> datetime:
    """``as_of - span`` in UTC, calendar words read in the zone of ``as_of``."""
    zone = as_of.tzinfo or UTC
    match span:
        case Duration() | Months():
            return shift(utc(as_of), span, -1, zone)
        case LocalDays() | LocalPeriod():
            return midnight(first_date(span, local(utc(as_of), zone).date()), zone)
        case _:
            assert_never(span)


def first_date(span: LocalDays | LocalPeriod, today: date) -> date:
    """The oldest local date that a whole-day span covers when the present one is ``today``."""
    match span:
        case LocalDays(count):
            return date.fromordinal(max(1, today.toordinal() - count + 1))
        case LocalPeriod("week"):
            return date.fromordinal(max(1, today.toordinal() - today.weekday()))
        case LocalPeriod("month"):
            return today.replace(day=1)
        case LocalPeriod():
            return today.replace(month=1, day=1)
        case _:
            assert_never(span)
