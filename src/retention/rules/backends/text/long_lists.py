"""Options of common forms, read in one go: a list may have ten thousand, and one by one each costs several tokens.

A run matches only what can be read without any doubt, so nothing that it took is ever looked at again. What it leaves
(30 February, an escape that JSON does not know, a second currency) is read one by one, where the mistake is told.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Final, assert_never

from retention.currencies import EXPONENTS
from retention.money import Money
from retention.rules.nodes import Scalar
from retention.rules.written import plain
from retention.schema import Kind

_SPACE: Final = r"[ \t\r\n]*+"
_ESCAPE: Final = r"""\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"""  # but for halves of characters
_TEXT: Final = rf'"(?:[^"\\\x00-\x1f]++|{_ESCAPE})*+"'
_NUMBER: Final = r"-?[0-9](?:_?[0-9]){0,14}(?:\.[0-9]{1,15})?"
_DAY: Final = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"  # days that every month has
_NOTHING: Final = r"(?!)"


@cache
def plain_run(kind: Kind, currency: str | None) -> re.Pattern[str]:
    """As many plain options of a kind as follow each other, each with the comma that shows that more are to come.

    ``currency`` is that of the amounts; without one there is no plain amount.
    """
    return re.compile(rf"(?:{_SPACE}(?:{_plain(kind, currency)}){_SPACE},)+")  # not ++: wrong in CPython 3.11.2


def _plain(kind: Kind, currency: str | None) -> str:
    match kind:
        case Kind.TEXT:
            return _TEXT
        case Kind.NUMBER:
            return _NUMBER
        case Kind.FLAG:
            return "true|false"
        case Kind.DATE:
            return _DAY
        case Kind.AMOUNT if currency is not None:
            return rf"{_amount(currency)}[ ]?{currency}"
        case Kind.AMOUNT | Kind.INSTANT | Kind.LABELS:
            return _NOTHING
        case _:
            assert_never(kind)


def plain_options(kind: Kind, run: str, currency: str | None) -> list[Scalar]:
    """The options of a run that ``plain_run`` has matched."""
    if kind is Kind.DATE:
        return [date.fromisoformat(day) for day in re.findall(_DAY, run)]
    if kind is Kind.AMOUNT and currency is not None:
        return _made_once(lambda amount: _money(amount, currency), re.findall(_amount(currency), run))
    if kind is Kind.NUMBER:
        return _made_once(_number, re.findall(_NUMBER, run))
    found: list[Scalar] = json.loads(f"[{run[:-1]}]")
    return found


def _made_once(make: Callable[[str], Scalar], written: list[str]) -> list[Scalar]:
    """Each constant, those written alike made once: a list that somebody blew up says the same again and again."""
    made = {each: make(each) for each in set(written)}
    return [made[each] for each in written]


def _money(amount: str, currency: str) -> Money:
    whole, _, part = amount.partition(".")
    return Money(int(whole + part.ljust(EXPONENTS[currency], "0")), currency)


def _number(digits: str) -> int | Fraction:
    whole, point, part = digits.replace("_", "").partition(".")
    return plain(Fraction(int(whole + part), 10 ** len(part))) if point else int(whole)


def _amount(currency: str) -> str:
    digits = EXPONENTS[currency]
    return rf"-?[0-9]{{1,14}}(?:\.[0-9]{{1,{digits}}})?" if digits else "-?[0-9]{1,14}"
