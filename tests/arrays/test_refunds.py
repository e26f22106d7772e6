"""Refunds find the orders that they name: those of the same customer, by id."""

from datetime import UTC, datetime, timedelta
from typing import Any

from retention import Segment, won
from retention.arrays import Snapshot
from retention.rules import Rule, orders

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def _refunded(rule: Rule, sold: dict[str, Any], given_back: dict[str, Any]) -> list[str]:
    for columns in (sold, given_back):
        columns["at"] = [AS_OF - timedelta(days=1)] * len(columns["customer"])
    customers = {"id": ["a", "b", "c"]}
    snapshot = Snapshot.of_columns(customers, currency="KRW", orders=sold, refunds=given_back)
    return Segment("s", rule).ids(snapshot, AS_OF)


def test_an_order_without_an_id_is_no_order_of_a_neighbour() -> None:
    sold = {"customer": ["a", "b", "c"], "id": ["o1", None, "z"], "total": [100] * 3}
    given_back = {"customer": ["a"], "id": ["r1"], "order_id": ["z"], "amount": [7]}
    assert _refunded(orders.refunded.sum() > won(0), sold, given_back) == []


def test_what_is_refunded_has_more_than_64_bits() -> None:
    sold = {"customer": ["a"], "id": ["1"], "total": [1]}
    given_back = {"customer": ["a"] * 3, "id": ["1", "2", "3"], "order_id": ["1"] * 3, "amount": [2**62] * 3}
    assert _refunded(orders.refunded.sum() > won(2**63 - 1), sold, given_back) == ["a"]


def test_two_rows_of_one_name_are_both_refunded() -> None:
    """As where tables are joined."""
    sold = {"customer": ["a", "a", "b"], "id": ["1", "1", "1"], "total": [100] * 3}
    given_back = {"customer": ["a"], "id": ["r1"], "order_id": ["1"], "amount": [7]}
    assert _refunded(orders.refunded.sum() == won(14), sold, given_back) == ["a"]
