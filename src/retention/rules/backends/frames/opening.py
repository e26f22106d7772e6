"""The frames of a layout as scopes of just the columns that some terms need."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import narwhals as nw
from attrs import evolve

from retention.errors import ConfigurationError
from retention.rules.backends.frames.arrow import in_arrow
from retention.rules.backends.frames.declared import is_said_whole, no_whole_numbers
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.large import is_number, is_unsigned, may_wrap, refuse_large
from retention.rules.backends.frames.scope import Names, Scope, Table
from retention.rules.backends.sets.layout import Layout, Place
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import Cell, Followed, Picked, Refunded, Tally
from retention.schema import Kind

_INEXACT: Final = 2.0**53
"""From here on, a float may stand for another whole number than it is."""


def open_rows(
    collection: str, terms: Iterable[Part], layout: Layout[Table, str], engine: Engine, names: Names, *more: str
) -> Scope:
    """The rows of a collection; ``more`` are columns by their names in the schema."""
    source = layout.source(collection)
    cells = dict.fromkeys((*more, *(each for term in terms for each in _cells(term))))
    places = {place.column: place for place in (layout.place(collection, each) for each in cells)}
    table = _only(source.table, source.customer, places, layout, engine, collection)
    return Scope(table, collection, source.customer, layout, engine, names)


def open_customers(columns: Iterable[str], layout: Layout[Table, str], engine: Engine, names: Names) -> Scope:
    """The customers with some of the host's columns, numbered where the engine would lose their order."""
    source = layout.customers
    known = {place.column: place for place in (layout.place(None, each) for each in source.columns)}
    places = {each: known.get(each) for each in columns}
    table = _only(source.table, source.customer, places, layout, engine, "customers")
    if engine is Engine.ARROW:
        table = evolve(table, frame=table.frame.with_row_index(names.place))
    if engine is Engine.POLARS and _is_coded(table.dtypes[source.customer]):  # which is given back as it is
        key = names.new()
        plain = table.frame.with_columns(nw.col(source.customer).cast(nw.String).alias(key))
        return Scope(evolve(table, frame=plain), None, key, layout, engine, names)
    return Scope(table, None, source.customer, layout, engine, names)


def _only(
    table: Table,
    key: str,
    places: Mapping[str, Place[str] | None],
    layout: Layout[Table, str],
    engine: Engine,
    what: str,
) -> Table:
    said = {name: place for name, place in places.items() if place is not None and name != key}
    if engine is Engine.POLARS:  # it leaves out by itself what is not needed
        typed = table if what == "customers" else _with_typed_key(table, key, layout)
        return _widened(typed, key, said, layout)
    frame = table.frame.select(*dict.fromkeys((key, *places)))
    if engine is Engine.DUCKDB:
        return _widened(evolve(table, frame=frame), key, said, layout)
    if engine is not Engine.ARROW:
        return evolve(table, frame=frame)
    found = in_arrow(frame, said)
    for name, place in said.items():
        refuse_large(found, key, name, place, layout, what)
        _refuse_fractions(found, name, place, layout, what)
        found = _with_whole_ids(found, name, place)
    return evolve(found, frame=found.frame.with_columns(_key(key, found, layout, what)))


def _widened(table: Table, key: str, places: Mapping[str, Place[str]], layout: Layout[Table, str]) -> Table:
    """Numbers that may have one bit more than 64 with a sign, or sums that may, are read as 128."""

    def is_wide(name: str, place: Place[str]) -> bool:
        if is_unsigned(table, name):
            return is_number(place)
        held = table.held
        return held is not None and may_wrap(held, table.dtypes[name], key, name, place, layout)

    wide = {name: nw.Int128() for name, place in places.items() if is_wide(name, place)}
    return evolve(table, dtypes={**table.dtypes, **wide}) if wide else table


def _refuse_fractions(found: Table, name: str, place: Place[str], layout: Layout[Table, str], what: str) -> None:
    """Raises ConfigurationError for floats of pandas, which whole numbers with gaps become, that are not whole."""
    if not is_said_whole(place, layout) or not found.dtypes[name].is_float():
        return
    broken = _inexact(found, name)
    if len(broken):
        raise no_whole_numbers(place, f"the column {name!r} of {what} holds {broken[0]!r}")


def _with_whole_ids(found: Table, name: str, place: Place[str]) -> Table:
    """Texts that are whole numbers are their digits, also where a gap has made floats of them in pandas."""
    if place.kind is not Kind.TEXT or not found.dtypes[name].is_float() or len(_inexact(found, name)):
        return found
    whole = found.frame.with_columns(nw.col(name).cast(nw.Int64))
    return evolve(found, frame=whole, dtypes={**found.dtypes, name: nw.Int64()})


def _inexact(found: Table, name: str) -> "nw.Series[Any]":
    """The floats of a column that are not whole, or may be another number than was written."""
    known: nw.Series[Any] = found.frame[name].drop_nulls()
    return known.filter((known.abs() >= _INEXACT) | (known != known.round(0)))


def _with_typed_key(table: Table, key: str, layout: Layout[Table, str]) -> Table:
    """Polars joins no column that has nothing, and so no type, with one that has, and texts only with plain texts."""
    own = layout.customers.table.dtypes[layout.customers.customer]
    wanted = nw.String() if _is_coded(own) or _is_coded(table.dtypes[key]) else own
    if wanted == nw.Unknown or (table.dtypes[key] != nw.Unknown and not _is_coded(table.dtypes[key])):
        return table
    return evolve(table, frame=table.frame.with_columns(nw.col(key).cast(wanted)))


def _is_coded(dtype: Any) -> bool:
    """Whether it is of texts that are kept as numbers of a list."""
    return dtype in (nw.Categorical, nw.Enum)


def _key(key: str, found: Table, layout: Layout[Table, str], what: str) -> nw.Expr:
    """The customer's id of one type in all frames: pandas makes floats of whole numbers where there are guests.

    Texts unless all that the customers are told by fits into 64 bits with a sign.
    """
    is_float = found.dtypes[key].is_float()
    if is_float:
        _refuse_rounded(found, key, what)
    whole = nw.col(key).cast(nw.Int64) if is_float else nw.col(key)
    theirs = layout.customers
    sources = (theirs, *layout.collections.values())
    if theirs.table.dtypes[theirs.customer].is_integer() and not any(
        is_unsigned(each.table, each.customer) for each in sources
    ):
        return whole.cast(nw.Int64)
    return whole.cast(nw.String)


def _refuse_rounded(found: Table, key: str, what: str) -> None:
    """Raises ConfigurationError for ids of which some may have lost their last digits, or are no ids at all."""
    if len(_inexact(found, key)):
        raise ConfigurationError(
            f"the customers' ids in the column {key!r} of {what} are floats, and some are not exact whole numbers",
            hint="Keep whole numbers with gaps as such; in pandas, as Int64 with a capital I",
        )


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
