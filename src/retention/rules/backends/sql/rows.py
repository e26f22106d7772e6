"""The rows of a collection with what a test of them needs beside them, and which of them is the first or the last."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast, final

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import FromClause

from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import (
    ALWAYS,
    AT,
    ID,
    Cell,
    Constant,
    Followed,
    Is,
    Picked,
    Refunded,
    Tally,
    Test,
    Trait,
)
from retention.rules.backends.sql.declared import family
from retention.rules.backends.sql.draft import Draft
from retention.rules.backends.sql.instants import in_one_spelling
from retention.rules.backends.sql.readings import Find, Leaf
from retention.rules.backends.sql.values import Expression, Found, in_order, instant, kept, text
from retention.schema import Kind

Needs: TypeAlias = tuple[Trait | Tally | Followed, ...]


@final
@frozen(eq=False)
class RowsAtHand:
    """Rows to select from: where they are, whose they are, which of them matter, and what is found in them."""

    table: FromClause
    customer: Expression
    where: tuple[Expression, ...]
    find: Find


def rows_of(draft: Draft, collection: str, where: Test, needs: Needs, asked: Iterable[Part]) -> RowsAtHand:
    """The rows for which ``where`` holds, ready for every test and value that is ``asked`` of them."""
    asked = tuple(asked)
    leaves = tuple(dict.fromkeys(leaf for part in (where, *asked) for leaf in _leaves(part)))
    rows = _beside(draft, _stored(draft, collection), needs, leaves)
    condition = () if where == ALWAYS else (draft.conditions(rows.find).holds(where),)
    picks = [leaf for leaf in leaves if isinstance(leaf, Picked)]
    return _ranked(draft, evolve(rows, where=condition), picks, leaves) if picks else evolve(rows, where=condition)


def _leaves(part: Part) -> Iterator[Leaf]:
    """What has to be found for a part, and what for the rows that it picks."""
    match part:
        case Cell() | Trait() | Refunded() | Tally() | Followed():
            yield part
        case Picked(where):
            yield from _leaves(where)
            yield part
        case _:
            for inner in parts(part):
                yield from _leaves(inner)


# What is beside a row: its own columns, its customer's, its refunds. --------------------------------------------------


def _stored(draft: Draft, collection: str) -> RowsAtHand:
    source = draft.layout.source(collection)

    def find(leaf: Leaf) -> Found:
        return kept(draft.layout.place(collection, cast(Cell, leaf).column))

    return RowsAtHand(source.table, source.customer, (), find)


def _beside(draft: Draft, rows: RowsAtHand, needs: Needs, leaves: tuple[Leaf, ...]) -> RowsAtHand:
    table, found = rows.table, dict[Leaf, Found]()
    traits = [need for need in needs if isinstance(need, Trait)]
    if traits:
        people, found_there = _people(draft, traits)
        table = table.join(people, people.c.customer == rows.customer)
        found.update(found_there)
    earlier = [need for need in needs if not isinstance(need, Trait)]
    for step in draft.steps(earlier):
        table = table.outerjoin(step, step.c.customer == rows.customer)
    found.update({need: draft.of_customer(need) for need in earlier})
    for refunded in (leaf for leaf in leaves if isinstance(leaf, Refunded)):
        table, found[refunded] = _with_refunds(draft, table, rows, refunded)

    def find(leaf: Leaf) -> Found:
        return found[leaf] if leaf in found else rows.find(leaf)

    return RowsAtHand(table, rows.customer, (), find)


def _people(draft: Draft, traits: list[Trait]) -> tuple[FromClause, dict[Leaf, Found]]:
    """The customers with some attributes, as a table of their own: the host may join its tables in any way."""
    customers = draft.layout.customers
    places = {trait: kept(draft.layout.place(None, trait.name)) for trait in traits}
    names = {trait: f"customer_{number}" for number, trait in enumerate(places, 1)}
    columns = [place.column.label(names[trait]) for trait, place in places.items()]
    people = (
        sa.select(customers.customer.label("customer"), *columns)
        .select_from(customers.table)
        .subquery(draft.name("people"))
    )
    return people, {trait: place.at(people.c[names[trait]]) for trait, place in places.items()}


def _with_refunds(draft: Draft, table: FromClause, rows: RowsAtHand, refunded: Refunded) -> tuple[FromClause, Found]:
    place = draft.layout.place
    refunds = _stored(draft, "refunds")
    said = draft.conditions(refunds.find)
    order, amount = place("refunds", "order_id").column, Cell("amount", Kind.AMOUNT)
    own = place("orders", "id").column
    sums = (
        sa.select(
            refunds.customer.label("customer"),
            order.label("order_id"),
            sa.func.sum(said.read.number(amount)).label("refunded"),
        )
        .select_from(refunds.table)
        .where(said.holds(Is("<=", AT, Constant(refunded.as_of))))
        .group_by(refunds.customer, order)
        .subquery(draft.name("refunds_by_order"))
    )
    mine = sa.and_(_same_id(sums.c.order_id, own), sums.c.customer == rows.customer)
    return table.outerjoin(sums, mine), Found(sums.c.refunded, Kind.AMOUNT, or_zero=True)


def _same_id(one: Expression, other: Expression) -> Expression:
    """As they are if they are declared alike, so that indexes stay usable; else by how they are written."""
    if family(one.type) is family(other.type):
        return cast(Expression, one == other)
    return cast(Expression, text(Found(one, Kind.TEXT)) == text(Found(other, Kind.TEXT)))


# Picked rows: their ranks are counted in a select of their own, one for each depth at which picks are nested. ---------


def _ranked(draft: Draft, rows: RowsAtHand, picks: list[Picked], leaves: tuple[Leaf, ...]) -> RowsAtHand:
    carried = (*(leaf for leaf in leaves if not isinstance(leaf, Picked)), AT, ID)
    done: tuple[Leaf, ...] = tuple(dict.fromkeys(carried))
    for depth in range(1, 1 + max(map(_depth, picks))):
        here = tuple(pick for pick in picks if _depth(pick) == depth)
        rows = _with_ranks(draft, rows, here, done)
        done += here
    return rows


def _depth(pick: Picked) -> int:
    return 1 + max((_depth(leaf) for leaf in _leaves(pick.where) if isinstance(leaf, Picked)), default=0)


def _with_ranks(draft: Draft, rows: RowsAtHand, picks: tuple[Picked, ...], carried: tuple[Leaf, ...]) -> RowsAtHand:
    """The rows again, each with its rank among those that a pick chooses from."""
    ranks = dict.fromkeys((pick.where, pick.position > 0) for pick in picks)
    found = {leaf: rows.find(leaf) for leaf in carried}
    columns = [place.column.label(f"c{number}") for number, place in enumerate(found.values(), 1)]
    numbered = [_rank(draft, rows, *rank).label(f"rank{number}") for number, rank in enumerate(ranks, 1)]
    inner = (
        sa.select(rows.customer.label("customer"), *columns, *numbered)
        .select_from(rows.table)
        .where(*rows.where)
        .subquery(draft.name("ranked"))
    )
    there = {leaf: place.at(inner.c[f"c{number}"]) for number, (leaf, place) in enumerate(found.items(), 1)}
    by_rank = {rank: inner.c[f"rank{number}"] for number, rank in enumerate(ranks, 1)}
    for pick in picks:
        rank = by_rank[pick.where, pick.position > 0]
        there[pick] = Found(rank == draft.constants.number(abs(pick.position)), Kind.FLAG)
    return RowsAtHand(inner, inner.c.customer, (), there.__getitem__)


def _rank(draft: Draft, rows: RowsAtHand, where: Test, from_first: bool) -> Expression:
    # Databases differ in where NULL stands.
    keys = (in_one_spelling(instant(rows.find(AT))), sa.func.coalesce(in_order(rows.find(ID)), ""))
    order = keys if from_first else tuple(key.desc() for key in keys)
    if where == ALWAYS:
        return sa.func.row_number().over(partition_by=rows.customer, order_by=order)
    among = draft.conditions(rows.find).holds(where)
    chosen = sa.case((among, 1), else_=0)
    return sa.case((among, sa.func.row_number().over(partition_by=(rows.customer, chosen), order_by=order)))
