"""The columns of rows that are aggregated."""

from typing import final

import narwhals as nw
from attrs import evolve

from retention.rules.backends.frames.conditions import true_or_null
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import Kind


@final
class Columns:
    """Columns of the rows to be aggregated, each made once.

    Aggregates are of plain columns only: of anything else, PyArrow and pandas give wrong sums and say nothing.
    """

    def __init__(self, rows: Scope) -> None:
        self.rows = rows
        self.new: list[nw.Expr] = []
        self.size = rows.names.new()
        self._names: dict[tuple[Test, Term, bool], str] = {}

    def flag(self, test: Test) -> str:
        """The column that is 1 on the rows that count, 0 or null on the others."""
        return self._add(true_or_null(test, self.rows).cast(nw.Int8))

    def name(self, test: Test, term: Term, as_kept: bool = False) -> str:
        """The column that is a value on the rows that count, null on the others; flags are 1 and 0.

        ``as_kept``: any values will do that are as different as the term's.
        """
        found = self._names.get((test, term, as_kept))
        if found is None:
            found = self._names[test, term, as_kept] = self._make(test, value(term, self.rows), as_kept)
        return found

    def add(self) -> None:
        """Add to the rows what was made."""
        if self.new:
            self.rows.frame = self.rows.frame.with_columns(*self.new)

    def _make(self, test: Test, given: Value, as_kept: bool) -> str:
        if given.kind is Kind.FLAG:
            given = evolve(given, expr=given.expr.cast(nw.Int8), name=None)
        if as_kept and given.kept:
            given = given.at(given.kept)
        if test != ALWAYS:
            return self._add(nw.when(true_or_null(test, self.rows)).then(given.expr))
        return given.name or self._add(given.expr)

    def _add(self, expr: nw.Expr) -> str:
        name = self.rows.names.new()
        self.new.append(expr.alias(name))
        return name
