"""The store in a database: the host's own transaction, the statements that it runs, what columns cannot keep."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session, sessionmaker

from retention.errors import MissingExtra
from retention.loyalty.errors import (
    Conflict,
    DamagedRecord,
    InsufficientBalance,
    LedgerBusy,
    NotMigrated,
    StayedLocked,
    WrongConnection,
)
from retention.loyalty.ledger.commands import Merge
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.storage.memory import MemoryLedgerStore
from retention.storage.sql import SqlLedgerStore, migrate
from retention.testing.ledger_scenes import ANNA, BEN, NOW, changing, commit, earning, giving, redeeming, run, validity


@contextmanager
def _statements(engine: Engine) -> Iterator[list[str]]:
    """The first words of the statements that are run meanwhile."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


# The host's own transaction. -----------------------------------------------------------------------------------------


def test_what_the_host_rolls_back_did_not_happen(ledger_engine: Engine) -> None:
    with ledger_engine.connect() as connection:
        run(SqlLedgerStore.on(connection), ANNA, earning(100), redeeming(30, "spend"))
        assert SqlLedgerStore.on(connection).load(ANNA).head.available == 70
        connection.rollback()
    assert SqlLedgerStore(ledger_engine).load(ANNA).head.version == 0


def test_what_the_host_commits_happens_with_what_else_it_wrote(ledger_engine: Engine) -> None:
    with ledger_engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE shop_orders (id TEXT)"))
        connection.execute(text("INSERT INTO shop_orders VALUES ('order-1')"))
        run(SqlLedgerStore.on(connection), ANNA, earning(100))
    assert SqlLedgerStore(ledger_engine).load(ANNA).head.available == 100


def test_nobody_else_sees_it_before_the_host_commits(ledger_engine: Engine) -> None:
    run(SqlLedgerStore(ledger_engine), ANNA, giving(1, "give"))
    with ledger_engine.begin() as connection:
        run(SqlLedgerStore.on(connection), ANNA, earning(100))
        assert SqlLedgerStore(ledger_engine).load(ANNA).head.available == 1
    assert SqlLedgerStore(ledger_engine).load(ANNA).head.available == 101


def test_after_a_conflict_the_hosts_transaction_goes_on(ledger_engine: Engine) -> None:
    with ledger_engine.begin() as connection:
        store = SqlLedgerStore.on(connection)
        run(store, ANNA, earning(100))
        stale = changing(store, ANNA, redeeming(30, "spend"))
        run(store, ANNA, redeeming(10, "other"))
        with pytest.raises(Conflict):
            commit(store, changing(store, BEN, giving(5, "give")), stale)
        run(store, BEN, giving(6, "give"))
    heads = [SqlLedgerStore(ledger_engine).load(each).head.available for each in (ANNA, BEN)]
    assert heads == [90, 6]


def test_a_row_that_is_there_already_leaves_the_hosts_transaction_alive(ledger_engine: Engine) -> None:
    with ledger_engine.begin() as connection:
        store = SqlLedgerStore.on(connection)
        late = changing(store, ANNA, giving(5, "late"))
        run(store, ANNA, giving(1, "give"))
        with pytest.raises(Conflict):
            commit(store, late)
        run(store, ANNA, giving(2, "more"))
    assert SqlLedgerStore(ledger_engine).load(ANNA).head.available == 3


def test_in_a_transaction_that_does_not_see_it_the_ledger_stays_busy(postgres_ledger: Engine) -> None:
    run(SqlLedgerStore(postgres_ledger), ANNA, giving(100, "give"))
    strict = postgres_ledger.execution_options(isolation_level="REPEATABLE READ")
    with strict.connect() as connection:
        store = SqlLedgerStore.on(connection)
        assert store.load(ANNA).head.available == 100
        run(SqlLedgerStore(postgres_ledger), ANNA, redeeming(10, "elsewhere"))
        with pytest.raises((LedgerBusy, OperationalError)):
            Ledger(store=store, attempts=3).run(ANNA, redeeming(5, "here"), now=NOW)
        connection.rollback()
    assert SqlLedgerStore(postgres_ledger).load(ANNA).head.available == 90


