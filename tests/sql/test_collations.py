"""Text is compared as it is stored, whatever collation a column has."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from retention import Segment
from retention.rules import Rule, customer, orders
from retention.sql import Naive, Separated, Stored, Tables, rows

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
COLLATIONS = [
    ("sqlite://", "NOCASE"),
    ("sqlite://", "RTRIM"),
    ("duckdb:///:memory:", "NOCASE"),
    ("duckdb:///:memory:", "NOACCENT"),
]
NAMES = ["e", "E", "é", "e "]

RULES: dict[str, Callable[[str], Rule]] = {
    "equal": lambda text: customer.name == text,
    "one of": lambda text: customer.name.is_in([text, "nobody"]),
    "labels": customer.tags.has,
}


def _asked(url: str, collation: str) -> Callable[[Rule], set[str]]:
    meta, kept = sa.MetaData(), sa.Text(collation=collation)
    people = sa.Table("people", meta, sa.Column("id", sa.Integer, autoincrement=False), sa.Column("name", kept))
    texts = (sa.Column("id", kept), sa.Column("status", kept))
    sold = sa.Table("sold", meta, sa.Column("who", sa.Integer), sa.Column("placed", sa.DateTime), *texts)
    connection = sa.create_engine(url).connect()
    meta.create_all(connection)
    connection.execute(people.insert(), [{"id": number, "name": name} for number, name in enumerate(NAMES)])
    placed = (AS_OF - timedelta(days=1)).replace(tzinfo=None)
    connection.execute(sold.insert(), [{"who": 0, "placed": placed, "id": name, "status": name} for name in NAMES])
    tables = Tables(
        customers=rows(people, id="id", name="name", tags="name"),
        orders=rows(sold, customer="who", id="id", at="placed", status="status"),
        stored=Stored(instants=Naive(UTC), labels=Separated("|")),
    )
    return lambda rule: {NAMES[number] for number in connection.scalars(Segment("s", rule).select(tables, as_of=AS_OF))}


@pytest.mark.parametrize(("url", "collation"), COLLATIONS)
def test_text_is_what_it_is(url: str, collation: str) -> None:
    ask = _asked(url, collation)
    for text in NAMES:
        assert {name: ask(rule(text)) for name, rule in RULES.items()} == {name: {text} for name in RULES}
        for within in (customer.name.contains(text), customer.name.starts_with(text)):
            assert ask(within) == {each for each in NAMES if text in each}
        assert ask(customer.name.ends_with(text)) == {each for each in NAMES if each.endswith(text)}


@pytest.mark.parametrize(("url", "collation"), COLLATIONS)
def test_texts_of_rows_are_told_apart_and_stand_in_the_order_of_code_points(url: str, collation: str) -> None:
    ask = _asked(url, collation)
    assert ask(orders.status.distinct() == len(NAMES)) == {NAMES[0]}
    assert ask(orders.first().where(orders.status == "E").any()) == {NAMES[0]}
    assert ask(orders.last().where(orders.status == "é").any()) == {NAMES[0]}


def test_an_index_stays_usable_in_sqlite() -> None:
    meta = sa.MetaData()
    people = sa.Table("people", meta, sa.Column("id", sa.Integer), sa.Column("name", sa.Text, index=True))
    tables = Tables(customers=rows(people, id="id", name="name"))
    with sa.create_engine("sqlite://").connect() as connection:
        meta.create_all(connection)
        for rule in (RULES["equal"]("e"), RULES["one of"]("e")):
            said = (
                Segment("s", rule)
                .select(tables, as_of=AS_OF)
                .compile(connection, compile_kwargs={"literal_binds": True})
            )
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}").fetchall()
            assert any("USING INDEX ix_people_name" in row[3] for row in plan)
