"""Which of two moments in the past is the earlier one, whatever the present is and whatever the clocks do."""

from typing import assert_never

from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_DAY = 86_400_000_000  # microseconds

# A local midnight or wall time is off its exact place by at most the difference of two UTC offsets (each less than 24
# hours) and, where it is skipped, by the length of the gap.
_OFFSETS = 2 * _DAY
_GAP = 2 * _DAY

_LONGEST_PERIOD = {"week": 7, "month": 31, "year": 366}  # days


def no_later(old: Span, recent: Span) -> bool:
    """True if ``Ago(old) <= Ago(recent)`` at every instant in every zone. False if that is not certain."""
    match old, recent:
        case Duration(long), Duration(short):
            return long >= short
        case Months(long), Months(short):
            return long >= short
        case LocalDays(long), LocalDays(short):
            return long >= short
        case LocalPeriod(unit), LocalPeriod(other):
            return unit == other or (unit, other) == ("year", "month")
        case LocalDays(count), LocalPeriod(unit):
            return count >= _LONGEST_PERIOD[unit]
        case LocalPeriod(), LocalDays(count):
            return count == 1
    return _reach(old)[0] >= _reach(recent)[1]


def _reach(span: Span) -> tuple[int, int]:
    """The least and the most microseconds that lie between ``Ago(span)`` and the present."""
    match span:
        case Duration(microseconds):
            return microseconds, microseconds
        case Months(0):
            return 0, 0
        case Months(count):
            fewest, most = 365 * count // 12 - 3, -(-366 * count // 12) + 2  # days; month ends clamp
            return max(0, fewest * _DAY - _OFFSETS - _GAP), most * _DAY + _OFFSETS
        case LocalDays(count):
            return max(0, (count - 1) * _DAY - _OFFSETS - _GAP), count * _DAY + _OFFSETS
        case LocalPeriod(unit):
            return 0, _LONGEST_PERIOD[unit] * _DAY + _OFFSETS
        case _:
            assert_never(span)
