"""Instants and dates: windows, comparison, and the yearly return of a date."""

from datetime import date, datetime
from typing import Any, ClassVar, Final, TypeAlias, overload

from retention.errors import RuleError
from retention.rules import nodes
from retention.rules.handles.constants import a_moving_span, a_span
from retention.rules.handles.scope import CUSTOMER, R
from retention.rules.handles.value import Ordered
from retention.rules.rule import Rule, conjunction
from retention.schema import Kind
from retention.spans import Duration, Months, MovingSpan, Span, is_whole_days

InstantOperand: TypeAlias = "datetime | Instant[R] | Instant[Rule]"
DateOperand: TypeAlias = "date | Date[R] | Date[Rule]"

_NOW: Final = nodes.Ago(Duration(0))
_AT: Final = nodes.Column("at")


class Instant(Ordered[R, "datetime | Instant[R] | Instant[Rule]"]):
    """An instant. Windows are half-open, the older end outside: ``within(days(7))`` is ``as_of - 7 days < x <= as_of``.

    Spans of whole local days (``calendar_days(7)``, ``this_month()``) begin at a local midnight and include it.
    """

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.INSTANT

    def before(self, other: "InstantOperand[R]") -> R:
        """Earlier than the other instant, and not at it."""
        return self._compare_all(("<", other))

    def after(self, other: "InstantOperand[R]") -> R:
        """Later than the other instant, and not at it."""
        return self._compare_all((">", other))

    def within(self, span: Span) -> R:
        """In the span up to ``as_of``; what is yet to come is outside."""
        begun = nodes.Compare(">=" if is_whole_days(a_span(span)) else ">", self.node, nodes.Ago(span))
        if self.node == _AT:  # no row is later than as_of
            return self._scope.rule(begun)
        return self._scope.rule(conjunction(begun, nodes.Compare("<=", self.node, _NOW)))

    def older_than(self, span: Span) -> R:
        """The span ago or longer; of whole local days: before the first of them."""
        return self._scope.rule(self._over(a_span(span)))

    @overload
    def between(self, first: Span, last: Span) -> R: ...
    @overload
    def between(self, first: "InstantOperand[R]", last: "InstantOperand[R]") -> R: ...
    def between(self, first: Any, last: Any) -> R:
        """Of two spans: ``first`` ago or longer, less than ``last`` ago. Of two instants: from one to before the other.

        ``between(days(1), days(7))`` is ``as_of - 7 days < x <= as_of - 1 day``; ``between(march, april)`` is
        ``march <= x < april``, so that months laid side by side share no instant.
        """
        if isinstance(first, (datetime, Instant)):
            return self._compare_all((">=", first), ("<", last))
        _in_order(a_span(first), a_span(last))
        begun = nodes.Compare(">=" if is_whole_days(last) else ">", self.node, nodes.Ago(last))
        return self._scope.rule(conjunction(begun, self._over(first)))

    def on(self, day: "DateOperand[R]") -> R:
        """On that local date, in the zone of ``as_of``."""
        return self.local_date() == day

    def local_date(self) -> "Date[R]":
        """Its date on the calendar, in the zone of ``as_of``."""
        return Date(nodes.Apply("local_date", self.node), self._scope)

    def __add__(self, span: MovingSpan) -> "Instant[R]":
        return Instant(nodes.Shift(self.node, a_moving_span(span), 1), self._scope)

    def __sub__(self, span: MovingSpan) -> "Instant[R]":
        if self.node == _NOW:
            return Instant(nodes.Ago(a_moving_span(span)), self._scope)
        return Instant(nodes.Shift(self.node, a_moving_span(span), -1), self._scope)

    def _over(self, span: Span) -> nodes.Compare:
        return nodes.Compare("<" if is_whole_days(span) else "<=", self.node, nodes.Ago(span))


class Date(Ordered[R, "date | Date[R] | Date[Rule]"]):
    """A calendar date without a time of day. A date born on 29 February returns on the 28th in common years.

    ``leap="mar1"`` lets it return on 1 March instead, ``leap="skip"`` not at all; in leap years it is the 29th.
    """

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.DATE

    def between(self, first: "DateOperand[R]", last: "DateOperand[R]") -> R:
        """``first <= date <= last``, both days inside."""
        return self._compare_all((">=", first), ("<=", last))

    def returns_today(self, *, leap: nodes.LeapDay = "feb28") -> R:
        """Its anniversary is on the present local date."""
        return self._returns(nodes.NearDays(0, 0), leap)

    def returns_within(self, days: int, *, leap: nodes.LeapDay = "feb28") -> R:
        """Its anniversary is today or on one of the ``days`` local dates that follow."""
        return self._returns(nodes.NearDays(0, _whole(days, "days", least=0)), leap)

    def returned_within(self, days: int, *, leap: nodes.LeapDay = "feb28") -> R:
        """Its anniversary is today or was on one of the ``days`` local dates before."""
        return self._returns(nodes.NearDays(-_whole(days, "days", least=0), 0), leap)

    def returns_this_month(self, offset: int = 0, *, leap: nodes.LeapDay = "feb28") -> R:
        """Its anniversary is in the present local month, or ``offset`` months later (-1 is last month)."""
        return self._returns(nodes.NearMonths(_whole(offset, "offset"), offset), leap)

    def returns_between(self, first: tuple[int, int], last: tuple[int, int], *, leap: nodes.LeapDay = "feb28") -> R:
        """Its anniversary is from one (month, day) through another, both inside; ``(12, 20)`` to ``(1, 5)`` works."""
        return self._returns(nodes.MonthDays(_month_day(first), _month_day(last)), leap)

    def _returns(self, window: nodes.AnniversaryWindow, leap: nodes.LeapDay) -> R:
        if leap not in ("feb28", "mar1", "skip"):
            raise RuleError("29 February returns in one of three ways", hint='Write leap="feb28", "mar1" or "skip"')
        return self._scope.rule(nodes.Anniversary(self.node, window, leap))


as_of: Final[Instant[Rule]] = Instant(_NOW, CUSTOMER)
"""The instant that the question is about: ``coupons.expires_at > as_of``, ``coupons.expires_at < as_of + days(7)``."""


def _in_order(first: Span, last: Span) -> None:
    if (isinstance(first, Duration) and isinstance(last, Duration) and first > last) or (
        isinstance(first, Months) and isinstance(last, Months) and first > last
    ):
        raise RuleError("a window from longer ago than it ends is always empty", hint="Write between(days(1), days(7))")


def _whole(number: int, what: str, *, least: int = -1200) -> int:
    if type(number) is not int or not least <= number <= 1200:
        raise RuleError(f"{what} is a whole number from {least} to 1200", hint="Write returns_within(7)")
    return number


def _month_day(given: tuple[int, int]) -> tuple[int, int]:
    try:
        month, day = given
        date(2000, month, day)  # a leap year, so that 29 February is a day
    except (TypeError, ValueError):
        raise RuleError("a day of the year is a (month, day)", hint="Write returns_between((12, 20), (1, 5))") from None
    return month, day
