"""Messages delivered by the engine, beside those of a bare outbox on the same server."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from json import dumps
from typing import Any, final

import sqlalchemy as sa
from attrs import frozen

from bench.bulk.turns import Spread, timed
from bench.engine.bare import Pump
from bench.engine.mail import by_hand, channel, server
from bench.engine.shop import Nothing, retention, thanks
from bench.figures import Finding, at_least, shown
from bench.population import NOW
from retention.campaigns import wire
from retention.channels.protocol import Channel
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


@final
@frozen
class _Way:
    """How messages go out, the library's and by hand, and how many of a thousand are enough to see how fast."""

    name: str
    channel: Channel
    by_hand: Callable[[Sequence[Any]], object]
    share: int = 1


def beside_bare_pump(database: sa.Engine, messages: int, rounds: int) -> Iterator[Finding]:
    """With a channel that does nothing, a hundred messages a call and one a call, which shows what the pumps cost; and
    by SMTP, ten a call, which is what a shop sees. Each call is marked before the next."""
    Pump.create(database)
    with server() as port:
        ways = (
            _Way("engine/deliver", Nothing(_CLAIMED), len),
            _Way("engine/deliver, one a call", Nothing(1), len, share=5),
            _Way("engine/deliver, by SMTP", channel(port), by_hand(port), share=3),
        )
        for number, way in enumerate(ways):
            yield from _beside(database, f"shop-{number}", way, messages // way.share, rounds)


def _beside(database: sa.Engine, tenant: str, way: _Way, messages: int, rounds: int) -> Iterator[Finding]:
    engine = retention(SqlShopStore(database, tenant), [], [thanks()], way.channel)
    with database.begin() as connection:
        _sign_up(engine.using(SqlShopStore.on(connection, tenant)), messages)
    pump = Pump(database, way.by_hand, way.channel.capabilities.batch)
    times = (NOW + 3 * number * timedelta(days=1) for number in range(rounds + 1))
    found = [_round(engine, pump, tenant, messages, now) for now in times][1:]
    ratio = Spread([other / mine for mine, other in found])
    yield at_least(GOAL, way.name, ratio.middle, "x bare", ratio.ends)
    rate = Spread([messages / mine for mine, _ in found])
    yield shown(f"{way.name}, rate", rate.middle, "messages/s", rate.ends)


def _sign_up(engine: Retention, number: int) -> None:
    consent = Consent(medium="email", act="given", at=NOW, source="signup", method="checkbox")
    for each in range(number):
        engine.handle(Customer(f"c{each}", email=f"c{each}@example.com", country="KR"), now=NOW)
        engine.consent(f"c{each}", consent, now=NOW)


def _round(engine: Retention, pump: Pump, tenant: str, messages: int, now: datetime) -> tuple[float, float]:
    """Seconds of each for as many messages; no customer was written to in the days before."""
    planned = _planned(engine, pump.engine, tenant, messages, now)
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
