"""Databases with the ledger's and the shop's tables: SQLite in a file, PostgreSQL as the other tests use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from retention.storage.sql import metadata, migrate
from tests.storage.openers import sqlite_url


@pytest.fixture
def sqlite_ledger(tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger and an empty shop in SQLite."""
    engine = create_engine(sqlite_url(tmp_path))
    with engine.begin() as connection:
        migrate(connection)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres: Engine) -> Engine:
    """The tables, which a run makes once: making them takes longer than most tests."""
    with postgres.begin() as connection:
        migrate(connection)
    return postgres


@pytest.fixture
def postgres_ledger(postgres_tables: Engine) -> Engine:
    """An empty ledger and an empty shop in PostgreSQL."""
    with postgres_tables.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
    return postgres_tables


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_engine(request: pytest.FixtureRequest) -> Engine:
    """An empty ledger in each."""
    engine: Engine = request.getfixturevalue(f"{request.param}_ledger")
    return engine
