"""The store that the docs write keeps the contract."""

import re
from pathlib import Path
from typing import Any

import pytest

from retention.loyalty.ledger.store import LedgerStore
from retention.testing.ledger import LedgerStoreContract


class TestOfTheDocs(LedgerStoreContract):
    @pytest.fixture
    def store(self, root: Path) -> LedgerStore:
        page = (root / "docs/how-to/own-ledger-store.md").read_text(encoding="utf-8")
        found = re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)
        assert found is not None
        written: dict[str, Any] = {}
        exec(found[1], written)
        store: LedgerStore = written["DocumentStore"]()
        return store
