"""Columns whose sums may need more than 64 bits: found in frames that are in memory, before anything wraps round."""

from typing import Any, Final

import narwhals as nw

from retention.errors import ConfigurationError
from retention.rules.backends.frames.scope import Table
from retention.rules.backends.frames.stored import places
from retention.rules.backends.sets.layout import Layout, Place
from retention.rules.backends.sets.storage import Epoch
from retention.schema import Kind

_TOO_LARGE: Final = 2**63
_HALF: Final = 2**32
"""Sums are added up in two halves, which both fit into 64 bits."""
_HINT: Final = "Make what stands for nothing null; or use Polars or DuckDB, which calculate with more bits"


def is_number(place: Place[str]) -> bool:
    return place.kind in (Kind.NUMBER, Kind.AMOUNT)


def is_unsigned(table: Table, name: str) -> bool:
    return bool(table.dtypes[name] == nw.UInt64)


def refuse_large(found: Table, key: str, name: str, place: Place[str], layout: Layout[Any, str], what: str) -> None:
    """Raises ConfigurationError for numbers that PyArrow, which has 64 bits with a sign, cannot calculate with."""
    if is_unsigned(found, name) and (is_number(place) or isinstance(place.form, Epoch)):
        most = found.frame[name].max()
        if most is not None and most >= _TOO_LARGE:
            raise ConfigurationError(
                f"the column {name!r} of {what} holds {most}, which is too large for Int64", hint=_HINT
            )
    if may_wrap(found.frame, found.dtypes[name], key, name, place, layout):
        raise ConfigurationError(
            f"the column {name!r} of {what} holds numbers of which sums are too large for Int64", hint=_HINT
        )


def may_wrap(
    frame: "nw.DataFrame[Any]", dtype: Any, key: str, name: str, place: Place[str], layout: Layout[Any, str]
) -> bool:
    """Whether whole numbers of one customer, or some of them, may add up to what 64 bits cannot keep.

    Cost: the least and the greatest cell; all cells again only if these are so large that it is not settled.
    """
    if not is_number(place) or not dtype.is_integer():
        return False
    factor = 10 ** places(place.form, layout)
    low, high = frame[name].min(), frame[name].max()
    if low is None or max(-low, high) * factor * len(frame) < _TOO_LARGE:
        return False
    size = nw.col(name).abs()
    upper = size // _HALF
    halves = frame.select(nw.col(key).alias("owner"), upper.alias("upper"), (size - upper * _HALF).alias("lower"))
    sums = halves.group_by("owner").agg(nw.col("upper", "lower").sum())
    most = (sums["upper"] + sums["lower"] // _HALF).max() * _HALF
    return bool((most + (_HALF if factor > 1 else 0)) * factor >= _TOO_LARGE)
