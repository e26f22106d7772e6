"""Eager frames in PyArrow, their lists as texts: Arrow's joins carry no lists."""

from collections.abc import Mapping
from typing import Any, assert_never

import narwhals as nw

from retention.errors import ConfigurationError
from retention.rules.backends.frames.scope import Table
from retention.rules.backends.frames.stored import Enclosed
from retention.rules.backends.sets.layout import Place
from retention.rules.backends.sets.storage import Aware, Epoch
from retention.schema import Kind

_SEPARATORS = "\x1f\x1e\x1d\x1c"


def in_arrow(frame: "nw.DataFrame[Any]", places: Mapping[str, Place[str]]) -> Table:
    """The same rows in PyArrow, and what each column is: a dtype, or ``Enclosed`` of what was a list.

    ``places`` say what the columns are, all but the customer's id. Where nothing is known, pandas cannot tell.
    """
    table = _table(frame)
    dtypes: dict[str, Any] = {}
    for number, name in enumerate(frame.columns):
        cells, place = table.column(name), places.get(name)
        if place is not None and cells.null_count == len(cells):
            table = table.set_column(number, name, _missing(len(cells), place))
            if place.kind is Kind.LABELS:
                dtypes[name] = Enclosed(_SEPARATORS[0])
        elif _is_list(cells.type):
            text, by = _enclosed(cells)
            table = table.set_column(number, name, text)
            dtypes[name] = Enclosed(by)
        elif str(cells.type) == "extension<arrow.uuid>":
            table = table.set_column(number, name, _texts(cells))
        elif (usual := _usual(cells.type)) is not None:
            table = table.set_column(number, name, cells.cast(usual))
        elif getattr(cells.type, "tz", None):
            table = table.set_column(number, name, _in_utc(cells))
    known: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    return Table(known, {**known.schema, **dtypes})


def _table(frame: "nw.DataFrame[Any]") -> Any:
    """Raises ConfigurationError for a column of pandas whose cells are of several types."""
    import pyarrow as pa

    try:
        return frame.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as wrong:
        raise ConfigurationError(
            f"a column cannot be read: {wrong}", hint="Give a column cells of one type, such as texts, or leave it out"
        ) from wrong


def _texts(uuids: Any) -> Any:
    """UUIDs as they are written in rules; Arrow has no cast for them."""
    import pyarrow as pa

    return pa.array((None if each is None else str(each) for each in uuids.to_pylist()), pa.string())


def _usual(kept: Any) -> Any:
    """The type in which Arrow calculates, of one that it only keeps; None of all others."""
    import pyarrow as pa

    name = str(kept)  # PyArrow 18 does not know all of these
    if name == "string_view":
        return pa.string()
    if name == "halffloat":
        return pa.float64()
    return pa.decimal128(kept.precision, kept.scale) if name.startswith(("decimal32", "decimal64")) else None


def _is_list(kept: Any) -> bool:
    from pyarrow import types

    return any(each(kept) for each in (types.is_list, types.is_large_list, types.is_fixed_size_list))


def _in_utc(instants: Any) -> Any:
    """Arrow compares only instants that show the same zone."""
    import pyarrow as pa

    return instants.cast(pa.timestamp(instants.type.unit, "UTC"))


def _missing(count: int, place: Place[str]) -> Any:
    """Cells of a place, none of them known."""
    import pyarrow as pa

    match place.kind:
        case Kind.NUMBER | Kind.AMOUNT:
            return pa.nulls(count, pa.int64())
        case Kind.TEXT | Kind.LABELS:
            return pa.nulls(count, pa.string())
        case Kind.FLAG:
            return pa.nulls(count, pa.bool_())
        case Kind.DATE:
            return pa.nulls(count, pa.date32())
        case Kind.INSTANT if isinstance(place.form, Epoch):
            return pa.nulls(count, pa.int64())
        case Kind.INSTANT:
            return pa.nulls(count, pa.timestamp("us", "UTC" if isinstance(place.form, Aware) else None))
        case _:
            assert_never(place.kind)


def _enclosed(lists: Any) -> tuple[Any, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = lists.cast(pa.list_(pa.string()))
    items = pc.list_flatten(lists)
    if items.null_count:  # a text joined with what is missing is missing
        lists, items = _without_nulls(lists), items.drop_null()
    by = next(each for each in _separators() if not pc.any(pc.match_substring(items, each)).as_py())
    inside = pc.binary_join(lists, by)
    enclosed = pc.binary_join_element_wise(by, inside, by, "")
    return pc.if_else(pc.greater(pc.list_value_length(lists), 0), enclosed, inside), by


def _without_nulls(lists: Any) -> Any:
    """The same lists without the items that are missing; a list that is missing stays so."""
    import pyarrow as pa

    some = (None if each is None else [item for item in each if item is not None] for each in lists.to_pylist())
    return pa.array(some, lists.type)


def _separators() -> Any:
    """Characters that are in no label, as a rule: the separators of ASCII, then everything that Unicode leaves free."""
    yield from _SEPARATORS
    yield from map(chr, range(0xE000, 0xF8FF))
