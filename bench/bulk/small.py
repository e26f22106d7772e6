"""What a question costs before it touches many rows: building a statement or a plan, and asking of ten customers."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bench.bulk.by_hand import in_polars
from bench.bulk.library import EIGHT, as_frames
from bench.bulk.sides import in_memory
from bench.bulk.turns import repeated
from bench.figures import Figure, at_most, shown
from bench.population import NOW
from bench.timing import typical
from retention import Segment, frames, sql
from retention.schema import STANDARD, CollectionSchema, Kind
from retention.segments.catalogue import standard_segments

FEW: Final = 10

_FRAME_TYPES: Final[dict[Kind, Any]] = {
    Kind.NUMBER: pl.Int64,
    Kind.AMOUNT: pl.Int64,
    Kind.TEXT: pl.String,
    Kind.FLAG: pl.Boolean,
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.DATE: pl.Date,
    Kind.LABELS: pl.List(pl.String),
}
_TABLE_TYPES: Final[dict[Kind, Any]] = {
    Kind.NUMBER: sa.BigInteger(),
    Kind.AMOUNT: sa.BigInteger(),
    Kind.TEXT: sa.Text(),
    Kind.FLAG: sa.Boolean(),
    Kind.INSTANT: sa.DateTime(timezone=True),
    Kind.DATE: sa.Date(),
    Kind.LABELS: sa.ARRAY(sa.Text()),
}


def building() -> Iterator[Figure]:
    """Milliseconds from a segment to what the database or Polars is given, over tables that keep the whole schema."""
    tables, lazy = _tables(), _frames()
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    catalogue = standard_segments()

    def statement(segment: Segment) -> Callable[[], object]:
        return lambda: segment.select(tables, as_of=NOW).compile(dialect=dialect)

    def plan(segment: Segment) -> Callable[[], object]:
        return lambda: segment.filter(lazy, as_of=NOW)

    for engine, one in (("sql", statement), ("frames", plan)):
        slowest = max(typical(one(each)) for each in (*EIGHT, *catalogue))
        yield at_most(10, f"bulk/building/{engine}/slowest rule", 1000 * slowest, "ms")
    together = typical(lambda: catalogue.select(tables, as_of=NOW).compile(dialect=dialect))
    yield at_most(50, f"bulk/building/sql/catalogue of {len(catalogue)}", 1000 * together, "ms")
    together = typical(lambda: catalogue.label(lazy, as_of=NOW))
    yield at_most(50, f"bulk/building/frames/catalogue of {len(catalogue)}", 1000 * together, "ms")


def few_customers() -> Iterator[Figure]:
    """A call on ten customers, all eight rules, from eager frames to an eager frame."""
    tables = in_memory(FEW)
    told = as_frames(tables)
    lazy = {name: frame.lazy() for name, frame in tables.items()}
    ours = repeated(lambda: EIGHT.label(told, as_of=NOW), 51)
    theirs = repeated(lambda: in_polars(lazy).collect(), 51)
    yield at_most(15, f"bulk/{FEW} customers/frames on polars", 1000 * ours.middle, "ms")
    yield shown(f"bulk/{FEW} customers/polars by hand", 1000 * theirs.middle, "ms")


def _frames() -> frames.Frames[Any]:
    def given(columns: dict[str, Kind]) -> Any:
        empty = pl.LazyFrame(schema={name: _FRAME_TYPES[kind] for name, kind in columns.items()})
        return frames.rows(empty, **_told(columns))

    return frames.Frames(customers=given(_attributes()), currency="KRW", **_each_collection(given))


def _tables() -> sql.Tables:
    tables = iter(range(100))

    def given(columns: dict[str, Kind]) -> Any:
        table = sa.table(
            f"table_{next(tables)}", *(sa.column(name, _TABLE_TYPES[kind]) for name, kind in columns.items())
        )
        return sql.rows(table, **_told(columns))

    return sql.Tables(customers=given(_attributes()), currency="KRW", **_each_collection(given))


def _each_collection(given: Callable[[dict[str, Kind]], Any]) -> dict[str, Any]:
    return {name: given(_columns(each)) for name, each in STANDARD.collections.items()}


def _attributes() -> dict[str, Kind]:
    return {name: each.kind for name, each in STANDARD.attributes.items()}


def _columns(collection: CollectionSchema) -> dict[str, Kind]:
    derived = {"refunded"}  # an order's refunds are rows of their own
    own = {name: each.kind for name, each in collection.columns.items() if name not in derived}
    return {"customer": Kind.TEXT, **own}


def _told(columns: dict[str, Kind]) -> dict[str, str]:
    """Every column is called what the schema calls it."""
    return {name: name for name in columns}
