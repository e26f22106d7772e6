"""What the store in a database promises besides the contract: tenants, the host's transaction, locks, statements."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from retention.activity import Event, Visit
from retention.errors import FactError, UnknownChoice
from retention.loyalty.errors import Conflict, DamagedRecord, NotMigrated, StayedLocked, WrongConnection
from retention.loyalty.ledger.ledger import Ledger
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.sql import SqlShopStore, metadata
from retention.storage.sql import SqlLedgerStore, migrate
from retention.testing.ledger_scenes import ANNA, giving
from retention.testing.shop_scenes import (
    CHANNEL,
    COMPLAINT,
    CONSENT,
    DAY,
    FACTS,
    FULL,
    LEASE,
    NOW,
    asked,
    claim,
    message,
    receipt,
    sent,
    shopper,
    stored,
)
from tests import canaries

SHOP_TABLES = [each for each in metadata.tables.values() if "tenant" in each.c]


def _fill(work: Work) -> None:
    """A row in every table."""
    work.keep([FULL])
    work.add_facts("anna", FACTS)
    work.add_consent("anna", CONSENT)
    work.suppress("h-1", COMPLAINT)
    work.put([message("a"), message("b")])
    first, _ = work.claim(NOW, 9, LEASE)
    work.finish([sent(first)])
    work.add_receipt("mail", receipt())
    work.keep_channel("mail", CHANNEL)
    work.keep_bookmark("page", "1")


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            each.name: connection.execute(text(f"SELECT count(*) FROM {each.name}")).scalar_one()
            for each in SHOP_TABLES
        }


def test_every_key_begins_with_the_tenant() -> None:
    assert len(SHOP_TABLES) == 9
    for table in SHOP_TABLES:
        assert next(iter(table.primary_key)).name == "tenant"
        assert all(next(iter(each.columns)).name == "tenant" for each in table.indexes)


def test_tenants_do_not_see_each_other(ledger_engine: Engine) -> None:
    here, there = SqlShopStore(ledger_engine), SqlShopStore(ledger_engine, tenant="another shop")
    stored(here, _fill)
    assert all(_counts(ledger_engine).values())
    with there.work() as work:
        assert not work.shoppers(["anna"])
        assert not work.facts(["anna"])
        assert not work.consents(["anna"])
        assert not work.suppressions(["h-1"])
        assert not work.sent(["anna"], NOW - DAY)
        assert not work.parcels(["a", "b"])
        assert not work.parcels_of("anna")
        assert not work.parcels_by_receipt("mail", ["p-1"])
        assert not work.receipts("mail", ["p-1"])
        assert not [*work.due(NOW + 99 * DAY, 9), *work.customers("", 9), *work.members("vip", "", 9)]
        assert not [*work.browse("", 9), *work.parcels_between("", "z", 9), *work.ended(NOW + 99 * DAY, "", 9)]
        assert not work.discard(["a"])
        assert not work.discard_receipts(NOW + 99 * DAY, ("", ""), 9)
        assert not work.claim(NOW + 99 * DAY, 9, LEASE)
        assert work.channel("mail").failures == 0
        assert work.bookmark("page") is None
        assert not work.finish([evolve(sent(message("b")), attempt=1)])
        work.set_receipt(evolve(message("a"), receipt="read"))
        work.forget("anna")
    stored(there, _fill)
    stored(there, lambda work: work.forget("anna"))
    with here.work() as work:
        assert work.shoppers(["anna"])["anna"] == FULL
        assert [*work.members("vip", "", 9)] == ["anna"]
        assert work.parcels(["a"])["a"].receipt is None
        assert work.parcels(["a"])["a"].customer == "anna"
        assert [*work.receipts("mail", ["p-1"])] == ["p-1"]


def test_nothing_personal_is_left_of_who_is_forgotten(ledger_engine: Engine) -> None:
    store = SqlShopStore(ledger_engine)
    with store.work() as work:
        work.keep([shopper("PII-id", segments={"vip": NOW})])
        work.add_facts("PII-id", [Visit("v-1", NOW, page="PII-page")])
        work.add_consent("PII-id", evolve(CONSENT, wording="PII-wording"))
        work.put([message("a", "PII-id"), message("b", "PII-id")])
        first, _ = work.claim(NOW, 9, LEASE)
        work.finish([sent(first)])
    assert len(_personal(ledger_engine)) == 6
    stored(store, lambda work: work.forget("PII-id"))
    assert _personal(ledger_engine) == []
    assert _counts(ledger_engine)["retention_parcels"] == 2


def _personal(engine: Engine) -> list[str]:
    """Rows in which there is a text that only the customer and the messages to them had."""
    with engine.connect() as connection:
        rows = [
            str(tuple(row)) for table in SHOP_TABLES for row in connection.execute(text(f"SELECT * FROM {table.name}"))
        ]
    return [each for each in rows if "PII" in each or "example.com" in each or "reason.:.quiet" in each]


# The host's own transaction. -----------------------------------------------------------------------------------------


def test_the_host_commits_and_rolls_back(ledger_engine: Engine) -> None:
    with ledger_engine.connect() as connection:
        stored(SqlShopStore.on(connection), _fill)
        connection.rollback()
    assert not any(_counts(ledger_engine).values())
    with ledger_engine.begin() as connection:
        stored(SqlShopStore.on(connection), _fill)
    assert all(_counts(ledger_engine).values())


def test_a_session_of_the_host_gives_its_connection(ledger_engine: Engine) -> None:
    with Session(ledger_engine) as session, session.begin():
        stored(SqlShopStore.on(session.connection(), tenant="shop"), _fill)
    assert asked(SqlShopStore(ledger_engine), lambda work: work.shoppers(["anna"]))["anna"] == FULL


class _Failed(Exception):
    pass


def _fail(store: ShopStore) -> None:
    with store.work() as work:
        work.keep([shopper("ben")])
        Ledger(store=work.ledger).run(ANNA, giving(30, "give"), now=NOW)
        raise _Failed


def test_work_that_raises_leaves_the_hosts_transaction_as_it_was(ledger_engine: Engine) -> None:
    with ledger_engine.begin() as connection:
        store = SqlShopStore.on(connection)
        stored(store, lambda work: work.keep([FULL]))
        with pytest.raises(_Failed):
            _fail(store)
        assert [*asked(store, lambda work: work.customers("", 9))] == ["anna"]
    assert [*asked(SqlShopStore(ledger_engine), lambda work: work.customers("", 9))] == ["anna"]


def test_the_ledger_is_undone_with_the_work(ledger_engine: Engine) -> None:
    with pytest.raises(_Failed):
        _fail(SqlShopStore(ledger_engine))
    assert SqlLedgerStore(ledger_engine).load(ANNA).head.available == 0


# Somebody else. ------------------------------------------------------------------------------------------------------


def test_a_new_customer_whom_somebody_else_stored_meanwhile_is_a_conflict(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    with pytest.raises(Conflict), store.work() as late:
        _be_late(late, store)
    with store.work() as work:
        assert work.shoppers(["anna"])["anna"] == FULL
        assert [*work.facts(["anna"]).get("anna", [])] == []


def _be_late(late: Work, store: ShopStore) -> None:
    assert not late.shoppers(["anna"])
    stored(store, lambda work: work.keep([FULL]))
    late.add_facts("anna", FACTS)
    late.keep([shopper("anna")])


def test_after_a_conflict_the_hosts_transaction_goes_on(postgres_ledger: Engine) -> None:
    other = SqlShopStore(postgres_ledger)
    with postgres_ledger.begin() as connection:
        store = SqlShopStore.on(connection)
        stored(store, lambda work: work.keep([shopper("ben")]))
        with pytest.raises(Conflict), store.work() as late:
            _be_late(late, other)
        assert asked(store, lambda work: work.shoppers(["anna"]))["anna"] == FULL
    assert [*asked(other, lambda work: work.customers("", 9))] == ["anna", "ben"]


def test_a_line_of_proof_that_somebody_else_added_first_is_a_conflict(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    barrier = Barrier(2)

    def add(number: int) -> bool:
        try:
            with store.work() as work:
                work.consents(["anna"])
                barrier.wait(timeout=60)
                return work.add_consent("anna", evolve(CONSENT, source=f"{number}"))
        except Conflict:
            return False

    with ThreadPoolExecutor(2) as threads:
        added = sum(threads.map(add, range(2)))
    assert 1 <= added == len(asked(store, lambda work: work.consents(["anna"]))["anna"])


def test_a_deadlock_is_a_conflict(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    stored(store, lambda work: work.keep([shopper("anna"), shopper("ben")]))
    barrier = Barrier(2)

    def lock(ids: list[str]) -> bool:
        try:
            with store.work() as work:
                work.shoppers(ids[:1])
                barrier.wait(timeout=60)
                work.shoppers(ids[1:])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lock, [["anna", "ben"], ["ben", "anna"]])) == [False, True]


def test_a_database_that_stays_locked_is_given_up(sqlite_ledger: Engine) -> None:
    impatient = create_engine(sqlite_ledger.url, connect_args={"timeout": 0.01})
    with SqlShopStore(sqlite_ledger).work(), pytest.raises(StayedLocked):
        asked(SqlShopStore(impatient), lambda work: work.customers("", 9))
    impatient.dispose()


def test_no_worker_waits_for_what_another_claims(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    stored(store, lambda work: work.put([message("a"), message("b"), message("c")]))
    with store.work() as first:
        assert [each.key for each in first.claim(NOW, 1, LEASE)] == ["a"]
        assert [each.key for each in claim(store, 1)] == ["b"]
        assert [each.key for each in claim(store, 9)] == ["c"]


def test_no_worker_waits_for_whom_another_has_in_hand(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    stored(store, lambda work: work.keep([shopper(each, next_changes={"vip": NOW}) for each in ("anna", "ben", "cho")]))
    with store.work() as first, store.work() as second:
        assert [*first.due(NOW, 1)] == ["anna"]
        assert [*second.shoppers(["ben"])] == ["ben"]
        assert [*asked(store, lambda work: work.due(NOW, 9))] == ["cho"]
        first.keep([shopper("anna")])
    assert [*asked(store, lambda work: work.due(NOW, 9))] == ["ben", "cho"]


def test_who_is_found_due_is_read_with_it(ledger_engine: Engine) -> None:
    store = SqlShopStore(ledger_engine)
    stored(store, lambda work: work.keep([FULL]))
    with _statements(ledger_engine) as seen, store.work() as work:
        assert dict(work.shoppers(work.due(NOW + DAY, 9))) == {"anna": FULL}
    assert len(seen) == 1


def test_nobody_waits_for_a_customer_who_is_browsed(postgres_ledger: Engine) -> None:
    store = SqlShopStore(postgres_ledger)
    stored(store, lambda work: work.keep([FULL]))
    with store.work() as work:
        assert [*work.shoppers(["anna"])] == ["anna"]
        assert asked(store, lambda other: [*other.browse("", 9)]) == [FULL]
    with store.work() as work:
        assert [*work.browse("", 9)] == [FULL]
        stored(store, lambda other: other.keep([shopper("anna")]))
        assert [*work.browse("", 9)] == [shopper("anna")]


# Statements. ---------------------------------------------------------------------------------------------------------


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """What is sent to the database, with its values."""
    seen: list[tuple[str, str]] = []

    def see(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        seen.append((statement, str(values)))

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


_READS: list[Callable[[Work, list[str]], object]] = [
    lambda work, ids: work.shoppers(ids),
    lambda work, ids: work.facts(ids),
    lambda work, ids: work.consents(ids),
    lambda work, ids: work.suppressions(ids),
    lambda work, ids: work.sent(ids, NOW),
    lambda work, ids: work.parcels(ids),
    lambda work, ids: work.parcels_by_receipt("mail", ids),
    lambda work, ids: work.receipts("mail", ids),
]


@pytest.mark.parametrize("read", _READS)
def test_many_are_read_by_one_statement(ledger_engine: Engine, read: Callable[[Work, list[str]], object]) -> None:
    with _statements(ledger_engine) as seen, SqlShopStore(ledger_engine).work() as work:
        read(work, [f"c-{number}" for number in range(50)])
    assert len(seen) == 1


def test_many_are_written_by_one_statement(ledger_engine: Engine) -> None:
    several = [message(f"m-{number}") for number in range(50)]
    store = SqlShopStore(ledger_engine)
    writes: list[tuple[Callable[[Work], object], int]] = [
        (lambda work: work.put(several), 1),
        (lambda work: work.finish([sent(each) for each in work.claim(NOW, 99, LEASE)]), 3),
        (lambda work: work.add_facts("anna", [Visit(f"v-{number}", NOW) for number in range(50)]), 1),
        (lambda work: work.keep([shopper(f"c-{number}", segments={"vip": NOW}) for number in range(50)]), 3),
    ]
    for write, most in writes:
        with _statements(ledger_engine) as seen, store.work() as work:
            write(work)
        assert len(seen) == most


@pytest.mark.parametrize("by", ["echo", "level"])
def test_a_host_that_logs_statements_sees_those_of_the_store(
    by: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine("sqlite://", echo=by == "echo")
    with engine.begin() as connection:
        migrate(connection)
    if by == "level":
        caplog.set_level("INFO", logger="sqlalchemy.engine")
    stored(SqlShopStore(engine), lambda work: work.keep([shopper("anna")]))
    assert "INSERT INTO retention_shoppers" in caplog.text + capsys.readouterr().out
    engine.dispose()
    canaries.hits.clear()  # the host wants to see values too


def test_a_customer_who_was_asked_for_is_read_once(ledger_engine: Engine) -> None:
    store = SqlShopStore(ledger_engine)
    stored(store, _fill)
    with _statements(ledger_engine) as seen, store.work() as work:
        for _ in range(2):
            work.shoppers(["anna"])
            work.facts(["anna"])
            work.add_facts("anna", FACTS)
    assert len(seen) == 2


def test_a_fact_with_an_instant_of_an_hour_that_comes_twice_is_there_once(ledger_engine: Engine) -> None:
    """Python takes such an instant for another than the same in UTC."""
    twice = datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    fact = Event("classes", "c-1", NOW, {"begins": twice})
    store = SqlShopStore(ledger_engine)
    for expected in ([fact], []):
        with store.work() as work:
            assert [*work.add_facts("anna", [fact])] == expected
            assert [*work.add_facts("anna", [fact])] == []


def test_a_message_that_stays_as_it_is_is_not_written_again(ledger_engine: Engine) -> None:
    store = SqlShopStore(ledger_engine)
    stored(store, lambda work: work.put([message("a")]))
    (claimed,) = claim(store)
    with _statements(ledger_engine) as seen:
        stored(store, lambda work: work.finish([sent(claimed)]))
    assert not [values for _, values in seen if "example.com" in values]
    assert asked(store, lambda work: work.parcels(["a"]))["a"] == sent(claimed)
    with _statements(ledger_engine) as seen:
        stored(SqlShopStore(ledger_engine), lambda work: work.finish([evolve(sent(claimed), attempt=9)]))
    assert [values for _, values in seen if "example.com" in values]


_QUESTIONS: dict[str, Callable[[Work], object]] = {
    "retention_shoppers_due": lambda work: work.due(NOW, 9),
    "retention_parcels_free": lambda work: work.claim(NOW - DAY, 9, LEASE),
    "retention_parcels_ended": lambda work: work.parcels_by_status("dead", "a", 9),
    "retention_parcels_sent": lambda work: work.sent(["anna"], NOW),
    "retention_parcels_provider": lambda work: work.parcels_by_receipt("mail", ["p-1"]),
}


@pytest.mark.parametrize("index", _QUESTIONS)
def test_questions_are_answered_by_an_index(ledger_engine: Engine, index: str) -> None:
    store = SqlShopStore(ledger_engine)
    stored(store, _fill)
    with ledger_engine.connect() as connection:
        plan = _plan(connection, ledger_engine, _QUESTIONS[index])
    assert index in plan


_PAGES: list[tuple[str, Callable[[Work], object]]] = [
    ("retention_shoppers", lambda work: work.browse("a", 9)),
    ("retention_parcels", lambda work: work.parcels_between("a:", "a;", 9)),
    ("retention_parcels", lambda work: work.ended(NOW, "a", 9)),
]


@pytest.mark.parametrize(("table", "ask"), _PAGES)
def test_pages_are_found_by_the_primary_key(ledger_engine: Engine, table: str, ask: Callable[[Work], object]) -> None:
    with ledger_engine.connect() as connection:
        plan = _plan(connection, ledger_engine, ask)
    assert re.search(f"{table}_pkey|sqlite_autoindex_{table}_1", plan)
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def _plan(connection: Connection, engine: Engine, ask: Callable[[Work], object]) -> str:
    """How the database would answer if the tables were large."""
    seen: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *said: seen.append((said[2], said[3])))
    with SqlShopStore.on(connection).work() as work:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
        seen.clear()
        ask(work)
        statement, values = seen[0]
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        return str(connection.exec_driver_sql(f"{explain} {statement}", values).all())


def test_finishing_looks_at_no_other_parcel(postgres_ledger: Engine) -> None:
    """Even if the database believes that there are few, as after many were put."""
    store = SqlShopStore(postgres_ledger)
    stored(store, lambda work: work.put([message(f"m-{number}") for number in range(2000)]))
    (claimed,) = claim(store, 1)
    with postgres_ledger.connect() as connection:
        plan = _plan(connection, postgres_ledger, lambda work: work.finish([sent(claimed)]))
    assert re.search(r"Index Cond: .*parcel = ANY", plan)


# What is refused. ----------------------------------------------------------------------------------------------------


def test_a_database_without_the_tables_is_refused() -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(NotMigrated, match=r"migrate\(connection\)"):
        asked(SqlShopStore(engine), lambda work: work.customers("", 9))
    engine.dispose()


def test_what_is_no_engine_is_refused_with_the_repair(sqlite_ledger: Engine) -> None:
    given: Any = "sqlite://"
    with pytest.raises(WrongConnection, match=r"SqlShopStore\(create_engine\(url\)\)"):
        SqlShopStore(given)
    with sqlite_ledger.connect() as connection:
        given = connection
        with pytest.raises(WrongConnection, match=r"SqlShopStore\.on\(connection\)"):
            SqlShopStore(given)
    given = sqlite_ledger
    with pytest.raises(WrongConnection, match=r"SqlShopStore\.on takes a Connection"):
        SqlShopStore.on(given)
    given = Session(sqlite_ledger)
    with pytest.raises(WrongConnection, match=r"SqlShopStore\.on\(session\.connection\(\)\)"):
        SqlShopStore(given)
    given.close()


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://")
    monkeypatch.setattr(engine.dialect, "name", "mysql")
    with pytest.raises(UnknownChoice):
        SqlShopStore(engine)
    engine.dispose()


def test_a_tenant_without_a_name_is_refused(sqlite_ledger: Engine) -> None:
    with pytest.raises(FactError, match="tenant"):
        SqlShopStore(sqlite_ledger, tenant="")


def test_an_error_of_the_database_that_nobody_else_caused_comes_through(sqlite_ledger: Engine) -> None:
    with sqlite_ledger.begin() as connection:
        connection.execute(text("ALTER TABLE retention_bookmarks RENAME COLUMN document TO said"))
    with pytest.raises(OperationalError, match="document"):
        asked(SqlShopStore(sqlite_ledger), lambda work: work.bookmark("page"))


@pytest.mark.parametrize(
    ("table", "ask"),
    [
        ("retention_shoppers", lambda work: work.shoppers(["anna"])),
        ("retention_facts", lambda work: work.facts(["anna"])),
        ("retention_consents", lambda work: work.consents(["anna"])),
        ("retention_receipts", lambda work: work.receipts("mail", ["p-1"])),
        ("retention_channels", lambda work: work.channel("mail")),
    ],
)
def test_a_document_that_was_cut_short_is_refused(
    ledger_engine: Engine, table: str, ask: Callable[[Work], object]
) -> None:
    store = SqlShopStore(ledger_engine)
    stored(store, _fill)
    with ledger_engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET document = substr(document, 1, 9)"))
    with pytest.raises(DamagedRecord):
        asked(store, ask)
