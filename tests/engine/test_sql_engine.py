"""Every scenario of the engine on a database as well, and what only a database can do."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy import text as statement_of
from sqlalchemy.exc import OperationalError

from retention import Customer
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters
from retention.campaigns.steps import Call
from retention.engine import Retention
from retention.loyalty import Account
from retention.loyalty.errors import DamagedRecord, StayedLocked, UnreadableParcels
from retention.permission import MessageKind
from retention.shell.errors import CustomerFailed, StoreBusy
from retention.storage.shop.sql import SqlShopStore
from retention.storage.shop.sql.store import SqlWork
from retention.storage.sql import metadata
from tests.engine import crash_worker, test_answers, test_confirming, test_handling, test_notices, test_sending
from tests.engine import shop as parts
from tests.engine.shop import ANNA, DAY, DORMANT, MINUTE, NOON, agreed, mail, order, pass_days, shop, told
from tests.engine.test_answers import *  # noqa: F403 - the same tests, collected again with the stores of this module
from tests.engine.test_clearing import *  # noqa: F403 - the same
from tests.engine.test_confirming import *  # noqa: F403 - the same
from tests.engine.test_handling import *  # noqa: F403 - the same
from tests.engine.test_notices import *  # noqa: F403 - the same
from tests.engine.test_results import *  # noqa: F403 - the same
from tests.engine.test_sending import *  # noqa: F403 - the same

Opened = Callable[[], SqlShopStore]


@pytest.fixture(autouse=True)
def opened(ledger_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """A new shop in the database at each call, which is also what the scenarios open in the place of memory."""
    numbers = count()

    def opens() -> SqlShopStore:
        return SqlShopStore(ledger_engine, tenant=f"shop-{next(numbers)}")

    for module in (parts, test_answers, test_confirming, test_handling, test_notices, test_sending):
        monkeypatch.setattr(module, "MemoryShopStore", opens)
    return opens


def rows(connection: Connection) -> int:
    """In all tables together."""
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables)


def test_the_scenarios_ran_in_the_database(ledger_engine: Engine) -> None:
    test_handling.test_points_are_granted_once_whatever_is_repeated()
    with ledger_engine.connect() as connection:
        assert rows(connection) > 5


def two_who_wait(engine: Retention) -> None:
    """Anna and Ben have bought, and each will be told to come back in 90 days."""
    told(engine)
    engine.handle(Customer("ben", email="ben@example.com", country="KR"), now=NOON)
    engine.consent("ben", agreed(), now=NOON)
    engine.handle("ben", order("o2"), now=NOON)
    while engine.wake(NOON):  # until everybody has been judged by these definitions
        pass


def test_a_database_that_stays_locked_is_waited_for_once(sqlite_ledger: Engine) -> None:
    impatient = create_engine(sqlite_ledger.url, connect_args={"timeout": 0.01})
    with SqlShopStore(sqlite_ledger).work(), pytest.raises(StoreBusy, match="once") as caught:
        shop(SqlShopStore(impatient)).handle(ANNA, now=NOON)
    assert isinstance(caught.value.__cause__, StayedLocked)
    impatient.dispose()


def damage(database: Engine, statement: str) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_customer_who_cannot_be_read_stops_nobody_from_waking(ledger_engine: Engine, opened: Opened) -> None:
    engine = shop(opened())
    two_who_wait(engine)
    damage(ledger_engine, "UPDATE retention_shoppers SET document = '{}' WHERE customer = 'anna'")
    with pytest.raises(CustomerFailed) as failed:
        engine.wake(NOON + 90 * DAY)
    assert isinstance(failed.value.__cause__, DamagedRecord)
    assert failed.value.customer == "anna"
    assert engine.deliver(NOON + 90 * DAY) == {"sent": 1}
    assert engine.wake(NOON + 90 * DAY) == 0, "she is left alone for an hour"
    with pytest.raises(CustomerFailed):
        engine.wake(NOON + 90 * DAY + 60 * MINUTE)


@pytest.mark.parametrize("table", ["retention_shoppers", "retention_consents", "retention_facts"])
def test_a_customer_who_cannot_be_read_stops_nobody_in_an_audience(
    ledger_engine: Engine, opened: Opened, table: str
) -> None:
    store = opened()
    two_who_wait(shop(store, segments=[DORMANT], campaigns=[]))
    damage(ledger_engine, f"UPDATE {table} SET document = '{{}}' WHERE customer = 'anna'")
    engine = shop(store)
    failed = []
    for _ in range(9):
        try:
            if not engine.wake(NOON + MINUTE):
                break
        except CustomerFailed as problem:
            failed.append(problem.customer)
    assert set(failed) <= {"anna"}
    assert engine.members("buyers")[-1:] == ("ben",), "another definition, and everybody was judged by it"


@pytest.mark.parametrize("table", ["retention_shoppers", "retention_consents"])
def test_a_customer_who_cannot_be_read_gets_nothing_and_others_do(
    ledger_engine: Engine, opened: Opened, table: str
) -> None:
    engine = shop(opened())
    two_who_wait(engine)
    engine.wake(NOON + 90 * DAY)
    damage(ledger_engine, f"UPDATE {table} SET document = '{{}}' WHERE customer = 'anna'")
    with pytest.raises(CustomerFailed) as failed:
        engine.deliver(NOON + 90 * DAY)
    assert failed.value.customer == "anna"
    assert isinstance(failed.value.__cause__, DamagedRecord)
    assert len(engine.outbox("sent")) == 1
    assert engine.deliver(NOON + 90 * DAY) == {}, "she is left alone for an hour"
    (waiting,) = engine.outbox("waiting")
    assert [each.code for each in waiting.reasons] == ["failed"]
    assert waiting.due_at == NOON + 90 * DAY + 60 * MINUTE


def test_what_a_newer_version_wrote_is_left_to_it_and_does_not_expire(ledger_engine: Engine, opened: Opened) -> None:
    engine, last = shop(opened()), NOON + 93 * DAY - 10 * MINUTE
    two_who_wait(engine)
    engine.wake(NOON + 90 * DAY)
    with ledger_engine.begin() as connection:
        before = connection.exec_driver_sql("SELECT document FROM retention_shoppers WHERE customer = 'anna'").scalar()
    damage(ledger_engine, "UPDATE retention_shoppers SET document = '{\"v\": 99}' WHERE customer = 'anna'")
    with pytest.raises(CustomerFailed):
        engine.deliver(last)
    with ledger_engine.begin() as connection:
        statement = statement_of("UPDATE retention_shoppers SET document = :before WHERE customer = 'anna'")
        connection.execute(statement, {"before": before})
    assert engine.deliver(last) == {}
    assert engine.deliver(last + MINUTE) == {"sent": 1}, "it expires within the hour"


def test_calls_of_hooks_need_nobody_to_be_read(ledger_engine: Engine, opened: Opened) -> None:
    rung: list[str] = []
    rings = Campaign(
        "rings", kind=MessageKind.TRANSACTIONAL, entry=Enters(segment="buyers"), steps=(Call("it", hook="ring"),)
    )
    engine = shop(opened(), campaigns=[rings], hooks={"ring": lambda key, customer, data: rung.append(key)})
    told(engine)
    damage(ledger_engine, "UPDATE retention_shoppers SET document = '{}'")
    with pytest.raises(CustomerFailed):
        engine.deliver(NOON)
    assert len(rung) == 1


@pytest.mark.parametrize("damaged", ["effect = '{}'", "draft = '[]'", "outcome = '[]'", "outcome = 'null'"])
def test_a_message_that_cannot_be_read_stops_no_other_and_is_told_of(
    ledger_engine: Engine, opened: Opened, damaged: str
) -> None:
    engine = shop(opened())
    two_who_wait(engine)
    engine.wake(NOON + 90 * DAY)
    first, _ = engine.outbox("waiting")
    damage(ledger_engine, f"UPDATE retention_parcels SET {damaged} WHERE parcel = '{first.key}'")
    with pytest.raises(UnreadableParcels) as unreadable:
        engine.deliver(NOON + 90 * DAY)
    assert unreadable.value.keys == (first.key,)
    assert isinstance(unreadable.value.__cause__, DamagedRecord)
    assert len(engine.outbox("sent")) == 1
    assert engine.deliver(NOON + 90 * DAY) == {}, "it is left alone for an hour"
    with pytest.raises(UnreadableParcels):
        engine.deliver(NOON + 90 * DAY + 60 * MINUTE)


def test_waking_says_so_when_it_cannot_find_who_is_due(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = shop(opened())
    two_who_wait(engine)

    def broken(*_: object) -> Sequence[str]:
        raise ConnectionError

    monkeypatch.setattr(SqlWork, "due", broken)
    with pytest.raises(ConnectionError):
        engine.wake(NOON + 90 * DAY)


def test_waking_takes_as_many_statements_for_many_as_for_one(ledger_engine: Engine, opened: Opened) -> None:
    seen: list[str] = []

    def see(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    def statements(customers: int) -> int:
        engine = shop(opened(), campaigns=[])
        for number in range(customers):
            engine.handle(f"c-{number}", order(), now=NOON)
        engine.wake(NOON)  # what is done once
        seen.clear()
        assert engine.wake(NOON + 91 * DAY) == customers
        return len(seen)

    event.listen(ledger_engine, "before_cursor_execute", see)
    assert statements(12) == statements(1)
    event.remove(ledger_engine, "before_cursor_execute", see)


def test_shops_of_one_database_know_nothing_of_each_other(opened: Opened) -> None:
    here, there = shop(opened()), shop(opened())
    told(here)
    assert there.ask("anna") is None
    there.handle(ANNA, now=NOON)
    assert there.erase("anna", now=NOON)
    here.wake(NOON + 90 * DAY)
    there.wake(NOON + 90 * DAY)
    assert not there.deliver(NOON + 90 * DAY)
    assert here.deliver(NOON + 90 * DAY) == {"sent": 1}


def test_inside_the_hosts_transaction_a_rollback_leaves_nothing(ledger_engine: Engine) -> None:
    engine = shop(SqlShopStore(ledger_engine))
    engine.handle(Customer("ben"), now=NOON)
    with ledger_engine.connect() as connection:
        before = rows(connection)
    with ledger_engine.connect() as connection:
        inside = engine.using(SqlShopStore.on(connection))
        told(inside)
        inside.wake(NOON + 90 * DAY)
        asked = inside.ask("anna", now=NOON + 90 * DAY)
        assert asked is not None
        assert [each.status for each in asked.messages] == ["waiting"]
        assert rows(connection) > before
        connection.rollback()
    with ledger_engine.connect() as connection:
        assert rows(connection) == before
    assert engine.ask("anna") is None
    assert not engine.deliver(NOON + 90 * DAY)


def test_inside_the_hosts_transaction_a_commit_stores_all_of_it(ledger_engine: Engine) -> None:
    engine = shop(SqlShopStore(ledger_engine))
    with ledger_engine.begin() as connection:
        told(engine.using(SqlShopStore.on(connection)))
        engine.using(SqlShopStore.on(connection)).wake(NOON + 90 * DAY)
    assert engine.deliver(NOON + 90 * DAY) == {"sent": 1}
    with SqlShopStore(ledger_engine).work() as work:
        assert work.ledger.load(Account("mileage", "anna")).head.available == 1000


def test_from_an_asyncio_host_in_threads(opened: Opened) -> None:
    mailbox, store = mail(), opened()
    engine = shop(store, channels=[mailbox], campaigns=[test_sending.thanks("mail")])
    ids = [f"c{number}" for number in range(8)]

    async def signed_up(id: str) -> None:
        await asyncio.to_thread(engine.handle, Customer(id, email=f"{id}@example.com", country="KR"), now=NOON)
        await asyncio.to_thread(engine.consent, id, agreed(), now=NOON)
        await asyncio.to_thread(engine.handle, id, order(f"order-{id}"), now=NOON)

    async def host() -> None:
        await asyncio.gather(*map(signed_up, ids))
        await asyncio.gather(*(asyncio.to_thread(engine.deliver, NOON, limit=3) for _ in range(4)))
        while await asyncio.to_thread(engine.deliver, NOON):
            pass

    asyncio.run(host())
    assert sorted(each.address for each in mailbox.delivered) == [f"{id}@example.com" for id in ids]


def test_a_worker_that_waited_for_minutes_comes_after_those_who_did_not(opened: Opened) -> None:
    """Its clock was read before the customer was locked."""
    store = opened()
    engine = shop(store, segments=[], campaigns=[crash_worker.thanks("retry")])
    engine.handle(ANNA, now=NOON)
    engine.handle("anna", order("o1", NOON), now=NOON + 10 * MINUTE)
    engine.handle("anna", order("o2", NOON), now=NOON)
    with store.work() as work:
        assert work.ledger.load(Account("mileage", "anna")).head.available == 20


def test_another_engine_on_the_same_database_goes_on_where_the_first_stopped(opened: Opened) -> None:
    store = opened()
    told(shop(store))
    assert pass_days(shop(store), 90, 90) == [(90, {"sent": 1})]
    assert pass_days(shop(store), 91, 97) == [(97, {"sent": 1})]


def test_a_database_that_is_not_there_is_the_hosts_to_know_and_nothing_is_said_to_be_done(postgres_url: str) -> None:
    gone = create_engine(postgres_url.rpartition("/")[0] + "/no_such_database")
    with pytest.raises(OperationalError):
        shop(SqlShopStore(gone)).handle(ANNA, now=NOON + MINUTE)
    gone.dispose()


def test_two_shops_share_a_database_a_ledger_and_an_account_with_a_provider(opened: Opened) -> None:
    """What is the same in both but the tenant goes out and is granted for each."""
    account = mail(idempotent_for=DAY)
    called: list[str] = []
    call = Campaign(
        "call",
        kind=MessageKind.TRANSACTIONAL,
        entry=Enters(segment="dormant"),
        steps=(Call("host", hook="host"),),
    )
    shops = [
        shop(
            opened(),
            channels=[account],
            campaigns=[parts.WIN_BACK, call],
            hooks={"host": lambda key, *_: called.append(key)},
        )
        for _ in range(2)
    ]
    for each in shops:
        told(each)
        pass_days(each, 0, 91)
    assert [each.recipient for each in account.delivered] == [account.delivered[0].recipient] * 2
    assert [each.key.partition("/")[0] for each in account.delivered] == ["shop-0", "shop-1"]
    assert [each.partition("/")[0] for each in called] == ["shop-0", "shop-1"]
    with shops[0].storage.work() as work:
        assert work.ledger.load(Account("mileage", "anna")).head.available == 2 * 1_000
