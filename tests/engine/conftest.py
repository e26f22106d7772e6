"""The databases that tests of the stores use."""

from tests.storage.conftest import ledger_engine, postgres_ledger, postgres_tables, sqlite_ledger

__all__ = ["ledger_engine", "postgres_ledger", "postgres_tables", "sqlite_ledger"]
