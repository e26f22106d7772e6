"""Every door to a set-based engine has the words in which a host says how values are kept."""

from types import ModuleType
from typing import get_args

import pytest

from retention import arrays, frames, sql
from retention.rules.backends.sets.layout import As
from retention.rules.backends.sets.storage import Form, Stored


@pytest.mark.parametrize("door", [arrays, frames, sql], ids=lambda door: str(door.__name__))
def test_a_door_has_every_form(door: ModuleType) -> None:
    words = {word.__name__: word for word in (As, Stored, *get_args(Form))}
    assert {name: getattr(door, name) for name in words} == words
    assert words.keys() <= set(door.__all__)
    assert door.__all__ == sorted(set(door.__all__))
