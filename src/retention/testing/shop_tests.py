"""What every part of the contract of a shop's store begins with."""

import pytest

from retention.storage.shop.port import ShopStore


class ShopStoreTests:
    """Tests of a store that a fixture gives."""

    @pytest.fixture
    def store(self) -> ShopStore:
        """An empty store. A host overrides it."""
        raise NotImplementedError("override the fixture store: an empty store for each test")
