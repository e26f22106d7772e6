"""The steps of a plan as common table expressions, one row for each customer about whom they find anything."""

from datetime import UTC
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy import FromClause

from retention.rules.backends.sets.build import both
from retention.rules.backends.sets.by_value import by_value
from retention.rules.backends.sets.narrowing import common_rows, without
from retention.rules.backends.sets.plan import FollowPass, Pass, Step
from retention.rules.backends.sets.terms import ALWAYS, AT, Constant, Followed, Is, Selection, Test
from retention.rules.backends.sql.by_value import answer_by_value
from retention.rules.backends.sql.draft import Draft
from retention.rules.backends.sql.instants import Instant, alike, later
from retention.rules.backends.sql.rows import Needs, rows_of
from retention.rules.backends.sql.totals import total_of
from retention.rules.backends.sql.values import Found, instant
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
    by = by_value(step)
    if by is not None:
        answer_by_value(draft, step, by)
        return
    asked = [part for tally, test in step.tallies for part in (test, tally.value) if part is not None]
    rows = rows_of(draft, step.collection, step.where, step.needs, asked)
    said = draft.conditions(rows.find)
    totals = {tally: total_of(said, tally, test) for tally, test in step.tallies}
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
