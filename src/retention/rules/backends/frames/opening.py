"""The frames of a layout as scopes of just the columns that some terms need."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import narwhals as nw
from attrs import evolve

from retention.rules.backends.frames.arrow import in_arrow
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.scope import Names, Scope, Table
from retention.rules.backends.sets.layout import Layout, Place
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
    places = {place.column: place for place in (layout.place(collection, each) for each in cells)}
    table = _only(source.table, source.customer, places, layout, engine)
    return Scope(table, collection, source.customer, layout, engine, names)


def open_customers(columns: Iterable[str], layout: Layout[Table, str], engine: Engine, names: Names) -> Scope:
    """The customers with some of the host's columns, numbered where the engine would lose their order."""
    source = layout.customers
    known = {place.column: place for place in (layout.place(None, each) for each in source.columns)}
    places = {each: known.get(each) for each in columns}
    table = _only(source.table, source.customer, places, layout, engine)
    if engine is Engine.ARROW:
        table = evolve(table, frame=table.frame.with_row_index(PLACE))
    return Scope(table, None, source.customer, layout, engine, names)


def _only(
    table: Table, key: str, places: Mapping[str, Place[str] | None], layout: Layout[Table, str], engine: Engine
) -> Table:
    if engine is Engine.POLARS:  # it leaves out by itself what is not needed
        return _with_typed_key(table, key, layout)
    frame = table.frame.select(*dict.fromkeys((key, *places)))
    if engine is not Engine.ARROW:
        return evolve(table, frame=frame)
    found = in_arrow(frame, {name: place for name, place in places.items() if place is not None and name != key})
    return evolve(found, frame=found.frame.with_columns(_key(key, found, layout)))


def _with_typed_key(table: Table, key: str, layout: Layout[Table, str]) -> Table:
    """Polars joins no column that has nothing, and so no type, with one that has."""
    own = layout.customers.table.dtypes[layout.customers.customer]
    if table.dtypes[key] != nw.Unknown or own == nw.Unknown:
        return table
    return evolve(table, frame=table.frame.with_columns(nw.col(key).cast(own)))


def _key(key: str, found: Table, layout: Layout[Table, str]) -> nw.Expr:
    """The customer's id of one type in all frames: pandas makes floats of whole numbers where there are guests."""
    theirs = layout.customers
    if theirs.table.dtypes[theirs.customer].is_integer():
        return nw.col(key).cast(nw.Int64)
    whole = nw.col(key).cast(nw.Int64) if found.dtypes[key].is_float() else nw.col(key)
    return whole.cast(nw.String)


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
