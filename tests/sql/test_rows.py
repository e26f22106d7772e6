"""Rows beside one another: of one instant, of other customers, and those that are still to come."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa

from retention import days, won
from retention.rules import Rule, orders, views
from retention.rules.backends.sets.lower import lower
from retention.sql import Naive, Stored, Tables, rows
from tests.sql.shop import AS_OF

METADATA: Final = sa.MetaData()
DAY: Final = datetime(2026, 2, 1)
NOW: Final = AS_OF.replace(tzinfo=None)
TICK: Final = timedelta(microseconds=1)


def _table(name: str, *columns: str) -> sa.Table:
    texts = (sa.Column(each, sa.Text) for each in ("customer", "id", *columns))
    return sa.Table(name, METADATA, *texts, sa.Column("happened", sa.DateTime), sa.Column("money", sa.Integer))


people: Final = sa.Table("people_of_rows", METADATA, sa.Column("id", sa.Text))
sold: Final = _table("sold", "channel")
looked: Final = _table("looked")
returned: Final = _table("returned", "order_id")


def _shop(database: sa.Connection, **filled: Iterable[dict[str, Any]]) -> Tables:
    """A shop of three customers with these rows."""
    METADATA.create_all(database)
    database.execute(people.insert(), [{"id": each} for each in ("c1", "c2", "c3")])
    for name, each in filled.items():
        database.execute(METADATA.tables[name].insert(), list(each))
    return Tables(
        customers=rows(people, id="id"),
        orders=rows(sold, customer="customer", id="id", at="happened", channel="channel", total="money"),
        views=rows(looked, customer="customer", id="id", at="happened"),
        refunds=rows(returned, customer="customer", id="id", at="happened", order_id="order_id", amount="money"),
        stored=Stored(instants=Naive(UTC)),
        currency="KRW",
    )


def _ids(database: sa.Connection, tables: Tables, rule: Rule) -> set[str]:
    return set(database.execute(tables.chosen(lower(rule.node, AS_OF, tables.layout))).scalars())


def _order(customer: str, id: str, at: datetime) -> dict[str, Any]:
    return {"customer": customer, "id": id, "happened": at, "channel": f"of {id}", "money": 9}


@pytest.mark.parametrize("backwards", [False, True])
def test_rows_of_one_instant_are_ordered_by_id(database: sa.Connection, backwards: bool) -> None:
    placed = [_order("c1", "a", DAY), _order("c1", "b", DAY), _order("c1", "c", DAY), _order("c2", "Z", DAY - TICK)]
    tables = _shop(database, sold=placed[::-1] if backwards else placed)
    assert _ids(database, tables, orders.channel.first() == "of a") == {"c1"}
    assert _ids(database, tables, orders.channel.last() == "of c") == {"c1"}
    assert _ids(database, tables, orders.nth(2).channel.last() == "of b") == {"c1"}
    assert _ids(database, tables, orders.nth(-2).channel.last() == "of b") == {"c1"}


def test_what_follows_is_later_and_within_the_time(database: sa.Connection) -> None:
    tables = _shop(
        database,
        looked=[{"customer": each, "id": f"v {each}", "happened": DAY} for each in ("c1", "c2", "c3")],
        sold=[
            _order("c1", "o1", DAY),
            _order("c2", "o2", DAY + timedelta(days=1)),
            _order("c3", "o3", DAY + timedelta(days=1) + TICK),
        ],
    )
    assert _ids(database, tables, views.followed_by(orders, within=days(1))) == {"c2"}
    assert _ids(database, tables, views.not_followed_by(orders, within=days(1))) == {"c1", "c3"}


def test_refunds_count_for_their_own_order_until_the_instant(database: sa.Connection) -> None:
    """Order numbers are those of the customer: two customers may each have a first order."""
    back = {"c1": (3, DAY), "c2": (50, NOW + TICK), "stranger": (70, DAY)}
    tables = _shop(
        database,
        sold=[_order(each, "1", DAY) for each in ("c1", "c2", "c3")],
        returned=[
            *(
                {"customer": each, "id": each, "order_id": "1", "money": money, "happened": at}
                for each, (money, at) in back.items()
            ),
            {"customer": "c1", "id": "r", "order_id": "1", "money": 4, "happened": NOW},
        ],
    )
    assert _ids(database, tables, orders.refunded.sum() == won(7)) == {"c1"}
    assert _ids(database, tables, orders.where(orders.refunded == won(0)).any()) == {"c2", "c3"}
    assert _ids(database, tables, orders.count() == 1) == {"c1", "c2", "c3"}
