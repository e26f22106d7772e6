"""A fact told to the engine, beside a bare transaction that writes the same rows into a database of its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TypeAlias

import sqlalchemy as sa

from bench.bulk.turns import Spread, timed
from bench.engine.bare import Write, recorded, writer
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


def beside_bare_rows(ours: sa.Engine, bare: sa.Engine, number: int, rounds: int) -> Iterator[Finding]:
    """Orders, cart events and visits in turn, of customers with histories; both databases are equal in the end."""
    engine = retention(SqlShopStore(ours, _TENANT), thirty(), ten())
    people = _signed_up(engine, number)
    _copy(ours, bare)
    write, told = writer(bare, _TENANT), _told(people)
    each = max(3, number // 10)
    found = [_round(engine, ours, write, [next(told) for _ in range(each)]) for _ in range(rounds + 1)][1:]
    assert _rows(ours) == _rows(bare), "both have written the same"
    ratio = Spread([mine / other for mine, other in found])
    yield at_most(GOAL, "engine/handle", ratio.middle, "x bare", ratio.ends)
    times = Spread([mine / each * 1e3 for mine, _ in found])
    yield shown("engine/handle, time", times.middle, "ms", times.ends)


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


def _round(engine: Retention, ours: sa.Engine, write: Write, several: Sequence[Told]) -> tuple[float, float]:
    """Seconds of each for the same facts, one after the other."""
    mine = other = 0.0
    for id, fact, at in several:
        with recorded(ours) as rows:
            mine += timed(partial(engine.handle, id, fact, now=at))[0]
        other += timed(partial(write, rows))[0]
    return mine, other


def _copy(ours: sa.Engine, bare: sa.Engine) -> None:
    with ours.connect() as here, bare.begin() as there:
        for table in metadata.sorted_tables:
            rows = [row._asdict() for row in here.execute(sa.select(table))]
            if rows:
                there.execute(sa.insert(table), rows)
    for engine in (ours, bare):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _rows(engine: sa.Engine) -> dict[str, set[object]]:
    """Of each table."""
    with engine.connect() as connection:
        return {
            each.name: {tuple(row) for row in connection.execute(sa.select(each))} for each in metadata.sorted_tables
        }
