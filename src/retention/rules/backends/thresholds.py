"""Comparisons that time passes once: from one instant of the customer's own, they are true, or no longer true.

"Joined within 7 days" ends 7 days after joining, "three orders within a year" a year after the third newest order,
"30,000 won within 30 days" when the newest orders that make up so much begin to leave. None needs to be asked twice.

By calendar spans the moment may pass that one instant several times, but it is still the only one that decides: a
window up to now holds so many rows exactly if it holds the oldest of the newest so many, whichever way its start moves.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from math import ceil, floor
from operator import attrgetter
from typing import Any, TypeAlias, assert_never, final

from attrs import frozen

from retention.money import Money
from retention.profile import Profile
from retention.rules.backends.clocks import are_whole, moving
from retention.rules.backends.course import NEVER_NEGATIVE
from retention.rules.backends.crossings import Chain, arrivals, end_of, exact_offset
from retention.rules.kinds import MIRRORED
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Literal,
    Rule,
    Shift,
    Value,
)
from retention.schema import STANDARD
from retention.spans import TICK, Duration

Instant: TypeAlias = Callable[[Profile], datetime | None]


@final
@frozen
class Threshold:
    """True from an instant on (``begins``), or until then: one of the customer's own, ``after`` later."""

    instant: Instant
    after: timedelta
    begins: bool

    def now_and_later(self, known: Profile, now: datetime, zone: tzinfo) -> tuple[bool, Iterable[datetime]]:
        """The answer now, and the instants later at which it is the other, and again the other; one at most."""
        own = self.instant(known)
        if own is None:
            return False, ()
        try:
            passed = own + self.after
        except OverflowError:  # beyond the calendar, on the side on which it lies
            return (self.after < timedelta(0)) is self.begins, ()
        return (not self.begins, (passed,)) if passed > now else (self.begins, ())


@final
@frozen
class CalendarThreshold:
    """True while a moment one calendar step away has come to (``past``: has passed) one instant of the customer's own.

    Or the other way round, if it does not ``begin`` but end with that.
    """

    instant: Instant
    steps: Chain
    past: bool
    begins: bool

    def now_and_later(self, known: Profile, now: datetime, zone: tzinfo) -> tuple[bool, Iterable[datetime]]:
        """The same as for a threshold; clock changes and month ends can bring several instants."""
        own = self.instant(known)
        if own is None:
            return False, ()
        try:
            target = own + TICK if self.past else own
        except OverflowError:  # nothing passes the calendar's last instant
            return not self.begins, ()
        changes = arrivals(self.steps, target, zone)
        later = [each for each in changes if each > now]
        if changes:  # first the moment lies before the target, and at each of them it changes sides
            return ((len(changes) - len(later)) % 2 == 1) is self.begins, later
        return (end_of(self.steps, now, zone) >= target) is self.begins, ()


AnyThreshold: TypeAlias = Threshold | CalendarThreshold


@final
@frozen
class Passed:
    """A comparison as a threshold, or as the opposite of one."""

    threshold: AnyThreshold
    negated: bool = False


def threshold(operator: Comparison, left: Value, right: Value) -> Passed | None:
    """The threshold that a comparison is; None if it is none, or not seen to be one."""
    if operator not in MIRRORED:
        return None
    if moving(left) is not None or (isinstance(left, Literal) and moving(right) is None):
        operator, left, right = MIRRORED[operator], right, left
    if isinstance(right, Literal):
        return _amount_in_window(operator, left, right.value)
    found = _beside_a_moment(operator, left, right)
    return found and Passed(found)


def _beside_a_moment(operator: Comparison, own: Value, moment: Value) -> AnyThreshold | None:
    """One instant of the customer's beside one that moves."""
    read = one_instant(own)
    return None if read is None or operator == "==" else _passed_by(*read, operator, moment)


def _passed_by(instant: Instant, shifted: timedelta, operator: Comparison, moment: Value) -> AnyThreshold | None:
    """``instant + shifted operator moment``; None unless the moment is exact, or the present moved by one step."""
    moved = moving(moment)
    if moved is None or moved.dated:
        return None
    past, begins = operator in ("<", ">="), operator in ("<", "<=")
    offset = exact_offset(moved.steps)
    if offset is not None:
        return Threshold(instant, shifted - offset + (TICK if past else timedelta(0)), begins)
    if len(moved.steps) > 1 or shifted:
        return None
    return CalendarThreshold(instant, moved.steps, past, begins)


