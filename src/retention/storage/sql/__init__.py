"""Accounts and shops in SQLite or PostgreSQL, through SQLAlchemy, and all tables. Needs the extra ``sql``.

The shop's store is loaded when it is first asked for: it is built on what is here.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from retention.errors import MissingExtra

if find_spec("sqlalchemy") is None:
    raise MissingExtra("retention.storage.sql", "sqlalchemy", "sql")

import retention.storage.sql.shop_tables  # noqa: F401 - its tables join the metadata
from retention.storage.sql.ddl import Migration, migrate, migrations
from retention.storage.sql.store import SqlLedgerStore
from retention.storage.sql.tables import metadata

if TYPE_CHECKING:
    from retention.storage.shop.sql.store import SqlShopStore

__all__ = ["Migration", "SqlLedgerStore", "SqlShopStore", "metadata", "migrate", "migrations"]


def __getattr__(name: str) -> Any:
    if name != "SqlShopStore":
        raise AttributeError(f"module 'retention.storage.sql' has no attribute {name!r}")
    from retention.storage.shop.sql.store import SqlShopStore

    globals()[name] = SqlShopStore
    return SqlShopStore


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
