"""Money: whole minor units of one currency, so that nothing is ever lost or invented by arithmetic.

>>> won(12_900) + won(100)
Money('13,000원')
>>> usd("10.00").split(3)
(Money('$3.34'), Money('$3.33'), Money('$3.33'))
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Final, Literal, Self, TypeAlias, assert_never, final

from attrs import frozen

from retention.currencies import EXPONENTS, exponent, unknown_currency
from retention.errors import CurrencyMismatch, FactError

Rounding: TypeAlias = Literal["floor", "ceil", "half_up", "half_even"]

LARGEST: Final = 2**63 - 1  # minor units; what a database's BIGINT holds

_PREFIXES: Final = {
    "\u20a9": "KRW",
    "\uffe6": "KRW",
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "\u00a5": "JPY",
    "\uffe5": "JPY",
}
_SUFFIXES: Final = {"원": "KRW", "円": "JPY", "€": "EUR", "元": "CNY"}
_PLAIN: Final = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,30}))?", re.ASCII)
_WRITTEN: Final = re.compile(
    r"(?P<minus>[-\u2212]?)\s*(?P<before>[^\s0-9.,+\-\u2212]{0,3})\s*(?P<sign>[-\u2212]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?\s*(?P<after>[^\s0-9.,+\-\u2212]{0,3})",
    re.ASCII,
)
_LONGEST: Final = 64


@final
@frozen(order=False, repr=False)
class Money:
    """An amount in minor units (won, cents) of an ISO 4217 currency.

    Amounts of one currency are added, subtracted and compared; two currencies raise CurrencyMismatch, except that
    ``==`` of them is False. An amount is true unless it is zero.
    """

    minor: int
    currency: str

    def __attrs_post_init__(self) -> None:
        minor = self.minor
        if type(minor) is not int or self.currency not in EXPONENTS or not -LARGEST <= minor <= LARGEST:
            raise _refusal(minor, self.currency)

    @classmethod
    def of(cls, major: int | str | Decimal, currency: str) -> Self:
        """An amount in major units: ``Money.of("12.34", "USD")``. A float, or a digit too many, raises FactError."""
        return cls(_minor_units("Money.of", major, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in a currency: the start of a sum."""
        return _zero(currency)

    @classmethod
    def parse(cls, text: str, currency: str | None = None) -> Self:
        """The amount that people wrote: ``₩12,900``, ``12,900원``, ``$1,234.50``, ``EUR 3.20``, ``-3.20 CHF``.

        Commas group by three, a point begins the decimals. ``$`` is USD and ``¥`` is JPY unless ``currency`` says which
        dollar or yen-signed currency is meant; with ``currency`` the sign may be left out. Raises FactError.
        """
        found = _written(text)
        if found is None or (found["minus"] and found["sign"]):
            raise FactError("Money.parse", "is not an amount", got=text, hint="Write 12,900원, $1,234.50 or EUR 3.20")
        code = _written_currency(found["before"], found["after"], currency)
        digits = found["whole"].replace(",", "") + ("." + found["part"] if found["part"] else "")
        minor = _minor_units("Money.parse", digits, code)
        return cls(-minor if found["minus"] or found["sign"] else minor, code)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with the currency's digits: ``Decimal("12.34")``."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def format(self) -> str:
        """The amount as plain text: ``12,900원``, ``$1,234.50``, ``1,234.50 CHF``."""
        digits = EXPONENTS[self.currency]
        whole, part = divmod(abs(self.minor), 10**digits)
        number = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
        sign = "-" if self.minor < 0 else ""
        if self.currency == "KRW":
            return f"{sign}{number}원"
        if self.currency == "USD":
            return f"{sign}${number}"
        return f"{sign}{number} {self.currency}"

    def __str__(self) -> str:
        return self.format()

    def __repr__(self) -> str:
        return f"Money({self.format()!r})"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: "Money") -> "Money":
        minor = self._minor_of(other)
        return NotImplemented if minor is None else Money(self.minor + minor, self.currency)

    def __radd__(self, other: int) -> "Money":
        """``sum(amounts)`` begins with the number 0; no other number can be added."""
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    def __sub__(self, other: "Money") -> "Money":
        minor = self._minor_of(other)
        return NotImplemented if minor is None else Money(self.minor - minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __mul__(self, times: int) -> "Money":
        if _is_inexact(times):
            hint = 'Say how to round: money.times("0.015", rounding="floor")'
            raise FactError("Money", "is multiplied by something other than a whole number", got=times, hint=hint)
        return Money(self.minor * times, self.currency) if _is_whole(times) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: "Money") -> Fraction:
        """How many times the other amount goes into this one, exactly. Raises ZeroDivisionError."""
        if _is_inexact(other) or _is_whole(other):
            hint = "Use money.split(3), or money.times(Fraction(1, 3), rounding='half_up')"
            raise FactError("Money", "is divided by a number", got=other, hint=hint)
        minor = self._minor_of(other)
        return NotImplemented if minor is None else Fraction(self.minor, minor)

    def __lt__(self, other: "Money") -> bool:
        minor = self._minor_of(other)
        return NotImplemented if minor is None else self.minor < minor

    def __le__(self, other: "Money") -> bool:
        minor = self._minor_of(other)
        return NotImplemented if minor is None else self.minor <= minor

    def __gt__(self, other: "Money") -> bool:
        minor = self._minor_of(other)
        return NotImplemented if minor is None else self.minor > minor

    def __ge__(self, other: "Money") -> bool:
        minor = self._minor_of(other)
        return NotImplemented if minor is None else self.minor >= minor

    def times(self, factor: int | str | Decimal | Fraction, *, rounding: Rounding) -> "Money":
        """The amount times an exact factor, rounded to a minor unit.

        ``floor`` and ``ceil`` go down and up the number line; ``half_up`` takes a half away from zero, ``half_even`` to
        the even neighbour. A float raises FactError: write ``"0.015"``.
        """
        return Money(rounded(self.minor * _factor(factor), rounding), self.currency)

    def allocate(self, weights: Sequence[int | Fraction]) -> tuple["Money", ...]:
        """The amount in parts proportional to the weights, which sum to it exactly.

        Each part is its exact share rounded toward zero; the units left over go one each to the largest remainders, the
        earlier of equals first. Parts of a negative amount mirror those of the positive. Weights are not negative and
        not all zero, or FactError is raised.
        """
        if not weights or any(type(each) not in (int, Fraction) or each < 0 for each in weights) or not any(weights):
            hint = "Give whole numbers or Fractions from 0 up, at least one above 0"
            raise FactError("Money.allocate", "has weights that share out nothing", got=weights, hint=hint)
        whole, total = abs(self.minor), sum(weights)
        shares = [divmod(whole * weight, total) for weight in weights]
        parts = [int(quotient) for quotient, _ in shares]
        left = whole - sum(parts)
        for place in sorted(range(len(shares)), key=lambda each: -shares[each][1])[:left]:
            parts[place] += 1
        return tuple(Money(-part if self.minor < 0 else part, self.currency) for part in parts)

    def split(self, parts: int) -> tuple["Money", ...]:
        """The amount in equal parts, as far as units allow; the earlier parts are the larger by one unit."""
        if type(parts) is not int or parts < 1:
            raise FactError("Money.split", "needs a whole number from 1 up", got=parts, hint="Write money.split(3)")
        return self.allocate((1,) * parts)

    def _minor_of(self, other: object) -> int | None:
        """The other's minor units; None if it is not money, which leaves the answer to the other's class."""
        if not isinstance(other, Money):
            return None
        if other.currency != self.currency:
            raise CurrencyMismatch("Money", self.currency, other.currency)
        return other.minor


