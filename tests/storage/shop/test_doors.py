"""Where the stores are imported from, and what that loads."""

import subprocess
import sys

import pytest

import retention.storage
import retention.storage.sql
from retention.storage.memory import MemoryLedgerStore
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.sql import SqlShopStore

OPTIONAL = ("sqlalchemy", "psycopg", "hypothesis", "pytest")
SHOPS = ("retention.storage.shop", "retention.campaigns", "retention.permission")


def _loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules a process has loaded after it ran the code."""
    told = f"{code}\nimport sys; print(*[each for each in {names} if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout.split()


def test_the_doors_give_the_stores() -> None:
    assert retention.storage.MemoryLedgerStore is MemoryLedgerStore
    assert retention.storage.MemoryShopStore is MemoryShopStore
    assert retention.storage.sql.SqlShopStore is SqlShopStore


@pytest.mark.parametrize("door", [retention.storage, retention.storage.sql])
def test_a_door_lists_what_it_gives(door: object) -> None:
    assert {*door.__all__} <= {*dir(door)}  # type: ignore[attr-defined]
    assert [each for each in door.__all__ if not hasattr(door, each)] == []  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"no attribute 'SqlStore'$"):
        door.SqlStore  # type: ignore[attr-defined]


def test_what_is_in_memory_loads_nothing_optional() -> None:
    assert _loaded("from retention.storage import MemoryLedgerStore, MemoryShopStore", OPTIONAL) == []


@pytest.mark.parametrize(
    "door", ["from retention.storage import MemoryLedgerStore", "from retention.storage.sql import SqlLedgerStore"]
)
def test_a_ledger_alone_loads_no_shop(door: str) -> None:
    assert _loaded(door, SHOPS) == []
    assert _loaded(f"{door}\nfrom retention.storage import MemoryShopStore", SHOPS) == [*SHOPS]


@pytest.mark.parametrize(
    "first",
    [
        "from retention.storage.sql import SqlLedgerStore, SqlShopStore, metadata, migrate, migrations",
        "from retention.storage.shop.sql import SqlShopStore",
        "from retention.storage.shop.sql.store import SqlShopStore",
        "import retention.storage.shop.sql.customers",
        "from retention.storage import MemoryShopStore",
        "import retention.storage.shop.port",
        "import retention.engine",
    ],
)
def test_any_of_them_may_be_imported_first(first: str) -> None:
    code = f"{first}\nfrom retention.storage.sql import SqlShopStore"
    assert _loaded(code, ("retention.storage.shop.sql.store",)) == ["retention.storage.shop.sql.store"]
