"""A provider's channel names the extra that it needs."""

import sys
from importlib import import_module

import pytest

from retention.errors import MissingExtra


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("retention.channels.webhook", "httpx", "http"),
        ("retention.channels.korea", "httpx", "http"),
        ("retention.channels.whatsapp", "httpx", "http"),
        ("retention.channels.apprise_bridge", "apprise", "apprise"),
    ],
)
def test_a_channel_names_its_extra(monkeypatch: pytest.MonkeyPatch, module: str, package: str, extra: str) -> None:
    for name in [each for each in sys.modules if each == module or each.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'shop-retention\[{extra}\]'"):
        import_module(module)


def test_a_receiver_verifies_without_any_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "retention.channels.signatures", raising=False)
    monkeypatch.setitem(sys.modules, "httpx", None)
    assert import_module("retention.channels.signatures").TOLERANCE
