"""When tiers are decided anew, and over which time: local days of a zone, whatever its clocks do."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from typing import Any, Literal, TypeAlias, assert_never, final, get_args

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme.dates import days_after, months_after
from retention.spans import (
    EARLIEST,
    Duration,
    LocalDays,
    LocalPeriod,
    Months,
    Span,
    ago,
    local,
    midnight,
    shift,
)

# When ----------------------------------------------------------------------------------------------------------------


def _a_day(self: Any, attribute: Any, value: Any) -> None:
    _within(self, attribute, value, 31)


def _a_number_of_months(self: Any, attribute: Any, value: Any) -> None:
    _within(self, attribute, value, 12)
    if 12 % value:
        hint = "Give 1, 2, 3, 4, 6 or 12"
        raise PolicyError("Monthly.every", "does not divide the year", got=value, hint=hint)


def _within(self: Any, attribute: Any, value: Any, most: int) -> None:
    if type(value) is not int or not 1 <= value <= most:
        path = f"{type(self).__name__}.{attribute.name}"
        raise PolicyError(path, "is out of range", got=value, hint=f"Give a whole number from 1 to {most}")


@final
@frozen
class Monthly:
    """At the first instant of a day of the month, the last day of shorter months; of ``every`` so many months, counted
    from January: 3 is January, April, July and October."""

    day: int = field(default=1, validator=_a_day)
    every: int = field(default=1, validator=_a_number_of_months)


@final
@frozen
class Daily:
    """At the first instant of every day."""


@final
@frozen
class AtOnce:
    """Whenever the shop asks, which is after anything that counts; never by time alone. What happened at the very
    instant that is asked about does not count yet."""


Schedule: TypeAlias = Monthly | Daily | AtOnce


def next_after(schedule: Schedule, after: datetime, zone: tzinfo) -> datetime | None:
    """The first instant later than ``after`` at which tiers are decided; None if time alone never brings one."""
    today = local(after, zone).date()
    match schedule:
        case Monthly():
            days = _days_of_months(schedule, today)
        case Daily():
            days = (days_after(today, number) for number in range(3))
        case AtOnce():
            return None
        case _:
            assert_never(schedule)
    return next((at for day in days if (at := midnight(day, zone)) > after), None)


def _days_of_months(schedule: Monthly, today: date) -> Iterator[date]:
    """The days of the schedule from this month on, for long enough to find the next."""
    for number in range(schedule.every * 2 + 1):
        month = months_after(today.replace(day=1), number)
        if (month.month - 1) % schedule.every == 0:
            yield month.replace(day=min(schedule.day, monthrange(month.year, month.month)[1]))


# Over which time -----------------------------------------------------------------------------------------------------


def _a_unit(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "calendar period", get_args(Unit))


Unit: TypeAlias = Literal["month", "quarter", "year"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@final
@frozen
class Complete:
    """The last ``periods`` calendar periods that are over: in November, three months are August to October."""

    unit: Unit = field(validator=_a_unit)
    periods: int = field(default=1, validator=given.positive)


Window: TypeAlias = Span | Complete
"""``months(6)`` and ``days(180)`` reach back from the very instant, ``calendar_days(180)`` over whole local days,
``this_year()`` over the year so far."""


def bounds(window: Window, at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Where the window begins, inside, and ends, outside, when tiers are decided at ``at``.

    At the first instant of a day, month or year, what is present is the one that has just ended.
    """
    match window:
        case Duration() | Months():
            return shift(at, window, -1, zone), at
        case LocalDays() | LocalPeriod():
            return ago(window, local(shift(at, Duration(1), -1, zone), zone)), at
        case Complete():
            return _complete(window, local(at, zone).date(), zone)
        case _:
            assert_never(window)


def _complete(window: Complete, today: date, zone: tzinfo) -> tuple[datetime, datetime]:
    months = _MONTHS[window.unit]
    end = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    try:
        start = midnight(end - relativedelta(months=months * window.periods), zone)
    except (OverflowError, ValueError):  # relativedelta says ValueError when it leaves the years 1 to 9999
        start = EARLIEST
    return start, midnight(end, zone)


Grace: TypeAlias = Duration | Months | LocalDays


def grace_end(failing_since: datetime, grace: Grace | None, zone: tzinfo) -> datetime:
    """Until when a tier is kept that is not earned any more; ``calendar_days(30)`` ends with a local day."""
    match grace:
        case None:
            return failing_since
        case Duration() | Months():
            return shift(failing_since, grace, 1, zone)
        case LocalDays():
            return midnight(days_after(local(failing_since, zone).date(), grace.count), zone)
        case _:
            assert_never(grace)
