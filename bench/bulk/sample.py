"""Before anything is timed: the query by hand says of some customers what the reference engine says of each alone."""

from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from bench.bulk.by_hand import NAMES, in_polars
from bench.bulk.sides import in_memory
from bench.population import NOW
from bench.rules_by_hand import RULES
from retention import Customer, Profile
from retention.activity import ConsentEvent
from retention.cart import CartEvent
from retention.money import won
from retention.order import Order, OrderLine
from retention.profile import Fact
from retention.rules.backends.reference import holds

EVERY: Final = 200
"""Only the customers whose id is a multiple of this are asked one by one."""


def check(size: int = 100_000, every: int = EVERY) -> int:
    """How many customers were compared. Raises AssertionError for one of whom the answers differ."""
    tables = in_memory(size)
    by_hand = in_polars({name: frame.lazy() for name, frame in tables.items()}).filter(pl.col("id") % every == 0)
    expected = {row["id"]: row for row in by_hand.collect().iter_rows(named=True)}
    people = {row["id"]: row for row in _some(tables["customers"], "id", every)}
    facts = _facts(tables, every)
    for id, row in people.items():
        profile = Profile.build(_customer(row), facts.get(id, ()))
        for name, rule in zip(NAMES, RULES.values(), strict=True):
            assert holds(rule.node, profile, NOW) is expected[id][name], f"{name} of customer {id}"
    return len(people)


def _some(frame: pl.DataFrame, id: str, every: int) -> list[dict[str, Any]]:
    return frame.filter(pl.col(id) % every == 0).to_dicts()


def _facts(tables: dict[str, pl.DataFrame], every: int) -> dict[int, list[Fact]]:
    lines: dict[int, list[OrderLine]] = {}
    for row in _some(tables["lines"], "customer_id", every):
        line = OrderLine("p", amount=won(row["amount"]), category=row["category"])
        lines.setdefault(row["order_id"], []).append(line)
    facts: dict[int, list[Fact]] = {}
    for row in _some(tables["orders"], "customer_id", every):
        of_it = tuple(lines[row["id"]])
        order = Order(str(row["id"]), _utc(row["placed_at"]), lines=of_it, total=won(row["total"]))
        facts.setdefault(row["customer_id"], []).append(order)
    for row in _some(tables["cart"], "customer_id", every):
        event = CartEvent(str(row["id"]), _utc(row["happened_at"]), kind=row["kind"])
        facts.setdefault(row["customer_id"], []).append(event)
    for row in _some(tables["consents"], "customer_id", every):
        what = {name: row[name] for name in ("channel", "purpose", "given")}
        facts.setdefault(row["customer_id"], []).append(ConsentEvent(str(row["id"]), _utc(row["decided_at"]), **what))
    return facts


def _customer(row: dict[str, Any]) -> Customer:
    return Customer(
        str(row["id"]), joined_at=_utc(row["joined_at"]), country=row["country"], tags=frozenset(row["tags"])
    )


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
