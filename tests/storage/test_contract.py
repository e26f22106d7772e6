"""The bundled stores keep the contract that hosts' stores are held to."""

from functools import partial

import pytest
from sqlalchemy import Engine

from retention.loyalty.ledger.store import LedgerStore
from retention.storage.memory import MemoryLedgerStore
from retention.storage.sql import SqlLedgerStore
from retention.testing.ledger import LedgerStoreContract
from retention.testing.ledger_processes import Opener
from tests.storage.openers import open_sql


class TestMemory(LedgerStoreContract):
    @pytest.fixture
    def store(self) -> LedgerStore:
        return MemoryLedgerStore()


class TestSqlite(LedgerStoreContract):
    @pytest.fixture
    def store(self, sqlite_ledger: Engine) -> LedgerStore:
        return SqlLedgerStore(sqlite_ledger)

    @pytest.fixture
    def opener(self, sqlite_ledger: Engine) -> Opener:
        return partial(open_sql, sqlite_ledger.url.render_as_string(hide_password=False))


class TestPostgres(LedgerStoreContract):
    @pytest.fixture
    def store(self, postgres_ledger: Engine) -> LedgerStore:
        return SqlLedgerStore(postgres_ledger)

    @pytest.fixture
    def opener(self, postgres_ledger: Engine) -> Opener:
        return partial(open_sql, postgres_ledger.url.render_as_string(hide_password=False))
