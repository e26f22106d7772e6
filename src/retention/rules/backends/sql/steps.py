"""The steps of a plan as common table expressions, one row for each customer about whom they find anything."""

from datetime import UTC
from typing import assert_never, cast

import sqlalchemy as sa
from sqlalchemy import FromClause

from retention.rules.backends.sets.build import both
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.narrowing import common_rows, without
from retention.rules.backends.sets.plan import FollowPass, Pass, Step
from retention.rules.backends.sets.terms import ALWAYS, AT, Cell, Constant, Followed, Is, Selection, Tally, Term, Test
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.draft import Draft
from retention.rules.backends.sql.instants import Instant, alike, later
from retention.rules.backends.sql.native import Native
from retention.rules.backends.sql.rows import Needs, rows_of
from retention.rules.backends.sql.values import Expression, Found, identity, instant
from retention.schema import Kind
from retention.spans import Duration, shift


def take(draft: Draft, step: Step) -> None:
    """Learn what a step finds."""
    match step:
        case Pass():
            _tally(draft, step)
        case FollowPass():
            _follow(draft, step)
        case _:
            assert_never(step)


def _tally(draft: Draft, step: Pass) -> None:
    asked = [part for tally, test in step.tallies for part in (test, tally.value) if part is not None]
    rows = rows_of(draft, step.collection, step.where, step.needs, asked)
    said = draft.conditions(rows.find)
    totals = {tally: _total(said, tally, test) for tally, test in step.tallies}
    names = {tally: f"{tally.function}_{number}" for number, tally in enumerate(totals, 1)}
    grouped = (
        sa.select(rows.customer.label("customer"), *(totals[tally].column.label(names[tally]) for tally in totals))
        .select_from(rows.table)
        .where(*rows.where)
        .group_by(rows.customer)
    )
    found = draft.table(grouped, f"{step.collection}_by_customer")
    for tally, total in totals.items():
        draft.learn(tally, found, total.at(found.c[names[tally]]))


def _total(said: Conditions, tally: Tally, test: Test) -> Found:
    """One value out of the rows for which the test holds; of nothing it is NULL, or 0 if it counts."""
    match tally.function:
        case "count":
            some = sa.func.count() if test == ALWAYS else sa.func.count(sa.case((said.holds(test), 1)))
            return Found(some, Kind.NUMBER, or_zero=True)
        case "sum":
            return Found(sa.func.sum(_where(said, test, _cell(said, tally).column)), Kind.NUMBER, or_zero=True)
        case "distinct":
            different = sa.distinct(_where(said, test, _same(said, tally)))
            return Found(sa.func.count(different), Kind.NUMBER, or_zero=True)
        case "min" | "max":
            cell = _cell(said, tally)
            extreme = sa.func.min if tally.function == "min" else sa.func.max
            return cell.at(extreme(_where(said, test, cell.column)))
        case "only":
            cell = _cell(said, tally)
            column = _where(said, test, cell.column)
            is_flag = cell.kind is Kind.FLAG
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


def _same(said: Conditions, tally: Tally) -> Expression:
    """What differs where values differ."""
    if isinstance(tally.value, Cell) and tally.value.kind is Kind.TEXT:
        return identity(said.read.find(tally.value))
    return _cell(said, tally).column


# Sequences. -----------------------------------------------------------------------------------------------------------


def _follow(draft: Draft, step: FollowPass) -> None:
    followed = step.followed
    first, firsts = _happened(draft, followed.first, step.needs, _old_enough(followed), "first")
    then, thens = _happened(draft, followed.then, step.needs, ALWAYS, "then_came")
    after = alike(then, first)
    until = alike(then, later(first, followed.microseconds))
    meets = sa.and_(thens.c.customer == firsts.c.customer, after[0] > after[1], until[0] <= until[1])
    joined = firsts.outerjoin(thens, meets) if followed.missed else firsts.join(thens, meets)
    found = sa.select(firsts.c.customer.label("customer")).distinct().select_from(joined)
    if followed.missed:
        found = found.where(thens.c.customer.is_(None))
    table = draft.table(found, f"{followed.first.collection}_{'missed' if followed.missed else 'followed'}")
    draft.learn(followed, table, Found(table.c.customer.is_not(None), Kind.FLAG))


def _old_enough(followed: Followed) -> Test:
    if not followed.missed:
        return ALWAYS
    since = shift(followed.as_of, Duration(followed.microseconds), -1, UTC)
    return Is("<=", AT, Constant(since))


def _happened(draft: Draft, selection: Selection, needs: Needs, also: Test, name: str) -> tuple[Instant, FromClause]:
    """When the rows of a selection happened, and a table of that."""
    some = common_rows([selection.where])
    rest = both(without(some, selection.where), also)
    rows = rows_of(draft, selection.collection, some, needs, [rest, AT])
    at = instant(rows.find(AT))
    table = (
        sa.select(rows.customer.label("customer"), at.column.label("happened_at"))
        .select_from(rows.table)
        .where(*rows.where, draft.conditions(rows.find).holds(rest))
        .subquery(draft.name(name))
    )
    return Instant(table.c.happened_at, at.form), table
