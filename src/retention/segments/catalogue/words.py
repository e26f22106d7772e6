"""Spans in words, for the descriptions of segments."""

from typing import Final, assert_never

from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_UNITS: Final = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("microsecond", 1))


def spoken(span: Span) -> str:
    """``7 days``, ``36 hours``, ``3 months``, ``this month``: in the largest unit that divides it, weeks left out."""
    match span:
        case Duration(microseconds):
            unit, size = next(each for each in _UNITS if microseconds % each[1] == 0)
            return _plural(microseconds // size, unit)
        case Months(count):
            return _plural(count // 12, "year") if count % 12 == 0 else _plural(count, "month")
        case LocalDays(count):
            return _plural(count, "calendar day")
        case LocalPeriod(unit):
            return f"this {unit}"
        case _:
            assert_never(span)


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
