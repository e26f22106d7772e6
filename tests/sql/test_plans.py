"""What PostgreSQL makes of the statements: where an index helps, it is used."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from retention import days, won
from retention.rules import Rule, customer, orders
from retention.sql import Tables, rows
from tests.sql.shop import METADATA, purchases, statement, users

FILL = """
INSERT INTO users (id, created_at, land)
SELECT n, timestamptz '2026-03-01 09:30Z' - n * interval '20 minutes', 'KR' FROM generate_series(1, 20000) AS n;
INSERT INTO placed (id, user_id, placed_at, total, state)
SELECT n, mod(n, 20000) + 1, timestamptz '2026-03-01 09:30Z' - n * interval '10 minutes', mod(n, 90000), 'paid'
FROM generate_series(1, 100000) AS n;
ANALYZE users; ANALYZE placed;
"""


@pytest.fixture(scope="module")
def filled(postgres: sa.Engine) -> Iterator[sa.Connection]:
    """A shop with 20,000 customers and 100,000 orders over two years."""
    with postgres.connect() as connection:
        METADATA.create_all(connection)
        connection.exec_driver_sql(FILL)
        yield connection
        connection.rollback()


def plan(connection: sa.Connection, rule: Rule, tables: Tables | None = None) -> str:
    compiled = statement(rule, tables).compile(connection, compile_kwargs={"render_postcompile": True})
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).scalars())


RULES: list[Any] = [
    pytest.param(customer.joined_at.within(days(7)), "ix_users_created_at", id="a window on joined_at"),
    pytest.param(orders.within(days(7)).any(), "ix_placed_placed_at", id="any order in a window"),
    pytest.param(orders.within(days(7)).count() >= 3, "ix_placed_placed_at", id="orders in a window"),
    pytest.param(orders.within(days(7)).total.sum() >= won(9), "ix_placed_placed_at", id="spent in a window"),
    pytest.param(orders.within(days(2)).status.last() == "paid", "ix_placed_placed_at", id="the last of a window"),
    pytest.param(
        customer.joined_at.within(days(7)) & orders.within(days(7)).any(), "ix_users_created_at", id="both windows"
    ),
]


@pytest.mark.parametrize(("rule", "index"), RULES)
def test_a_window_is_read_from_its_index(filled: sa.Connection, rule: Rule, index: str) -> None:
    shown = plan(filled, rule)
    assert index in shown, shown


PAID = Tables(
    customers=rows(users, id="id", joined_at="created_at", where=users.c.land == "KR"),
    orders=rows(
        purchases, customer="user_id", id="id", at="placed_at", total="total", where=purchases.c.state == "paid"
    ),
    currency="KRW",
)


@pytest.mark.parametrize(("rule", "index"), [each for each in RULES if each.id != "the last of a window"])
def test_a_window_of_the_rows_that_a_condition_keeps_is_read_from_its_index(
    filled: sa.Connection, rule: Rule, index: str
) -> None:
    shown = plan(filled, rule, PAID)
    assert index in shown, shown
    assert "anon" not in shown, "the condition's subquery became part of the whole"


@pytest.mark.parametrize(
    "rule", [orders.within(days(7)).any(), orders.within(days(7)).count() >= 3], ids=["any", "some"]
)
def test_what_asks_for_a_row_does_not_read_every_customer(filled: sa.Connection, rule: Rule) -> None:
    """The outer join became an inner one, which may start from the orders found."""
    shown = plan(filled, rule)
    assert "Left Join" not in shown, shown
    assert "Right Join" not in shown, shown


def test_the_answers_are_those_of_the_rows(filled: sa.Connection) -> None:
    found = filled.execute(statement(orders.within(days(7)).any())).scalars().all()
    assert sorted(found) == list(range(2, 1009))  # an order every ten minutes, the oldest excluded
