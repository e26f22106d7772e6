"""One SELECT for many tests, or for the customers for whom one is true."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from retention.errors import ConfigurationError
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Plan
from retention.rules.backends.sets.reading import of_customer
from retention.rules.backends.sets.terms import Test, Trait
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.known import Known
from retention.rules.backends.sql.steps import take
from retention.rules.backends.sql.tables import Tables

ID: Final = "id"


def answers(tables: Tables, tests: Mapping[str, Test]) -> Select[Any]:
    """Every customer's ``id`` and one flag for each test, never NULL, named by its key.

    Raises UnsupportedRule for what no database can do; what the one at hand cannot do is refused when the statement is
    compiled, before it runs.
    """
    if ID in tests:
        raise ConfigurationError(f"{ID!r} names the column of the customer's id", hint="Choose another key")
    customers, said, plan = _asked(tables, tuple(tests.values()))
    flags = (said.answer(test).label(key) for key, test in zip(tests, plan.tests, strict=True))
    return sa.select(tables.layout.customers.customer.label(ID), *flags).select_from(customers)


def chosen(tables: Tables, test: Test) -> Select[Any]:
    """The ``id`` of every customer for whom the test is true. Raises as ``answers`` does."""
    customers, said, plan = _asked(tables, (test,))
    found = sa.select(tables.layout.customers.customer.label(ID)).select_from(customers)
    return found.where(said.holds(plan.tests[0]))


def _asked(tables: Tables, tests: tuple[Test, ...]) -> tuple[FromClause, Conditions, Plan]:
    """The customers beside what the steps found of them, how to say the tests there, and the tests."""
    known, plan = Known(tables.layout), arrange(tests)
    for step in plan.steps:
        take(known, step)
    customers = known.layout.customers
    table = customers.table
    asked = (each for test in plan.tests for each in of_customer(test) if not isinstance(each, Trait))
    for found in dict.fromkeys(map(known.step, asked)):
        table = table.outerjoin(found, found.c.customer == customers.customer)
    return table, known.conditions(known.of_customer), plan
