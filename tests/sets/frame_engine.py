"""A host's tables as data frames of every library."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never, final

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
from attrs import frozen

from retention.frames import Frames, rows
from retention.rules.backends.frames.supports import refuse
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.storage import Aware, Decimals, Epoch, Json, Listed, Major, Minor, Naive, Separated
from retention.rules.backends.sets.terms import Test
from retention.schema import Kind
from retention.testing.tables import CUSTOMERS
from tests.sets.adapter import Found
from tests.sets.hosts import Column, Host, Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Frame: TypeAlias = Any
Make: TypeAlias = Callable[[pa.Table], Frame]
"""From an Arrow table to a frame of a library."""


def arrow(table: Table, link: str) -> pa.Table:
    """A table; its columns have names of their own, so that nothing is found by chance."""
    columns = {f"its_{name}": pa.array(each.cells, _type(each)) for name, each in table.columns.items()}
    return pa.table({link: pa.array(table.link, pa.string()), **columns})


def _type(column: Column) -> pa.DataType:
    match column.form:
        case Aware():
            return pa.timestamp("us", "UTC")
        case Naive():
            return pa.timestamp("us")
        case Epoch() | Minor() | Decimals(0):
            return pa.int64()
        case Decimals(places):
            return pa.float64() if column.is_float else pa.decimal128(20, places)
        case Major():
            return pa.float64() if column.is_float else pa.decimal128(20, 4)
        case Listed():
            return pa.list_(pa.string())
        case Separated() | Json():
            return pa.string()
        case None:
            return _PLAIN[column.kind]
        case _:
            assert_never(column.form)


_PLAIN: Mapping[Kind, pa.DataType] = {Kind.TEXT: pa.string(), Kind.FLAG: pa.bool_(), Kind.DATE: pa.date32()}


def polars_eager(table: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found


def polars_lazy(table: pa.Table) -> pl.LazyFrame:
    return polars_eager(table).lazy()


def pandas_arrow(table: pa.Table) -> pd.DataFrame:
    """Columns of Arrow's types."""
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def pandas_plain(table: pa.Table) -> pd.DataFrame:
    """Columns of NumPy's types: whole numbers with gaps are floats, flags and dates with gaps are objects."""
    return table.to_pandas()


def opened(host: Host, make: Make) -> "InFrames":
    """The tables as frames."""
    return InFrames(_mapped(host, {name: make(arrow(each, _link(name))) for name, each in host.tables.items()}))


def in_duckdb(host: Host) -> "InFrames":
    """The tables as relations of a connection whose zone is far from the rules'."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Pacific/Apia'")
    frames = opened(host, connection.from_arrow)
    return InFrames(frames.frames, connection.close)


def in_spark(host: Host, session: "SparkSession") -> "InFrames":
    """The tables as frames of a session."""
    return opened(host, partial(as_spark_frame, session))


def as_spark_frame(session: "SparkSession", table: pa.Table) -> Frame:
    """Naive instants stay so, which has to be said."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame(table, from_arrow_schema(table.schema, prefer_timestamp_ntz=True))


def _link(name: str) -> str:
    return "_currency" if name == CUSTOMERS else "_customer"


def _mapped(host: Host, frames: Mapping[str, Frame]) -> Frames[Any]:
    said = {name: host.columns(name, lambda each: f"its_{each}") for name in frames}
    dealt = None if host.currency else "_currency"
    customers = rows(frames[CUSTOMERS], currency=dealt, **said[CUSTOMERS])
    collections: dict[str, Any] = {
        name: rows(frame, customer="_customer", **said[name]) for name, frame in frames.items() if name != CUSTOMERS
    }
    return Frames(customers=customers, schema=host.schema, stored=host.stored, currency=host.currency, **collections)


@final
@frozen
class InFrames:
    frames: Frames[Any]
    _close: Callable[[], None] = lambda: None

    @property
    def layout(self) -> Layout[Any, Any]:
        return self.frames.layout

    def build(self, test: Test) -> None:
        """Refuses what the frames cannot do; eager ones would be calculated with by anything more."""
        refuse(arrange((test,)).tests, self.frames.layout, self.frames.engine)

    def chosen(self, test: Test) -> Collection[str]:
        return [row["its_id"] for row in _listed(self.frames.chosen(test))]

    def answers(self, tests: Mapping[str, Test], where: Test) -> Found:
        answered = {row.pop("its_id"): row for row in _listed(self.frames.answers(tests, where))}
        assert all(type(answer) is bool for row in answered.values() for answer in row.values()), "never null"
        return answered

    def close(self) -> None:
        self._close()


def _listed(frame: Frame) -> list[dict[str, Any]]:
    found = nw.from_native(frame)
    collected = found.collect("pyarrow") if isinstance(found, nw.LazyFrame) else found
    listed: list[dict[str, Any]] = collected.to_arrow().select(collected.columns).to_pylist()  # without pandas' index
    return listed
