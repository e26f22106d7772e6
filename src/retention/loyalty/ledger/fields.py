"""What the fields of commands, terms and lots are held to as they are made: attrs validators that name the field."""

from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, TypeAlias

from retention import checks
from retention.errors import FactError, UnknownChoice
from retention.money import LARGEST

Validator: TypeAlias = Callable[[Any, Any, Any], None]


def _path(owner: Any, attribute: Any) -> str:
    return f"{type(owner).__name__}.{attribute.name}"


def _checked(check: Callable[[Any, str], Any]) -> Validator:
    """What the check returns takes the field's place."""

    def validate(owner: Any, attribute: Any, value: Any) -> None:
        found = check(value, _path(owner, attribute))
        if found is not value:
            object.__setattr__(owner, attribute.name, found)

    return validate


def maybe(validator: Validator) -> Validator:
    """None, or what the validator lets pass."""

    def validate(owner: Any, attribute: Any, value: Any) -> None:
        if value is not None:
            validator(owner, attribute, value)

    return validate


name = _checked(checks.identifier)
text = maybe(_checked(checks.plain_text))
day = _checked(checks.calendar_date)
instant = _checked(checks.instant)


def whole(value: Any, field: str, *, least: int) -> int:
    """A whole number from ``least`` to what a BIGINT holds."""
    if type(value) is not int:
        raise FactError(field, "is not a whole number", got=value, hint="Give an int; True and 1.0 are none")
    if value < least:
        raise FactError(field, f"is below {least}", got=value, hint=f"Give {least} or more")
    if value > LARGEST:
        raise FactError(field, "is beyond 64 bits", got=value, hint="No shop has so much; check the unit")
    return value


def _count(value: Any, field: str) -> int:
    return whole(value, field, least=0)


def _positive(value: Any, field: str) -> int:
    return whole(value, field, least=1)


def _nonzero(value: Any, field: str) -> int:
    if type(value) is int and value == 0:
        raise FactError(field, "is 0", got=value, hint="Give what to add, or what to take as a number below 0")
    return whole(value, field, least=-LARGEST)


_LONGEST: Final = 10**100


def short(value: Fraction, field: str) -> Fraction:
    """A fraction of at most 100 digits above the line and below."""
    if value.numerator >= _LONGEST or value.denominator >= _LONGEST:
        hint = "Give a fraction of whole amounts: Fraction(refunded, paid)"
        raise FactError(field, "has more than 100 digits", got=value, hint=hint)
    return value


def _share(value: Any, field: str) -> Fraction:
    if not isinstance(value, Fraction) or not 0 < value <= 1:
        raise FactError(field, "is not a Fraction above 0, at most 1", got=value, hint="Write Fraction(1, 4)")
    return short(value, field)


def _rate(value: Any, field: str) -> Fraction:
    if not isinstance(value, Fraction) or value < 0:
        raise FactError(field, "is not a Fraction of 0 or more", got=value, hint='Write Fraction("0.01")')
    return short(value, field)


count, positive, nonzero = _checked(_count), _checked(_positive), _checked(_nonzero)
share, rate = _checked(_share), _checked(_rate)


def word(what: str, words: Iterable[str]) -> Validator:
    """One of a closed list of words. Raises UnknownChoice."""
    known = frozenset(words)

    def validate(owner: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, str) or value not in known:
            raise UnknownChoice(_path(owner, attribute), what, value, known)

    return validate


def a(*kinds: type) -> Validator:
    """A value of one of these classes."""
    names = " or ".join(kind.__name__ for kind in kinds)

    def validate(owner: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, kinds):
            raise FactError(_path(owner, attribute), f"is not {names}", got=value, hint=f"Build {names}(...)")

    return validate


def each(kind: type, *, once: str) -> Validator:
    """Values of one class as a tuple, of which no two have the same ``once``."""

    def validate(owner: Any, attribute: Any, value: Any) -> None:
        found = checks.parts(kind, value, _path(owner, attribute))
        if len({getattr(part, once) for part in found}) < len(found):
            hint = f"Give each {once} once"
            raise FactError(_path(owner, attribute), f"has a {once} twice", got=value, hint=hint)
        if found is not value:
            object.__setattr__(owner, attribute.name, found)

    return validate


def later(than: datetime, value: datetime | None, field: str) -> None:
    """Raises FactError unless the value is None or later."""
    if value is not None and value <= than:
        raise FactError(field, "is not later than what it ends", got=value, hint="Give the first instant after it")
