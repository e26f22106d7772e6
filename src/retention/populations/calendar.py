"""Calendar periods as instants: where each begins in the zone of ``as_of``."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from attrs import frozen
from dateutil.relativedelta import relativedelta

from retention.errors import FactError, UnknownChoice
from retention.rules.backends.sets.build import both, compare
from retention.rules.backends.sets.narrowing import AT
from retention.rules.backends.sets.terms import Constant, Test
from retention.spans import LocalPeriod, first_date, local, midnight, utc

Unit: TypeAlias = Literal["week", "month", "year"]

_STEP = {"week": relativedelta(weeks=1), "month": relativedelta(months=1), "year": relativedelta(years=1)}


@frozen
class Period:
    """From ``start``, inside, to ``end``, outside, both UTC; ``first`` is its first local date."""

    first: date
    start: datetime
    end: datetime

    def has_row(self) -> Test:
        """Whether the row at hand happened in it."""
        return both(compare(">=", AT, Constant(self.start)), compare("<", AT, Constant(self.end)))


def periods(unit: Unit, count: int, as_of: datetime) -> tuple[Period, ...]:
    """The last ``count`` calendar periods, the oldest first; the last is the present one, cut after ``as_of``."""
    if unit not in _STEP:
        raise UnknownChoice("by", "period", unit, _STEP)
    if type(count) is not int or not 1 <= count <= 120:
        raise FactError("periods", "is a whole number from 1 to 120", got=count)
    return tuple(_periods(unit, count, as_of))


def _periods(unit: Unit, count: int, as_of: datetime) -> Iterator[Period]:
    now, zone = utc(as_of), as_of.tzinfo or UTC
    present = first_date(LocalPeriod(unit), local(now, zone).date())
    firsts = [present - _STEP[unit] * back for back in range(count - 1, -1, -1)]
    starts = [midnight(first, zone) for first in firsts]
    ends = [*starts[1:], now + timedelta(microseconds=1)]
    for first, start, end in zip(firsts, starts, ends, strict=True):
        yield Period(first, start, end)
