"""Accounts in SQLite or PostgreSQL, through SQLAlchemy, and all tables. Needs the extra ``sql``."""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("sqlalchemy") is None:
    raise MissingExtra("retention.storage.sql", "sqlalchemy", "sql")

import retention.storage.sql.shop_tables  # noqa: F401 - its tables join the metadata
from retention.storage.sql.ddl import Migration, migrate, migrations
from retention.storage.sql.store import SqlLedgerStore
from retention.storage.sql.tables import metadata

__all__ = ["Migration", "SqlLedgerStore", "metadata", "migrate", "migrations"]
