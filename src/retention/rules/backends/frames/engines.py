"""What the libraries behind narwhals do differently: the one place that asks which of them is at work.

What is said here of Polars, PyArrow, pandas, DuckDB and PySpark the tests try again on every one of them. ``OTHER`` is
the careful guess for a lazy library that they do not run (Ibis, SQLFrame, Dask), and PySpark's over Spark Connect too.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, assert_never, final

import narwhals as nw

from retention.rules.backends.sets.kept_instants import EPOCH

_NANOSECONDS: Final = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


@final
class Engine(Enum):
    """Who calculates. pandas and other eager frames but Polars' are handed to PyArrow, column by column.

    pandas keeps whole numbers with gaps as floats and its comparisons know no missing value, so it would need a
    meaning of its own for every term; Arrow's columns have one.
    """

    POLARS = "Polars"
    ARROW = "PyArrow, pandas"
    DUCKDB = "DuckDB"
    SPARK = "PySpark"
    OTHER = "other lazy frames"


_ENGINES: Final = {
    nw.Implementation.POLARS: Engine.POLARS,
    nw.Implementation.DUCKDB: Engine.DUCKDB,
    nw.Implementation.PYSPARK: Engine.SPARK,
    nw.Implementation.PYSPARK_CONNECT: Engine.SPARK,
}


def engine_of(frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]") -> Engine:
    """Who will calculate with a frame."""
    lazy = isinstance(frame, nw.LazyFrame)
    return _ENGINES.get(frame.implementation, Engine.OTHER if lazy else Engine.ARROW)


def in_microseconds(frame: Any) -> Any:
    """A frame without DuckDB's ``TIMESTAMPTZ_NS``, which narwhals does not know and DuckDB compares with nothing."""
    if frame.implementation is not nw.Implementation.DUCKDB:
        return frame
    from duckdb import ColumnExpression, StarExpression

    relation = nw.to_native(frame)
    fine = [name for name, kind in zip(relation.columns, relation.types, strict=True) if kind == "TIMESTAMPTZ_NS"]
    if not fine:
        return frame
    coarse = (ColumnExpression(name).cast("TIMESTAMPTZ").alias(name) for name in fine)
    return nw.from_native(relation.select(StarExpression(exclude=fine), *coarse))


def instant_constant(engine: Engine, instant: datetime, kept: Any) -> nw.Expr:
    """An instant beside a column of dtype ``kept``, which it must be in Polars; UTC, or naive beside a naive column."""
    zone = instant.tzinfo
    match engine:
        case Engine.POLARS:
            # Of a datetime Polars makes a column and converts it: most of the time that a small query takes.
            since = (instant - EPOCH.replace(tzinfo=zone)) // timedelta(microseconds=1)
            return nw.lit(since * 1000 // _NANOSECONDS[kept.time_unit], kept)
        case Engine.SPARK if zone is None:  # its own literal would be read in the zone of the machine
            return nw.lit(instant.isoformat(sep=" ")).cast(nw.Datetime("us"))
        case Engine.SPARK | Engine.ARROW | Engine.DUCKDB | Engine.OTHER:
            return nw.lit(instant)
        case _:
            assert_never(engine)


def moved(engine: Engine, instants: nw.Expr, microseconds: int) -> nw.Expr:
    """Instants moved by an exact time."""
    if engine is not Engine.DUCKDB:
        return instants + timedelta(microseconds=microseconds)
    # An interval of 24 hours or more becomes days, which DuckDB counts on the calendar of its connection.
    hours, rest = divmod(microseconds, 3_600_000_000)
    if hours:
        instants = instants + nw.lit(hours) * timedelta(hours=1)
    return instants + timedelta(microseconds=rest) if rest else instants


def since_epoch(engine: Engine, micros: nw.Expr) -> nw.Expr:
    """Microseconds since 1970 as instants that know their zone."""
    start = nw.lit(EPOCH)
    if engine is not Engine.DUCKDB:
        return start + micros * timedelta(microseconds=1)
    hours = micros // 3_600_000_000  # DuckDB multiplies intervals by 32 bits
    seconds = (micros - hours * 3_600_000_000) // 1_000_000
    rest = micros - hours * 3_600_000_000 - seconds * 1_000_000
    return start + hours * timedelta(hours=1) + seconds * timedelta(seconds=1) + rest * timedelta(microseconds=1)


def has_null(engine: Engine, lists: nw.Expr) -> nw.Expr:
    """Whether an item of a list is missing."""
    if engine not in (Engine.SPARK, Engine.OTHER):
        return lists.list.contains(None)
    # Spark looks for no null, and fails where a list has no first item.
    first = lists.list.sort(nulls_last=False).list.get(0)
    return nw.when(lists.list.len() > 0).then(first.is_null()).otherwise(nw.lit(False))


def wide(engine: Engine, number: nw.Expr) -> nw.Expr:
    """A whole number with room for products; PyArrow has no more than 64 bits."""
    match engine:
        case Engine.POLARS | Engine.DUCKDB:
            return number.cast(nw.Int128)
        case Engine.SPARK | Engine.OTHER:
            return number.cast(nw.Decimal(38, 0))
        case Engine.ARROW:
            return number
        case _:
            assert_never(engine)


def wide_constant(engine: Engine, number: int) -> nw.Expr:
    """A whole number of more than 64 bits."""
    return nw.lit(Decimal(number)) if engine in (Engine.SPARK, Engine.OTHER) else nw.lit(number)
