"""One value for each customer out of some rows: exact, and over those rows alone."""

from collections.abc import Callable
from typing import Any, TypeAlias, assert_never
from typing import Literal as OneOf

import numpy as np
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Rows, Whole
from retention.rules.backends.arrays.selections import Selected, Stretches, group_heads
from retention.rules.backends.arrays.table import most
from retention.rules.backends.arrays.texts import NO_TEXT
from retention.rules.backends.arrays.values import Values

Owners: TypeAlias = NDArray[Any]
Reduction: TypeAlias = OneOf["sum", "min", "max", "distinct", "only"]


def counts(found: Selected, customers: int) -> Values:
    if isinstance(found, Stretches):
        return Values(found.counts)
    return Values(np.bincount(found.owners, minlength=customers))


def sums_of_column(found: Stretches, column: str) -> Values | None:
    """The sums of a column over stretches, from what is kept of it; None if 64 bits might be too few."""
    table = found.table
    sums = table.sums(column)
    if sums is None:
        return None
    known = sums
    whole = table.once(f"total {column}", lambda: np.diff(known[table.offsets]))
    return Values(_patched(whole, found, lambda starts, stops: known[stops] - known[starts]))


def extreme_at(found: Stretches, latest: bool) -> Values:
    """When the last or the first row of each stretch was."""
    table = found.table
    whole, at = table.last_at if latest else table.first_at, table.at

    def seen(starts: Rows, stops: Rows) -> Whole:
        rows = np.maximum(stops - 1, 0) if latest else np.minimum(starts, len(at) - 1)
        return at[rows] if len(at) else rows

    return Values(_patched(whole, found, seen), found.counts == 0)


def _patched(whole: Whole, found: Stretches, read: Callable[[Rows, Rows], Whole]) -> Whole:
    """What is known of all rows of each customer, read anew for those whose stretch is not all."""
    if not len(found.narrowed):
        return whole
    values = whole.copy()
    values[found.narrowed] = read(found.starts[found.narrowed], found.stops[found.narrowed])
    return values


def reduced(function: Reduction, owners: Owners, cells: Values, customers: int) -> Values:
    """``sum``, ``min``, ``max``, ``distinct`` or ``only`` of cells; those of each customer stand together."""
    known = cells.known()
    data = np.broadcast_to(cells.data, owners.shape)
    if known is not None:
        known = np.broadcast_to(known, owners.shape)
        owners, data = owners[known], data[known]
    match function:
        case "only":
            return _known_only(owners, data, cells, customers)
        case "distinct":
            return Values(_distinct(owners, data, customers))
        case "sum" | "min" | "max":
            heads = group_heads(owners)
            found = _at_heads(function, data, heads)
            if function == "sum":
                return Values(_laid_out(owners[heads], found, customers))
            return _known_only(owners[heads], found, cells, customers)
        case _:
            assert_never(function)


def _at_heads(function: OneOf["sum", "min", "max"], data: Whole, heads: Rows) -> Whole:
    if not len(heads):
        return data
    match function:
        case "sum":
            return _sums(data, heads)
        case "min":
            return np.minimum.reduceat(data, heads)
        case "max":
            return np.maximum.reduceat(data, heads)
        case _:
            assert_never(function)


def _sums(data: Whole, heads: NDArray[Any]) -> Whole:
    if data.dtype != object and most(data) * len(data) >= 2**63:
        data = data.astype(object)
    return np.add.reduceat(data, heads, dtype=object if data.dtype == object else np.int64)


def _distinct(owners: Owners, data: Whole, customers: int) -> Whole:
    if not len(data):
        return np.zeros(customers, np.int64)
    owners, data = _sorted_together(owners, data)
    new = np.ones(len(data), np.bool_)
    new[1:] = (owners[1:] != owners[:-1]) | (data[1:] != data[:-1])
    return np.bincount(owners[new], minlength=customers)


def _sorted_together(owners: Owners, data: Whole) -> tuple[Owners, Whole]:
    """By owner and then by cell; in one number if there is room for both."""
    low, high = int(data.min()), int(data.max())
    width = high - low + 1
    if data.dtype == object or width * (int(owners[-1]) + 1) >= 2**63:
        order = np.lexsort((data, owners))
        return owners[order], data[order]
    key = owners.astype(np.int64) * width + (data - low)
    key.sort()
    return key // width, key % width


def _laid_out(who: Owners, data: Whole, customers: int) -> Whole:
    found = np.zeros(customers, data.dtype)
    found[who] = data
    return found


def _known_only(who: Owners, data: Whole, like: Values, customers: int) -> Values:
    if like.texts is not None:
        codes = np.full(customers, NO_TEXT, np.int32)
        codes[who] = data
        return Values(codes, None, like.texts)
    missing = np.ones(customers, np.bool_)
    missing[who] = False
    return Values(_laid_out(who, data, customers), missing)
