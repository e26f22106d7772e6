"""A shop's tables as frames of every library, and questions asked of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa

from retention.frames import Frames, Stored, rows
from retention.rules import Rule
from retention.rules.backends.sets.lower import lower

AS_OF: Final = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

Make: TypeAlias = Callable[[pa.Table], Any]


def polars(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))


LIBRARIES: Final[Mapping[str, Make]] = {
    "Polars": polars,
    "lazy Polars": lambda table: polars(table).lazy(),
    "PyArrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas of Arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "DuckDB": duckdb.from_arrow,
}


def instants(*each: datetime | None, unit: str = "us", zone: str | None = "UTC") -> pa.Array:
    """A column of instants, or of wall clock times if there is no zone."""
    return pa.array(each, pa.timestamp("us", zone)).cast(pa.timestamp(unit, zone))


def people(**columns: Any) -> pa.Table:
    """Customers, as many as there are ids."""
    return pa.table({"id": pa.array(["c1", "c2", "c3"]), **columns})


def of_customers(make: Make, table: pa.Table, stored: Stored | None = None, **said: Any) -> Frames[Any]:
    """Frames of the customers alone."""
    return Frames(customers=rows(make(table), id="id", **said), stored=stored or Stored(), currency="KRW")


def with_orders(
    make: Make, orders: pa.Table, stored: Stored | None = None, customers: pa.Table | None = None, **said: Any
) -> Frames[Any]:
    """Frames of three customers and their orders: customer, id, at and what ``said`` adds."""
    return Frames(
        customers=rows(make(people() if customers is None else customers), id="id"),
        orders=rows(make(orders), customer="customer", id="id", at="at", **said),
        stored=stored or Stored(),
        currency="KRW",
    )


def orders_table(*each: tuple[str | None, str, datetime], **columns: Any) -> pa.Table:
    """Orders of (customer, id, at) and further columns."""
    customer, ids, at = zip(*each, strict=True) if each else ((), (), ())
    return pa.table(
        {"customer": pa.array(customer, pa.string()), "id": pa.array(ids, pa.string()), "at": instants(*at), **columns}
    )


def ids(frames: Frames[Any], rule: Rule, as_of: datetime = AS_OF) -> set[Any]:
    """Who is in a rule; asked both ways, which must agree."""
    test = lower(rule.node, as_of, frames.layout)
    asked = {row["id"]: row["rule"] for row in listed(frames.answers({"rule": test}))}
    assert all(type(each) is bool for each in asked.values())
    found = {each for each, answer in asked.items() if answer}
    assert {row["id"] for row in listed(frames.chosen(test))} == found
    return found


def listed(native: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any library."""
    frame: Any = nw.from_native(native)
    collected = frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame
    return list(collected.rows(named=True))
