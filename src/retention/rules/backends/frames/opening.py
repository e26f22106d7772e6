"""The frames of a layout as scopes of just the columns that some terms need."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve

from retention.rules.backends.frames.arrow import in_arrow
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.scope import Names, Scope, Table
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import Cell, Followed, Picked, Refunded, Tally

PLACE: Final = "retention_place"
"""The column with the number of a customer's row, in PyArrow."""


def open_rows(
    collection: str, terms: Iterable[Part], layout: Layout[Table, str], engine: Engine, names: Names, *more: str
) -> Scope:
    """The rows of a collection; ``more`` are columns by their names in the schema."""
    source = layout.source(collection)
    cells = dict.fromkeys((*more, *(each for term in terms for each in _cells(term))))
    columns = dict.fromkeys((source.customer, *(layout.place(collection, each).column for each in cells)))
    return Scope(_only(source.table, columns, engine), collection, source.customer, layout, engine, names)


def open_customers(columns: Iterable[str], layout: Layout[Table, str], engine: Engine, names: Names) -> Scope:
    """The customers with some of the host's columns, numbered where the engine would lose their order."""
    source = layout.customers
    table = _only(source.table, dict.fromkeys((source.customer, *columns)), engine)
    if engine is Engine.ARROW:
        table = evolve(table, frame=table.frame.with_row_index(PLACE))
    return Scope(table, None, source.customer, layout, engine, names)


def _only(table: Table, columns: Iterable[str], engine: Engine) -> Table:
    if engine is Engine.POLARS:  # it leaves out by itself what is not needed
        return table
    frame = table.frame.select(*columns)
    return in_arrow(frame) if engine is Engine.ARROW else evolve(table, frame=frame)


def _cells(part: Part) -> Iterator[str]:
    """The columns that a term of the row reads; what is inside of a tally belongs to other rows."""
    match part:
        case Cell(column):
            yield column
        case Picked(where):
            yield from ("at", "id", *_cells(where))
        case Refunded():
            yield "id"
        case Tally() | Followed():
            return
        case _:
            for inner in parts(part):
                yield from _cells(inner)