def test_two_stores_in_one_strict_database_decide_anew(postgres_ledger: Engine) -> None:
    strict = SqlLedgerStore(postgres_ledger.execution_options(isolation_level="SERIALIZABLE"))
    run(strict, ANNA, giving(100, "give"))
    stale = changing(strict, ANNA, redeeming(1, "spend"))
    run(strict, ANNA, redeeming(2, "other"))
    with pytest.raises(Conflict):
        commit(strict, stale)
    run(strict, ANNA, redeeming(1, "spend"))
    assert strict.load(ANNA).head.available == 97


def test_a_database_that_stays_locked_is_given_up(sqlite_ledger: Engine) -> None:
    impatient = create_engine(sqlite_ledger.url, connect_args={"timeout": 0})
    change = changing(SqlLedgerStore(impatient), ANNA, giving(1, "give"))
    with sqlite_ledger.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StayedLocked):
            commit(SqlLedgerStore(impatient), change)
        with pytest.raises(LedgerBusy, match="once") as caught:
            Ledger(store=SqlLedgerStore(impatient)).run(ANNA, giving(1, "give"), now=NOW)
        connection.rollback()
    assert caught.value.attempts == 1, "it was waited for as long as the host wants"
    assert isinstance(caught.value.__cause__, StayedLocked)
    commit(SqlLedgerStore(impatient), change)
    impatient.dispose()


def test_other_errors_of_the_database_come_through(sqlite_ledger: Engine) -> None:
    with sqlite_ledger.begin() as connection:
        connection.execute(text("ALTER TABLE retention_entries RENAME COLUMN reason TO because"))
    store = SqlLedgerStore(sqlite_ledger)
    with pytest.raises(OperationalError, match="no column named reason"):
        run(store, ANNA, giving(1, "give"))
    assert store.load(ANNA).head.version == 0


# Put together wrongly. -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_database_without_the_tables_is_told(database: str, request: pytest.FixtureRequest) -> None:
    engine = create_engine("sqlite://") if database == "sqlite" else request.getfixturevalue("postgres")
    with engine.connect() as connection:
        if database == "postgres":  # where other tests have made the tables
            connection.execute(text("CREATE SCHEMA without_ledger"))
            connection.execute(text("SET LOCAL search_path TO without_ledger"))
        with pytest.raises(NotMigrated, match=r"migrate\(connection\)"):
            run(SqlLedgerStore.on(connection), ANNA, giving(1, "give"))
        connection.rollback()


@pytest.mark.parametrize("call", ["run", "head", "settle_due", "totals", "commit"])
def test_every_call_on_an_engine_without_the_tables_tells_it(call: str) -> None:
    engine = create_engine("sqlite://")
    store = SqlLedgerStore(engine)
    ledger = Ledger(store=store)
    change = changing(MemoryLedgerStore(), ANNA, giving(1, "give"))
    calls: dict[str, Callable[[], object]] = {
        "run": lambda: ledger.run(ANNA, giving(1, "give"), now=NOW),
        "head": lambda: ledger.head(ANNA, now=NOW),
        "settle_due": lambda: ledger.settle_due("mileage", now=NOW),
        "totals": lambda: store.totals("mileage"),
        "commit": lambda: commit(store, change),
    }
    with pytest.raises(NotMigrated) as caught:
        calls[call]()
    assert isinstance(caught.value.__cause__, OperationalError)
    engine.dispose()


@pytest.mark.parametrize(
    ("call", "given", "repair"),
    [
        (migrate, "engine", "engine.begin() as connection: migrate(connection)"),
        (migrate, "session", "migrate(session.connection())"),
        (SqlLedgerStore.on, "engine", "engine.begin() as connection: SqlLedgerStore.on(connection)"),
        (SqlLedgerStore.on, "session", "SqlLedgerStore.on(session.connection())"),
        (SqlLedgerStore.on, "scoped session", "SqlLedgerStore.on(session.connection())"),
        (SqlLedgerStore.on, "nothing", "create_engine"),
        (SqlLedgerStore, "text", "SqlLedgerStore(create_engine(url))"),
        (SqlLedgerStore, "url", "SqlLedgerStore(create_engine(url))"),
        (SqlLedgerStore, "connection", "SqlLedgerStore.on(connection)"),
        (SqlLedgerStore, "session", "SqlLedgerStore.on(session.connection())"),
        (SqlLedgerStore, "nothing", "create_engine"),
    ],
)
def test_the_wrong_thing_of_sqlalchemy_is_told_with_the_right_one(
    call: Callable[[Any], object], given: str, repair: str
) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, OrmSession(engine) as session:
        things = {
            "engine": engine,
            "connection": connection,
            "session": session,
            "scoped session": scoped_session(sessionmaker(engine)),
            "text": "sqlite:///shop.db",
            "url": engine.url,
            "nothing": None,
        }
        with pytest.raises(WrongConnection) as caught:
            call(things[given])
    assert repair in caught.value.hint
    assert caught.value.got == type(things[given]).__name__
    engine.dispose()


