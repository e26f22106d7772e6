"""Windows and selections become these nodes: plain comparisons with Ago, and one Events for what adds up."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from retention.money import won
from retention.rules import as_of, cart, customer, nodes, orders
from retention.rules.nodes import Aggregate, Ago, All, Apply, Attribute, Column, Compare, Events, Literal, Shift
from retention.spans import calendar_days, days, months, this_month, today

AT = Column("at")
NOW = Ago(days(0))
JOINED = Attribute("joined_at")
ORDERS = Events("orders")
LAST = Aggregate("last", ORDERS, "at")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=UTC)


def rows(*conditions: nodes.Rule, pick: int | None = None) -> Events:
    where = None if not conditions else conditions[0] if len(conditions) == 1 else All(conditions)
    return Events("orders", where, pick)


WINDOWS: list[tuple[Any, nodes.Node]] = [
    (customer.joined_at.within(days(7)), All((Compare(">", JOINED, Ago(days(7))), Compare("<=", JOINED, NOW)))),
    (customer.joined_at.within(today()), All((Compare(">=", JOINED, Ago(today())), Compare("<=", JOINED, NOW)))),
    (customer.joined_at.older_than(days(7)), Compare("<=", JOINED, Ago(days(7)))),
    (customer.joined_at.older_than(this_month()), Compare("<", JOINED, Ago(this_month()))),
    (
        customer.joined_at.between(days(1), days(7)),
        All((Compare(">", JOINED, Ago(days(7))), Compare("<=", JOINED, Ago(days(1))))),
    ),
    (
        customer.joined_at.between(today(), calendar_days(7)),
        All((Compare(">=", JOINED, Ago(calendar_days(7))), Compare("<", JOINED, Ago(today())))),
    ),
    (
        customer.joined_at.between(NOON, LATER),
        All((Compare(">=", JOINED, Literal(NOON)), Compare("<", JOINED, Literal(LATER)))),
    ),
    (
        customer.joined_at.between(as_of, as_of + days(7)),
        All((Compare(">=", JOINED, NOW), Compare("<", JOINED, Shift(NOW, days(7))))),
    ),
    (customer.joined_at.before(NOON), Compare("<", JOINED, Literal(NOON))),
    (customer.joined_at.after(NOON), Compare(">", JOINED, Literal(NOON))),
    (
        customer.joined_at.on(date(2026, 3, 1)),
        Compare("==", Apply("local_date", JOINED), Literal(date(2026, 3, 1))),
    ),
    (customer.joined_at + months(1) < orders.at.last(), Compare("<", Shift(JOINED, months(1)), LAST)),
    (customer.joined_at - months(1) < NOON, Compare("<", Shift(JOINED, months(1), -1), Literal(NOON))),
    (customer.joined_at > as_of - days(2), Compare(">", JOINED, Ago(days(2)))),
    (
        orders.placed_at.last().within(days(7)),
        All((Compare(">", LAST, Ago(days(7))), Compare("<=", LAST, NOW))),
    ),
    (orders.placed_at.last().older_than(days(90)), Compare("<=", LAST, Ago(days(90)))),
]

SELECTIONS: list[tuple[Any, nodes.Node]] = [
    (orders.within(days(30)), rows(Compare(">", AT, Ago(days(30))))),
    (orders.within(this_month()), rows(Compare(">=", AT, Ago(this_month())))),
    (orders.older_than(days(30)), rows(Compare("<=", AT, Ago(days(30))))),
    (orders.older_than(today()), rows(Compare("<", AT, Ago(today())))),
    (orders.since(NOON), rows(Compare(">=", AT, Literal(NOON)))),
    (orders.after(NOON), rows(Compare(">", AT, Literal(NOON)))),
    (orders.before(NOON), rows(Compare("<", AT, Literal(NOON)))),
    (
        orders.between(days(1), days(7)),
        rows(Compare(">", AT, Ago(days(7))), Compare("<=", AT, Ago(days(1)))),
    ),
    (
        orders.between(NOON, LATER),
        rows(Compare(">=", AT, Literal(NOON)), Compare("<", AT, Literal(LATER))),
    ),
    (
        orders.after(cart.at.last()),
        rows(Compare(">", AT, Aggregate("last", Events("cart"), "at"))),
    ),
    (orders.where(), ORDERS),
    (orders.where(orders.total > won(5)), rows(Compare(">", Column("total"), Literal(won(5))))),
    (
        orders.where((orders.total > won(5)) & (orders.item_count < 3)).within(days(1)),
        rows(
            Compare(">", Column("total"), Literal(won(5))),
            Compare("<", Column("item_count"), Literal(3)),
            Compare(">", AT, Ago(days(1))),
        ),
    ),
    (
        orders.where(orders.delivered_at.within(days(3))),
        rows(Compare(">", Column("delivered_at"), Ago(days(3))), Compare("<=", Column("delivered_at"), NOW)),
    ),
    (orders.first(), rows(pick=1)),
    (orders.nth(2), rows(pick=2)),
    (orders.within(days(1)).last(), rows(Compare(">", AT, Ago(days(1))), pick=-1)),
    (orders.last().within(days(1)), Events(rows(pick=-1), Compare(">", AT, Ago(days(1))))),
    (orders.last().first(), Events(rows(pick=-1), pick=1)),
]


@pytest.mark.parametrize(("written", "node"), WINDOWS + SELECTIONS)
def test_a_window_lowers_to_comparisons(written: Any, node: nodes.Node) -> None:
    assert written.node == node


def test_an_instant_becomes_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    assert (customer.joined_at > datetime(2026, 3, 1, 21, tzinfo=seoul)).node == (customer.joined_at > NOON).node


def test_narrowing_reads_the_same_in_any_handle_of_the_collection() -> None:
    recent = orders.within(days(30))
    big = recent.where(recent.total > won(5))
    assert big.node == orders.within(days(30)).where(orders.total > won(5)).node
    assert big.where(recent.item_count > 1).node == big.where(orders.item_count > 1).node
    assert recent.last().where(recent.total > won(5)).any() == recent.last().where(orders.total > won(5)).any()


def test_two_columns_of_nested_selections_meet_in_the_narrower() -> None:
    recent = orders.within(days(30))
    rule = recent.total == orders.subtotal
    assert rule.rows == recent.node
    assert (orders.subtotal == recent.total).rows == recent.node
    assert ((orders.total > won(1)) | (recent.total > won(9))).rows == recent.node
