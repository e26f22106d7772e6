"""What a policy is given, brought to its exact form as the policy is made, or refused by name."""

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args

from retention.errors import UnknownChoice
from retention.loyalty.errors import PolicyError
from retention.money import LARGEST, Money, Rounding

Exact: TypeAlias = str | int | Decimal | Fraction
"""A number that is what it looks like: ``"0.01"``, 2, ``Fraction(1, 3)``; no float."""

_MOST_DAYS: Final = 366_000
_PLAIN: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)

# The checks of fields. Each sets the exact form in place; None stays None where that is the default. ------------------


def name(self: Any, attribute: Any, value: Any) -> None:
    """Text that names something in entries and reports."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 128:
        hint = 'Give 1 to 128 printable characters: "base"'
        raise PolicyError(_path(self, attribute), "is not a name", got=value, hint=hint)


def exact(self: Any, attribute: Any, value: Any) -> None:
    """A number from 0 up, without rounding."""
    _put(self, attribute, exact_number(value, _path(self, attribute)))


def share(self: Any, attribute: Any, value: Any) -> None:
    """A part of a whole: from 0 to 1."""
    found = exact_number(value, _path(self, attribute))
    if found > 1:
        raise PolicyError(_path(self, attribute), "is more than the whole", got=value, hint='Write 30 % as "0.3"')
    _put(self, attribute, found)


def exact_by_name(self: Any, attribute: Any, value: Any) -> None:
    """Numbers from 0 up by the name of what they are for."""
    path = _path(self, attribute)
    if not isinstance(value, Mapping) or not all(isinstance(each, str) and each for each in value):
        raise PolicyError(path, "is not numbers by name", got=value, hint='Give a dict: {"coffee": "2"}')
    found = {each: exact_number(number, f"{path}[{each!r}]") for each, number in value.items()}
    _put(self, attribute, MappingProxyType(found))


def names(self: Any, attribute: Any, value: Any) -> None:
    """A set of names, None if there is no such limit."""
    if _left_out(attribute, value):
        return
    hint = 'Give a set: {"coffee", "tea"}'
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise PolicyError(_path(self, attribute), "is not a set of names", got=value, hint=hint)
    found = frozenset(value)
    for each in found:
        if not isinstance(each, str) or not each:
            raise PolicyError(_path(self, attribute), "has something that is not a name", got=each, hint=hint)
    _put(self, attribute, found)


def count(self: Any, attribute: Any, value: Any) -> None:
    """A whole number from 0 up."""
    _whole(self, attribute, value, 0)


def positive(self: Any, attribute: Any, value: Any) -> None:
    """A whole number above 0."""
    _whole(self, attribute, value, 1)


def days(self: Any, attribute: Any, value: Any) -> None:
    """A whole number of days or months from 0 up, and no more than anybody means."""
    count(self, attribute, value)
    if isinstance(value, int) and value > _MOST_DAYS:
        raise PolicyError(_path(self, attribute), "is more than a thousand years", got=value, hint="Check the unit")


def amount(self: Any, attribute: Any, value: Any) -> None:
    """Money that is not negative."""
    if not _left_out(attribute, value) and (type(value) is not Money or value.minor < 0):
        hint = "Give Money from 0 up: won(30_000)"
        raise PolicyError(_path(self, attribute), "is not an amount", got=value, hint=hint)


def zone(self: Any, attribute: Any, value: Any) -> None:
    """Where local days begin and end."""
    if not isinstance(value, tzinfo):
        hint = 'Give ZoneInfo("Asia/Seoul")'
        raise PolicyError(_path(self, attribute), "is not a zone", got=value, hint=hint)


def rounding(self: Any, attribute: Any, value: Any) -> None:
    """How a fraction of a unit becomes whole."""
    one_of(self, attribute, value, "way to round", get_args(Rounding))


# What they are made of. ----------------------------------------------------------------------------------------------


def one_of(self: Any, attribute: Any, value: object, what: str, known: Iterable[str]) -> None:
    """Raises UnknownChoice, which suggests the nearest of the known words."""
    words = tuple(known)
    if value not in words:
        raise UnknownChoice(_path(self, attribute), what, value, words)


def exact_number(value: object, path: str) -> Fraction:
    """The number. Raises PolicyError for a float, for what is negative, and for what is no number."""
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Fraction(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 18:
        value = Fraction(value)
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        hint = 'Write it as text or a Fraction: "0.01", Fraction(1, 3); a float is not what it looks like'
        raise PolicyError(path, "is not an exact number", got=value, hint=hint)
    if value < 0:
        raise PolicyError(path, "is negative", got=value, hint="Give a number from 0 up")
    return Fraction(value)


def instances(self: Any, attribute: Any, value: object, kinds: tuple[type, ...], hint: str) -> None:
    """Brings parts to a tuple. Raises PolicyError for anything in it that is not of these kinds."""
    path = _path(self, attribute)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise PolicyError(path, "is not a list", got=value, hint=hint)
    found = tuple(value)
    for place, each in enumerate(found):
        if not isinstance(each, kinds):
            raise PolicyError(f"{path}[{place}]", "does not belong here", got=each, hint=hint)
    _put(self, attribute, found)


def instance(self: Any, attribute: Any, value: object, kinds: tuple[type, ...], hint: str) -> None:
    """Raises PolicyError for a value that is of none of these kinds."""
    if not isinstance(value, kinds):
        raise PolicyError(_path(self, attribute), "does not belong here", got=value, hint=hint)


def _whole(self: Any, attribute: Any, value: object, least: int) -> None:
    if not _left_out(attribute, value) and (type(value) is not int or not least <= value <= LARGEST):
        hint = f"Give an int from {least} up"
        raise PolicyError(_path(self, attribute), "is not such a whole number", got=value, hint=hint)


def _left_out(attribute: Any, value: object) -> bool:
    return value is None and attribute.default is None


def _path(self: object, attribute: Any) -> str:
    return f"{type(self).__name__}.{attribute.name}"


def _put(self: Any, attribute: Any, value: Any) -> None:
    object.__setattr__(self, attribute.name, value)


# What may be given where something stricter is kept. Only the type checker sees these: the checks above do the work,
# because they know the field's name.

if TYPE_CHECKING:

    def given_exact(value: Exact) -> Fraction: ...

    def given_exact_by_name(value: Mapping[str, Exact]) -> Mapping[str, Fraction]: ...

    def given_names(value: Iterable[str] | None) -> frozenset[str] | None: ...

else:
    given_exact = given_exact_by_name = given_names = None
