"""The functions that generated code calls by name."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any, assert_never

from retention.errors import CurrencyMismatch
from retention.money import Money
from retention.rules.nodes import AnniversaryWindow, LeapDay, MonthDays, NearDays, NearMonths
from retention.spans import EARLIEST, Duration, MovingSpan, shift

_LEAP_DAY = 229


def present(cells: Iterable[Any]) -> list[Any]:
    """The cells that are not missing."""
    return [cell for cell in cells if cell is not None]


def mean(cells: Iterable[int | Fraction]) -> Fraction | None:
    """The exact mean; missing if there is no cell."""
    known = list(cells)
    return Fraction(sum(known), len(known)) if known else None


def divide(left: int | Fraction, right: int | Fraction) -> Fraction:
    return Fraction(left, right)


def minor_units(money: Money | None, currency: str) -> int | None:
    """A host attribute's amount. Raises CurrencyMismatch unless it is in the rule's currency."""
    if money is None:
        return None
    if currency and money.currency != currency:
        raise CurrencyMismatch("Customer.attributes", currency, money.currency)
    return money.minor


def bucket(text: str, salt: str) -> Fraction:
    """The stable place of a text in [0, 1), uniform over texts for each salt."""
    digest = sha256(f"{salt}\0{text}".encode()).digest()
    return Fraction(int.from_bytes(digest[:4], "big"), 2**32)


def followed(firsts: Sequence[datetime], thens: Sequence[datetime], span: MovingSpan, zone: tzinfo) -> bool:
    """Some first has a then in ``(first, first + span]``."""
    return any(_next_within(first, thens, span, zone) for first in firsts)


def unfollowed(
    firsts: Sequence[datetime], thens: Sequence[datetime], span: MovingSpan, zone: tzinfo, now: datetime
) -> bool:
    """Some first, ``span`` or longer ago, has no then in ``(first, first + span]``."""
    return any(shift(first, span, 1, zone) <= now and not _next_within(first, thens, span, zone) for first in firsts)


def _next_within(first: datetime, thens: Sequence[datetime], span: MovingSpan, zone: tzinfo) -> bool:
    position = bisect_right(thens, first)
    return position < len(thens) and thens[position] <= shift(first, span, 1, zone)


_LEAP_GAP = 8 * 366  # days from one leap year to the next, at most


def anniversaries(window: AnniversaryWindow, leap: LeapDay, as_of: datetime) -> frozenset[int]:
    """The days of the year, as ``100 * month + day`` of the original date, whose return falls into the window."""
    return _anniversaries(window, leap, as_of.date())


@lru_cache(maxsize=128)  # whoever looks for changes asks again and again about the same few days
def _anniversaries(window: AnniversaryWindow, leap: LeapDay, today: date) -> frozenset[int]:
    match window:
        case MonthDays(first, last):
            return _in_month_days(first, last, leap, today.year)
        case NearDays(first, last):
            days = range(first, min(last, first + _LEAP_GAP) + 1)
            return _observed((_offset(today, number) for number in days), leap)
        case NearMonths(first, last):
            months = range(first, min(last, first + 96) + 1)
            return _observed((day for number in months for day in _month(today, number)), leap)
        case _:
            assert_never(window)


def _in_month_days(first: tuple[int, int], last: tuple[int, int], leap: LeapDay, year: int) -> frozenset[int]:
    low, high = first[0] * 100 + first[1], last[0] * 100 + last[1]

    def inside(code: int) -> bool:
        return low <= code <= high if low <= high else code >= low or code <= high

    common = {100 * month + day for month in range(1, 13) for day in range(1, 32)} - {_LEAP_DAY}
    codes = {code for code in common if inside(code)}
    seen = _LEAP_DAY if _is_leap(year) else {"feb28": 228, "mar1": 301, "skip": 0}[leap]
    return frozenset(codes | {_LEAP_DAY} if seen and inside(seen) else codes)


def _observed(days: Iterable[date], leap: LeapDay) -> frozenset[int]:
    codes = set()
    for day in days:
        code = day.month * 100 + day.day
        codes.add(code)
        if not _is_leap(day.year) and (code, leap) in ((228, "feb28"), (301, "mar1")):
            codes.add(_LEAP_DAY)
    return frozenset(codes)


def _offset(day: date, number: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + number, 1), date.max.toordinal()))


def _month(today: date, number: int) -> Iterable[date]:
    """The days of the calendar month ``number`` months after the present one."""
    ahead = today.year * 12 + today.month - 1 + number
    first = date(min(max(ahead // 12, 1), 9998), ahead % 12 + 1, 1)
    day = first
    while day.month == first.month:
        yield day
        day += timedelta(days=1)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def back(instant: datetime, length: timedelta) -> datetime:
    """An instant so much earlier, or the first there is."""
    try:
        return instant - length
    except OverflowError:
        return EARLIEST


def shifted(instant: datetime, span: MovingSpan, sign: int, zone: tzinfo) -> datetime:
    """``shift``, with the commonest case first."""
    if type(span) is Duration:
        try:
            return instant + sign * span.timedelta
        except OverflowError:
            pass
    return shift(instant, span, sign, zone)
