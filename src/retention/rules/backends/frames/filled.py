"""What DuckDB is told of customers before their tests: values without nulls, and tests that are said again.

It compares a column that has nulls three times as slowly as one that has none, and where a test is never null, its
answer needs no filling either. What stands in "and" or "or" it calculates as often as it is said.
"""

from collections.abc import Iterable
from datetime import UTC, tzinfo

import narwhals as nw
from attrs import evolve

from retention.rules.backends.frames.engines import Engine, moved
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.sets.repeated import unknown
from retention.rules.backends.sets.storage import Aware, Naive
from retention.rules.backends.sets.terms import Tally, Test, Trait
from retention.schema import Kind
from retention.spans import EARLIEST, LATEST


def fill(tests: Iterable[Test], customers: Scope) -> None:
    """Add to the customers the values that tests use, filled as far as that can be done."""
    new: list[nw.Expr] = []

    def added(expr: nw.Expr) -> nw.Expr:
        name = customers.names.new()
        new.append(expr.alias(name))
        return nw.col(name)

    for term in dict.fromkeys(part for part in unknown(tests, customers.knows) if isinstance(part, Trait | Tally)):
        found = customers.find(term)
        if found.bare is not None:
            number = added(found.expr)
            customers.learn(term, evolve(found, expr=number, bare=None, missing_first=number, missing_last=number))
        elif found.kind is Kind.INSTANT and isinstance(found.form, Aware | Naive) and _is_long(found):
            zone = UTC if isinstance(found.form, Aware) else None
            first, last = (added(found.expr.fill_null(each)) for each in _beyond_the_calendar(zone))
            customers.learn(term, evolve(found, missing_first=first, missing_last=last))
    if new:
        customers.frame = customers.frame.with_columns(*new)


def _beyond_the_calendar(zone: tzinfo | None) -> tuple[nw.Expr, nw.Expr]:
    """Before and after every constant that an instant is compared with; DuckDB's years go further than Python's."""
    ends = ((EARLIEST, -1), (LATEST, 1))
    first, last = (moved(Engine.DUCKDB, nw.lit(end.replace(tzinfo=zone)), by) for end, by in ends)
    return first, last


def _is_long(instants: Value) -> bool:
    """Whether a column has room for all years of the calendar."""
    return getattr(instants.dtype, "time_unit", "us") != "ns"
