"""Every library whose frames are tested, and a host's tables as frames of each."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, assert_never, final

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from attrs import frozen

from retention.frames import (
    Aware,
    Decimals,
    Epoch,
    Frames,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Rows,
    Separated,
    answers,
    rows,
)
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.terms import Test
from retention.schema import Kind
from retention.testing.tables import CUSTOMERS
from tests.sets.adapter import Found
from tests.sets.hosts import Column, Host, Table

Write = Callable[[pa.Table], Any]

LIBRARIES: Final[Mapping[str, Write]] = {
    "polars": pl.from_arrow,
    "polars lazy": lambda table: pl.DataFrame(pl.from_arrow(table)).lazy(),
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas of arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "duckdb": duckdb.from_arrow,
}
"""Name to what makes a frame of an Arrow table. PySpark needs a session: see ``spark_frame``."""


def arrow_type(column: Column) -> pa.DataType:
    """How Arrow keeps a host's column."""
    match column.form:
        case Aware():
            return pa.timestamp("us", "UTC")
        case Naive():
            return pa.timestamp("us")
        case Epoch() | Minor():
            return pa.int64()
        case Major() | Decimals() if column.is_float:
            return pa.float64()
        case Decimals(0):
            return pa.int64()
        case Major() | Decimals():
            return pa.decimal128(24, 6)
        case Listed():
            return pa.list_(pa.string())
        case Separated() | Json():
            return pa.string()
        case None:
            return {Kind.TEXT: pa.string(), Kind.FLAG: pa.bool_(), Kind.DATE: pa.date32()}[column.kind]
        case _:
            assert_never(column.form)


def arrow_table(table: Table, link: str) -> pa.Table:
    """A host's table in Arrow; ``link`` names the column with the customer's id, or of customers the currency."""
    columns = {name: pa.array(_cells(each), arrow_type(each)) for name, each in table.columns.items()}
    return pa.table({**columns, link: pa.array(table.link, pa.string())})


def _cells(column: Column) -> list[Any]:
    if arrow_type(column) == pa.decimal128(24, 6):
        return [None if each is None else Decimal(each) for each in column.cells]
    return column.cells


def frames_of(host: Host, write: Write) -> Frames:
    """A host's tables as frames of one library, mapped."""
    collections = {name: _rows(host, name, "of_customer", write) for name in host.tables if name != CUSTOMERS}
    customers = _rows(host, CUSTOMERS, "dealt_in", write)
    return Frames(customers=customers, schema=host.schema, stored=host.stored, currency=host.currency, **collections)


def _rows(host: Host, name: str, link: str, write: Write) -> Rows:
    frame = write(arrow_table(host.tables[name], link))
    said: dict[str, Any] = host.columns(name, str)
    if name == CUSTOMERS:
        return rows(frame, currency=None if host.currency else link, **said)
    return rows(frame, customer=link, **said)


def as_rows(native: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any library."""
    import narwhals as nw

    frame: Any = nw.from_native(native)
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return list(collected.rows(named=True))


@final
@frozen
class OpenedFrames:
    """A host's frames, asked as every set-based engine is."""

    frames: Frames

    @property
    def layout(self) -> Layout[Any, Any]:
        return self.frames.layout

    def build(self, test: Test) -> object:
        return answers(self.frames, {"rule": test})

    def answers(self, tests: Mapping[str, Test]) -> Found:
        found = as_rows(answers(self.frames, tests))
        key = self.frames.layout.customers.customer
        return {each[key]: {name: each[name] for name in tests} for each in found}

    def close(self) -> None:
        """Frames are not opened, so nothing is closed."""


def opened(host: Host, write: Write) -> OpenedFrames:
    return OpenedFrames(frames_of(host, write))
