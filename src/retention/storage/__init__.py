"""Where a host's accounts and customers are kept: in memory for tests and examples, in SQL through SQLAlchemy.

What is in memory is here and needs nothing else; ``retention.storage.sql`` has the rest. A store is loaded when its
name is first asked for: a ledger alone loads no campaigns.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retention.storage.memory import MemoryLedgerStore
    from retention.storage.shop.memory import MemoryShopStore

__all__ = ["MemoryLedgerStore", "MemoryShopStore"]

_LATER = {"MemoryLedgerStore": "retention.storage.memory", "MemoryShopStore": "retention.storage.shop.memory"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'retention.storage' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
