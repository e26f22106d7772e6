"""What a statement knows so far: its constants, its names, and what the steps before have found of each customer."""

from collections.abc import Iterable
from typing import Any, TypeAlias, assert_never, final

import sqlalchemy as sa
from sqlalchemy import CTE, ColumnElement, FromClause, Select
from sqlalchemy.sql import visitors

from retention.rules.backends.sets.layout import As, Layout
from retention.rules.backends.sets.terms import Cell, Followed, Picked, Refunded, Tally, Test, Trait
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.readings import Find, Leaf, Readings
from retention.rules.backends.sql.values import Constants, Expression, Found, kept
from retention.schema import Kind

SqlLayout: TypeAlias = Layout[FromClause, ColumnElement[Any]]


@final
class Draft:
    """Grows step by step while a statement is built.

    ``known`` are the answers of tests that steps have settled, never NULL where the steps are joined.

    ``steps`` is how many there will be. Of several, PostgreSQL keeps what each finds: else every parallel worker of
    the last join works all of them out for itself, which was seen in its plans and takes twice as long.
    """

    def __init__(self, layout: SqlLayout, steps: int) -> None:
        self._is_kept = steps > 1
        self.layout = layout
        self.constants = Constants()
        self._steps: dict[Tally | Test, tuple[FromClause, Found]] = {}
        self.known: dict[Test, Expression] = {}
        self._taken = _names(layout)

    def conditions(self, find: Find) -> Conditions:
        """Says tests over what ``find`` finds."""
        return Conditions(Readings(find, self.constants, self.layout.exponent), self.known)

    def name(self, wanted: str) -> str:
        """A name for a part of the statement, unlike the host's tables and the parts before."""
        name, number = wanted, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name.casefold())
        return name

    def table(self, found: Select[Any], wanted: str) -> CTE:
        """What a step finds, as a part of the statement."""
        part = found.cte(self.name(wanted))
        return part.prefix_with("MATERIALIZED", dialect="postgresql") if self._is_kept else part

    def learn(self, term: Tally | Followed, step: FromClause, found: Found) -> None:
        """A step has a row for each customer that it found, with ``customer`` and what it found."""
        self._steps[term] = step, found

    def learn_test(self, test: Test, step: FromClause, answer: Expression) -> None:
        """A step has a row for each customer for whom the test may be true, and the answer."""
        self._steps[test] = step, Found(answer, Kind.FLAG)
        self.known[test] = sa.func.coalesce(answer, sa.false(), type_=answer.type)

    def steps(self, terms: Iterable[Tally | Test]) -> list[FromClause]:
        """The steps that found these, in the order in which they were taken."""
        wanted = set(terms)
        return list(dict.fromkeys(step for term, (step, _) in self._steps.items() if term in wanted))

    def of_customer(self, leaf: Leaf) -> Found:
        """What is found beside the customers, where the steps are joined."""
        match leaf:
            case Trait(name):
                return kept(self.layout.place(None, name))
            case Tally() | Followed():
                return self._steps[leaf][1]
            case Cell() | Refunded() | Picked():
                raise AssertionError("a test of the customer asks nothing of a row")
            case _:
                assert_never(leaf)


def _names(layout: SqlLayout) -> set[str]:
    """What the host's tables are called, in any case of letters; also those inside of subqueries and joins, which would
    else read a part of the statement in their place."""
    parts: list[FromClause | ColumnElement[Any]] = []
    for source in (layout.customers, *layout.collections.values()):
        columns = [each.column if isinstance(each, As) else each for each in source.columns.values()]
        parts += [source.table, source.customer, *columns]
    inner = [found for each in parts for found in visitors.iterate(each)]
    return {str(getattr(each, "name", "")).casefold() for each in inner if isinstance(each, FromClause)}
