"""Hours in which sending is allowed, on local clocks, and the first instant of them.

Sending is allowed while the clocks show a time inside the hours, from the first time they show the opening to the
first time they show the closing: an hour that comes twice counts once, as its first. An opening that is skipped is
the end of its gap.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeAlias, final
from zoneinfo import ZoneInfo

from attrs import frozen

from retention.spans import LATEST, local, resolve, utc

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)
_DAYS_AHEAD = 16  # two weeks and more: hours of one weekday, on a date that the clocks skip, come a week later


@final
@frozen
class Hours:
    """From ``opens``, inside, to ``closes``, outside, on the ``weekdays`` (0 is Monday) on which they open.

    A closing that is not later than the opening is that of the next day.
    """

    opens: time
    closes: time
    weekdays: frozenset[int] = EVERY_DAY


Week: TypeAlias = tuple[Hours, ...]
"""All hours of a week in which sending is allowed."""


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name; None for one that is not known here."""
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, no such name at all, a folder of zones
        return None


def is_open(week: Week, instant: datetime, zone: tzinfo) -> bool:
    """Whether sending is allowed at the instant, in that zone."""
    wall = local(instant, zone).replace(tzinfo=None, fold=0)
    return any(
        begins <= wall < ends and resolve(begins, zone) <= instant < resolve(ends, zone)
        for begins, ends in _walls(week, wall.date() - _DAY, 2)
    )


def first_open(week: Week, zones: Iterable[tzinfo], now: datetime, before: datetime) -> datetime:
    """The first instant, ``now`` or later, at which sending is allowed in all the zones; ``before`` if that is not
    earlier.

    Each zone moves the instant to its own next opening until none moves it: what they have in common cannot be earlier.
    """
    everywhere, at = tuple(zones), utc(now)
    while at < before:
        later = max((_next(week, at, zone) for zone in everywhere), default=at)
        if later == at:
            return at
        at = later
    return before


def _next(week: Week, at: datetime, zone: tzinfo) -> datetime:
    if is_open(week, at, zone):
        return at
    first = local(at, zone).date() - _DAY
    for day in (first + _DAY * number for number in range(_DAYS_AHEAD)):
        found = [each for each in _openings(week, day, zone) if each > at and is_open(week, each, zone)]
        if found:
            return min(found)
    return LATEST


def _openings(week: Week, day: date, zone: tzinfo) -> Iterator[datetime]:
    """Where the hours of a day begin, the second time of a repeated one too: the clocks may have left them since."""
    for begins, _ in _walls(week, day, 1):
        yield resolve(begins, zone)
        yield utc(begins.replace(tzinfo=zone, fold=1))


def _walls(week: Week, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    for day in (first + _DAY * number for number in range(days)):
        for hours in week:
            if day.weekday() in hours.weekdays:
                ends = day if hours.closes > hours.opens else day + _DAY
                yield datetime.combine(day, hours.opens), datetime.combine(ends, hours.closes)
