"""Constants as people and machines write them: exact numbers, dates, instants, text that can be stored anywhere."""

import re
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from retention.rules.limits import DIGITS
from retention.spans import utc

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DECIMAL: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_TOO_MANY: Final[int] = 10**DIGITS


def is_modest(number: int | Fraction) -> bool:
    """Whether a number has few enough digits, above and below the fraction bar, to be worth writing into a rule."""
    return abs(number.numerator) < _TOO_MANY and number.denominator < _TOO_MANY


def read_decimal(text: str) -> int | Fraction | None:
    """The exact number that a decimal means, ``1e3`` included; None for anything else or for one that is not modest."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    if found[3] is None and found[4] is None:
        return int(text) if len(found[2]) <= DIGITS else None
    sign, whole, part, power = found[1], found[2], found[3] or "", found[4] or "0"
    if len(whole) + len(part) > 2 * DIGITS or len(power) > 3 or abs(int(power)) > DIGITS:
        return None
    shift = int(power) - len(part)
    units = int(sign + whole + part)
    exact = Fraction(units * 10**shift) if shift >= 0 else Fraction(units, 10**-shift)
    return plain(exact) if is_modest(exact) else None


def plain(number: int | Fraction) -> int | Fraction:
    """A whole number as an int."""
    return number.numerator if number.denominator == 1 else number


def decimal_text(number: int | Fraction) -> str | None:
    """The number as a finite decimal without an exponent; None if it has none (a third)."""
    rest, digits = number.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        digits = max(digits, power)
    if rest != 1:
        return None
    units = str(abs(number.numerator) * 10**digits // number.denominator).rjust(digits + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{units[:-digits]}.{units[-digits:]}" if digits else f"{sign}{units}"


def read_date(text: str) -> date | None:
    """The day that ``2026-03-01`` means; None if there is no such day or it is written otherwise."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """The instant, in UTC, that ``2026-03-01T09:00:00+09:00`` means; None without an offset."""
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def instant_text(instant: datetime) -> str:
    """The instant in UTC: ``2026-03-01T00:00:00Z``, with microseconds if there are any."""
    return utc(instant).isoformat().removesuffix("+00:00") + "Z"


def is_whole_text(text: str) -> bool:
    """Whether the text can be encoded: a lone surrogate is half a character that no database and no channel takes."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
