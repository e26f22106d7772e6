"""Reads spans, windows and words of version 1 of the JSON form."""

from collections.abc import Mapping
from typing import Final

from retention.errors import FactError, RuleError, UnknownName
from retention.rules.backends.jsonform.checked import (
    a_pair,
    a_text,
    a_whole_number,
    an_object,
    check_keys,
    unexpected,
)
from retention.rules.nodes import AnniversaryWindow, MonthDays, NearDays, NearMonths
from retention.rules.validate import check_window, check_words
from retention.spans import Duration, LocalDays, LocalPeriod, Months, MovingSpan, Span

_UNITS: Final[Mapping[str, tuple[type[Duration] | type[Months] | type[LocalDays], int]]] = {
    "microseconds": (Duration, 1),
    "seconds": (Duration, 1_000_000),
    "minutes": (Duration, 60_000_000),
    "hours": (Duration, 3_600_000_000),
    "days": (Duration, 86_400_000_000),
    "weeks": (Duration, 7 * 86_400_000_000),
    "months": (Months, 1),
    "years": (Months, 12),
    "calendar_days": (LocalDays, 1),
}
_WORDS: Final[Mapping[str, Span]] = {
    "today": LocalDays(1),
    "this_week": LocalPeriod("week"),
    "this_month": LocalPeriod("month"),
    "this_year": LocalPeriod("year"),
}
_SPAN: Final = 'Write {"days": 7}, {"months": 3}, {"calendar_days": 7}, "today" or "this_month"'


def read_span(found: object, path: str) -> Span:
    """A span: a number of one unit, or a word."""
    if isinstance(found, str):
        return _WORDS[read_choice("span", found, tuple(_WORDS), path)]
    fields = an_object(found, "a span", path, _SPAN)
    if len(fields) != 1:
        raise RuleError("a span has one unit", path=path, hint=_SPAN)
    unit, count = next(iter(fields.items()))
    family, size = _UNITS[read_choice("unit of time", unit, tuple(_UNITS), path)]
    number = a_whole_number(count, f"{path}.{unit}", _SPAN)
    try:
        return family(number * size)
    except FactError as error:
        raise RuleError(error.problem, path=path, hint=error.hint) from None


def read_moving_span(found: object, path: str) -> MovingSpan:
    """A span that an instant can be moved by."""
    span = read_span(found, path)
    if isinstance(span, (Duration, Months)):
        return span
    raise RuleError("whole local days have no length that can be added", path=path, hint='Write {"days": 7}')


def read_window(found: object, path: str) -> AnniversaryWindow:
    """When a date returns."""
    hint = '{"days": [0, 7]}, {"months": [0, 0]} or {"from": [12, 20], "to": [1, 5]}'
    fields = an_object(found, "a window", path, f"Write {hint}")
    window: AnniversaryWindow
    if "days" in fields:
        check_keys(fields, ("days",), (), path, hint)
        window = NearDays(*_whole_pair(fields["days"], f"{path}.days"))
    elif "months" in fields:
        check_keys(fields, ("months",), (), path, hint)
        window = NearMonths(*_whole_pair(fields["months"], f"{path}.months"))
    else:
        check_keys(fields, ("from", "to"), ("days", "months"), path, hint)
        window = MonthDays(_whole_pair(fields["from"], f"{path}.from"), _whole_pair(fields["to"], f"{path}.to"))
    check_window(window, path)
    return window


def _whole_pair(found: object, path: str) -> tuple[int, int]:
    first, last = a_pair(found, path, "Write two whole numbers: [0, 7]")
    return a_whole_number(first, f"{path}[0]", "Write 0"), a_whole_number(last, f"{path}[1]", "Write 7")


def read_words(found: object, what: str, path: str) -> str:
    """Words that say something."""
    words = a_text(found, path, 'Write it as "dormant"')
    check_words(words, what, path)
    return words


def read_choice(what: str, found: object, known: tuple[str, ...], path: str) -> str:
    """One of the known words. Raises UnknownName with the nearest."""
    if not isinstance(found, str):
        raise unexpected(f"a {what}", found, path, f"One of {', '.join(known)}")
    if found not in known:
        raise UnknownName(what, found, known, path=path)
    return found