# Statements. ---------------------------------------------------------------------------------------------------------


def test_a_redemption_is_as_few_statements_whatever_the_history(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, earning(1_000), *(redeeming(1, f"before-{number}") for number in range(30)))
    with _statements(ledger_engine) as seen:
        run(store, ANNA, redeeming(1, "spend"))
    written = ["UPDATE", "INSERT", "INSERT", "INSERT"] if ledger_engine.dialect.name == "sqlite" else ["WITH"]
    assert seen == ["SELECT", "SELECT", *written]


def test_many_rows_are_written_table_by_table(ledger_engine: Engine) -> None:
    """A statement for each number of rows would be made anew each time."""
    store = SqlLedgerStore(ledger_engine)
    several = [(Account(ANNA.programme, f"each-{number}"), earning(10, f"earn-{number}")) for number in range(5)]
    with _statements(ledger_engine) as seen:
        Ledger(store=store).run_together(several, now=NOW)
    assert "WITH" not in seen
    assert seen.count("INSERT") >= len(several)
    assert [Ledger(store=store).head(account, now=NOW).balance for account, _ in several] == [10] * 5


def test_a_command_that_came_before_writes_nothing(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, earning(10), redeeming(1, "spend"))
    with _statements(ledger_engine) as seen:
        run(store, ANNA, redeeming(1, "spend"))
    assert seen == ["SELECT", "SELECT"]


def test_a_balance_is_one_statement(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, earning(10))
    with _statements(ledger_engine) as seen:
        assert Ledger(store=store).head(ANNA, now=NOW).balance == 10
    assert seen == ["SELECT"]


def test_a_refusal_writes_nothing(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, earning(10))
    with _statements(ledger_engine) as seen, pytest.raises(InsufficientBalance):
        run(store, ANNA, redeeming(11, "spend"))
    assert seen == ["SELECT", "SELECT"]


def test_what_is_due_is_found_by_an_index(ledger_engine: Engine) -> None:
    run(SqlLedgerStore(ledger_engine), ANNA, earning(10, lot=validity(1)))
    asked = (
        "SELECT account FROM retention_accounts WHERE programme = 'mileage' AND next_due <= 1 "
        "ORDER BY next_due, account LIMIT 10"
    )
    with ledger_engine.connect() as connection:
        if ledger_engine.dialect.name == "postgresql":
            for other in ("seqscan", "bitmapscan"):  # of a small table anything may be cheaper by a hair
                connection.execute(text(f"SET LOCAL enable_{other} = off"))
            plan = connection.execute(text(f"EXPLAIN {asked}")).all()
        else:
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all()
        connection.rollback()
    assert "retention_accounts_due" in str(plan)
    assert "Sort" not in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_records_of_a_merge_need_no_statement_each(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, earning(1_000), *(redeeming(1, f"order-{number}") for number in range(40)))
    run(store, BEN, giving(1, "give"))
    with _statements(ledger_engine) as seen:
        Ledger(store=store).move(ANNA, Merge(key="merge", to=BEN), now=NOW)
    assert len(seen) <= 16


# What is damaged, or missing. -----------------------------------------------------------------------------------------


def test_a_head_that_was_cut_short_is_told(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, giving(1, "give"))
    with ledger_engine.begin() as connection:
        connection.execute(text("UPDATE retention_accounts SET head = substr(head, 1, 40)"))
    with pytest.raises(DamagedRecord):
        store.load(ANNA)


def test_an_entry_of_nothing_cannot_be_stored(ledger_engine: Engine) -> None:
    run(SqlLedgerStore(ledger_engine), ANNA, giving(1, "give"))
    with ledger_engine.connect() as connection:
        with pytest.raises(Exception, match="retention_entries_amount"):
            connection.execute(text("UPDATE retention_entries SET amount = 0"))
        connection.rollback()


def test_the_store_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith("retention.storage.sql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"pip install 'shop-retention\[sql\]'"):
        import_module("retention.storage.sql")
