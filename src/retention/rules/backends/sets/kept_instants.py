"""Constant instants in the form in which a column keeps instants, so that columns are compared as they are.

And what a kept one means.
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, assert_never, cast, final

from attrs import frozen

from retention.rules.backends.sets.storage import Aware, Epoch, InstantForm, Naive
from retention.spans import EARLIEST, LATEST, TICK, local, resolve, utc

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""In one of the units that whole numbers may count."""

_DAY = timedelta(days=1)


@final
@frozen
class Cut:
    """A constant among the stored values: ``most`` is the greatest that is no later, ``least`` the least no earlier.

    They are the same value unless no stored value means the very instant (then ``most`` is before ``least``: it lies
    between two whole seconds, or is the second of two that a wall clock shows alike) or several do (the end of a gap).
    ``stored < least``, ``stored <= most``, ``stored > most``, ``stored >= least`` and ``least <= stored <= most`` say
    what ``<``, ``<=``, ``>``, ``>=`` and ``==`` say of the instant.
    """

    most: datetime | int
    least: datetime | int


@lru_cache(maxsize=1024)
def cut(instant: datetime, form: InstantForm) -> Cut:
    """An instant (UTC) in a form: aware, naive or a whole number."""
    match form:
        case Aware():
            return Cut(instant, instant)
        case Naive(zone):
            return _wall_cut(instant, zone)
        case Epoch(unit):
            micros, size = (instant - EPOCH) // TICK, MICROSECONDS[unit]
            return Cut(micros // size, -(-micros // size))
        case _:
            assert_never(form)


def _wall_cut(instant: datetime, zone: tzinfo) -> Cut:
    wall = local(instant, zone).replace(tzinfo=None, fold=0)
    if not EARLIEST + 3 * _DAY < instant < LATEST - 3 * _DAY:
        return Cut(wall, wall)
    if resolve(wall, zone) == instant and resolve(wall - TICK, zone) < instant:
        return Cut(wall, wall)
    # The second of two, or the end of a gap: walls sort as the instants that they mean.
    least = _first(wall - _DAY, lambda each: resolve(each, zone) >= instant)
    later = _first(wall - _DAY, lambda each: resolve(each, zone) > instant)
    return Cut(later - TICK, least)


def _first(start: datetime, true_from: Callable[[datetime], bool]) -> datetime:
    """The first wall time within two days from which a condition holds."""
    steps = range(2 * _DAY // TICK)
    return start + TICK * bisect_left(steps, True, key=lambda step: true_from(start + TICK * step))


def meant(kept: datetime | int, form: InstantForm) -> datetime:
    """The instant (UTC) that a stored value means; a datetime that knows its zone means itself, however it is kept."""
    match form:
        case Epoch(unit):
            return EPOCH + int(cast(int, kept)) * MICROSECONDS[unit] * TICK
        case Naive(zone) if isinstance(kept, datetime) and kept.tzinfo is None:
            return resolve(kept, zone)
        case Naive() | Aware():
            return utc(cast(datetime, kept))
        case _:
            assert_never(form)


def fixed_offset(zone: tzinfo) -> timedelta | None:
    """The offset of a zone that never changes its clocks, None of any other."""
    return zone.utcoffset(None)
