"""A shop's store in SQLite or PostgreSQL, through SQLAlchemy. Needs the extra ``sql``."""

from retention.storage.shop.sql.store import SqlShopStore
from retention.storage.sql import Migration, metadata, migrate, migrations

__all__ = ["Migration", "SqlShopStore", "metadata", "migrate", "migrations"]