def one_instant(value: Value) -> tuple[Instant, timedelta] | None:
    """How to read the one instant that a value is while nothing new happens, and how much is added to it."""
    match value:
        case Literal(datetime() as constant):
            return (lambda known: constant), timedelta(0)
        case Attribute(name):
            return (_own(name) if name in STANDARD.attributes else lambda known: known.value(name)), timedelta(0)
        case Aggregate(("first" | "last") as end, events, str(column)) if are_whole(events):
            return _of_rows(f"{events.collection}.{column}", 0 if end == "first" else -1), timedelta(0)
        case Shift(inner, Duration() as span, sign):
            found = one_instant(inner)
            return found and (found[0], found[1] + sign * span.timedelta)
        case Literal() | Aggregate() | Column() | Arithmetic() | Apply() | Ago() | Shift():
            return None
        case _:
            assert_never(value)


def _own(name: str) -> Instant:
    read: Instant = attrgetter(f"customer.{name}")
    return read


def _of_rows(key: str, place: int) -> Instant:
    def read(known: Profile) -> Any:
        column = known.columns[key]
        return column[place] if column else None

    return read


# How much there is in a window that ends now. -------------------------------------------------------------------------


def _amount_in_window(operator: Comparison, value: Value, wanted: Any) -> Passed | None:
    """Rows in a window, counted or summed, beside a constant: enough until the oldest of the newest so many leaves."""
    if not isinstance(value, Aggregate):
        return None
    window = _window(value.events)
    if window is None:
        return None
    if operator == "==":
        return _nothing(value, wanted, window)
    at_least = operator in (">=", "<")
    read = _enough(value, wanted, at_least)
    return read and _inside(read, window, negated=operator in ("<", "<="))


def _nothing(value: Aggregate, wanted: Any, window: Compare) -> Passed | None:
    """None of what is counted."""
    if value.function != "count" or wanted != 0:
        return None
    return _inside(_newest(value.events.collection, 1), window, negated=True)


def _inside(instant: Instant, window: Compare, negated: bool) -> Passed | None:
    found = _passed_by(instant, timedelta(0), window.operator, window.right)
    return found and Passed(found, negated)


def _window(events: Events) -> Compare | None:
    """The condition of a selection that is nothing but one window up to now."""
    where: Rule | None = events.where
    if isinstance(where, All) and len(where.rules) == 1:
        where = where.rules[0]
    if not isinstance(events.source, str) or events.pick is not None or not isinstance(where, Compare):
        return None
    if where.left != Column("at") or where.operator not in (">", ">="):
        return None
    return where


def _enough(value: Aggregate, wanted: Any, at_least: bool) -> Instant | None:
    """The instant of the oldest of the newest rows that make up as much as is wanted; missing if all do not."""
    collection, column = value.events.collection, value.column
    amount = wanted.minor if isinstance(wanted, Money) else wanted
    if value.function == "count":
        count = ceil(amount) if at_least else floor(amount) + 1
        return _newest(collection, count) if count > 0 else None
    if value.function == "sum" and (collection, column) in NEVER_NEGATIVE and amount > 0:
        currency = f" {wanted.currency}" if isinstance(wanted, Money) else ""
        return _newest_worth(f"{collection}.at", f"{collection}.{column}{currency}", amount, at_least)
    return None


def _newest(collection: str, count: int) -> Instant:
    key = f"{collection}.at"

    def read(known: Profile) -> Any:
        column = known.columns[key]
        return column[-count] if len(column) >= count else None

    return read


def _newest_worth(instants: str, amounts: str, wanted: int | Fraction, at_least: bool) -> Instant:
    def read(known: Profile) -> Any:
        total: int | Fraction = 0
        for instant, amount in zip(reversed(known.columns[instants]), reversed(known.columns[amounts]), strict=True):
            if amount is not None:
                total += amount
                if total > wanted or (at_least and total == wanted):
                    return instant
        return None

    return read
