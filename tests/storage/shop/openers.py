"""How the tests' stores are opened in other processes."""

from sqlalchemy import create_engine

from retention.storage.shop.sql import SqlShopStore


def open_shop(url: str) -> SqlShopStore:
    """A store on the tables that are there."""
    return SqlShopStore(create_engine(url))
