"""Sequences: who has a row of one selection with a row of another within a time after it."""

from collections.abc import Iterable
from typing import Any, final

import narwhals as nw
from attrs import evolve, frozen

from retention.rules.backends.frames.added import keep
from retention.rules.backends.frames.instants import against, later, together
from retention.rules.backends.frames.opening import open_rows
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.reading import OfCustomer
from retention.rules.backends.sets.terms import Cell, Followed, Selection
from retention.schema import Kind


@final
@frozen(eq=False)
class _Instants:
    """The instants of a selection, one row for each that a customer has."""

    frame: Any
    customer: str
    at: Value
    name: str


def add_followed(followed: Followed, needs: Iterable[OfCustomer], customers: Scope) -> None:
    """Add to the customers a flag that is the sequence.

    Every instant of the first selection meets every later one of the second: work is in proportion to the product of
    the two, customer by customer.
    """
    first, then = (_selected(each, needs, customers) for each in (followed.first, followed.then))
    engine = customers.engine
    end = later(engine, first.at, followed.microseconds)
    if followed.missed:
        first = evolve(first, frame=first.frame.filter(against(engine, "<=", end, followed.as_of)))
    pairs = first.frame.join(then.frame, left_on=first.customer, right_on=then.customer, how="inner")
    met = pairs.filter(together(engine, ">", then.at, first.at) & together(engine, "<=", then.at, end))
    if followed.missed:
        both = [first.customer, first.name]
        found = first.frame.join(met.select(*both).unique(), on=both, how="anti")
    else:
        found = met
    flag = customers.names.new()
    flags = found.select(first.customer).unique().with_columns(nw.lit(True).alias(flag))
    customers.join(flags, first.customer)
    customers.learn(followed, Value(nw.col(flag).fill_null(False), Kind.FLAG))


def _selected(selection: Selection, needs: Iterable[OfCustomer], customers: Scope) -> _Instants:
    where = selection.where
    rows = open_rows(selection.collection, (where,), customers.layout, customers.engine, customers.names, "at")
    rows.bring(needs, customers)
    keep(where, rows)
    customer, at = rows.names.new(), rows.names.new()
    found = value(Cell("at", Kind.INSTANT), rows)
    frame = rows.frame.select(nw.col(rows.key).alias(customer), found.expr.alias(at)).unique()
    return _Instants(frame, customer, found.at(at), at)
