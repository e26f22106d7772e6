"""What is no plugin is refused at once; nothing is loaded that nobody asked for."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Channel
from retention.errors import ConfigurationError
from retention.plugins import Plugins, UnknownHook, hookimpl
from tests.plugins.parts import Nowhere


class One:
    secret = "kept"

    @hookimpl
    def retention_channels(self) -> Sequence[Channel]:
        return [MemoryChannel("one")]

    def __repr__(self) -> str:
        return f"One({self.secret})"


def _refused(plugin: object, match: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError, match=match) as caught:
        Plugins(plugin)
    return caught.value


def test_a_misspelt_hook_is_refused_with_the_nearest() -> None:
    class Misspelt:
        @hookimpl
        def retention_chanels(self) -> None: ...

    error = _refused(Misspelt(), "no hook is called 'retention_chanels'")
    assert isinstance(error, UnknownHook)
    assert error.nearest == "retention_channels"


def test_a_hook_like_no_other_is_refused_with_all_there_are() -> None:
    class Strange:
        @hookimpl
        def before_breakfast(self) -> None: ...

    assert "retention_storage" in str(_refused(Strange(), "before_breakfast"))


def test_a_function_that_is_not_marked_is_refused() -> None:
    class Unmarked:
        def retention_channels(self) -> None: ...

    assert "@hookimpl" in str(_refused(Unmarked(), r"Unmarked.retention_channels would never be called"))


def test_an_argument_that_the_hook_does_not_have_is_refused() -> None:
    class Greedy:
        @hookimpl
        def retention_channels(self, shop: str) -> None: ...

    assert "shop" in _refused(Greedy(), "'Greedy' does not fit its hooks").hint


@pytest.mark.parametrize("nothing", [Nowhere(), ModuleType("empty"), None, 7])
def test_what_has_no_hooks_is_refused(nothing: object) -> None:
    _refused(nothing, "has no hooks")


def test_a_plugin_is_registered_once() -> None:
    plugins, one = Plugins(), One()
    plugins.register(one)
    for again, name in ((one, "another"), (one, None), (One(), None)):
        with pytest.raises(ConfigurationError, match="registered already") as caught:
            plugins.register(again, name)
        assert One.secret not in str(caught.value)
    plugins.register(One(), "two")
    assert plugins.names == ("One", "two")
    assert repr(plugins) == "Plugins(One, two)"


def test_two_hosts_share_nothing() -> None:
    first, second = Plugins(One()), Plugins()
    assert (len(first.channels()), second.channels()) == (1, ())


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """What installed distributions offer under the library's group."""
    found = [EntryPoint("one", "tests.plugins.test_manager:ONE", "retention")]

    def entry_points(**asked: Any) -> list[EntryPoint]:
        return [each for each in found if each.group == asked["group"]]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    return found


def test_entry_points_are_loaded_when_they_are_asked_for(offered: list[EntryPoint]) -> None:
    plugins = Plugins()
    assert plugins.channels() == ()
    assert plugins.load_entry_points() == ("one",)
    assert [each.id for each in plugins.channels()] == ["one"]
    assert plugins.load_entry_points() == ()
    assert Plugins().load_entry_points("another group") == ()


def test_an_entry_point_that_is_no_plugin_is_refused(offered: list[EntryPoint]) -> None:
    offered.append(EntryPoint("path", "os.path", "retention"))
    with pytest.raises(ConfigurationError, match="'path' has no hooks"):
        Plugins().load_entry_points()


ONE = One()
