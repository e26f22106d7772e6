"""The steps of a plan: one group-by for each pass, one flag for each sequence, joined onto the customers."""

from collections.abc import Mapping, Set
from typing import TypeGuard, assert_never, cast, final

import narwhals as nw
from attrs import evolve, frozen

from retention.rules.backends.frames.added import AT, ID, add_tests, keep, prepare
from retention.rules.backends.frames.columns import Columns
from retention.rules.backends.frames.conditions import true_or_null
from retention.rules.backends.frames.distinct import told_apart
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.follow import add_followed
from retention.rules.backends.frames.opening import open_rows
from retention.rules.backends.frames.scope import Scope, Table
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.build import either
from retention.rules.backends.sets.by_value import ByValue, by_value
from retention.rules.backends.sets.plan import FollowPass, Pass, Step
from retention.rules.backends.sets.reading import Part
from retention.rules.backends.sets.settled import of_nothing
from retention.rules.backends.sets.terms import ALWAYS, Picked, Tally, Term, Test
from retention.schema import Kind


def take(step: Step, customers: Scope) -> None:
    """Add to the customers what a step finds."""
    match step:
        case Pass():
            _tally(step, customers)
        case FollowPass(followed, needs):
            add_followed(followed, needs, customers)
        case _:
            assert_never(step)


def _tally(step: Pass, customers: Scope) -> None:
    rows = _opened(step, customers)
    by = by_value(step) if rows.engine in (Engine.POLARS, Engine.DUCKDB) else None
    if by is not None:
        _answer_by_value(by, step, rows, customers)
        return
    columns = Columns(rows)
    apart = told_apart(step.tallies, columns)
    together = [each for each in step.tallies if each not in apart.tallies]
    found = {tally: _found(tally, test, columns) for tally, test in together}
    groups = _grouped(found, columns)
    apart.join(rows, groups)
    settled = add_tests(step.settled, groups)
    keep(step.matters, groups)
    customers.join(groups.frame, groups.key)
    for tally, _ in step.tallies:
        customers.learn(tally, groups.find(tally))
    for test, name in settled.items():
        customers.learn(test, Value(nw.col(name).fill_null(of_nothing(test)), Kind.FLAG))


def _answer_by_value(by: ByValue, step: Pass, rows: Scope, customers: Scope) -> None:
    """Add to the customers the tests that a pass settles: all that is asked of its tallies."""
    (wanted,) = add_tests([either(*by.rows.values())], rows).values()
    rows.frame = rows.frame.filter(nw.col(wanted))
    column = rows.add(value(by.column, rows).expr)  # by a name of its own: it may be the key, or what is counted
    alike = {tally: evolve(tally, where=ALWAYS) for tally, _ in step.tallies}
    groups = _together(dict.fromkeys(alike.values()).keys(), column, rows)
    for tally, each in alike.items():
        groups.learn(tally, groups.find(each))
    for test in by.tests:
        prepare(test, groups)
    names = {test: groups.names.new() for test in by.tests}
    flags = (
        (true_or_null(test, groups) & (nw.col(column) == its)).alias(names[test]) for test, its in by.tests.items()
    )
    true = groups.frame.select(groups.key, *flags).filter(nw.any_horizontal(*names.values(), ignore_nulls=False))
    customers.join(true.group_by(groups.key).agg(*(nw.col(name).any() for name in names.values())), groups.key)
    for test, name in names.items():
        customers.learn(test, Value(nw.col(name).fill_null(False), Kind.FLAG))


def _together(tallies: Set[Tally], by: str, rows: Scope) -> Scope:
    """Tallies of all rows of each customer and value."""
    columns = Columns(rows)
    counted = {each.value for each in tallies if each.function == "distinct"}
    is_summed = {each.function for each in tallies} == {"distinct", "sum"}
    if rows.engine is Engine.DUCKDB and is_summed and len(counted) == 1:
        return _summed_twice(tallies, by, columns)
    return _grouped({each: _found(each, ALWAYS, columns) for each in tallies}, columns, by)


def _summed_twice(tallies: Set[Tally], by: str, columns: Columns) -> Scope:
    """Sums, and how many values one column has, out of sums for each value of that column.

    DuckDB goes through the rows of a distinct count twice and joins what it finds.
    """
    rows, new = columns.rows, columns.rows.names.new
    names = {tally: columns.name(ALWAYS, cast(Term, tally.value), tally.function == "distinct") for tally in tallies}
    (counted,) = (names[tally] for tally in tallies if tally.function == "distinct")
    totals = {tally: new() for tally in tallies if tally.function == "sum"}
    sums = (nw.col(names[tally]).sum().alias(total) for tally, total in totals.items())
    columns.add()
    rows.frame = rows.frame.group_by(rows.key, by, counted).agg(*sums)
    found = {}
    for tally in tallies:
        total, name = nw.col(totals[tally]).sum() if tally in totals else nw.col(counted).count(), new()
        number = _none_is_zero(nw.col(name), nw.col(name))
        found[tally] = _Found((total.alias(name),), evolve(number, is_wide=tally in totals))
    return _grouped(found, Columns(rows), by)


