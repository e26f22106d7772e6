"""Which rows a tally speaks of: stretches of each customer's rows where a window is enough, places where it is not."""

from typing import Any, Final, TypeAlias, assert_never, final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Mask, Rows, Whole, ends, spread, taken
from retention.rules.backends.arrays.table import Table

_STEPS: Final = 8
"""Windows mostly reach back from now over few rows: so many are tried one by one before bisecting."""


@final
@frozen(eq=False)
class Stretches:
    """Of each customer the rows from ``starts[n]`` up to, not including, ``stops[n]``; none if these are the same.

    ``narrowed`` are the customers whose stretch may not be all their rows; one may be listed twice.
    """

    table: Table
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    narrowed: Rows
    _counts: list[NDArray[np.int64]] = field(factory=list, init=False)

    @property
    def counts(self) -> NDArray[np.int64]:
        if not self._counts:
            self._counts.append(self.stops - self.starts if len(self.narrowed) else self.table.counts)
        return self._counts[0]


@final
@frozen(eq=False)
class Places:
    """Rows of a table, in its order."""

    table: Table
    rows: Rows

    @property
    def owners(self) -> NDArray[np.int32]:
        """Whose they are."""
        return taken(self.table.owners, self.rows)


Selected: TypeAlias = Stretches | Places


def everything(table: Table) -> Stretches:
    return Stretches(table, table.offsets[:-1], table.offsets[1:], np.zeros(0, np.intp))


def for_customers(found: Stretches, wanted: Mask) -> Stretches:
    """The rows of these customers alone."""
    narrowed = np.concatenate((found.narrowed, np.flatnonzero(~wanted)))
    return Stretches(found.table, found.starts, np.where(wanted, found.stops, found.starts), narrowed)


def as_places(found: Selected) -> Places:
    """The rows one by one."""
    if isinstance(found, Places):
        return found
    if not len(found.narrowed):
        return Places(found.table, np.arange(len(found.table)))
    return Places(found.table, spread(found.starts, found.counts))


# Windows. -------------------------------------------------------------------------------------------------------------


def from_instant(found: Stretches, bound: Whole) -> Stretches:
    """The rows that happened at a bound or later, one bound for all or one for each customer."""
    starts = found.stops.copy()
    busy, places = _later(found, bound - 1)
    starts[busy] = places
    return Stretches(found.table, starts, found.stops, np.arange(len(starts)))


def through_instant(found: Stretches, bound: Whole) -> Stretches:
    """The rows that happened at a bound or earlier."""
    if not bound.ndim and found.table.latest <= bound:
        return found
    stops = found.stops.copy()
    busy, places = _later(found, bound)
    stops[busy] = places
    return Stretches(found.table, found.starts, stops, np.concatenate((found.narrowed, busy)))


def _later(found: Stretches, bound: Whole) -> tuple[Rows, NDArray[np.int64]]:
    """The customers whose last row is later than a bound, and their first row that is."""
    busy = np.flatnonzero(found.table.last_at > bound)
    return busy, first_later(found.table.at, found.starts[busy], found.stops[busy], _of(bound, busy))


def first_later(at: Whole, starts: NDArray[np.int64], stops: NDArray[np.int64], bounds: Whole) -> NDArray[np.int64]:
    """In each stretch of sorted instants the first that is later than its bound, the stop if there is none.

    Cost: the number that are later, or the logarithm of the longest stretch.
    """
    place = stops.copy()
    busy = np.flatnonzero(stops > starts)
    for _ in range(_STEPS):
        busy = busy[taken(at, place[busy] - 1) > _of(bounds, busy)]
        place[busy] -= 1
        busy = busy[place[busy] > starts[busy]]
        if not len(busy):
            return place
    place[busy] = _bisected(at, starts[busy], place[busy], _of(bounds, busy))
    return place


def _of(bounds: Whole, places: Rows) -> Whole:
    return bounds[places] if bounds.ndim else bounds


def _bisected(at: Whole, low: NDArray[np.int64], high: NDArray[np.int64], bounds: Whole) -> Whole:
    while (open_ones := low < high).any():
        middle = (low + high) >> 1
        later = at[np.minimum(middle, len(at) - 1)] > bounds
        low = np.where(open_ones & ~later, middle + 1, low)
        high = np.where(open_ones & later, middle, high)
    return low


# Of each customer. ----------------------------------------------------------------------------------------------------


def nth(found: Selected, position: int) -> Places:
    """The row at a position of each customer, 1 the first and -1 the last, of those who have one."""
    match found:
        case Stretches(table, starts, stops):
            rows = starts + (position - 1) if position > 0 else stops + position
            return Places(table, rows[(rows >= starts) & (rows < stops)])
        case Places(table, rows):
            heads = group_heads(found.owners)
            if position == 1:
                return Places(table, rows[heads])
            tails = np.append(heads[1:], len(rows)) if len(heads) else heads
            if position == -1:
                return Places(table, rows[tails - 1])
            places = heads + (position - 1) if position > 0 else tails + position
            return Places(table, rows[places[(places >= heads) & (places < tails)]])
        case _:
            assert_never(found)


def group_heads(owners: NDArray[Any]) -> Rows:
    """Where each customer's stretch begins in a sorted array."""
    if not len(owners):
        return np.zeros(0, np.intp)
    return np.concatenate((np.zeros(1, np.intp), np.flatnonzero(owners[1:] != owners[:-1]) + 1))


def bounds_of(found: Selected, customers: int) -> tuple[Whole, NDArray[np.int64], NDArray[np.int64]]:
    """The instants of some rows, and of each customer where his begin and end among them."""
    match found:
        case Stretches(table, starts, stops):
            return table.at, starts, stops
        case Places(table, rows):
            offsets = ends(np.bincount(found.owners, minlength=customers))
            return table.at[rows], offsets[:-1], offsets[1:]
        case _:
            assert_never(found)
