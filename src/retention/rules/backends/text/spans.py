"""Spans, moments and days of the year as text."""

from typing import assert_never

from retention.rules.backends.text.words import CALENDAR_UNITS, MONTHS, UNITS
from retention.rules.nodes import AnniversaryWindow, MonthDays, NearDays, NearMonths
from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_LARGEST_FIRST = [(name, size) for name, size in reversed(list(UNITS.items())) if name != "week"]


def span_text(span: Span, *, counted: bool = False) -> str:
    """A span in its largest whole unit; today is ``1 calendar day`` where spans are ``counted``."""
    match span:
        case Duration(microseconds):
            name, size = next((name, size) for name, size in _LARGEST_FIRST if microseconds % size == 0)
            return _several(microseconds // size, name)
        case Months(count):
            whole_years = count > 0 and count % CALENDAR_UNITS["year"] == 0
            return _several(count // 12, "year") if whole_years else _several(count, "month")
        case LocalDays(1) if not counted:
            return "today"
        case LocalDays(count):
            return _several(count, "calendar day")
        case LocalPeriod(unit):
            return f"this {unit}"
        case _:
            assert_never(span)


def moment_text(span: Span) -> str:
    """The instant that a span ago is."""
    match span:
        case Duration(0):
            return "now"
        case Duration() | Months():
            return f"{span_text(span)} ago"
        case LocalDays() | LocalPeriod():
            return f"start of {span_text(span)}"
        case _:
            assert_never(span)


def window_text(window: AnniversaryWindow) -> str:
    """When a date returns."""
    match window:
        case NearDays(0, 0):
            return "returns today"
        case NearDays(0, last):
            return f"returns within {_several(last, 'day')}"
        case NearDays(first, 0):
            return f"returned within {_several(-first, 'day')}"
        case NearDays(first, last):
            return f"returns in days {first} to {last}"
        case NearMonths(0, 0):
            return "returns this month"
        case NearMonths(first, last):
            return f"returns in months {first} to {last}"
        case MonthDays(first, last):
            return f"returns from {_day(first)} to {_day(last)}"
        case _:
            assert_never(window)


def _several(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _day(month_day: tuple[int, int]) -> str:
    month, day = month_day
    return f"{MONTHS[month - 1]} {day}"
