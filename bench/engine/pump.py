"""Messages delivered by the engine, beside those of a bare outbox on the same server."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from json import dumps

import sqlalchemy as sa

from bench.bulk.turns import Spread, timed
from bench.engine.bare import Pump
from bench.engine.shop import retention, thanks
from bench.figures import Finding, at_least, shown
from bench.population import NOW
from retention.campaigns import wire
from retention.customer import Customer
from retention.engine import Retention
from retention.loyalty.ledger.wire import micros
from retention.money import won
from retention.order import Order
from retention.permission import Consent
from retention.storage.shop.records import Parcel
from retention.storage.shop.sql import SqlShopStore

GOAL = 0.7
_CLAIMED = 100


def beside_bare_pump(database: sa.Engine, messages: int, rounds: int) -> Iterator[Finding]:
    """With a channel that takes a hundred at once, and with one that takes one: each call is marked before the next."""
    Pump.create(database)
    for batch, many in ((_CLAIMED, messages), (1, messages // 5)):
        engine = retention(SqlShopStore(database, f"batch-{batch}"), [], [thanks()], batch)
        with database.begin() as connection:
            _sign_up(engine.using(SqlShopStore.on(connection, f"batch-{batch}")), many)
        pump = Pump(database, len, batch)
        found = [_round(engine, pump, many, NOW + 3 * number * timedelta(days=1)) for number in range(rounds + 1)][1:]
        name = "engine/deliver" if batch > 1 else "engine/deliver, one a call"
        ratio = Spread([other / mine for mine, other in found])
        yield at_least(GOAL, name, ratio.middle, "x bare", ratio.ends)
        rate = Spread([many / mine for mine, _ in found])
        yield shown(f"{name}, rate", rate.middle, "messages/s", rate.ends)


def _sign_up(engine: Retention, number: int) -> None:
    consent = Consent(medium="email", act="given", at=NOW, source="signup", method="checkbox")
    for each in range(number):
        engine.handle(Customer(f"c{each}", email=f"c{each}@example.com", country="KR"), now=NOW)
        engine.consent(f"c{each}", consent, now=NOW)


def _round(engine: Retention, pump: Pump, messages: int, now: datetime) -> tuple[float, float]:
    """Seconds of each for as many messages; no customer was written to in the days before."""
    planned = _planned(engine, pump.engine, f"batch-{pump.batch}", messages, now)
    assert planned.draft is not None
    pump.fill(messages, dumps(wire.draft_to_json(planned.draft)))
    with pump.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")

    def ours() -> None:
        done = 0
        while ended := engine.deliver(now, limit=_CLAIMED):
            done += ended["sent"]
        assert done == messages, "every one was sent"

    def theirs() -> None:
        done = 0
        while sent := pump.round(_CLAIMED, micros(now)):
            done += sent
        assert done == messages, "every one was sent"

    return timed(ours)[0], timed(theirs)[0]


def _planned(engine: Retention, database: sa.Engine, tenant: str, messages: int, now: datetime) -> Parcel:
    """A message to each customer, all in one transaction; the last of them."""
    with database.begin() as connection:
        inside = engine.using(SqlShopStore.on(connection, tenant))
        orders = [Order(f"{now}-{each}", now, total=won(9_000)) for each in range(messages)]
        handled = [inside.handle(f"c{each}", order, now=now) for each, order in enumerate(orders)]
    return handled[-1].parcels[0]