def won(amount: int) -> Money:
    """South Korean won, which have no minor unit."""
    return Money(amount, "KRW")


def yen(amount: int) -> Money:
    """Japanese yen, which have no minor unit."""
    return Money(amount, "JPY")


def usd(dollars: int | str | Decimal) -> Money:
    """United States dollars: ``usd(12)``, ``usd("12.34")``."""
    return Money.of(dollars, "USD")


def eur(euros: int | str | Decimal) -> Money:
    """Euros: ``eur(12)``, ``eur("12.34")``."""
    return Money.of(euros, "EUR")


@cache
def _zero(currency: str) -> Money:
    return Money(0, currency)


def _refusal(minor: object, currency: object) -> FactError:
    if not isinstance(currency, str) or currency not in EXPONENTS:
        return unknown_currency("Money.currency", currency)
    if type(minor) is not int:
        hint = _from_major(minor, currency)
        return FactError("Money.minor", "is not a whole number of minor units", got=minor, hint=hint)
    return FactError("Money.minor", "is beyond 64 bits", got=minor, hint="No shop has so much; check the unit")


def _from_major(amount: object, currency: str) -> str:
    """How an amount that is not an int becomes money of this currency, without the amount."""
    if isinstance(amount, str):
        return f'Write Money.of(value, "{currency}"), or Money.parse(value, "{currency}") if it has commas or a sign'
    if isinstance(amount, float):
        return f'A float is not exact: write Money.of(str(value), "{currency}")'
    if isinstance(amount, Decimal):
        return f'Write Money.of(value, "{currency}")'
    return f'Give an int, a str or a Decimal to Money.of(value, "{currency}")'


