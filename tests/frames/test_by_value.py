"""Tests of different values of one column, answered by customer and value."""

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import example, given, settings

from retention import won
from retention.rules import Rule, orders
from retention.rules.backends.sets.lower import lower
from tests.frames.shop import AS_OF, LIBRARIES, instants, listed, orders_table, with_orders
from tests.sets.told_apart import STATUSES, TABLES, Answer, Asked, Bought, asked, asked_of_sums, has_sums, is_in


@pytest.mark.parametrize(
    ("library", "rule", "answer"),
    [
        pytest.param("lazy Polars", asked, is_in, id="Polars"),
        pytest.param("DuckDB", asked, is_in, id="DuckDB"),
        pytest.param("DuckDB", asked_of_sums, has_sums, id="DuckDB, sums and distinct counts"),
    ],
)
@example([("c1", "paid", 1, 9, "a"), ("c1", "paid", 1, 9, None)])
@settings(max_examples=30)  # DuckDB plans for 0.1 s whatever the rows
@given(TABLES)
def test_each_value_is_answered_by_its_own_rows(library: str, rule: Asked, answer: Answer, table: list[Bought]) -> None:
    who, status, ago, total, coupon = zip(*table, strict=True) if table else ((),) * 5
    bought = pa.table(
        {
            "customer": pa.array(who, pa.string()),
            "id": pa.array([f"o{number}" for number in range(len(table))], pa.string()),
            "at": instants(*(AS_OF - timedelta(days=each) for each in ago)),
            "status": pa.array(status, pa.string()),
            "total": pa.array(total, pa.int64()),
            "coupon": pa.array(coupon, pa.string()),
        }
    )
    frames = with_orders(LIBRARIES[library], bought, status="status", total="total", coupon="coupon")
    tests = {STATUSES[place]: lower(rule(place).node, AS_OF, frames.layout) for place in range(len(STATUSES))}
    expected = {
        each: {status: answer(each, place, table) for place, status in enumerate(STATUSES)}
        for each in ("c1", "c2", "c3")
    }
    assert {row.pop("id"): row for row in listed(frames.answers(tests))} == expected


def _answers(library: str, column: str, **rules: Rule) -> dict[str, set[str]]:
    """Who is in each; ``column`` of the orders is their status."""
    bought = [("c1", "o1", AS_OF), ("c1", "o2", AS_OF), ("c2", "o3", AS_OF)]
    columns = {"status": pa.array(["paid", "sent", "sent"]), "total": pa.array([4, 2, 9])}
    frames = with_orders(LIBRARIES[library], orders_table(*bought, **columns), status=column, total="total")
    found = listed(frames.answers({name: lower(rule.node, AS_OF, frames.layout) for name, rule in rules.items()}))
    return {name: {row["id"] for row in found if row[name]} for name in rules}


@pytest.mark.parametrize("library", ["lazy Polars", "DuckDB"])
def test_the_value_may_be_what_is_counted(library: str) -> None:
    def rule(status: str) -> Rule:
        those = orders.where(orders.status == status)
        return (those.status.distinct() >= 1) & (those.total.sum() >= won(3))

    found = _answers(library, "status", paid=rule("paid"), sent=rule("sent"), lost=rule("lost"))
    assert found == {"paid": {"c1"}, "sent": {"c2"}, "lost": set()}


@pytest.mark.parametrize("library", ["lazy Polars", "DuckDB"])
def test_the_value_may_be_the_customer(library: str) -> None:
    def rule(who: str) -> Rule:
        return orders.where(orders.status == who).count() >= 2

    assert _answers(library, "customer", a=rule("c1"), b=rule("c2"), c=rule("c3")) == {
        "a": {"c1"},
        "b": set(),
        "c": set(),
    }
