"""A day in which only time passes: who is touched, who is missed, and what it costs beside asking everybody anew."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from time import perf_counter
from typing import Any, Final

import sqlalchemy as sa

from bench.engine.shop import SEOUL, retention
from bench.figures import Finding, at_most, shown
from bench.population import NOW, customers
from bench.rules_by_hand import RULES
from retention.activity import Visit
from retention.customer import Customer
from retention.engine import Retention
from retention.loyalty.ledger.wire import micros
from retention.profile import Fact, Profile
from retention.segments.segment import Segment
from retention.shell.living import Life
from retention.storage.shop import wire
from retention.storage.shop.records import Shopper
from retention.storage.shop.sql import SqlShopStore
from retention.storage.sql.rows import text

TOUCHED, COST = 1.3, 0.1
_TENANT: Final = "shop"
_BEGUN: Final = NOW + timedelta(days=2)  # when all that was given in advance is known
_ENDED: Final = _BEGUN + timedelta(days=1)
_PAGE: Final = 1_000


def a_day(database: sa.Engine, population: int) -> Iterator[Finding]:
    """The eight benchmark rules; none of them reads visits, which nobody stores here."""
    engine = retention(SqlShopStore(database, _TENANT), [Segment(name, rule) for name, rule in RULES.items()])
    _load(database, engine, population)
    engine.wake(_BEGUN, limit=population * 2)  # what is done once: definitions are noted
    before = _stored(database)
    due = _due(database)
    start = perf_counter()
    touched = engine.wake(_ENDED, limit=population * 2)
    waking = perf_counter() - start
    assert touched >= due, "whoever was due was touched"
    after = _stored(database)
    start = perf_counter()
    expected = _asked_anew(engine, population)
    asking = perf_counter() - start
    missed = sum(after[id] != expected[id] for id in expected)
    changed = sum(before[id] != after[id] for id in after)
    yield at_most(0, "engine/day, missed", missed, "customers")
    yield at_most(TOUCHED, "engine/day, touched", touched / changed, "x changed")
    yield at_most(COST, "engine/day, cost", waking / asking, "x everybody")
    yield shown("engine/day, changed", changed / population * 100, "% of all")
    yield shown("engine/day, a customer touched", waking / touched * 1e3, "ms")
    yield shown("engine/day, a customer asked anew", asking / population * 1e3, "ms")


def _load(database: sa.Engine, engine: Retention, population: int) -> None:
    """The rows that ``handle`` would have written, copied in."""
    connection = database.raw_connection()
    try:
        given = customers(population)
        while page := list(islice(given, _PAGE)):
            _copy_in(connection.cursor(), engine, page)
        connection.commit()
    finally:
        connection.close()
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as settled:
        settled.exec_driver_sql("VACUUM ANALYZE")


def _copy_in(cursor: Any, engine: Retention, page: Sequence[tuple[Customer, list[Fact]]]) -> None:
    shoppers: list[tuple[Any, ...]] = []
    members: list[tuple[Any, ...]] = []
    facts: list[tuple[Any, ...]] = []
    for customer, given in page:
        known = [each for each in given if not isinstance(each, Visit)]
        shopper = _begun(engine, customer, known)
        due = shopper.next_due
        document = text(wire.shopper_to_json(shopper))
        shoppers.append((_TENANT, customer.id, None if due is None else micros(due), document))
        members += [(_TENANT, segment, customer.id) for segment in shopper.segments]
        facts += [(_TENANT, customer.id, each.collection, each.id, text(wire.fact_to_json(each))) for each in known]
    _copy(cursor, "retention_shoppers (tenant, customer, next_due, document)", shoppers)
    _copy(cursor, "retention_members (tenant, segment, customer)", members)
    _copy(cursor, "retention_facts (tenant, customer, collection, fact, document)", facts)


def _copy(cursor: Any, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _begun(engine: Retention, customer: Customer, facts: Sequence[Fact]) -> Shopper:
    life = Life(shop=engine.shop, shopper=Shopper(customer=customer), profile=Profile.build(customer, facts))
    life.begin((), _BEGUN.astimezone(SEOUL))
    return life.shopper


def _due(database: sa.Engine) -> int:
    with database.connect() as connection:
        statement = sa.text("SELECT count(*) FROM retention_shoppers WHERE next_due <= :until")
        return int(connection.scalar(statement, {"until": micros(_ENDED)}) or 0)


def _stored(database: sa.Engine) -> dict[str, frozenset[str]]:
    """The segments of each customer, as they are stored."""
    statement = sa.text(
        "SELECT customer, array_remove(array_agg(segment), NULL) FROM retention_shoppers"
        " LEFT JOIN retention_members USING (tenant, customer) GROUP BY customer"
    )
    with database.connect() as connection:
        return {id: frozenset(segments) for id, segments in connection.execute(statement)}


def _asked_anew(engine: Retention, population: int) -> dict[str, frozenset[str]]:
    """Everybody loaded through the same storage, a thousand at a time, and all rules asked."""
    found: dict[str, frozenset[str]] = {}
    at, after = _ENDED.astimezone(SEOUL), ""
    while len(found) < population:
        with engine.storage.work() as work:
            ids = work.customers(after, _PAGE)
            shoppers, facts = work.shoppers(ids), work.facts(ids)
        for id in ids:
            profile = Profile.build(shoppers[id].customer, facts.get(id, ()), schema=engine.shop.schema)
            inside = engine.shop.segments.memberships(profile, at)
            found[id] = frozenset(key for key, belongs in inside.items() if belongs)
        after = ids[-1]
    return found