def _opened(step: Pass, customers: Scope) -> Scope:
    """The rows of a pass, with all that its tallies use."""
    terms: list[Part] = [step.where]
    for tally, test in step.tallies:
        terms += [test] if tally.value is None else [test, tally.value]
    rows = open_rows(step.collection, terms, customers.layout, customers.engine, customers.names)
    keep(step.where, rows)
    rows.bring(step.needs, customers)
    for tally, test in step.tallies:
        prepare(test.where if _is_end(test, tally, rows) else test, rows)
        if tally.value is not None:
            prepare(tally.value, rows)
    return rows


def _grouped(found: "Mapping[Tally, _Found]", columns: Columns, *by: str) -> Scope:
    """The customers that have rows, with what was found in them; a row for each of them and what else is said."""
    columns.add()
    rows = columns.rows
    aggregates = [each for one in found.values() for each in one.aggregates]
    counts_nulls = rows.engine is not Engine.POLARS and any(tally.function == "distinct" for tally in found)
    if counts_nulls or not found:
        aggregates.append(nw.len().alias(columns.size))
    table = Table(rows.frame.group_by(rows.key, *by).agg(*aggregates), {})
    groups = Scope(table, None, rows.key, rows.layout, rows.engine, rows.names)
    for tally, one in found.items():
        groups.learn(tally, one.meaning)
    return groups


@final
@frozen(eq=False)
class _Found:
    """One tally: aggregates of columns of the rows, and what they mean once they are the customer's."""

    aggregates: tuple[nw.Expr, ...]
    meaning: Value


def _found(tally: Tally, test: Test, columns: Columns) -> _Found:
    name = columns.rows.names.new()
    if tally.value is None:
        count = nw.len() if test == ALWAYS else nw.col(columns.flag(test)).sum()
        return _Found((count.alias(name),), _none_is_zero(nw.col(name), nw.col(name).cast(nw.Int64)))
    given = value(tally.value, columns.rows)
    if _is_end(test, tally, columns.rows):
        return _Found((_at_end(test, tally.value, columns).alias(name),), _again(given, name))
    if tally.function == "distinct":
        return _distinct(columns.name(test, tally.value, as_kept=True), name, columns)
    column = columns.name(test, tally.value)
    match tally.function:
        case "sum":
            total = _none_is_zero(nw.col(name), nw.col(name))
            is_wide = given.is_wide or columns.rows.engine is Engine.DUCKDB  # its sums are of 128 bits
            return _Found((nw.col(column).sum().alias(name),), evolve(total, is_wide=is_wide))
        case "min":
            return _Found((nw.col(column).min().alias(name),), _again(given, name))
        case "max" | "only":  # of one row, the greatest is the one there is
            return _Found((nw.col(column).max().alias(name),), _again(given, name))
        case "count" | "distinct":
            raise AssertionError("a count has no value, and a distinct one is told above")
        case _:
            assert_never(tally.function)


def _again(given: Value, name: str) -> Value:
    """One of the values of a column, as a column of the customers."""
    if given.kind is Kind.FLAG:
        return Value(nw.col(name) == 1, Kind.FLAG)
    return given.at(name)


def _is_end(test: Test, tally: Tally, rows: Scope) -> TypeGuard[Picked]:
    """Whether a tally is of a first or last row that sorting finds; not all libraries have such an aggregate.

    It takes less than two maxima over the rows of each customer. Rows that do not count are sorted first, so only the
    last row can be found among them.
    """
    return (
        isinstance(test, Picked)
        and tally.function == "only"
        and rows.engine in (Engine.POLARS, Engine.DUCKDB)
        and (test.position == -1 or (test.position == 1 and test.where == ALWAYS))
    )


def _at_end(pick: Picked, term: Term, columns: Columns) -> nw.Expr:
    column = nw.col(columns.name(pick.where, term))
    order = [columns.name(pick.where, AT), columns.name(ALWAYS, ID)]
    return column.last(order_by=order) if pick.position < 0 else column.first(order_by=order)


def _none_is_zero(found: nw.Expr, number: nw.Expr) -> Value:
    """A number that customers without rows lack until they are given it."""
    return Value(number.fill_null(0), Kind.NUMBER, bare=found)


def _distinct(column: str, name: str, columns: Columns) -> _Found:
    """``n_unique`` counts null as one more value; only Polars can leave it out within an aggregate."""
    if columns.rows.engine is Engine.POLARS:
        different = nw.col(column).drop_nulls().n_unique()
        return _Found((different.alias(name),), _none_is_zero(nw.col(name), nw.col(name).cast(nw.Int64)))
    present = columns.rows.names.new()
    aggregates = (nw.col(column).n_unique().alias(name), nw.col(column).count().alias(present))
    nulls = nw.when(nw.col(present) < nw.col(columns.size)).then(nw.lit(1)).otherwise(nw.lit(0))
    distinct = nw.col(name).cast(nw.Int64) - nulls
    return _Found(aggregates, _none_is_zero(distinct, distinct))
