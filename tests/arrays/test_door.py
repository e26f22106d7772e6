"""The public door."""

import importlib
import sys

import pytest

import retention.arrays
from retention.errors import MissingExtra


def test_without_numpy_the_door_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.delitem(sys.modules, "retention.arrays")
    with pytest.raises(MissingExtra, match=r"pip install 'shop-retention\[arrays\]'") as refused:
        importlib.import_module("retention.arrays")
    assert refused.value.extra == "arrays"


def test_every_public_name_is_there() -> None:
    assert all(hasattr(retention.arrays, name) for name in retention.arrays.__all__)
