"""Plain JSON values taken at their word: each of the type that is asked for, or refused with its path."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from retention.currencies import EXPONENTS
from retention.errors import FactError, RuleError, UnknownName
from retention.money import Money
from retention.rules.backends.jsonform.strict import Doubled, Immodest
from retention.rules.limits import DIGITS
from retention.rules.nodes import Scalar
from retention.rules.validate import check_text
from retention.rules.written import is_modest, plain, read_date, read_decimal, read_instant

_TYPES: Final = (
    (bool, "true or false"),
    ((int, float, Fraction, Immodest), "a number"),
    (str, "text"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
    (type(None), "null"),
)
CONSTANTS: Final = ("fraction", "money", "instant", "date")
"""The one key of a constant that JSON has no form for."""


def described(found: object) -> str:
    """What a JSON value is, in JSON's words."""
    return next((words for types, words in _TYPES if isinstance(found, types)), f"a {type(found).__name__}")


def unexpected(wanted: str, found: object, path: str, hint: str) -> RuleError:
    """The error for a value of the wrong type."""
    return RuleError(f"{wanted} is expected, not {described(found)}", path=path, hint=hint)


def an_object(found: object, wanted: str, path: str, hint: str) -> Mapping[str, Any]:
    """The value if it is an object that says something, with text for keys, none of which came twice."""
    if not isinstance(found, Mapping):
        raise unexpected(wanted, found, path, hint)
    if not found:
        raise RuleError("the object is empty", path=path, hint=hint)
    if isinstance(found, Doubled):
        raise RuleError(f"the key {shortened(found.twice)} comes twice", path=path, hint="Keep one of them")
    for key in found:
        if not isinstance(key, str):
            raise RuleError("a key is not text", path=path, hint="JSON keys are text")
        check_text(key, path)
    return found


def check_keys(
    found: Mapping[str, Any], required: Collection[str], optional: Collection[str], path: str, hint: str
) -> None:
    """Raises UnknownName for a key too many, with the nearest, and RuleError for one too few."""
    known = {*required, *optional}
    for key in found:
        if key not in known:
            raise UnknownName("key", key, known, path=path)
    for key in required:
        if key not in found:
            raise RuleError(f"the key {key!r} is missing", path=path, hint=f"Write {hint}")


def a_list(found: object, path: str, hint: str) -> list[Any]:
    """The value if it is a list."""
    if not isinstance(found, (list, tuple)):
        raise unexpected("a list", found, path, hint)
    return list(found)


def a_text(found: object, path: str, hint: str) -> str:
    """The value if it is text of whole characters."""
    if not isinstance(found, str):
        raise unexpected("text", found, path, hint)
    check_text(found, path)
    return found


def a_whole_number(found: object, path: str, hint: str) -> int:
    """The value if it is a whole number of modest size; ``3.0`` is one, ``true`` is not."""
    number = a_number(found, path, hint)
    if not isinstance(number, int):
        raise RuleError("a whole number is expected", path=path, hint=hint)
    return number


def a_number(found: object, path: str, hint: str) -> int | Fraction:
    """The value as an exact number; a float means its shortest decimal. Refuses NaN, infinity and endless digits."""
    if isinstance(found, bool) or not isinstance(found, (int, float, Fraction, Immodest)):
        raise unexpected("a number", found, path, hint)
    if isinstance(found, float) and not abs(found) < float("inf"):
        raise RuleError("NaN and infinity are not numbers", path=path, hint="Leave the comparison out instead")
    exact = read_decimal(repr(found)) if isinstance(found, float) else found
    if exact is None or isinstance(exact, Immodest) or not is_modest(exact):
        raise RuleError(f"a number has more than {DIGITS} digits", path=path, hint="Round it")
    return plain(exact)


def a_pair(found: object, path: str, hint: str) -> tuple[Any, Any]:
    """The value if it is a list of two."""
    items = a_list(found, path, hint)
    if len(items) != 2:
        raise RuleError(f"two items are expected, not {len(items)}", path=path, hint=hint)
    return items[0], items[1]


def a_constant(found: object, path: str) -> Scalar:
    """A constant: a number, text, true, false, or an object with one of the keys ``CONSTANTS``."""
    if type(found) is int and abs(found) < 2**63:  # most options of long lists
        return found
    if isinstance(found, (bool, str)):
        return found if isinstance(found, bool) else a_text(found, path, "")
    if isinstance(found, (int, float, Fraction, Immodest)):
        return a_number(found, path, "")
    hint = 'Write 3, 0.5, "text", true, {"money": [500000, "KRW"]}, {"instant": "…Z"} or {"date": "2026-03-01"}'
    fields = an_object(found, "a constant", path, hint)
    key = next((each for each in CONSTANTS if each in fields), None)
    if key is None:
        raise UnknownName("kind of constant", next(iter(fields)), CONSTANTS, path=path)
    return a_marked_constant(key, fields, path)


def a_marked_constant(key: str, fields: Mapping[str, Any], path: str) -> Scalar:
    """The constant in an object whose one key is one of ``CONSTANTS``."""
    check_keys(fields, (key,), (), path, "")
    inner, here = fields[key], f"{path}.{key}"
    if key == "fraction":
        return _fraction(inner, here)
    if key == "money":
        return _money(inner, here)
    return _instant(inner, here) if key == "instant" else _date(inner, here)


def _fraction(found: object, path: str) -> int | Fraction:
    hint = "Write [1, 3] for a third"
    above, below = a_pair(found, path, hint)
    numerator = a_whole_number(above, f"{path}[0]", hint)
    denominator = a_whole_number(below, f"{path}[1]", hint)
    if denominator == 0:
        raise RuleError("nothing can be divided by 0", path=path, hint=hint)
    return plain(Fraction(numerator, denominator))


def _money(found: object, path: str) -> Money:
    hint = 'Write [500000, "KRW"]: minor units, then the ISO 4217 code'
    amount, code = a_pair(found, path, hint)
    minor = a_whole_number(amount, f"{path}[0]", hint)
    currency = a_text(code, f"{path}[1]", hint)
    if currency not in EXPONENTS:
        raise UnknownName("currency", currency, EXPONENTS, path=f"{path}[1]")
    try:
        return Money(minor, currency)
    except FactError as error:
        raise RuleError("the amount is beyond 64 bits", path=f"{path}[0]", hint=error.hint) from None


def _instant(found: object, path: str) -> datetime:
    hint = "Write 2026-03-01T09:00:00+09:00, or end it with Z for UTC"
    instant = read_instant(a_text(found, path, hint))
    if instant is None:
        raise RuleError("is not an instant with its offset", path=path, hint=hint)
    return instant


def _date(found: object, path: str) -> date:
    hint = "Write 2026-03-01"
    day = read_date(a_text(found, path, hint))
    if day is None:
        raise RuleError("is not a date", path=path, hint=hint)
    return day


def shortened(text: str) -> str:
    """The text in quotes, cut when it is long."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
