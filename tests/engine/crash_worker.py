"""A process that uses the engine and stops at one point of a call, to be killed there, or to go on."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from signal import SIGCONT, SIGSTOP
from typing import Any, Final, Literal, TypeAlias, cast, final

from attrs import field, frozen
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from retention import days
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Happens
from retention.campaigns.steps import GivePoints, Send, Wait
from retention.engine import Retention
from retention.permission import MessageKind
from retention.rules import orders
from retention.shell.claiming import LEASE
from retention.storage.shop.port import Work
from retention.storage.shop.sql import SqlShopStore
from tests.engine.crash_provider import Provider, Remote, no_pause
from tests.engine.shop import NOON, agreed, order, shop

OnUnknown: TypeAlias = Literal["retry", "query", "hold"]
LATER: Final = NOON + LEASE
SOON: Final = 60  # seconds for a process to come to its point, at most


def _send(id: str, on_unknown: OnUnknown) -> Send:
    return Send(id, template="miss-you", channels=("mail",), expires=days(3), on_unknown=on_unknown)


def thanks(on_unknown: OnUnknown) -> Campaign:
    """After each order points, a message, and another on the next day."""
    return Campaign(
        "thanks",
        kind=MessageKind.MARKETING,
        entry=Happens(event=orders.any(), each="id"),
        steps=(
            GivePoints("points", amount=10, programme="mileage"),
            _send("it", on_unknown),
            Wait("a day", days(1)),
            _send("again", on_unknown),
        ),
        again="each crossing",
    )


def new_thanks(on_unknown: OnUnknown) -> Campaign:
    """The second version: other points, and one message."""
    return Campaign(
        "thanks",
        version=2,
        kind=MessageKind.MARKETING,
        entry=Happens(event=orders.any(), each="id"),
        steps=(GivePoints("points", amount=500, programme="mileage"), _send("new", on_unknown)),
        again="each crossing",
    )


# What a process is asked to do. --------------------------------------------------------------------------------------


def orders_something(engine: Retention) -> object:
    return engine.handle("anna", order(), now=NOON).changes


def wakes(engine: Retention) -> object:
    return engine.wake(NOON + timedelta(days=1))


def delivers(engine: Retention) -> object:
    return {**engine.deliver(NOON)}


def delivers_by_the_clock(engine: Retention) -> object:
    return {**engine.deliver()}


def withdraws(engine: Retention) -> object:
    return engine.consent("anna", agreed(NOON, act="withdrawn"), now=NOON).customer


def reports(engine: Retention, body: bytes) -> object:
    return len(engine.receive("mail", {}, body, now=NOON))


# The shop in that process. -------------------------------------------------------------------------------------------


_WORKS: Final = {
    "claim": "claiming",
    "finish": "marking",
    "add_receipt": "reporting",
    "add_facts": "planning",
    "keep": "planning",
}
"""What a transaction is about, by what it asks of the store: the first that it does."""


@final
class Watched:
    """A transaction, and what it asked of the store."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(self.work, name)

    @property
    def about(self) -> str:
        return next((about for name, about in _WORKS.items() if name in self.asked), "asking")


@final
@frozen
class Store:
    """The shop's store, which pauses around its commits."""

    store: SqlShopStore
    pause: Callable[[str], None]

    @property
    def tenant(self) -> str:
        return self.store.tenant

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            watched = Watched(work)
            yield cast(Work, watched)
            self.pause(f"before {watched.about}")
        self.pause(f"after {watched.about}")


@final
@frozen(kw_only=True)
class World:
    """What all processes of a test share."""

    url: str = field(repr=False)
    port: int
    idempotent: bool = True
    on_unknown: OnUnknown = "retry"
    lease: timedelta = LEASE

    @classmethod
    def of(cls, database: Engine, provider: Provider, **given: Any) -> "World":
        url = database.url.render_as_string(hide_password=False)
        return cls(url=url, port=provider.port, idempotent=provider.idempotent, **given)

    def shop(
        self, database: Engine, pause: Callable[[str], None] = no_pause, campaigns: Sequence[Campaign] = ()
    ) -> Retention:
        return shop(
            Store(SqlShopStore(database), pause),
            segments=[],
            campaigns=campaigns or [thanks(self.on_unknown)],
            channels=[Remote(self.port, pause=pause, idempotent=self.idempotent)],
            lease=self.lease,
        )


def work(world: World, call: Callable[..., object], arguments: Sequence[Any], point: str, wire: Connection) -> None:
    """Do it, and when the point is come to say so and wait for a word."""

    def pause(name: str) -> None:
        if name == point:
            wire.send(name)
            wire.recv()

    database = create_engine(world.url, connect_args={"application_name": "mortal"})
    try:
        wire.send(call(world.shop(database, pause), *arguments))
    except DBAPIError as problem:
        wire.send(type(problem).__name__)


@final
class Mortal:
    """Such a process, at its point."""

    def __init__(self, process: BaseProcess, wire: Connection) -> None:
        self.process = process
        self.wire = wire

    def dies(self) -> None:
        """By SIGKILL."""
        self.process.kill()
        self._ended()

    def stalls(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, SIGSTOP)

    def resumes(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, SIGCONT)

    def goes_on(self) -> object:
        """To the end of its call; what came of it."""
        self.wire.send("go on")
        return self.result()

    def result(self) -> object:
        assert self.wire.poll(SOON), "it comes to an end"
        found = self.wire.recv()
        self._ended()
        return found

    def _ended(self) -> None:
        self.process.join()
        self.process.close()
        self.wire.close()


def mortal(world: World, call: Callable[..., object], *arguments: object, at: str) -> Mortal:
    """A process that has come to the point."""
    found = begun(world, call, *arguments, at=at)
    assert found.wire.poll(SOON), f"it comes to {at}"
    assert found.wire.recv() == at
    return found


def begun(world: World, call: Callable[..., object], *arguments: object, at: str) -> Mortal:
    """A process that is on its way, forked by one that has imported all that is needed."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["psycopg", "sqlalchemy.dialects.postgresql", "tests.engine.crash_worker"])
    here, there = context.Pipe()
    process = context.Process(target=work, args=(world, call, arguments, at, there), daemon=True)
    process.start()
    there.close()
    return Mortal(process, here)


def lose_connections(database: Engine) -> None:
    """The server ends the sessions of all mortals, as when it is restarted."""
    with database.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'mortal' AND datname = current_database()"
            )
        )
