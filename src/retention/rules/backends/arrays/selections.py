"""Which rows a tally speaks of: stretches of each customer's rows where a window is enough, places where it is not."""

from typing import Any, TypeAlias, final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Mask, Rows, Whole, ends, spread
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.values import Values
from retention.rules.nodes import Comparison

@final
@frozen(eq=False)
class Stretches:
    """Of each customer the rows from ``starts[n]`` up to, not including, ``stops[n]``; none if they are the same."""

    table: Table
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        return self.stops - self.starts

    @property
    def from_first(self) -> bool:
        """Whether each begins with the customer's first row, unless it is empty."""
        return np.may_share_memory(self.starts, self.table.offsets)

    @property
    def to_last(self) -> bool:
        """Whether each ends with the customer's last row, unless it is empty."""
        return np.may_share_memory(self.stops, self.table.offsets)


@final
@frozen(eq=False)
class Places:
    """Rows of a table, in its order, and whose they are."""

    table: Table
    rows: Rows
    owners: NDArray[Any]

    def where(self, wanted: Mask) -> "Places":
        """Those for which it is true."""
        return Places(self.table, self.rows[wanted], self.owners[wanted])


Selected: TypeAlias = Stretches | Places


def everything(table: Table) -> Stretches:
    return Stretches(table, table.offsets[:-1], table.offsets[1:])


def for_customers(found: Stretches, wanted: Mask) -> Stretches:
    """The rows of these customers alone."""
    return Stretches(found.table, found.starts, np.where(wanted, found.stops, found.starts))


def as_places(found: Selected) -> Places:
    """The rows one by one."""
    if isinstance(found, Places):
        return found
    busy = np.flatnonzero(found.stops > found.starts)
    starts, counts = found.starts[busy], found.counts[busy]
    return Places(found.table, spread(starts, counts), np.repeat(busy, counts))


def windowed(found: Stretches, comparison: Comparison, bound: Values) -> Stretches:
    """The rows whose ``at`` compares so with a bound, one for all or one for each customer; none if it is missing."""
    if comparison == "==":
        return windowed(windowed(found, ">=", bound), "<=", bound)
    if bound.missing is not None:
        found = for_customers(found, ~bound.missing)
    strict = comparison in ("<=", ">")
    if comparison in ("<", "<="):
        if not bound.data.ndim and (bound.data > found.table.latest or strict and bound.data == found.table.latest):
            return found
        return Stretches(found.table, found.starts, _first_beyond(found, bound.data, strict))
    return Stretches(found.table, _first_beyond(found, bound.data, strict), found.stops)


def _first_beyond(found: Stretches, bound: Whole, strict: bool) -> NDArray[np.int64]:
    """Of each stretch the first row that is later than a bound, or not earlier if not strict; its stop if none is.

    Looked for only in stretches whose last row is; cost: the logarithm of the longest of them.
    """
    at = found.table.at
    place = found.stops.copy()
    if not at.size:
        return place
    last = _last(found)
    busy = np.flatnonzero((found.stops > found.starts) & ((last > bound) if strict else (last >= bound)))
    bounds = bound[busy] if bound.ndim else bound
    place[busy] = first_beyond(at, found.starts[busy], found.stops[busy], bounds, strict)
    return place


def _last(found: Stretches) -> Whole:
    """The instant of each stretch's last row; arbitrary where there is none."""
    table = found.table
    if found.to_last:
        return table.last_at
    return table.at[np.maximum(found.stops - 1, 0)]


def first_beyond(
    at: Whole, starts: NDArray[Any], stops: NDArray[Any], bounds: Whole, strict: bool
) -> NDArray[np.int64]:
    """In each stretch of sorted instants the first that is beyond its bound, the stop if none is: bisection."""
    low, high = starts.copy(), stops.copy()
    while True:
        open_ones = low < high
        if not open_ones.any():
            return low
        middle = (low + high) >> 1
        seen = at[np.minimum(middle, len(at) - 1)]
        beyond = (seen > bounds) if strict else (seen >= bounds)
        low = np.where(open_ones & ~beyond, middle + 1, low)
        high = np.where(open_ones & beyond, middle, high)


def nth(found: Selected, position: int) -> Places:
    """The row at a position of each customer, 1 the first and -1 the last, of those who have one."""
    match found:
        case Stretches(table, starts, stops):
            rows = starts + (position - 1) if position > 0 else stops + position
            customers = np.flatnonzero((rows >= starts) & (rows < stops))
            return Places(table, rows[customers], customers)
        case Places(table, rows, owners):
            heads = group_heads(owners)
            tails = np.append(heads[1:], len(owners))
            places = heads + (position - 1) if position > 0 else tails + position
            places = places[(places >= heads) & (places < tails)]
            return Places(table, rows[places], owners[places])


def group_heads(owners: NDArray[Any]) -> Rows:
    """Where each customer's stretch begins in a sorted array."""
    if not len(owners):
        return np.zeros(0, np.intp)
    return np.concatenate((np.zeros(1, np.intp), np.flatnonzero(owners[1:] != owners[:-1]) + 1))


def stretches_of(found: Selected, customers: int) -> tuple[Whole, NDArray[np.int64], NDArray[np.int64]]:
    """The instants of some rows, and of each customer where his begin and end among them."""
    match found:
        case Stretches(table, starts, stops):
            return table.at, starts, stops
        case Places(table, rows, owners):
            offsets = ends(np.bincount(owners, minlength=customers))
            return table.at[rows], offsets[:-1], offsets[1:]
