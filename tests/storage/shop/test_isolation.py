"""Whoever waited for a customer sees what was committed meanwhile, whatever the engine's level of isolation."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from attrs import evolve
from sqlalchemy import URL, Engine, create_engine, text

from retention import days
from retention.loyalty.errors import WrongIsolation
from retention.permission import Cap
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.sql import SqlShopStore
from retention.testing.shop_scenes import DAY, LEASE, NOW, asked, message, sent, shopper, stored
from tests.engine.shop import NOON, POLICY, mail, order, shop, told
from tests.engine.test_sending import thanks

LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
WORKERS = 12


def _of_server(url: URL, level: str) -> Engine:
    """An engine on a server whose transactions are at that level if nobody says another."""
    said = level.lower().replace(" ", "\\ ")
    return create_engine(url, connect_args={"options": f"-c default_transaction_isolation={said}"})


_ENGINES: Mapping[str, Callable[[Engine, str], Engine]] = {
    "option": lambda engine, level: engine.execution_options(isolation_level=level),
    "engine": lambda engine, level: create_engine(engine.url, isolation_level=level),
    "server": lambda engine, level: _of_server(engine.url, level),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("of", _ENGINES)
def test_own_work_is_at_read_committed(postgres_ledger: Engine, level: str, of: str) -> None:
    engine = _ENGINES[of](postgres_ledger, level)
    assert _level(engine) == level
    with SqlShopStore(engine).work() as work:
        assert work._connection.get_isolation_level() == "READ COMMITTED"
    assert _level(engine) == level  # the host's own work is as before
    engine.dispose()


def _level(engine: Engine) -> str:
    with engine.connect() as connection:
        return connection.get_isolation_level()


@pytest.mark.parametrize("level", LEVELS)
def test_whoever_waited_for_a_customer_counts_what_was_sent_meanwhile(postgres_ledger: Engine, level: str) -> None:
    store = SqlShopStore(postgres_ledger.execution_options(isolation_level=level))
    stored(store, lambda work: work.keep([shopper("anna")]))
    stored(store, lambda work: work.put([message("a"), message("b")]))
    begun, claimed = Barrier(2), Event()
    with ThreadPoolExecutor(1) as pool:
        with store.work() as first:
            (mine,) = first.claim(NOW, 1, LEASE)
            first.shoppers(["anna"])
            waiting = pool.submit(_counted, store, begun, claimed)
            begun.wait(timeout=60)
            claimed.wait(timeout=60)
            first.finish([sent(mine)])
        assert waiting.result(timeout=60) == ["a/mail"]


def _counted(store: ShopStore, begun: Barrier, claimed: Event) -> list[str | None]:
    """What caps count for somebody who began before it was sent."""
    with store.work() as work:
        begun.wait(timeout=60)
        (mine,) = work.claim(NOW, 1, LEASE)
        assert (mine.key, dict(work.sent(["anna"], NOW - DAY))) == ("b", {})
        claimed.set()
        work.shoppers(["anna"])
        return [each.key for each in work.sent(["anna"], NOW - DAY)["anna"]]


@pytest.mark.parametrize("level", LEVELS)
def test_workers_together_send_no_more_than_caps_allow(postgres_ledger: Engine, level: str) -> None:
    engine = postgres_ledger.execution_options(isolation_level=level)
    policy = evolve(POLICY, caps=(Cap(key="daily", limit=1, window=days(1)),))
    sent = []
    for attempt in range(3):
        store = SqlShopStore(engine, tenant=f"shop-{attempt}")
        channel = mail()
        retention = shop(store, campaigns=[thanks("mail")], policy=policy, channels=[channel])
        told(retention)
        for number in range(2, 2 + WORKERS):
            retention.handle("anna", order(f"o{number}"), now=NOON)
        with ThreadPoolExecutor(WORKERS) as pool:
            [*pool.map(lambda _: retention.deliver(NOON, limit=1), range(WORKERS))]  # noqa: B023
        sent.append(len(channel.delivered))
    assert sent == [1, 1, 1]


@pytest.mark.parametrize("level", LEVELS)
def test_a_connection_of_another_level_is_refused_with_the_repair(postgres_ledger: Engine, level: str) -> None:
    with postgres_ledger.connect().execution_options(isolation_level=level) as connection:
        if level == "READ COMMITTED":
            assert asked(SqlShopStore.on(connection), lambda work: work.customers("", 9)) == []
            return
        with pytest.raises(WrongIsolation, match=r"execution_options\(isolation_level='READ COMMITTED'\)") as caught:
            SqlShopStore.on(connection)
    assert (caught.value.call, caught.value.level) == ("SqlShopStore.on", level)


def test_a_level_that_the_transaction_was_given_counts(postgres_ledger: Engine) -> None:
    with postgres_ledger.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        with pytest.raises(WrongIsolation, match="REPEATABLE READ"):
            SqlShopStore.on(connection)
        connection.rollback()
        connection.execute(text("SELECT 1"))
        SqlShopStore.on(connection)


def test_a_connection_that_commits_by_itself_is_refused(ledger_engine: Engine) -> None:
    option = {"isolation_level": "AUTOCOMMIT"}
    with ledger_engine.connect() as first, ledger_engine.execution_options(**option).connect() as second:
        for connection in (first.execution_options(**option), second):
            with pytest.raises(WrongIsolation, match="AUTOCOMMIT") as caught:
                SqlShopStore.on(connection)
            assert caught.value.level == "AUTOCOMMIT"


def test_an_engine_of_postgresql_that_commits_by_itself_does_work_as_a_whole(postgres_ledger: Engine) -> None:
    engine = create_engine(postgres_ledger.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, pytest.raises(WrongIsolation, match="AUTOCOMMIT"):
        SqlShopStore.on(connection)
    with pytest.raises(ZeroDivisionError):
        stored(SqlShopStore(engine), _fail)
    assert [*asked(SqlShopStore(postgres_ledger), lambda work: work.customers("", 9))] == []
    engine.dispose()


def _fail(work: Work) -> None:
    work.keep([shopper("anna")])
    raise ZeroDivisionError


@pytest.mark.parametrize("level", ["READ UNCOMMITTED", "SERIALIZABLE"])
def test_every_level_of_sqlite_will_do(sqlite_ledger: Engine, level: str) -> None:
    with sqlite_ledger.connect().execution_options(isolation_level=level) as connection:
        stored(SqlShopStore.on(connection), lambda work: work.keep([shopper("anna")]))
        connection.commit()
    assert [*asked(SqlShopStore(sqlite_ledger), lambda work: work.customers("", 9))] == ["anna"]
