"""Nothing personal is in what the library logs, raises or shows: looked for in each test of the whole suite.

A plugin of pytest. A test in which somebody's address is met fails, whatever else it is about: errors of the library
are read when they are made, values that hold what is personal when they are made too (the first of each class, then
one of many), and records when they are logged.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

import pytest

from retention import CartEvent, Customer, Order, Profile
from retention.channels import Receipt
from retention.channels.exchange import Answer, Wire
from retention.errors import RetentionError
from retention.permission import Consent, Content, Draft, Outbound, Person, Suppression
from retention.shell.asking import Asked
from retention.shell.handling import Handled
from retention.shell.rehearsal import Foreseen
from retention.storage.shop.records import Parcel, Shopper

PERSONAL: Final = re.compile(
    r"\b(?!name@)[\w.]+@example\.com|\+?82-?10-?\d{4}-?\d{4}|\b010-?\d{4}-?\d{4}|zanary", re.IGNORECASE
)
"""The addresses of people in tests. (``name@example.com`` is what hints say.)"""

_SHOWN: Final = (
    Answer, Asked, CartEvent, Consent, Content, Customer, Draft, Foreseen, Handled, Order, Outbound, Parcel, Person,
    Profile, Receipt, Shopper, Suppression, Wire,
)  # fmt: skip
_FIRST, _ONE_IN = 300, 101
_LOGGERS: Final = ("retention", "apprise", "httpx")  # with everything that they say; of others what is a warning

hits: list[str] = []


def look(where: str, said: str) -> None:
    if found := PERSONAL.search(said):
        hits.append(f"{where} shows {found[0]!r}: {said[:500]}")


class _Log(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        look(f"the log {record.name}", _FORM.format(record))


_FORM: Final = logging.Formatter()  # the message, and what was raised


def _raising(init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def watched(self: RetentionError, *given: Any, **named: Any) -> None:
        init(self, *given, **named)
        look(type(self).__name__, f"{self} {self!r}")

    return watched


def _showing(init: Callable[..., None], made: Counter[str]) -> Callable[..., None]:
    @wraps(init)
    def watched(self: object, *given: Any, **named: Any) -> None:
        init(self, *given, **named)
        kind = type(self).__name__
        made[kind] += 1
        if made[kind] <= _FIRST or not made[kind] % _ONE_IN:
            look(kind, repr(self))

    return watched


def pytest_configure() -> None:
    logging.getLogger().addHandler(_Log())
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    made = Counter[str]()
    RetentionError.__init__ = _raising(RetentionError.__init__)  # type: ignore[method-assign]
    for kind in _SHOWN:
        kind.__init__ = _showing(kind.__init__, made)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    hits.clear()
    yield
    assert not hits, f"{item.name}: {hits[0]} ({len(hits)} in all)"
