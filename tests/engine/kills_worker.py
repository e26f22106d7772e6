"""Processes that tell the engine of orders and deliver what follows, until they are killed.

A process writes down each order that the engine has stored. Who takes its place goes on with the next, which may have
been stored without being written down.
"""

from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Final, TypeAlias

from sqlalchemy import Engine, create_engine

from retention import Customer, Order, days, won
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Happens
from retention.campaigns.steps import GivePoints, Send
from retention.engine import Retention
from retention.permission import MessageKind
from retention.rules import orders
from retention.storage.shop.sql import SqlShopStore
from tests.engine.crash_provider import Remote
from tests.engine.crash_worker import OnUnknown
from tests.engine.shop import NOON, agreed, shop

ORDERS_EACH: Final = 10
_ROUND: Final = 20

Ports: TypeAlias = tuple[int, int]
"""Of the provider that knows keys, and of the one that does not."""


def thanks(on_unknown: OnUnknown, channel: str) -> Campaign:
    """Points and a message after each order of a kind."""
    return Campaign(
        on_unknown,
        kind=MessageKind.MARKETING,
        entry=Happens(event=orders.where(orders.channel == on_unknown).any(), each="id"),
        steps=(
            GivePoints("points", amount=1, programme="mileage"),
            Send("it", template="miss-you", channels=(channel,), expires=days(3), on_unknown=on_unknown),
        ),
        again="each crossing",
    )


def order(number: int, at: datetime) -> Order:
    """The same whenever it is told. In doubt five of ten messages are sent again, four are asked about, one is left to
    staff."""
    on_unknown = ("retry",) * 5 + ("query",) * 4 + ("hold",)
    return Order(f"o{number}", at, total=won(9_000), channel=on_unknown[number % 10])


def customer(number: int) -> str:
    """The one who gives an order; the orders of each come from several processes."""
    return f"c{number // ORDERS_EACH}"


def opened(database: Engine, ports: Ports, lease: timedelta) -> Retention:
    knowing, forgetful = ports
    return shop(
        SqlShopStore(database),
        segments=[],
        campaigns=[thanks("retry", "mail"), thanks("query", "plain"), thanks("hold", "plain")],
        channels=[Remote(knowing), Remote(forgetful, id="plain", idempotent=False)],
        lease=lease,
    )


def sign_up(database: Engine, messages: int) -> None:
    """All customers, in one transaction."""
    with database.begin() as connection:
        engine = shop(SqlShopStore.on(connection), segments=[], campaigns=[])
        for number in range(0, messages, ORDERS_EACH):
            id = customer(number)
            engine.handle(Customer(id, email=f"{id}@example.com", country="KR"), now=NOON)
            engine.consent(id, agreed(), now=NOON)


def work(url: str, ports: Ports, lease: timedelta, start: datetime, log: Path, numbers: range) -> None:
    """Until it is killed."""
    engine = opened(create_engine(url), ports, lease)
    with log.open("ab", buffering=0) as written:
        for number in numbers[written.tell() :]:
            engine.handle(customer(number), order(number, start))
            written.write(b".")
            if number % 3 == 0:
                engine.deliver(limit=_ROUND)
    while True:
        if not engine.deliver(limit=_ROUND):
            sleep(0.2)
