"""Numbers taken of the customers of some frames, collected."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw

from retention.rules.backends.frames.added import keep
from retention.rules.backends.frames.answering import find
from retention.rules.backends.frames.conditions import true_or_false
from retention.rules.backends.frames.instants import form_of
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.supports import refuse
from retention.rules.backends.frames.values import value as value_of
from retention.rules.backends.sets.kept_instants import meant
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.measures import Measures, measure
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import Kind

if TYPE_CHECKING:
    from retention.rules.backends.frames.mapping import Frames


def groups(
    frames: "Frames[Any]", keys: Sequence[Test], sums: Sequence[Term | Test], where: Test = ALWAYS
) -> list[Group]:
    """See ``Measurable.groups``."""
    asked = measure(where, keys, sums)
    customers = _of_whom(frames, asked)
    new = customers.names.new
    flags = {new(): true_or_false(each, customers) for each in asked.keys}
    numbers = {new(): _number(each, customers) for each in asked.numbers}
    everyone, size = new(), new()  # a group-by has a key, and none of its groups is empty
    each_one = customers.frame.select(
        customers.constant(True).alias(everyone), *(expr.alias(name) for name, expr in (flags | numbers).items())
    )
    totals = (nw.col(name).sum().alias(new()) for name in numbers)
    found = each_one.group_by(everyone, *flags).agg(nw.len().alias(size), *totals)
    return [
        (tuple(row[1 : 1 + len(flags)]), row[1 + len(flags)], tuple(int(each or 0) for each in row[2 + len(flags) :]))
        for row in _collected(found).rows()
    ]


def ranked(frames: "Frames[Any]", value: Term, ranks: Sequence[int], where: Test = ALWAYS) -> list[int | datetime]:
    """See ``Measurable.ranked``."""
    asked = measure(where, numbers=(value,))
    customers = _of_whom(frames, asked)
    found = value_of(value, customers)
    name, place = customers.names.new(), customers.names.new()
    values = customers.frame.select(found.expr.alias(name)).filter(~nw.col(name).is_null())
    placed = values.with_row_index(place, order_by=name).filter(nw.col(place).is_in([rank - 1 for rank in ranks]))
    kept = _collected(placed).sort(place)[name].to_list()
    return [meant(each, form_of(found)) if kind_of(value) is Kind.INSTANT else int(each) for each in kept]


def _of_whom(frames: "Frames[Any]", asked: Measures) -> Scope:
    refuse(asked.plan.tests, frames.layout, frames.engine)
    customers = find(frames, asked.plan)
    keep(asked.where, customers)
    return customers


def _number(each: Term | Test, customers: Scope) -> nw.Expr:
    if isinstance(each, Test):
        return true_or_false(each, customers).cast(nw.Int64)
    return value_of(each, customers).expr


def _collected(found: Any) -> "nw.DataFrame[Any]":
    frame: nw.DataFrame[Any] = found.collect() if isinstance(found, nw.LazyFrame) else found
    return frame
