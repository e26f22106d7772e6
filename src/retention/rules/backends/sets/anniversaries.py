"""Yearly returns as days of birth: whoever is born on one of these days has the return in the window today."""

from datetime import date
from functools import lru_cache
from itertools import groupby

from retention.rules.backends.reference import returns
from retention.rules.backends.sets.build import both, compare, either
from retention.rules.backends.sets.terms import ALWAYS, NEVER, Constant, MonthDay, Term, Test
from retention.rules.nodes import Anniversary, AnniversaryWindow, LeapDay, Literal

_LEAP_YEAR = date(2000, 1, 1).toordinal()


def returns_on(value: Term, window: AnniversaryWindow, leap: LeapDay, today: date) -> Test:
    """Whether a date returns in the window, seen from a local date; false of a missing one."""
    if isinstance(value, Constant):
        asked = Anniversary(Literal(value.value), window, leap)
        return ALWAYS if isinstance(value.value, date) and returns(asked, value.value, today) else NEVER
    born = MonthDay(value)
    return either(*(_from_through(born, *piece) for piece in _days_of_birth(window, leap, today)))


def _from_through(born: Term, first: int, last: int) -> Test:
    return both(compare(">=", born, Constant(first)), compare("<=", born, Constant(last)))


@lru_cache(maxsize=256)
def _days_of_birth(window: AnniversaryWindow, leap: LeapDay, today: date) -> tuple[tuple[int, int], ...]:
    """From one ``100 * month + day`` through another; years of birth make no difference, so a leap year is tried."""
    asked = Anniversary(Literal(today), window, leap)
    year = [date.fromordinal(_LEAP_YEAR + day) for day in range(366)]
    pieces: list[tuple[int, int]] = []
    for inside, days in groupby(year, key=lambda day: returns(asked, day, today)):
        if inside:
            codes = [100 * day.month + day.day for day in days]
            pieces.append((codes[0], codes[-1]))
    return tuple(pieces)
