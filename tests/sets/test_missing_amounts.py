"""Cells that a shop's table lacks where a fact of the library has them always: an order without a total."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Segment, sql, won
from retention.arrays import Snapshot
from retention.frames import Frames, rows
from retention.rules import Rule, orders, purchases
from tests.frames.shop import LIBRARIES

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BUYERS, TOTALS = ["some", "some", "none"], [None, 100, None]
Asked: TypeAlias = Callable[[Rule], set[str]]

CASES: list[tuple[Rule, set[str]]] = [
    (orders.total.mean() == won(100), {"some"}),
    (orders.total.mean() == won(50), set()),
    (orders.total.mean().is_missing(), {"none"}),
    (orders.total.max() == won(100), {"some"}),
    (orders.total.sum() == won(0), {"none"}),
    (orders.total.distinct() == 1, {"some"}),
    (orders.count() == 2, {"some"}),
    (purchases.quantity.mean() == 3, {"some"}),
]


def _columns() -> dict[str, Any]:
    placed = [NOW - DAY, NOW - 2 * DAY, NOW - DAY]
    return {"customer": BUYERS, "id": ["1", "2", "3"], "at": placed}


def _frames(library: str) -> Asked:
    make = LIBRARIES[library]
    moments = pa.array(_columns()["at"], pa.timestamp("us", "UTC"))
    table = pa.table({**_columns(), "at": moments, "total": pa.array(TOTALS, pa.int64())})
    lines = pa.table({**_columns(), "at": moments, "quantity": pa.array([None, 3, None], pa.int64())})
    frames: Frames[Any] = Frames(
        customers=rows(make(pa.table({"id": ["none", "some"]})), id="id"),
        orders=rows(make(table), customer="customer", id="id", at="at", total="total"),
        purchases=rows(make(lines), customer="customer", id="id", at="at", quantity="quantity"),
        currency="KRW",
    )

    def ask(rule: Rule) -> set[str]:
        found = Segment("s", rule).filter(frames, as_of=NOW)
        found = found.collect() if library == "lazy Polars" else found
        return {str(row[0]) for row in (found.fetchall() if library == "DuckDB" else _listed(found))}

    return ask


def _listed(found: Any) -> list[tuple[Any, ...]]:
    if isinstance(found, pa.Table):
        return [(each,) for each in found["id"].to_pylist()]
    return [(each,) for each in found["id"].to_list()]


def _arrays() -> Asked:
    snapshot = Snapshot.of_columns(
        customers={"id": ["none", "some"]},
        orders={**_columns(), "total": TOTALS},
        purchases={**_columns(), "quantity": [None, 3, None]},
        currency="KRW",
    )
    return lambda rule: set(Segment("s", rule).ids(snapshot, as_of=NOW))


def _sqlite() -> Asked:
    meta, database = sa.MetaData(), sa.create_engine("sqlite://")
    users = sa.Table("users", meta, sa.Column("id", sa.Text))

    def table(name: str, of: str) -> sa.Table:
        told: list[sa.Column[Any]] = [
            sa.Column("customer", sa.Text),
            sa.Column("id", sa.Text),
            sa.Column("at", sa.DateTime),
        ]
        return sa.Table(name, meta, *told, sa.Column(of, sa.Integer))

    sold, lines = table("sold", "total"), table("lines", "quantity")
    connection = database.connect()
    meta.create_all(connection)
    connection.execute(users.insert(), [{"id": "none"}, {"id": "some"}])
    for filled, name, cells in ((sold, "total", TOTALS), (lines, "quantity", [None, 3, None])):
        each = zip(*_columns().values(), cells, strict=True)
        made = [{"customer": who, "id": id, "at": at.replace(tzinfo=None), name: cell} for who, id, at, cell in each]
        connection.execute(filled.insert(), made)
    tables = sql.Tables(
        customers=sql.rows(users, id="id"),
        orders=sql.rows(sold, customer="customer", id="id", at="at", total="total"),
        purchases=sql.rows(lines, customer="customer", id="id", at="at", quantity="quantity"),
        stored=sql.Stored(instants=sql.Naive(UTC)),
        currency="KRW",
    )
    return lambda rule: set(connection.scalars(Segment("s", rule).select(tables, as_of=NOW)))


@pytest.mark.parametrize("engine", [*LIBRARIES, "arrays", "SQLite"])
def test_what_is_missing_is_no_zero(engine: str) -> None:
    ask = _arrays() if engine == "arrays" else _sqlite() if engine == "SQLite" else _frames(engine)
    assert [(rule.to_text(), ask(rule)) for rule, _ in CASES] == [(rule.to_text(), who) for rule, who in CASES]
