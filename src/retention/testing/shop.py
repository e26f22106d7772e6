"""The contract of a shop's store: a class of tests that a host subclasses in its own tests.

    class TestOurStore(ShopStoreContract):
        @pytest.fixture
        def store(self) -> ShopStore:
            return OurStore(...)  # empty

A store that several processes can open also gives a fixture ``opener``: a function without arguments that can be
pickled and opens it again. Then eight processes race on it.
"""

import pytest

_PARTS = (
    "shop_clearing",
    "shop_customers",
    "shop_ended",
    "shop_outbox",
    "shop_permissions",
    "shop_races",
    "shop_undoing",
)
for _part in _PARTS:
    pytest.register_assert_rewrite(f"retention.testing.{_part}")  # so that a failure shows the values

from retention.testing.shop_clearing import Clearing  # noqa: E402 - after the registration
from retention.testing.shop_customers import Customers  # noqa: E402 - after the registration
from retention.testing.shop_ended import Ended  # noqa: E402 - after the registration
from retention.testing.shop_outbox import Outbox  # noqa: E402 - after the registration
from retention.testing.shop_permissions import Permissions  # noqa: E402 - after the registration
from retention.testing.shop_races import Races  # noqa: E402 - after the registration
from retention.testing.shop_undoing import Undoing  # noqa: E402 - after the registration


class ShopStoreContract(Customers, Permissions, Outbox, Ended, Clearing, Undoing, Races):
    """What ``ShopStore`` promises, one test for each clause. Every test is given an empty ``store``."""
