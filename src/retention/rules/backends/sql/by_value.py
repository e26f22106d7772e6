"""Tests of rows with different values of one column, answered by customer and value."""

import sqlalchemy as sa
from attrs import evolve

from retention.rules.backends.sets.build import either
from retention.rules.backends.sets.by_value import ByValue
from retention.rules.backends.sets.plan import Pass
from retention.rules.backends.sets.terms import ALWAYS, Constant
from retention.rules.backends.sql.draft import Draft
from retention.rules.backends.sql.native import Native
from retention.rules.backends.sql.readings import Leaf
from retention.rules.backends.sql.rows import rows_of
from retention.rules.backends.sql.totals import total_of
from retention.rules.backends.sql.values import Expression, Found

_FLAG = sa.Boolean()


def answer_by_value(draft: Draft, step: Pass, by: ByValue) -> None:
    """Learn the tests that a pass settles: all that is asked of its tallies.

    The step has a row for each customer who passes one: few of those who have rows, and few values for each.
    """
    table, flags = _flags(draft, step, by)
    names = [f"passed_{number}" for number, _ in enumerate(flags, 1)]
    any_row = (Native("only_flag", flag, type_=_FLAG).label(name) for flag, name in zip(flags, names, strict=True))
    passed = sa.select(table.c.customer, *any_row).where(sa.or_(*flags)).group_by(table.c.customer)
    found = draft.table(passed, f"{step.collection}_by_customer")
    for test, name in zip(by.tests, names, strict=True):
        draft.learn_test(test, found, found.c[name])


def _flags(draft: Draft, step: Pass, by: ByValue) -> tuple[sa.FromClause, list[Expression]]:
    """A table of customers and values, and of each test, whether the row has its value and passes it."""
    wanted = either(*by.rows.values())
    used = [tally.value for tally, _ in step.tallies if tally.value is not None]
    rows = rows_of(draft, step.collection, step.where, step.needs, [wanted, by.column, *used])
    said = draft.conditions(rows.find)
    alike = {tally: evolve(tally, where=ALWAYS) for tally, _ in step.tallies}
    totals = {each: total_of(said, each, ALWAYS) for each in alike.values()}
    names = {each: f"{each.function}_{number}" for number, each in enumerate(totals, 1)}
    value = said.read.exact_text(by.column)
    columns = (total.column.label(names[each]) for each, total in totals.items())
    table = (
        sa.select(rows.customer.label("customer"), value.label("told_by"), *columns)
        .select_from(rows.table)
        .where(*rows.where, said.holds(wanted))
        .group_by(rows.customer, value)
        .subquery(draft.name("by_value"))
    )
    found: dict[Leaf, Found] = {tally: totals[each].at(table.c[names[each]]) for tally, each in alike.items()}
    there = draft.conditions(found.__getitem__)
    values = ((test, there.read.exact_text(Constant(value))) for test, value in by.tests.items())
    return table, [sa.and_(table.c.told_by == value, there.holds(test)) for test, value in values]
