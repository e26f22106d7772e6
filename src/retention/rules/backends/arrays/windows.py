"""When a row happened, as a window with constant ends: looked up by day before it is compared exactly."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self, final

import numpy as np
from attrs import frozen

from retention.rules.backends.arrays.columns import Mask, Rows
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.zones import DAY, FIRST, LAST, microseconds
from retention.rules.backends.sets.terms import AT, Constant, Is, Test

ORDERS: Final = ("<", "<=", ">", ">=", "==")
_FEW: Final = 0.25
"""Where a window leaves a smaller part of a collection, its rows are listed one by one."""


@final
@frozen
class Window:
    """Instants from ``low`` through ``high``, both inside, in microseconds since 1970 (UTC)."""

    low: int = FIRST
    high: int = LAST

    @classmethod
    def of(cls, tests: Iterable[Test]) -> tuple[Self, list[Test]]:
        """The constant bounds of when a row happened, and the tests that are none."""
        low, high, rest = FIRST, LAST, []
        for test in tests:
            operator, at = _bound(test)
            if operator in (">", ">=", "=="):
                low = max(low, at + (operator == ">"))
            if operator in ("<", "<=", "=="):
                high = min(high, at - (operator == "<"))
            if not operator:
                rest.append(test)
        return cls(low, high), rest

    def few(self, table: Table) -> Rows | None:
        """The rows in the window, None if they are many."""
        if self.low <= FIRST or not len(table):
            return None
        days = table.by_day
        last = len(days.starts) - 2
        start, stop = self.low // DAY - days.first, min(self.high // DAY - days.first, last)
        if start <= 0:
            return None
        if start > stop:
            return np.zeros(0, np.intp)
        if days.starts[stop + 1] - days.starts[start] > _FEW * len(table):
            return None
        inner = days.rows[days.starts[start + 1] : days.starts[max(stop, start + 1)]]
        outer = np.concatenate([days.rows[days.starts[day] : days.starts[day + 1]] for day in {start, stop}])
        at = table.at[outer]
        rows = np.concatenate((inner, outer[(at >= self.low) & (at <= self.high)]))
        rows.sort()
        return rows

    def mask(self, table: Table) -> Mask | None:
        """Which rows of a whole collection lie in the window, None if all do."""
        if self.low > FIRST:
            after: Mask = table.at >= self.low
            return after if self.high >= table.latest else after & (table.at <= self.high)
        return None if self.high >= table.latest else table.at <= self.high


def _bound(test: Test) -> tuple[str, int]:
    """The operator and the instant of a constant bound; no operator of what is none."""
    if not isinstance(test, Is) or test.left != AT or test.operator not in ORDERS:
        return "", 0
    bound = test.right.value if isinstance(test.right, Constant) else None
    return (test.operator, microseconds(bound)) if isinstance(bound, datetime) else ("", 0)
