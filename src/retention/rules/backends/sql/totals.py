"""One value out of the rows of a collection."""

from typing import assert_never, cast

import sqlalchemy as sa

from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.terms import ALWAYS, Cell, Tally, Term, Test
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.native import Native
from retention.rules.backends.sql.values import Expression, Found, identity
from retention.schema import Kind


def total_of(said: Conditions, tally: Tally, test: Test) -> Found:
    """One value out of the rows for which the test holds; of nothing it is NULL, or 0 if it counts."""
    match tally.function:
        case "count":
            some = sa.func.count() if test == ALWAYS else sa.func.count(sa.case((said.holds(test), 1)))
            return Found(some, Kind.NUMBER, or_zero=True)
        case "sum":
            return Found(sa.func.sum(_where(said, test, _cell(said, tally).column)), Kind.NUMBER, or_zero=True)
        case "distinct":
            different = sa.distinct(_where(said, test, same(said, tally)))
            return Found(sa.func.count(different), Kind.NUMBER, or_zero=True)
        case "min" | "max":
            cell = _cell(said, tally)
            extreme = sa.func.min if tally.function == "min" else sa.func.max
            return cell.at(extreme(_where(said, test, cell.column)))
        case "only":
            cell = _cell(said, tally)
            column = _where(said, test, cell.column)
            is_flag = isinstance(column.type, sa.Boolean)  # which PostgreSQL knows no greatest of
            return cell.at(Native("only_flag", column, type_=column.type) if is_flag else sa.func.max(column))
        case _:
            assert_never(tally.function)


def _where(said: Conditions, test: Test, column: Expression) -> Expression:
    return column if test == ALWAYS else sa.case((said.holds(test), column))


def _cell(said: Conditions, tally: Tally) -> Found:
    """The value of a row: instants as they are kept, numbers whole."""
    value = cast(Term, tally.value)
    kind = kind_of(value)
    match kind:
        case Kind.INSTANT:
            found = said.read.instant(value)
            return Found(found.column, kind, found.form)
        case Kind.NUMBER | Kind.AMOUNT:
            return Found(said.read.number(value), kind)
        case Kind.TEXT:
            return Found(said.read.text(value), kind)
        case Kind.FLAG | Kind.DATE:
            return Found(said.read.plain(value), kind)
        case Kind.LABELS:
            raise AssertionError("labels are not tallied")
        case _:
            assert_never(kind)


def same(said: Conditions, tally: Tally) -> Expression:
    """What differs where values differ."""
    if isinstance(tally.value, Cell) and tally.value.kind is Kind.TEXT:
        return identity(said.read.find(tally.value))
    return _cell(said, tally).column
