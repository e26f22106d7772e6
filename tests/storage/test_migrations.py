"""The DDL makes the tables that the metadata says, once, and a host can run it by its own tool."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from retention.errors import UnknownChoice
from retention.storage.shop.sql import SqlShopStore, parcel_rows
from retention.storage.sql import SqlLedgerStore, ddl, metadata, migrate, migrations
from retention.testing.ledger_scenes import ANNA, giving, run
from retention.testing.shop_scenes import FULL, asked, claim, message, stored


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    """A database without tables; what is done in it is undone."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        engine = request.getfixturevalue("postgres")
    with engine.connect() as connection:
        if request.param == "postgresql":
            connection.execute(text("CREATE SCHEMA empty"))
            connection.execute(text("SET LOCAL search_path TO empty"))
        yield connection
        connection.rollback()


def _described(connection: Connection, schema: str | None) -> dict[str, Any]:
    """Everything of the ledger's tables that the database knows."""
    found = inspect(connection)
    return {
        name: (
            [{key: str(value) for key, value in each.items()} for each in found.get_columns(name, schema=schema)],
            found.get_pk_constraint(name, schema=schema)["constrained_columns"],
            [_index(each) for each in found.get_indexes(name, schema=schema)],
            [(each["name"], each["sqltext"]) for each in found.get_check_constraints(name, schema=schema)],
            [str(each) for each in found.get_unique_constraints(name, schema=schema)],
            [str(each) for each in found.get_foreign_keys(name, schema=schema)],
        )
        for name in sorted(found.get_table_names(schema=schema))
        if name != "retention_migrations"
    }


def _index(index: Mapping[str, Any]) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {options}"


def test_the_ddl_makes_the_tables_that_the_metadata_says(empty: Connection) -> None:
    schema = "empty" if empty.dialect.name == "postgresql" else None
    migrate(empty)
    by_ddl = _described(empty, schema)
    metadata.drop_all(empty)
    assert _described(empty, schema) == {}
    metadata.create_all(empty)
    assert _described(empty, schema) == by_ddl
    assert by_ddl.keys() == metadata.tables.keys()
    columns, key, indexes, checks, *_ = by_ddl["retention_accounts"]
    assert (len(columns), key, len(indexes), checks) == (16, ["programme", "account"], 1, [])
    assert "next_due IS NOT NULL" in indexes[0]


def test_steps_are_run_once(empty: Connection) -> None:
    steps = migrations(empty.dialect.name)
    assert migrate(empty) == steps
    assert migrate(empty) == ()
    run(SqlLedgerStore.on(empty), ANNA, giving(1, "give"))
    assert migrate(empty) == ()
    remembered = empty.execute(text("SELECT version, name FROM retention_migrations ORDER BY version")).all()
    assert [tuple(each) for each in remembered] == [(each.version, each.name) for each in steps]


def test_an_older_database_gains_the_tables_and_keeps_its_rows(empty: Connection) -> None:
    steps = migrations(empty.dialect.name)
    for version in range(1, len(steps)):
        with pytest.MonkeyPatch.context() as before:
            before.setattr("retention.storage.sql.ddl._STEPS", ddl._STEPS[:version])
            migrate(empty)
        run(SqlLedgerStore.on(empty), ANNA, giving(1, f"give-{version}"))
    assert [each.name for each in migrate(empty)] == [steps[-1].name]
    stored(SqlShopStore.on(empty), lambda work: work.keep([FULL]))
    assert SqlLedgerStore.on(empty).load(ANNA).head.available == len(steps) - 1
    assert asked(SqlShopStore.on(empty), lambda work: work.shoppers(["anna"]))["anna"] == FULL


def test_messages_from_before_priorities_are_claimed_as_ever(empty: Connection) -> None:
    with pytest.MonkeyPatch.context() as before:
        before.setattr("retention.storage.sql.ddl._STEPS", ddl._STEPS[:2])
        migrate(empty)
    row = {"tenant": "shop", **parcel_rows.row(message("a"))}
    del row["priority"]
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    empty.execute(text(f"INSERT INTO retention_parcels ({names}) VALUES ({values})"), row)
    migrate(empty)
    assert [each.key for each in claim(SqlShopStore.on(empty, "shop"))] == ["a"]


def test_steps_of_which_one_fails_leave_nothing(empty: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (("good", "CREATE TABLE a (b BIGINT)"), ("bad", "CREATE NOTHING"))
    monkeypatch.setattr("retention.storage.sql.ddl._STEPS", steps)
    with pytest.raises(DBAPIError, match="CREATE NOTHING"):
        migrate(empty)
    empty.rollback()
    assert "a" not in inspect(empty).get_table_names()


def test_processes_that_migrate_at_the_same_time_do_it_once(tmp_path: Path, postgres: Engine) -> None:
    with postgres.begin() as connection:
        connection.execute(text("CREATE SCHEMA together"))
    engines = (
        create_engine(f"sqlite:///{tmp_path / 'together.db'}"),
        create_engine(postgres.url, connect_args={"options": "-c search_path=together"}),
    )
    for engine in engines:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(_migrated, [engine] * 4))
        assert sorted(found) == [0, 0, 0, len(migrations(engine.dialect.name))]
        engine.dispose()
    with postgres.begin() as connection:
        connection.execute(text("DROP SCHEMA together CASCADE"))


def _migrated(engine: Engine) -> int:
    with engine.begin() as connection:
        return len(migrate(connection))


def test_a_host_runs_the_statements_by_its_own_tool(empty: Connection) -> None:
    for step in migrations(empty.dialect.name):
        for statement in step.statements:
            empty.execute(text(statement))
    run(SqlLedgerStore.on(empty), ANNA, giving(7, "give"))
    assert SqlLedgerStore.on(empty).load(ANNA).head.available == 7


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_versions_count_from_1_and_statements_stand_alone(dialect: str) -> None:
    steps = migrations(dialect)
    assert [each.version for each in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        for statement in step.statements:
            assert statement.startswith(("CREATE ", "ALTER TABLE ", "DROP INDEX "))
            assert ";" not in statement


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownChoice, match="database of the ledger"):
        migrations("postgres")
    engine = create_engine("sqlite://")
    monkeypatch.setattr(engine.dialect, "name", "mysql")
    with pytest.raises(UnknownChoice, match="database of the ledger"):
        SqlLedgerStore(engine)
    engine.dispose()
