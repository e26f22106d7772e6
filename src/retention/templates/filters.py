"""Filters that every renderer has: money, numbers, dates, Korean particles, addresses."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, final

from attrs import frozen

from retention.currencies import EXPONENTS
from retention.errors import nearest
from retention.money import Money
from retention.spans import local
from retention.templates.particles import PARTICLES, with_particle
from retention.templates.values import Unwritable, written

_DIRECTIVE: Final = re.compile(r"%(-?[a-zA-Z%])|%")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@final
@frozen
class Filter:
    """A filter: ``apply(value, arguments, zone)``, how many arguments it takes, and what may be wrong with them,
    which an author is told."""

    apply: Callable[[Any, tuple[Any, ...], tzinfo], str]
    least: int = 0
    most: int = 0
    wrong: Callable[[tuple[Any, ...]], str | None] = lambda _: None

    @property
    def takes(self) -> str:
        """How many arguments, in words."""
        if self.most == 0:
            return "no argument"
        return "one argument" if self.least else "one argument at most"


def money(value: Any, arguments: tuple[Any, ...], zone: tzinfo) -> str:
    """An amount: ``12,900원``, ``$1,234.50``. A number is in minor units of the currency that is given; amounts of the
    fact that began a run are ``{"minor": 12900, "currency": "KRW"}``."""
    if isinstance(value, Money):
        return value.format()
    if isinstance(value, Mapping) and type(value.get("minor")) is int and value.get("currency") in EXPONENTS:
        return Money(value["minor"], value["currency"]).format()
    if type(value) is int and arguments and arguments[0] in EXPONENTS:
        return Money(value, str(arguments[0])).format()
    raise Unwritable('money writes Money, and whole numbers with a currency: | money: "KRW"')


def number(value: Any, arguments: tuple[Any, ...], zone: tzinfo) -> str:
    """A number with commas between the thousands."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unwritable("number writes numbers")
    return f"{value:,}"


def on_date(value: Any, arguments: tuple[Any, ...], zone: tzinfo) -> str:
    """A date, or an instant on the clocks of the message's zone: ``%Y %m %d %H %M``, with ``-`` without leading
    zero. Both may be ISO 8601 text, as they are in the fact that began a run."""
    said = _read(value) if isinstance(value, str) else value
    shown = local(said, zone) if isinstance(said, datetime) else said
    if not isinstance(shown, date):
        raise Unwritable("date writes dates and instants")

    def directive(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        digits = _digits(shown, (found[1] or "").removeprefix("-"))
        return str(int(digits)) if found[1].startswith("-") else digits

    return _DIRECTIVE.sub(directive, str(arguments[0]))


def josa(value: Any, arguments: tuple[Any, ...], zone: tzinfo) -> str:
    """The value and the Korean particle that follows it: ``은/는``, ``이/가``, ``을/를``, ``와/과``, ``으로/로``.
    What is empty stays so, for ``default``."""
    said = written(value)
    return with_particle(said, str(arguments[0])) if said else said


def url(value: Any, arguments: tuple[Any, ...], zone: tzinfo) -> str:
    """The value as one part of an address, percent-encoded (RFC 3986, section 2.1)."""
    text = written(value).encode("utf-8", "replace")
    return "".join(chr(each) if each in _UNRESERVED else f"%{each:02X}" for each in text)


def _read(text: str) -> date | None:
    """An instant with its zone, or a date; None for any other text."""
    try:
        instant = datetime.fromisoformat(text)
        return date.fromisoformat(text) if "T" not in text else instant if instant.utcoffset() is not None else None
    except ValueError:
        return None


def _digits(shown: date, directive: str) -> str:
    match directive:
        case "Y":
            return f"{shown.year:04}"
        case "m":
            return f"{shown.month:02}"
        case "d":
            return f"{shown.day:02}"
        case "H" if isinstance(shown, datetime):
            return f"{shown.hour:02}"
        case "M" if isinstance(shown, datetime):
            return f"{shown.minute:02}"
        case _:
            raise Unwritable("a date without a time has no hour")


def _wrong_pattern(arguments: tuple[Any, ...]) -> str | None:
    used = [found[1] for found in _DIRECTIVE.finditer(str(arguments[0]))]
    if all(each is not None and (each == "%" or each.removeprefix("-") in tuple("YmdHM")) for each in used):
        return None
    return "date knows %Y, %m, %d, %H, %M, each also as %-m, and %%"


def _wrong_currency(arguments: tuple[Any, ...]) -> str | None:
    return None if not arguments or arguments[0] in EXPONENTS else "money takes the ISO 4217 code of a currency"


def _wrong_pair(arguments: tuple[Any, ...]) -> str | None:
    if arguments[0] in PARTICLES:
        return None
    near = nearest(str(arguments[0]), PARTICLES)
    return (
        f"josa knows no such pair; did you mean {near!r}?" if near else "josa knows 은/는, 이/가, 을/를, 와/과, 으로/로"
    )


FILTERS: Final[Mapping[str, Filter]] = {
    "money": Filter(money, 0, 1, _wrong_currency),
    "number": Filter(number),
    "date": Filter(on_date, 1, 1, _wrong_pattern),
    "josa": Filter(josa, 1, 1, _wrong_pair),
    "url": Filter(url),
}
