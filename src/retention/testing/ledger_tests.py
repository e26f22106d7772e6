"""What every part of the contract of a store begins with."""

from typing import final

import pytest
from attrs import frozen

from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.store import LedgerStore
from retention.testing.ledger_scenes import ANNA, BEN, Stored, everything


class StoreTests:
    """Tests of a store that a fixture gives."""

    @pytest.fixture
    def store(self) -> LedgerStore:
        """An empty store. A host overrides it."""
        raise NotImplementedError("override the fixture store: an empty store for each test")


@final
@frozen
class Unchanged:
    """What a store holds, taken before something that must store nothing and checked after it."""

    store: LedgerStore
    asked: Needs
    before: list[Stored]

    @classmethod
    def of(cls, store: LedgerStore, asked: Needs) -> "Unchanged":
        return cls(store, asked, everything(store, (ANNA, BEN), asked))

    def check(self) -> None:
        assert everything(self.store, (ANNA, BEN), self.asked) == self.before
