"""The contract of a store of accounts: a class of tests that a host subclasses in its own tests.

    class TestOurStore(LedgerStoreContract):
        @pytest.fixture
        def store(self) -> LedgerStore:
            return OurStore(...)  # empty

A store that several processes can open also gives a fixture ``opener``: a function without arguments that can be
pickled and opens it again. Then eight processes race on it.
"""

import pytest

_PARTS = ("ledger_commits", "ledger_kept", "ledger_queries", "ledger_races", "ledger_tests")
for _part in _PARTS:
    pytest.register_assert_rewrite(f"retention.testing.{_part}")  # so that a failure shows the values

from retention.testing.ledger_commits import Commits  # noqa: E402 - after the registration
from retention.testing.ledger_kept import Kept  # noqa: E402 - after the registration
from retention.testing.ledger_queries import Queries  # noqa: E402 - after the registration
from retention.testing.ledger_races import Races  # noqa: E402 - after the registration


class LedgerStoreContract(Commits, Kept, Queries, Races):
    """What ``LedgerStore`` promises, one test for each clause. Every test is given an empty ``store``."""
