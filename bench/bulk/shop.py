"""A generated shop of N customers, the same in every run: 6N orders, 12N lines, 6N cart events and 2N consents.

Few customers buy much and a third never do; many have gone quiet. Rows stand in order of time, as a shop's tables grow.
One order in fifty is a guest's and has no customer. The tables run until one day after ``NOW``, as happens when a rule
is asked about yesterday: so every query has to exclude what is later.
"""

import os
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen
from numpy.typing import NDArray

from bench.population import NOW_UTC

BUILD = Path(__file__).parents[2] / "build" / "bulk"
TABLES = ("customers", "orders", "lines", "cart", "consents")
CATEGORIES = (
    "coffee",
    "tea",
    "bread",
    "fruit",
    "bowls",
    "gifts",
    "snacks",
    "dairy",
    "flowers",
    "books",
    "soap",
    "toys",
)

DAY = 86_400_000_000  # in microseconds, as all instants here
END = int(NOW_UTC.timestamp()) * 1_000_000 + DAY
_SEED = 7

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


@frozen(eq=False)
class People:
    """Who the customers are: how eager to buy, and from when until when they are heard of."""

    joined: Ints
    quiet: Ints
    eager: Floats


def shop(size: int) -> Path:
    """The folder with one Parquet file for each table, made if it is not there."""
    folder = BUILD / f"{size}-customers"
    if not folder.exists():
        unfinished = folder.with_suffix(f".{os.getpid()}")
        unfinished.mkdir(parents=True)
        for name, table in generated(size).items():
            pq.write_table(table, unfinished / f"{name}.parquet", compression="zstd")
        unfinished.rename(folder)
    return folder


def generated(size: int) -> dict[str, pa.Table]:
    """The tables by name."""
    random = np.random.default_rng(_SEED)
    people = _people(random, size)
    orders, lines = _orders(random, people, 6 * size)
    return {
        "customers": _customers(random, people),
        "orders": orders,
        "lines": lines,
        "cart": _cart(random, people, 6 * size),
        "consents": _consents(random, people, 2 * size),
    }


def _people(random: np.random.Generator, size: int) -> People:
    tenure = 4 * 365 * DAY * random.random(size) ** 1.3
    gone = np.where(random.random(size) < 0.4, random.random(size), 0.0)
    eager = random.lognormal(0, 1.2, size) * np.sqrt(tenure) * (random.random(size) > 0.33)
    return People((END - tenure).astype(np.int64), (END - tenure * gone).astype(np.int64), eager)


def _events(random: np.random.Generator, people: People, weights: Floats, rows: int) -> tuple[Ints, Ints]:
    """Customer and instant of each row, in order of time."""
    each = random.multinomial(rows, weights / weights.sum())
    customer = np.repeat(np.arange(len(weights)), each)
    since, until = people.joined[customer], people.quiet[customer]
    at = since + ((until - since) * random.random(rows) ** 0.8).astype(np.int64)
    in_time = np.argsort(at)
    return customer[in_time] + 1, at[in_time]


def _orders(random: np.random.Generator, people: People, rows: int) -> tuple[pa.Table, pa.Table]:
    """Orders, and their lines: one or more, two on average."""
    customer, at = _events(random, people, people.eager, rows)
    customers = pa.array(customer, mask=random.random(rows) < 0.02)
    each = 1 + random.multinomial(rows, np.full(rows, 1 / rows))
    of = np.repeat(np.arange(rows), each)
    amount = 100 * (20 + random.gamma(2, 60, len(of))).astype(np.int64)
    total = np.add.reduceat(amount, np.cumsum(each) - each)
    category = _texts(random.choice(len(CATEGORIES), len(of), p=_falling(len(CATEGORIES))), CATEGORIES)
    orders = _table(customer_id=customers, placed_at=_instants(at), total=total)
    columns = {"customer_id": customers.take(pa.array(of)), "placed_at": _instants(at[of]), "category": category}
    return orders, _table(order_id=of + 1, amount=amount, **columns)


def _cart(random: np.random.Generator, people: People, rows: int) -> pa.Table:
    """Who buys much fills the cart much, and some only look."""
    weights = people.eager + 0.3 * people.eager.mean() * random.random(len(people.eager))
    customer, at = _events(random, people, weights, rows)
    kind = _texts(random.integers(0, 5, rows), ("added", "added", "added", "removed", "checkout_started"))
    return _table(customer_id=customer, happened_at=_instants(at), kind=kind)


def _consents(random: np.random.Generator, people: People, rows: int) -> pa.Table:
    customer, at = _events(random, people, np.ones(len(people.eager)), rows)
    channel = _texts((random.random(rows) < 0.4).astype(np.int64), ("email", "sms"))
    purpose = _texts((random.random(rows) < 0.2).astype(np.int64), ("marketing", "survey"))
    given = random.random(rows) < 0.75
    return _table(customer_id=customer, decided_at=_instants(at), channel=channel, purpose=purpose, given=given)


def _customers(random: np.random.Generator, people: People) -> pa.Table:
    size = len(people.joined)
    country = _texts(random.choice(4, size, p=(0.6, 0.15, 0.15, 0.1)), ("KR", "JP", "US", "DE"))
    labels = pa.array([[], ["wholesale"], ["vip"], ["vip", "wholesale"]], pa.list_(pa.string()))
    tags = labels.take(pa.array(random.choice(4, size, p=(0.75, 0.04, 0.2, 0.01))))
    return _table(joined_at=_instants(people.joined), country=country, tags=tags)


def _falling(count: int) -> Floats:
    """Shares of the most and less popular, one over the rank."""
    weights: Floats = 1 / np.arange(1, count + 1)
    shares: Floats = weights / weights.sum()
    return shares


def _texts(codes: Ints, texts: tuple[str, ...]) -> pa.Array:
    return pa.array(texts).take(pa.array(codes))


def _instants(microseconds: Ints) -> pa.Array:
    return pa.array(microseconds, pa.timestamp("us", tz="UTC"))


def _table(**columns: Any) -> pa.Table:
    """A table with these columns after an ``id`` that counts from 1."""
    rows = len(next(iter(columns.values())))
    return pa.table({"id": np.arange(1, rows + 1), **columns})
