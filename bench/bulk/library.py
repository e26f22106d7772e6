"""The library's side: the eight rules as one set of segments, and the shop's tables as each engine is told of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from bench.bulk.shop import shop
from bench.rules_by_hand import RULES
from retention import Segment, SegmentSet, arrays, frames, sql

EIGHT = SegmentSet(Segment(name.replace(" ", "_"), rule) for name, rule in RULES.items())

CUSTOMERS = {"id": "id", "joined_at": "joined_at", "country": "country", "tags": "tags"}
ORDERS = {"id": "id", "at": "placed_at", "total": "total"}
LINES = {"id": "id", "at": "placed_at", "order_id": "order_id", "category": "category", "amount": "amount"}
CART = {"id": "id", "at": "happened_at"}
CONSENTS = {"id": "id", "at": "decided_at", "channel": "channel", "purpose": "purpose", "given": "given"}
BUYER = "customer_id"


def as_frames(shop: Mapping[str, Any]) -> frames.Frames[Any]:
    """Data frames by the names of the shop's tables."""
    return frames.Frames(
        customers=frames.rows(shop["customers"], **CUSTOMERS),
        orders=frames.rows(shop["orders"], customer=BUYER, **ORDERS),
        purchases=frames.rows(shop["lines"], customer=BUYER, **LINES),
        cart=frames.rows(shop["cart"], customer=BUYER, **CART),
        consents=frames.rows(shop["consents"], customer=BUYER, **CONSENTS),
        currency="KRW",
    )


def as_tables() -> sql.Tables:
    """The shop's tables in a database."""
    whole, text, flag, instant = sa.BigInteger(), sa.Text(), sa.Boolean(), sa.DateTime(timezone=True)

    def table(name: str, **types: Any) -> sa.TableClause:
        return sa.table(name, *(sa.column(each, type_) for each, type_ in types.items()))

    of = {"id": whole, BUYER: whole}
    customers = table("customers", id=whole, joined_at=instant, country=text, tags=sa.ARRAY(sa.Text()))
    orders = table("orders", **of, placed_at=instant, total=whole)
    lines = table("lines", **of, placed_at=instant, order_id=whole, category=text, amount=whole)
    cart = table("cart", **of, happened_at=instant)
    consents = table("consents", **of, decided_at=instant, channel=text, purpose=text, given=flag)
    return sql.Tables(
        customers=sql.rows(customers, **CUSTOMERS),
        orders=sql.rows(orders, customer=BUYER, **ORDERS),
        purchases=sql.rows(lines, customer=BUYER, **LINES),
        cart=sql.rows(cart, customer=BUYER, **CART),
        consents=sql.rows(consents, customer=BUYER, **CONSENTS),
        currency="KRW",
    )


def as_snapshot(size: int) -> arrays.Snapshot:
    """The shop in memory."""
    return arrays.Snapshot.of_columns(
        _columns(size, "customers", CUSTOMERS),
        orders=_columns(size, "orders", {"customer": BUYER, **ORDERS}),
        purchases=_columns(size, "lines", {"customer": BUYER, **LINES}),
        cart=_columns(size, "cart", {"customer": BUYER, **CART}),
        consents=_columns(size, "consents", {"customer": BUYER, **CONSENTS}),
        currency="KRW",
    )


def _columns(size: int, table: str, columns: Mapping[str, str]) -> dict[str, Any]:
    file = pq.read_table(shop(size) / f"{table}.parquet", columns=[*columns.values()])
    return {name: _cells(file[column].combine_chunks()) for name, column in columns.items()}


def _cells(column: pa.Array) -> Any:
    """An array, masked where something is missing; a list of lists for labels."""
    if pa.types.is_list(column.type):
        return column.to_pylist()
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        return np.array(coded.dictionary.to_pylist(), object)[coded.indices.to_numpy()]
    if column.null_count:
        return np.ma.masked_array(column.fill_null(0).to_numpy(), column.is_null().to_numpy(zero_copy_only=False))
    return column.to_numpy(zero_copy_only=False)
