"""Each hook: what a plugin answers arrives, and what it is told is what happened."""

import inspect
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from retention.campaigns.effects import Effect, SetTag
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Channel, Receipt
from retention.errors import ConfigurationError
from retention.plugins import Plugins, hookimpl, hookspecs
from retention.plugins.manager import HOOKS
from retention.rules import Collection
from retention.segments.membership import Direction
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import Parcel
from retention.testing.messages import NOW
from tests.plugins.parts import Lessons, Nowhere, parcel


class Brings:
    def __init__(self, name: str, storage: ShopStore | None = None) -> None:
        self.name, self.storage = name, storage

    @hookimpl
    def retention_storage(self) -> ShopStore | None:
        return self.storage

    @hookimpl
    def retention_channels(self) -> Sequence[Channel]:
        return [MemoryChannel(f"{self.name}-1"), MemoryChannel(f"{self.name}-2")]


class Watches:
    def __init__(self) -> None:
        self.told: list[object] = []

    @hookimpl
    def retention_membership_changed(self, customer: str, segment: str, direction: Direction, at: datetime) -> None:
        self.told.append((customer, segment, direction, at))

    @hookimpl
    def retention_effect_stored(self, customer: str, effect: Effect) -> None:
        self.told.append((customer, effect))

    @hookimpl
    def retention_message_changed(self, parcel: Parcel) -> None:
        self.told.append(parcel)

    @hookimpl
    def retention_message_reported(self, receipt: Receipt) -> None:
        self.told.append(receipt)


def brought(*plugins: tuple[str, object]) -> Plugins:
    found = Plugins()
    for name, plugin in plugins:
        found.register(plugin, name)
    return found


def test_retention_storage() -> None:
    store = Nowhere()
    assert brought(("a", Brings("a")), ("b", Brings("b", store))).storage() is store
    assert brought(("a", Brings("a"))).storage() is None
    with pytest.raises(ConfigurationError, match="two plugins bring a storage"):
        brought(("a", Brings("a", store)), ("b", Brings("b", store))).storage()


def test_retention_channels() -> None:
    plugins = brought(("a", Brings("a")), ("b", Brings("b")))
    assert [each.id for each in plugins.channels()] == ["a-1", "a-2", "b-1", "b-2"]
    assert Plugins().channels() == ()


def test_retention_fields() -> None:
    class Surf:
        @hookimpl
        def retention_fields(self) -> Sequence[Collection]:
            return [Lessons("lessons")]

    schema = Plugins(Surf()).schema(currency="EUR")
    assert "lessons" in schema.collections
    assert schema.currency == "EUR"


def test_retention_membership_changed() -> None:
    first, second = Watches(), Watches()
    brought(("a", first), ("b", second)).membership_changed("c-1", "dormant", "entered", NOW)
    assert first.told == second.told == [("c-1", "dormant", "entered", NOW)]


def test_retention_effect_stored() -> None:
    watches, tag = Watches(), SetTag(key="k", tag="vip", remove=False)
    Plugins(watches).effect_stored("c-1", tag)
    assert watches.told == [("c-1", tag)]


def test_retention_message_changed() -> None:
    watches, moved = Watches(), parcel()
    Plugins(watches).message_changed(moved)
    assert watches.told == [moved]


def test_retention_message_reported() -> None:
    """A plugin's function may leave out what it does not need."""
    watches, receipt = Watches(), Receipt(provider_id="p-1", status="delivered", at=NOW)
    Plugins(watches).message_reported(parcel(), receipt)
    assert watches.told == [receipt]


def test_every_hook_has_a_test_here() -> None:
    assert {name for name in globals() if name.startswith("test_retention_")} == {f"test_{name}" for name in HOOKS}


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_exact_signature(name: str, root: Path) -> None:
    page = (root / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
    shown = re.findall(rf"^## `{name}`\n\n```text\n(.*?)\n```$", page, flags=re.MULTILINE | re.DOTALL)
    assert shown == [written(name)]


def written(name: str) -> str:
    """The hook as its source has it, without its docstring."""
    source = inspect.getsource(getattr(hookspecs, name))
    found = re.search(rf"^def {name}\(.*?\) -> [^\n]*?:(?=  #|$)", source, flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def test_every_hook_that_is_documented_exists(root: Path) -> None:
    page = (root / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## `(retention_\w+)`$", page, flags=re.MULTILINE)) == set(HOOKS)
