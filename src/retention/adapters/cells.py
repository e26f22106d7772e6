"""What one cell of a CSV file says: an instant, an amount, a quantity.

Strict, because a guess would be a wrong fact.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from typing import final
from warnings import catch_warnings, simplefilter

from attrs import frozen

from retention.currencies import exponent
from retention.errors import ConfigurationError, CurrencyMismatch, FactError
from retention.money import Money
from retention.spans import resolve, utc

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?"
    r"(?: ?(?P<offset>Z|UTC|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,18})?", re.ASCII)


@final
class Unreadable(Exception):
    """A cell says nothing that can be a fact. ``reason`` completes the sentence "the cell …" and never quotes it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@final
@frozen
class CellForm:
    """How cells are written: the currency of amounts, the zone of clock times that name none, and date formats.

    ``date_formats`` are ``strptime`` formats tried in order; none means ISO 8601 with a full date.
    """

    currency: str
    zone: tzinfo
    date_formats: Sequence[str] = ()

    def __attrs_post_init__(self) -> None:
        exponent(self.currency)
        for pattern in self.date_formats:
            _check_format(pattern)

    def instant(self, text: str) -> datetime:
        """The instant in UTC. A date alone is its local midnight; a wall time that occurs twice is the first. Spans of
        time are defined between the years 1100 and 8900."""
        wall = self._by_format(text) if self.date_formats else _iso(text)
        if not 1100 <= wall.year < 8900:
            raise Unreadable("is in no year from 1100 to 8900")
        return resolve(wall, self.zone) if wall.tzinfo is None else utc(wall)

    def amount(self, text: str) -> Money:
        """Money of the file's currency: ``12900``, ``12,900``, ``12,900원``, ``$1,234.50``."""
        try:
            return Money.parse(text, self.currency)
        except CurrencyMismatch as error:
            raise Unreadable(f"is an amount in {error.found}, not in {self.currency}") from None
        except FactError:
            example = Money(1_234_500, self.currency).format()
            raise Unreadable(f"is not an amount in {self.currency}, such as {example}") from None

    def _by_format(self, text: str) -> datetime:
        for pattern in self.date_formats:
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller gives it the file's zone
            except ValueError:
                continue
        raise Unreadable(f"is not written as {' or '.join(self.date_formats)}")


def quantity(text: str) -> int | Fraction:
    """A number of pieces, or of kilograms: ``2``, ``1,000``, ``0.5``."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise Unreadable("is not a number")
    exact = Fraction(text.replace(",", ""))
    return exact.numerator if exact.denominator == 1 else exact


def _check_format(pattern: str) -> None:
    """Raises ConfigurationError for a format that ``strptime`` cannot read a whole date with."""
    sample = datetime(2023, 11, 22, 13, 45, tzinfo=UTC)
    try:
        with catch_warnings():  # Python 3.13 warns of a format without a year, which is refused here anyway
            simplefilter("ignore", DeprecationWarning)
            read = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007 - only its date is looked at
        if read.date() == sample.date():
            return
    except ValueError:
        pass
    raise ConfigurationError(f"{pattern!r} is not a date format", hint="Use strptime's, such as '%d/%m/%Y %H:%M'")


def _iso(text: str) -> datetime:
    found = _INSTANT.fullmatch(text)
    if found is None or (found["offset"] and not found["clock"]):
        raise Unreadable("is not a date such as 2024-03-01, 2024-03-01 09:30 or 2024-03-01T09:30:00+09:00")
    zone = "+00:00" if found["offset"] in ("Z", "UTC") else found["offset"] or ""
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['clock'] or '00:00'}{zone}")
    except ValueError:
        raise Unreadable("is a date or time of day that does not exist") from None
