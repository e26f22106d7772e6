"""Ids that two tables keep in two ways, and rows that have none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from retention import Segment, sql, won
from retention.frames import Frames, rows
from retention.rules import customer, orders
from tests.frames.shop import listed
from tests.sets.one_attribute import AS_OF

SOLD = (AS_OF - timedelta(days=3)).replace(tzinfo=None)
DATABASES = ["sqlite://", "duckdb:///:memory:", "postgres"]


def _engine(url: str, postgres: sa.Engine) -> sa.Engine:
    return postgres if url == "postgres" else sa.create_engine(url)


def _table(meta: sa.MetaData, name: str, **columns: Any) -> sa.Table:
    return sa.Table(name, meta, *(sa.Column(each, kept) for each, kept in columns.items()), prefixes=["TEMPORARY"])


@pytest.mark.parametrize("url", DATABASES)
@pytest.mark.parametrize("kept", [(sa.Integer, sa.Text), (sa.Text, sa.Integer), (sa.BigInteger, sa.Numeric(10, 0))])
def test_refunds_name_their_orders_in_another_type(url: str, kept: tuple[Any, Any], postgres: sa.Engine) -> None:
    meta, (own, theirs) = sa.MetaData(), kept
    people = _table(meta, "people", id=sa.Text)
    sold = _table(meta, "sold", who=sa.Text, id=own, placed=sa.DateTime, total=sa.Integer)
    back = _table(meta, "back", who=sa.Text, id=sa.Text, placed=sa.DateTime, of=theirs, amount=sa.Integer)
    tables = sql.Tables(
        customers=sql.rows(people, id="id"),
        orders=sql.rows(sold, customer="who", id="id", at="placed", total="total"),
        refunds=sql.rows(back, customer="who", id="id", at="placed", order_id="of", amount="amount"),
        stored=sql.Stored(instants=sql.Naive(UTC)),
        currency="KRW",
    )
    number: Any = {sa.Text: str}.get(own, int)
    other: Any = {sa.Text: str}.get(theirs, int)
    with _engine(url, postgres).connect() as connection:
        meta.create_all(connection)
        connection.execute(people.insert(), [{"id": "c"}])
        connection.execute(sold.insert(), [{"who": "c", "id": number(7), "placed": SOLD, "total": 100}])
        given = [{"who": "c", "id": "r", "placed": SOLD, "of": other(7), "amount": 5}]
        if theirs is sa.Text:
            given.append({**given[0], "id": "s", "of": "R-9"})
        connection.execute(back.insert(), given)
        for refunded, who in ((5, ["c"]), (4, [])):
            rule = orders.refunded.sum() == won(refunded)
            assert list(connection.scalars(Segment("s", rule).select(tables, as_of=AS_OF))) == who


@pytest.mark.parametrize("url", DATABASES)
def test_a_row_without_an_id_is_the_first_of_its_instant(url: str, postgres: sa.Engine) -> None:
    meta = sa.MetaData()
    people = _table(meta, "people", id=sa.Text)
    sold = _table(meta, "sold", who=sa.Text, id=sa.Text, placed=sa.DateTime, status=sa.Text)
    tables = sql.Tables(
        customers=sql.rows(people, id="id"),
        orders=sql.rows(sold, customer="who", id="id", at="placed", status="status"),
        stored=sql.Stored(instants=sql.Naive(UTC)),
    )
    with _engine(url, postgres).connect() as connection:
        meta.create_all(connection)
        connection.execute(people.insert(), [{"id": "c"}])
        row = {"who": "c", "placed": SOLD}
        connection.execute(
            sold.insert(), [{**row, "id": "x", "status": "named"}, {**row, "id": None, "status": "none"}]
        )
        for rule in (orders.status.first() == "none", orders.status.last() == "named"):
            assert list(connection.scalars(Segment("s", rule).select(tables, as_of=AS_OF))) == ["c"]


CODED: list[Any] = [pl.String(), pl.Categorical(), pl.Enum(["c1", "c2", "x"]), pl.Enum(["c2", "c1"])]


@pytest.mark.parametrize("own", CODED, ids=str)
@pytest.mark.parametrize("theirs", CODED, ids=str)
@pytest.mark.parametrize("is_lazy", [False, True])
def test_polars_ids_that_are_kept_as_numbers_of_a_list(own: Any, theirs: Any, is_lazy: bool) -> None:
    at = [datetime(2026, 3, 1, tzinfo=UTC)] * 2
    people = pl.DataFrame({"id": pl.Series(["c1", "c2"], dtype=own)})
    sold = pl.DataFrame({"who": pl.Series(["c1", "c1"], dtype=theirs), "id": ["1", "2"], "at": at, "total": [3, 4]})
    back = pl.DataFrame({"who": ["c1"], "id": ["r"], "at": at[:1], "of": ["2"], "amount": [1]})
    given: list[Any] = [each.lazy() if is_lazy else each for each in (people, sold, back)]
    frames: Frames[Any] = Frames(
        customers=rows(given[0], id="id"),
        orders=rows(given[1], customer="who", id="id", at="at", total="total"),
        refunds=rows(given[2], customer="who", id="id", at="at", order_id="of", amount="amount"),
        currency="KRW",
    )
    for rule, who in (
        (orders.count() == 2, "c1"),
        (orders.total.last() == won(4), "c1"),
        (orders.refunded.sum() == won(1), "c1"),
        (customer.id == "c2", "c2"),
        (~orders.any(), "c2"),
    ):
        found = Segment("s", rule).filter(frames, as_of=AS_OF)
        assert listed(found) == [{"id": who}]
        assert found.collect_schema()["id"] == own