def _is_inexact(factor: object) -> bool:
    return isinstance(factor, bool | float | Decimal | Fraction)


def _is_whole(factor: object) -> bool:
    return type(factor) is int


def _minor_units(field: str, major: object, currency: str) -> int:
    digits = exponent(currency)
    if isinstance(major, int) and not isinstance(major, bool):
        return int(major) * int(10**digits)
    text = format(major, "f") if isinstance(major, Decimal) and _is_modest(major) else major
    found = _PLAIN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise FactError(field, "is not an exact decimal number", got=major, hint=_unread(major, currency))
    sign, whole, part = found[1], found[2], (found[3] or "").rstrip("0")
    if len(part) > digits:
        hint = f"The currency has {digits} decimal digits; round the amount before it comes in"
        raise FactError(field, "has more decimals than the currency", got=major, hint=hint)
    minor = int(whole + part.ljust(digits, "0"))
    return -minor if sign == "-" else minor


def _unread(major: object, currency: str) -> str:
    if isinstance(major, str):
        return f'Write digits and a point, or Money.parse(value, "{currency}") if it has commas or a sign'
    return "Give a finite Decimal of at most 64 digits" if isinstance(major, Decimal) else _from_major(major, currency)


def _is_modest(number: Decimal) -> bool:
    """Finite, and short when written out: ``Decimal("1e999999")`` would be a million characters."""
    return number.is_finite() and abs(number.adjusted()) <= _LONGEST


def _written(text: object) -> re.Match[str] | None:
    return _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) and len(text) <= _LONGEST else None


def _written_currency(before: str, after: str, asked: str | None) -> str:
    sign = before or after
    if before and after:
        raise FactError("Money.parse", "has two currency signs", got=sign, hint="Write one, as in 12,900원 or EUR 3.20")
    if not sign:
        if asked is None:
            raise FactError("Money.parse", "says no currency", got=sign, hint='Write EUR 3.20, or pass currency="EUR"')
        return asked
    code = (_PREFIXES if before else _SUFFIXES).get(sign, sign)
    if code not in EXPONENTS:
        raise unknown_currency("Money.parse", code)
    if asked is None or asked == code or asked in _SHARED_SIGNS.get(sign, ()):
        return asked or code
    raise CurrencyMismatch("Money.parse", asked, code)


_SHARED_SIGNS: Final = {
    "$": ("AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "ARS", "CLP", "COP", "BRL"),
    "\u00a5": ("CNY",),
    "\uffe5": ("CNY",),
}


def _factor(factor: object) -> Fraction:
    if isinstance(factor, int | Fraction) and not isinstance(factor, bool):
        return Fraction(factor)
    if isinstance(factor, str) and _PLAIN.fullmatch(factor):
        return Fraction(factor)
    if isinstance(factor, Decimal) and _is_modest(factor):
        return Fraction(factor)
    hint = 'Write it as text or a Fraction: "0.015", Fraction(1, 3)'
    raise FactError("Money.times", "is not an exact number", got=factor, hint=hint)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """The whole number that an exact one is rounded to; ``half_up`` goes away from 0."""
    match rounding:
        case "floor":
            return floor(exact)
        case "ceil":
            return ceil(exact)
        case "half_up":
            nearest_up = floor(abs(exact) + Fraction(1, 2))
            return nearest_up if exact >= 0 else -nearest_up
        case "half_even":
            return round(exact)
        case _:
            assert_never(rounding)
