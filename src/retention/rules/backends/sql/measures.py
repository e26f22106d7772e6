"""Numbers taken of the customers in a database: each question is one statement, run at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast, final

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy import BigInteger, Connection
from sqlalchemy.orm import Session, scoped_session

from retention.rules.backends.sets.kept_instants import meant
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.measures import measure
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.storage import InstantForm
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.draft import SqlLayout
from retention.rules.backends.sql.statements import beside, only
from retention.rules.backends.sql.values import Expression
from retention.schema import Kind

_WHOLE: Final = BigInteger()
"""Nothing is made of numbers on their way back: they are whole, whatever type the database gives them."""


@final
@frozen(eq=False)
class Connected:
    """The customers of some tables, in the database at the other end of a connection. Made by ``Tables.on``."""

    layout: SqlLayout = field(repr=False)
    connection: Connection | Session | scoped_session[Any]

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ALWAYS) -> list[Group]:
        """See ``Measurable``."""
        asked = measure(where, keys, sums)
        customers, said = beside(self.layout, asked.plan)
        flags = [said.answer(each).label(f"key_{number}") for number, each in enumerate(asked.keys, 1)]
        numbers = [_number(said, each).label(f"number_{number}") for number, each in enumerate(asked.numbers, 1)]
        everyone = sa.select(self.layout.customers.customer.label("customer"), *flags, *numbers).select_from(customers)
        each_one = only(everyone, said, asked.where).subquery()
        shared = [each_one.c[flag.name] for flag in flags]
        totals = [sa.func.sum(each_one.c[number.name], type_=_WHOLE) for number in numbers]
        found = sa.select(sa.func.count(), *shared, *totals).select_from(each_one).group_by(*shared)
        return [
            (tuple(map(bool, row[1 : 1 + len(flags)])), row[0], tuple(int(each or 0) for each in row[1 + len(flags) :]))
            for row in self.connection.execute(found)
            if row[0]
        ]

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ALWAYS) -> list[int | datetime]:
        """See ``Measurable``."""
        asked = measure(where, numbers=(value,))
        customers, said = beside(self.layout, asked.plan)
        column, form = _value(said, value)
        known = only(sa.select(column.label("value")).select_from(customers), said, asked.where)
        values = known.where(column.is_not(None)).subquery()
        place = sa.func.row_number().over(order_by=values.c.value)
        placed = sa.select(values.c.value, place.label("place")).subquery()
        found = sa.select(placed.c.value).where(placed.c.place.in_(list(ranks))).order_by(placed.c.place)
        kept = self.connection.execute(found).scalars()
        return [int(each) if form is None else meant(each, form) for each in kept]


def _number(said: Conditions, each: Term | Test) -> Expression:
    return sa.case((said.holds(each), 1), else_=0) if isinstance(each, Test) else said.read.number(each)


def _value(said: Conditions, value: Term) -> tuple[Expression, InstantForm | None]:
    """A value, and how it is kept if it is an instant."""
    if kind_of(value) is not Kind.INSTANT:
        return cast("Expression", sa.type_coerce(said.read.number(value), _WHOLE)), None
    instant = said.read.instant(value)
    return instant.column, instant.form
