"""One SELECT for many tests, or for the customers for whom one is true."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import FromClause, Label, Select

from retention.rules.backends.sets.columns import require_columns
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Plan
from retention.rules.backends.sets.reading import of_customer
from retention.rules.backends.sets.repeated import repeated
from retention.rules.backends.sets.settled import settle
from retention.rules.backends.sets.terms import ALWAYS, Test, Trait
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.draft import Draft, SqlLayout
from retention.rules.backends.sql.gathered import gathered
from retention.rules.backends.sql.names import fitting
from retention.rules.backends.sql.steps import take

ID: Final = "id"


def answers(layout: SqlLayout, tests: Mapping[str, Test], where: Test = ALWAYS) -> Select[Any]:
    """Every customer's ``id`` and one flag for each test, never NULL, named by its key; of those for whom ``where``
    is true.

    Raises UnsupportedRule for what no database can do; what the one at hand cannot do is refused when the statement is
    compiled, before it runs.
    """
    require_columns(ID, tests)
    plan = settle(arrange((*tests.values(), where)))
    customers, said = beside(layout, plan)
    *asked, kept = plan.tests
    key = layout.customers.customer.label(ID)
    if repeated(asked, said.knows):
        table, said = gathered(only(sa.select(key).select_from(customers), said, kept), said, asked)
        return sa.select(table.c[ID], *_flags(said, tests, asked))
    return only(sa.select(key, *_flags(said, tests, asked)).select_from(customers), said, kept)


def _flags(said: Conditions, keys: Iterable[str], tests: Iterable[Test]) -> list[Label[Any]]:
    return [fitting(said.answer(test), key).label(key) for key, test in zip(keys, tests, strict=True)]


def chosen(layout: SqlLayout, test: Test) -> Select[Any]:
    """The ``id`` of every customer for whom the test is true. Raises as ``answers`` does."""
    return answers(layout, {}, test)


def only(found: Select[Any], said: Conditions, test: Test) -> Select[Any]:
    """The customers of a statement for whom a test is true."""
    return found if test == ALWAYS else found.where(said.holds(test))


def beside(layout: SqlLayout, plan: Plan) -> tuple[FromClause, Conditions]:
    """The customers beside what the steps found of them, and how to say the tests there."""
    draft = Draft(layout, len(plan.steps))
    for step in plan.steps:
        take(draft, step)
    customers = layout.customers
    table = customers.table
    asked = (each for test in plan.tests for each in of_customer(test) if not isinstance(each, Trait))
    for found in draft.steps((*asked, *draft.known)):
        table = table.outerjoin(found, found.c.customer == customers.customer)
    return table, draft.conditions(draft.of_customer)
