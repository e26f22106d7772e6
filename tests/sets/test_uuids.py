"""UUIDs as databases and frames keep them are the texts that rules write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Segment, sql
from retention.errors import ConfigurationError
from retention.frames import Frames, rows
from retention.rules import Rule, customer, orders
from tests.frames.shop import listed

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
SOLD = AS_OF - timedelta(days=1)
ONE, OTHER = UUID("0b4a1f2e-7d6c-4b3a-9f8e-1d2c3b4a5f60"), UUID("ffffffff-0000-4000-8000-00000000000a")
RULES: dict[str, tuple[Rule, set[UUID]]] = {
    "an order": (orders.any(), {ONE}),
    "the id": (customer.id == str(ONE), {ONE}),
    "another": (customer.id != str(ONE), {OTHER}),
    "one of": (customer.id.is_in([str(OTHER), "nobody"]), {OTHER}),
    "in part": (customer.id.starts_with("0b4a1f2e-7d"), {ONE}),
    "of a row": (orders.where(orders.id == str(OTHER)).any(), {ONE}),
    "the last": (orders.last().where(orders.id == str(OTHER)).any(), {ONE}),
}


def _tables(native: bool = True) -> tuple[sa.MetaData, sql.Tables]:
    meta, kept = sa.MetaData(), sa.Uuid(native_uuid=native)
    people = sa.Table("people", meta, sa.Column("id", kept), prefixes=["TEMPORARY"])
    sold = sa.Table("sold", meta, *(sa.Column(name, kept) for name in ("who", "id")), prefixes=["TEMPORARY"])
    sold.append_column(sa.Column("placed", sa.DateTime))
    stored = sql.Stored(instants=sql.Naive(UTC))
    mapped = sql.rows(sold, customer="who", id="id", at="placed")
    return meta, sql.Tables(customers=sql.rows(people, id="id"), orders=mapped, stored=stored)


@pytest.mark.parametrize("url", ["sqlite://", "duckdb:///:memory:", "postgres"])
@pytest.mark.parametrize("native", [True, False])
def test_in_a_database(url: str, native: bool, postgres: sa.Engine) -> None:
    meta, tables = _tables(native)
    with (postgres if url == "postgres" else sa.create_engine(url)).connect() as connection:
        meta.create_all(connection)
        connection.execute(meta.tables["people"].insert(), [{"id": ONE}, {"id": OTHER}])
        placed = SOLD.replace(tzinfo=None)
        row = {"who": ONE, "placed": placed}
        connection.execute(meta.tables["sold"].insert(), [{**row, "id": ONE}, {**row, "id": OTHER}])
        found = {name: Segment("s", rule).select(tables, as_of=AS_OF) for name, (rule, _) in RULES.items()}
        assert {name: set(connection.scalars(each)) for name, each in found.items()} == _expected()


def _expected() -> dict[str, set[UUID]]:
    return {name: who for name, (_, who) in RULES.items()}


def _pandas() -> tuple[Any, Any]:
    return pd.DataFrame({"id": [ONE, OTHER]}), pd.DataFrame(
        {"who": [ONE, ONE], "id": [ONE, OTHER], "placed": [SOLD] * 2}
    )


def _arrow() -> tuple[Any, Any]:
    ids = pa.array([ONE.bytes, OTHER.bytes], pa.uuid())
    at = pa.array([SOLD] * 2, pa.timestamp("us", "UTC"))
    return pa.table({"id": ids}), pa.table({"who": pa.array([ONE.bytes] * 2, pa.uuid()), "id": ids, "placed": at})


def _duckdb() -> tuple[Any, Any]:
    people = duckdb.sql(f"SELECT unnest(['{ONE}'::UUID, '{OTHER}'::UUID]) AS id")
    sold = (
        f"SELECT '{ONE}'::UUID AS who, unnest(['{ONE}'::UUID, '{OTHER}'::UUID]) AS id, TIMESTAMPTZ '{SOLD}' AS placed"
    )
    return people, duckdb.sql(sold)


@pytest.mark.parametrize("made", [_pandas, _arrow, _duckdb])
def test_in_a_frame(made: Any) -> None:
    people, sold = made()
    frames: Frames[Any] = Frames(
        customers=rows(people, id="id"), orders=rows(sold, customer="who", id="id", at="placed")
    )
    asked = {name: listed(Segment("s", rule).filter(frames, as_of=AS_OF)) for name, (rule, _) in RULES.items()}
    assert {name: {UUID(str(row["id"])) for row in found} for name, found in asked.items()} == _expected()


def test_objects_of_polars_are_refused_at_once() -> None:
    people = pl.DataFrame({"id": pl.Series([ONE, OTHER], dtype=pl.Object)})
    with pytest.raises(ConfigurationError, match=r"customers\.id is text, its column is Object\. Cast it"):
        Frames(customers=rows(people, id="id"))


def test_cells_of_several_types_are_told_of() -> None:
    people = pd.DataFrame({"id": ["1", 2]})
    with pytest.raises(ConfigurationError, match=r"a column cannot be read.*Give a column cells of one type"):
        Segment("s", customer.id == "1").filter(Frames(customers=rows(people, id="id")), as_of=AS_OF)
