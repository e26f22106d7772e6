"""Parts of a statement are called otherwise than the host's tables, wherever in its mapping those are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from retention import Segment
from retention.rules import customer, orders, purchases
from retention.sql import Naive, Stored, Tables, rows

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def _plain(mine: sa.Table) -> Any:
    return rows(mine, id="customer")


def _filtered(mine: sa.Table) -> Any:
    return rows(mine, id="customer", where=mine.c.customer != "x")


def _within(mine: sa.Table) -> Any:
    return rows(sa.select(mine).subquery("mine"), id="customer")


def _twice_within(mine: sa.Table) -> Any:
    return rows(sa.select(sa.select(mine).cte("it")).subquery("mine"), id="customer")


@pytest.mark.parametrize("called", ["orders_by_customer", "Orders_By_Customer", "people", "asked"])
@pytest.mark.parametrize("mapped", [_plain, _filtered, _within, _twice_within])
@pytest.mark.parametrize("url", ["sqlite://", "duckdb:///:memory:"])
def test_a_host_may_call_its_tables_as_it_likes(url: str, mapped: Callable[[sa.Table], Any], called: str) -> None:
    meta = sa.MetaData()
    mine = sa.Table(called, meta, sa.Column("customer", sa.Text))
    texts = (sa.Column("no", sa.Text), sa.Column("buyer", sa.Text))
    sales = sa.Table("sales", meta, *texts, sa.Column("placed", sa.DateTime))
    placed = (AS_OF - timedelta(days=1)).replace(tzinfo=None)
    with sa.create_engine(url).connect() as connection:
        meta.create_all(connection)
        connection.execute(mine.insert(), [{"customer": each} for each in "abc"])
        connection.execute(sales.insert(), [{"no": "1", "buyer": "a", "placed": placed}])
        tables = Tables(
            customers=mapped(mine),
            orders=rows(sales, customer="buyer", id="no", at="placed"),
            stored=Stored(instants=Naive(UTC)),
        )
        found = connection.scalars(Segment("none", orders.none()).select(tables, AS_OF)).all()
    assert sorted(found) == ["b", "c"]


def test_rows_of_a_join_with_the_customers_are_compared_with_them() -> None:
    meta = sa.MetaData()
    people = sa.Table("people", meta, sa.Column("id", sa.Text), sa.Column("city", sa.Text))
    texts = (sa.Column("no", sa.Text), sa.Column("buyer", sa.Text), sa.Column("sort", sa.Text))
    lines = sa.Table("lines", meta, *texts, sa.Column("placed", sa.DateTime))
    both = sa.join(lines, people, lines.c.buyer == people.c.id)
    placed = (AS_OF - timedelta(days=1)).replace(tzinfo=None)
    with sa.create_engine("duckdb:///:memory:").connect() as connection:
        meta.create_all(connection)
        connection.execute(people.insert(), [{"id": each, "city": "Seoul"} for each in "ab"])
        said = [{"no": "1", "buyer": "a", "sort": "Seoul"}, {"no": "2", "buyer": "b", "sort": "tea"}]
        connection.execute(lines.insert(), [{**each, "placed": placed} for each in said])
        columns = {"customer": people.c.id, "id": lines.c.no, "at": lines.c.placed, "category": lines.c.sort}
        tables = Tables(
            customers=rows(people, id="id", city="city"),
            purchases=rows(both, **columns),
            stored=Stored(instants=Naive(UTC)),
        )
        rule = purchases.where(purchases.category == customer.city).any()
        assert connection.scalars(Segment("namesakes", rule).select(tables, AS_OF)).all() == ["a"]
