"""A collection: its rows clustered by customer, in order of ``(at, id)`` within one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Self, TypeVar, final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Column, Numbers, Rows, Whole, Words, ends, joined, spread, take
from retention.rules.backends.arrays.zones import DAY

V = TypeVar("V")

NOBODY: Final = -1
_NEVER: Final = np.iinfo(np.int64).min


@final
@frozen(eq=False)
class Days:
    """Rows, at least one, of the ``n``-th day after ``first`` (since 1970): ``rows[starts[n]:starts[n + 1]]``."""

    first: int
    starts: NDArray[np.int64]
    rows: Rows

    @classmethod
    def of(cls, at: Whole) -> Self:
        days = at // DAY
        first = int(days.min())
        days = (days - first).astype(np.min_scalar_type(int(days.max()) - first))  # 16 bits are sorted by counting
        return cls(first, ends(np.bincount(days)), np.argsort(days, kind="stable").astype(np.int32))


@final
@frozen(eq=False)
class Table:
    """Rows of customer ``n`` are those from ``offsets[n]`` up to, not including, ``offsets[n + 1]``.

    What is calculated from the columns is made when a rule first needs it, and kept.
    """

    offsets: NDArray[np.int64]
    columns: Mapping[str, Column]
    _kept: dict[str, Any] = field(factory=dict, init=False, repr=False)

    @classmethod
    def cluster(cls, customers: int, owners: NDArray[np.int32], columns: Mapping[str, Column]) -> Self:
        """A table of rows in any order; rows of NOBODY, and rows that do not say when, are left out."""
        at = columns["at"]
        assert isinstance(at, Numbers)
        wanted = owners != NOBODY if at.missing is None else (owners != NOBODY) & ~at.missing
        keys = _keys(columns, at.data, owners)
        order = np.arange(len(owners)) if _in_order(keys) else _sorted(keys)
        order = order[wanted[order]]
        offsets = ends(np.bincount(owners[order], minlength=customers))
        if len(order) == len(owners) and np.array_equal(order, np.arange(len(order))):
            return cls(offsets, columns)
        return cls(offsets, {name: take(column, order) for name, column in columns.items()})

    def __len__(self) -> int:
        return int(self.offsets[-1])

    @property
    def at(self) -> Whole:
        """Microseconds since 1970 (UTC)."""
        column = self.columns["at"]
        assert isinstance(column, Numbers)
        return column.data

    @property
    def owners(self) -> NDArray[np.int32]:
        """The customer of each row."""
        return self.once("owners", lambda: np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), self.counts))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows each customer has."""
        return self.once("counts", lambda: np.diff(self.offsets))

    @property
    def first_at(self) -> Whole:
        """When each customer's first row was; arbitrary where there is none."""
        return self.once("first", lambda: self._at_places(self.offsets[:-1]))

    @property
    def last_at(self) -> Whole:
        """When each customer's last row was; arbitrary where there is none."""
        return self.once("last", lambda: self._at_places(self.offsets[1:] - 1))

    def _at_places(self, rows: Rows) -> Whole:
        if not len(self):
            return np.zeros(len(rows), np.int64)
        return self.at[np.clip(rows, 0, len(self) - 1)]

    @property
    def latest(self) -> int:
        """When the last row of all was."""
        return self.once("latest", lambda: int(self.at.max(initial=_NEVER)))

    @property
    def by_day(self) -> "Days":
        """The rows, at least one, by the UTC day on which they happened."""
        return self.once("days", lambda: Days.of(self.at))

    def sums(self, name: str) -> Whole | None:
        """The sums of a column's cells before each row, and of them all; None if 64 bits might be too few."""
        return self.once(f"sums {name}", lambda: self._sums(name))

    def _sums(self, name: str) -> Whole | None:
        column = self.columns[name]
        assert isinstance(column, Numbers)
        return ends(column.data) if most(column.data) * len(self) < 2**63 else None

    def once(self, key: str, make: Callable[[], V]) -> V:
        """What ``make`` makes of this table alone, the first time; two threads may both make it."""
        if key not in self._kept:
            self._kept[key] = make()
        found: V = self._kept[key]
        return found

    def with_customers(self, customers: int) -> "Table":
        """The same rows, for a population that may have grown."""
        grown = customers + 1 - len(self.offsets)
        return Table(np.concatenate((self.offsets, np.full(grown, len(self)))), self.columns) if grown else self

    def with_rows(self, customers: int, owners: NDArray[np.int32], columns: Mapping[str, Column]) -> "Table":
        """These and more rows, for a population that may have grown; every column is copied once."""
        more = Table.cluster(customers, owners, columns)
        offsets = self.with_customers(customers).offsets
        both = {name: joined(column, more.columns[name]) for name, column in self.columns.items()}
        order = _merged(offsets, more, both)
        return Table(offsets + more.offsets, {name: take(column, order) for name, column in both.items()})


def most(data: Whole) -> int:
    """The largest magnitude."""
    return max(abs(int(data.min())), abs(int(data.max()))) if data.size else 0


def _keys(columns: Mapping[str, Column], at: Whole, owners: NDArray[np.int32]) -> tuple[NDArray[Any], ...]:
    """What rows are sorted by, the last first."""
    ids = columns.get("id")
    return (ids.codes, at, owners) if isinstance(ids, Words) else (at, owners)


def _sorted(keys: tuple[NDArray[Any], ...]) -> Rows:
    return np.lexsort([part for key in keys for part in _parts(key)])


def _parts(key: NDArray[Any]) -> Iterator[NDArray[np.uint16]]:
    """Sixteen bits at a time, the lowest first: these are sorted by counting, which is several times as fast."""
    above = key.astype(np.int64) - int(key.min())
    for shift in range(0, max(1, int(above.max()).bit_length()), 16):
        yield (above >> shift).astype(np.uint16)


def _in_order(keys: tuple[NDArray[Any], ...]) -> bool:
    """Whether rows stand in the order that sorting would give them."""
    before = np.ones(max(0, len(keys[0]) - 1), np.bool_)
    for key in keys:
        before = (key[:-1] < key[1:]) | ((key[:-1] == key[1:]) & before)
    return bool(before.all())


def _merged(offsets: NDArray[np.int64], more: Table, both: Mapping[str, Column]) -> Rows:
    """The rows of two tables, laid one after the other in ``both``, in the order of one.

    Old rows keep their order; only the rows of customers who get new ones are sorted.
    """
    old = int(offsets[-1])
    order = np.empty(old + len(more), np.intp)
    earlier = np.repeat(more.offsets[:-1], np.diff(offsets))
    order[np.arange(old) + earlier] = np.arange(old)
    changed = np.flatnonzero(more.counts)
    kept, added = np.diff(offsets)[changed], more.counts[changed]
    rows = np.concatenate((spread(offsets[changed], kept), old + spread(more.offsets[changed], added)))
    owners = np.concatenate((np.repeat(changed, kept), np.repeat(changed, added)))
    at, ids = both["at"], both.get("id")
    assert isinstance(at, Numbers)
    keys: tuple[NDArray[Any], ...] = (at.data[rows], owners)
    if isinstance(ids, Words):
        keys = (ids.codes[rows], *keys)
    starts = (offsets + more.offsets)[changed]
    order[spread(starts, kept + added)] = rows[np.lexsort(keys)]
    return order
