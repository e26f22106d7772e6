"""SQLite keeps instants as texts, and one instant may be written with a fraction of a second or without."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from retention import Segment
from retention.rules import Rule, customer, orders
from retention.rules.backends.reference import compared
from retention.rules.nodes import Comparison
from retention.sql import Naive, Stored, Tables, rows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WRITTEN = {
    "2026-03-01 11:59:59": NOON - timedelta(seconds=1),
    "2026-03-01 11:59:59.999": NOON - timedelta(milliseconds=1),
    "2026-03-01 11:59:59.999999": NOON - TICK,
    "2026-03-01 12:00:00": NOON,
    "2026-03-01 12:00:00.000": NOON,
    "2026-03-01 12:00:00.000000": NOON,
    "2026-03-01 12:00:00.000001": NOON + TICK,
    "2026-03-01 12:00:00.1": NOON + timedelta(milliseconds=100),
    "2026-03-01 12:00:00.100000": NOON + timedelta(milliseconds=100),
    "2026-03-01 12:00:00.100001": NOON + timedelta(milliseconds=100) + TICK,
    "2026-03-01 12:00:01": NOON + timedelta(seconds=1),
}
WAYS: dict[Comparison, Callable[[Any, Any], Any]] = {
    "==": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


@pytest.fixture
def database() -> Iterator[sa.Connection]:
    with sa.create_engine("sqlite://").connect() as connection:
        yield connection


def _people(database: sa.Connection) -> Callable[[Rule], set[str]]:
    people = sa.Table("people", sa.MetaData(), sa.Column("id", sa.Text), sa.Column("joined", sa.DateTime))
    people.create(database)
    for text in WRITTEN:
        database.exec_driver_sql("INSERT INTO people VALUES (?, ?)", (text, text))
    tables = Tables(customers=rows(people, id="id", joined_at="joined"), stored=Stored(instants=Naive(UTC)))
    return lambda rule: set(database.scalars(Segment("s", rule).select(tables, as_of=NOON)))


@pytest.mark.parametrize("way", WAYS)
def test_beside_a_constant(way: Comparison, database: sa.Connection) -> None:
    ask = _people(database)
    for bound in (*WRITTEN.values(), NOON + 2 * TICK, NOON + timedelta(milliseconds=110)):
        so = {text for text, at in WRITTEN.items() if compared(way, at, bound)}
        rule = WAYS[way](customer.joined_at, bound)
        assert (bound, ask(rule), ask(~rule)) == (bound, so, {*WRITTEN} - so)


@pytest.mark.parametrize("way", WAYS)
def test_beside_one_another(way: Comparison, database: sa.Connection) -> None:
    ask, pairs = _orders(database, [(f"{one}|{other}", one, other) for one in WRITTEN for other in WRITTEN])
    assert ask(orders.where(WAYS[way](orders.delivered_at, orders.placed_at)).any()) == {
        pair for pair in pairs if compared(way, WRITTEN[pair.split("|")[1]], WRITTEN[pair.split("|")[0]])
    }


def test_rows_of_one_instant_stand_in_the_order_of_their_ids(database: sa.Connection) -> None:
    full, short, _ = (text for text, at in WRITTEN.items() if at == NOON)
    ask, _ = _orders(database, [("c", full, full), ("c", short, full), ("d", short, full), ("d", full, full)])
    assert ask(orders.first().where(orders.id == "0").any()) == {"c"}
    assert ask(orders.first().where(orders.id == "2").any()) == {"d"}
    assert ask(orders.last().where(orders.id == "1").any()) == {"c"}
    assert ask(orders.last().where(orders.id == "3").any()) == {"d"}


def _orders(database: sa.Connection, sold: list[tuple[str, str, str]]) -> tuple[Callable[[Rule], set[str]], set[str]]:
    meta, pairs = sa.MetaData(), {who for who, _, _ in sold}
    people = sa.Table("people", meta, sa.Column("id", sa.Text))
    table = sa.Table("sold", meta, *(sa.Column(name, sa.Text) for name in ("who", "id")))
    for name in ("at", "delivered"):
        table.append_column(sa.Column(name, sa.DateTime))
    meta.create_all(database)
    database.execute(people.insert(), [{"id": who} for who in pairs])
    for number, (who, at, delivered) in enumerate(sold):
        database.exec_driver_sql("INSERT INTO sold VALUES (?, ?, ?, ?)", (who, str(number), at, delivered))
    tables = Tables(
        customers=rows(people, id="id"),
        orders=rows(table, customer="who", id="id", at="at", delivered_at="delivered"),
        stored=Stored(instants=Naive(UTC)),
    )
    later = NOON + timedelta(days=1)
    return lambda rule: set(database.scalars(Segment("s", rule).select(tables, as_of=later))), pairs
