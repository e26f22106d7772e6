"""Rows and selections as a proof speaks of them: one row's cells, and the conditions that its selection puts on it."""

from collections.abc import Iterator
from typing import cast

from attrs import evolve

from retention.rules.nodes import Aggregate, Column, Events, Named, Node, Rule, Value
from retention.rules.walk import children, replace_children


def canonical(rule: Rule) -> Rule:
    """The rule without names, and with one form for each cell: ``first`` of a selection that picks one row."""
    return cast(Rule, _canonical(rule))


def _canonical(node: Node) -> Node:
    while isinstance(node, Named):
        node = node.rule
    node = replace_children(node, _canonical)
    match node:
        case Aggregate(("first" | "last") as end, Events(pick=None) as rows, str(column)):
            return cell(evolve(rows, pick=1 if end == "first" else -1), column)
        case Aggregate("last" | "min" | "max", Events(pick=int()) as row, str(column)):
            return cell(row, column)
    return node


def cell(row: Events, column: str) -> Aggregate:
    """A column of one row; ``row`` is a selection with a pick."""
    return Aggregate("first", row, column)


def is_cell(value: Value) -> bool:
    """The value is a column of one row."""
    return isinstance(value, Aggregate) and value.function == "first" and value.events.pick is not None


def count(rows: Events) -> Aggregate:
    """How many rows a selection has."""
    return Aggregate("count", rows)


def unpicked(rows: Events) -> Events:
    """The selection from which the row was picked."""
    return rows if rows.pick is None else evolve(rows, pick=None)


def conditions(rows: Events) -> Iterator[Rule]:
    """What every row of a selection meets, those of the selections under it included."""
    source: str | Events = rows
    while isinstance(source, Events):
        if source.where is not None:
            yield source.where
        source = source.source


def is_plain(rows: Events) -> bool:
    """Whoever meets the conditions is in the selection: no row was picked anywhere under it."""
    source: str | Events = rows
    while isinstance(source, Events):
        if source.pick is not None:
            return False
        source = source.source
    return True


def said_of(rule: Rule, row: Events) -> Rule:
    """A condition on the rows of a selection, said of one row of it."""
    return cast(Rule, _said_of(rule, row))


def _said_of(node: Node, row: Events) -> Node:
    match node:
        case Column(name):
            return cell(row, name)
        case Events():
            return node  # its columns are its own rows'
    return replace_children(node, lambda child: _said_of(child, row))


def selections(node: Node) -> Iterator[Events]:
    """The selections that a comparison looks at; not those inside of their conditions."""
    if isinstance(node, Events):
        yield node
    else:
        for child in _below(node):
            yield from selections(child)


def values(node: Node) -> Iterator[Value]:
    """Every value that a comparison is made of, outside of the conditions of selections."""
    for child in _below(node):
        if isinstance(child, Value):
            yield child
        if not isinstance(child, Events):
            yield from values(child)


def _below(node: Node) -> list[Node]:
    return [child for _, child in children(node)]
