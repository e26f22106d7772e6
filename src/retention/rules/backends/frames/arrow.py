"""Eager frames in PyArrow, their lists as texts: Arrow's joins carry no lists."""

from typing import Any

import narwhals as nw

from retention.rules.backends.frames.scope import Table
from retention.rules.backends.frames.stored import Enclosed

_SEPARATORS = "\x1f\x1e\x1d\x1c"


def in_arrow(frame: "nw.DataFrame[Any]") -> Table:
    """The same rows in PyArrow, and what each column is: a dtype, or ``Enclosed`` of what was a list."""
    import pyarrow as pa

    table = frame.to_arrow()
    dtypes: dict[str, Any] = {}
    for place, name in enumerate(frame.columns):
        kept = table.schema.field(name).type
        if pa.types.is_list(kept) or pa.types.is_large_list(kept) or pa.types.is_fixed_size_list(kept):
            text, by = _enclosed(table.column(name))
            table = table.set_column(place, name, text)
            dtypes[name] = Enclosed(by)
    known: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    return Table(known, {**known.schema, **dtypes})


def _enclosed(lists: Any) -> tuple[Any, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = lists.cast(pa.list_(pa.string()))
    items = pc.list_flatten(lists)
    by = next(each for each in _separators() if not pc.any(pc.match_substring(items, each)).as_py())
    inside = pc.binary_join(lists, by)
    enclosed = pc.binary_join_element_wise(by, inside, by, "")
    return pc.if_else(pc.greater(pc.list_value_length(lists), 0), enclosed, inside), by


def _separators() -> Any:
    """Characters that are in no label, as a rule: the separators of ASCII, then everything that Unicode leaves free."""
    yield from _SEPARATORS
    yield from map(chr, range(0xE000, 0xF8FF))
