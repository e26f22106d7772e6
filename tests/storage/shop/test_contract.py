"""The bundled stores keep the contract that hosts' stores are held to."""

from functools import partial

import pytest
from sqlalchemy import Engine

from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from retention.storage.shop.sql import SqlShopStore
from retention.testing.shop import ShopStoreContract
from retention.testing.shop_races import ShopOpener
from tests.storage.shop.openers import open_shop


class TestMemory(ShopStoreContract):
    @pytest.fixture
    def store(self) -> ShopStore:
        return MemoryShopStore()


class TestSqlite(ShopStoreContract):
    @pytest.fixture
    def store(self, sqlite_ledger: Engine) -> ShopStore:
        return SqlShopStore(sqlite_ledger)

    @pytest.fixture
    def opener(self, sqlite_ledger: Engine) -> ShopOpener:
        return partial(open_shop, sqlite_ledger.url.render_as_string(hide_password=False))


class TestPostgres(ShopStoreContract):
    @pytest.fixture
    def store(self, postgres_ledger: Engine) -> ShopStore:
        return SqlShopStore(postgres_ledger)

    @pytest.fixture
    def opener(self, postgres_ledger: Engine) -> ShopOpener:
        return partial(open_shop, postgres_ledger.url.render_as_string(hide_password=False))
