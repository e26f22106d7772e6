"""How the tests' stores are opened, in this process and in others."""

from pathlib import Path

from sqlalchemy import create_engine

from retention.storage.sql import SqlLedgerStore


def open_sql(url: str) -> SqlLedgerStore:
    """A store on the tables that are there."""
    return SqlLedgerStore(create_engine(url))


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"
