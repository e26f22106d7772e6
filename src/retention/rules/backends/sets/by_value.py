"""Tests of rows with different values of one column, as of coffee, of tea, of bread: answered by customer and value.

A row has one value and so counts for one test. A flag and a sum of its own for each of ten, nearly all of them null,
took Polars twice as long.
"""

from collections.abc import Mapping
from typing import Final, final

from attrs import frozen

from retention.rules.backends.sets.plan import Pass
from retention.rules.backends.sets.reading import conjuncts, of_customer
from retention.rules.backends.sets.settled import of_nothing
from retention.rules.backends.sets.terms import Cell, Constant, Fixed, Is, Tally, Test
from retention.schema import Kind

_SEVERAL: Final = 3


@final
@frozen(eq=False)
class ByValue:
    """The rows that count of each value of a column, and the value whose rows each test asks about."""

    column: Cell
    rows: Mapping[Fixed, Test]
    tests: Mapping[Test, Fixed]


def by_value(step: Pass) -> ByValue | None:
    """How a pass tells its rows apart; None if not all of its tallies are settled by the rows of one value each."""
    if not step.settled or not all(of_nothing(test) is False for test in step.settled):
        return None
    for column in _values(step.tallies[0][1]):
        found = _told_by(column, step)
        if found is not None:
            return found
    return None


def _values(test: Test) -> dict[Cell, Fixed]:
    """The texts that columns have on every row for which a test holds."""
    return {
        each.left: each.right.value
        for each in conjuncts(test)
        if isinstance(each, Is) and each.operator == "==" and isinstance(each.right, Constant)
        if isinstance(each.left, Cell) and each.left.kind is Kind.TEXT
    }


def _told_by(column: Cell, step: Pass) -> ByValue | None:
    rows: dict[Fixed, Test] = {}
    of: dict[Tally, Fixed] = {}
    for tally, test in step.tallies:
        value = _values(test).get(column)
        if value is None or rows.setdefault(value, test) != test:
            return None
        of[tally] = value
    asked = {test: {of[each] for each in of_customer(test) if each in of} for test in step.settled}
    used = {each for test in step.settled for each in of_customer(test)}
    if len(rows) < _SEVERAL or used != set(of) or any(len(values) > 1 for values in asked.values()):
        return None
    return ByValue(column, rows, {test: value for test, (value,) in asked.items()})
