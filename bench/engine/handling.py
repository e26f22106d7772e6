"""A fact told to the engine, beside a bare transaction that writes the same rows into a database of its own.

What the rows are is seen on a third database, whose engine is told the same: who listens to a connection slows it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from typing import TypeAlias, final

import sqlalchemy as sa
from attrs import frozen

from bench.bulk.turns import Spread
from bench.engine.bare import Write, Written, recorded, writer
from bench.engine.shop import retention, ten, thirty
from bench.figures import Finding, at_most, shown
from bench.population import NOW, cart_event, customers, order
from retention.activity import Visit
from retention.customer import Customer
from retention.engine import Retention
from retention.permission import Consent
from retention.profile import Fact
from retention.storage.shop.sql import SqlShopStore
from retention.storage.sql import metadata

GOAL = 2.0
LATER = NOW + timedelta(days=2)  # when all that was given in advance is known
_TENANT = "shop"

Told: TypeAlias = tuple[str, Fact, datetime]


def beside_bare_rows(ours: sa.Engine, heard: sa.Engine, bare: sa.Engine, number: int, rounds: int) -> Iterator[Finding]:
    """Orders, cart events and visits in turn, of customers with histories; all three databases are equal in the end."""
    engine = retention(SqlShopStore(ours, _TENANT), thirty(), ten())
    people = _signed_up(engine, number)
    _copy(ours, heard, bare)
    told, each = _told(people), max(3, number // 10)
    sides = _Sides(engine, retention(SqlShopStore(heard, _TENANT), thirty(), ten()), heard, writer(bare, _TENANT))
    found = [sides.round([next(told) for _ in range(each)]) for _ in range(rounds + 1)][1:]
    assert _rows(ours) == _rows(heard) == _rows(bare), "all have written the same"
    ratio = Spread([mine / other for mine, other in found])
    yield at_most(GOAL, "engine/handle", ratio.middle, "x bare", ratio.ends)
    times = Spread([mine / each * 1e3 for mine, _ in found])
    yield shown("engine/handle, time", times.middle, "ms", times.ends)


@final
@frozen
class _Sides:
    """The engine, its twin on the database that is listened to, and what writes the rows of that."""

    engine: Retention
    twin: Retention
    heard: sa.Engine
    write: Write

    def round(self, several: Sequence[Told]) -> tuple[float, float]:
        """Seconds of each for the same facts, one after the other without a pause: to collect garbage before each, as
        is done elsewhere, adds a millisecond to both, which is more than the bare side takes. The twin is told all of
        them before, so that the engine finds nothing in the processor's caches that a shop would not."""
        rows = [self._heard(*each) for each in several]
        mine = other = 0.0
        for (id, fact, at), written in zip(several, rows, strict=True):
            start = perf_counter()
            self.engine.handle(id, fact, now=at)
            between = perf_counter()
            self.write(written)
            mine += between - start
            other += perf_counter() - between
        return mine, other

    def _heard(self, id: str, fact: Fact, at: datetime) -> Sequence[Written]:
        with recorded(self.heard) as rows:
            self.twin.handle(id, fact, now=at)
        return rows


def _signed_up(engine: Retention, number: int) -> list[str]:
    ids = []
    for customer, facts in customers(number):
        known = Customer(customer.id, email=f"{customer.id}@example.com", country="KR", joined_at=customer.joined_at)
        engine.handle(known, *facts, now=LATER)
        consent = Consent(medium="email", act="given", at=NOW, source="signup", method="checkbox")
        engine.consent(known.id, consent, now=LATER)
        ids.append(known.id)
    return ids


def _told(people: Sequence[str]) -> Iterator[Told]:
    random, number = Random(11), 0
    while True:
        for id in people:
            number += 1
            at = LATER + number * timedelta(seconds=1)
            made: Sequence[Fact] = (
                order(random, f"new-{number}", at),
                cart_event(random, f"new-{number}", at),
                Visit(f"new-{number}", at, page="/"),
            )
            yield id, made[number % 3], at


def _copy(ours: sa.Engine, *others: sa.Engine) -> None:
    for other in others:
        with ours.connect() as here, other.begin() as there:
            for table in metadata.sorted_tables:
                rows = [row._asdict() for row in here.execute(sa.select(table))]
                if rows:
                    there.execute(sa.insert(table), rows)
    for engine in (ours, *others):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _rows(engine: sa.Engine) -> dict[str, set[object]]:
    """Of each table."""
    with engine.connect() as connection:
        return {
            each.name: {tuple(row) for row in connection.execute(sa.select(each))} for each in metadata.sorted_tables
        }
