"""Comparisons that time passes once: from one instant of the customer's own, they are true, or no longer true.

"Joined within 7 days" ends 7 days after joining, "three orders within a year" a year after the third newest order,
"30,000 won within a month" when the newest orders that make up so much begin to leave. None needs to be asked twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from operator import attrgetter
from typing import Any, TypeAlias, assert_never, final

from attrs import frozen

from retention.money import Money
from retention.profile import Profile
from retention.rules.backends.clocks import are_whole, moving
from retention.rules.backends.course import NEVER_NEGATIVE
from retention.rules.backends.crossings import exact_offset
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

_MIRRORED: dict[Comparison, Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


@final
@frozen
class Threshold:
    """True from an instant on (``begins``), or until then: one of the customer's own, ``after`` later."""

    instant: Instant
    after: timedelta
    begins: bool

    def now_and_later(self, known: Profile, now: datetime) -> tuple[bool, datetime | None]:
        """The answer now, and the one instant later at which it is the other; None if it never is."""
        own = self.instant(known)
        if own is None:
            return False, None
        try:
            passed = own + self.after
        except OverflowError:  # beyond the calendar, on the side on which it lies
            return (self.after < timedelta(0)) is self.begins, None
        return (not self.begins, passed) if passed > now else (self.begins, None)


@final
@frozen
class Passed:
    """A comparison as a threshold, or as the opposite of one."""

    threshold: Threshold
    negated: bool = False


def threshold(operator: Comparison, left: Value, right: Value) -> Passed | None:
    """The threshold that a comparison is; None if it is none, or not seen to be one."""
    if operator not in _MIRRORED:
        return None
    if moving(left) is not None or (isinstance(left, Literal) and moving(right) is None):
        operator, left, right = _MIRRORED[operator], right, left
    if isinstance(right, Literal):
        return _amount_in_window(operator, left, right.value)
    found = _beside_a_moment(operator, left, right)
    return found and Passed(found)


def _beside_a_moment(operator: Comparison, own: Value, moment: Value) -> Threshold | None:
    """One instant of the customer's beside one that lies an exact time ago."""
    read, after = one_instant(own), _time_to_pass(operator, moment)
    if read is None or after is None or operator == "==":
        return None
    instant, shifted = read
    return Threshold(instant, shifted + after, begins=operator in ("<", "<="))


def _time_to_pass(operator: Comparison, moment: Value) -> timedelta | None:
    """How long after an instant an exact moment has passed it, so that ``instant operator moment`` has changed."""
    moved = moving(moment)
    offset = None if moved is None or moved.dated else exact_offset(moved.steps)
    if offset is None:
        return None
    return (TICK if operator in ("<", ">=") else timedelta(0)) - offset


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
    after = _window(value.events)
    if after is None or operator == "==":
        return _nothing(value, wanted, after)
    at_least = operator in (">=", "<")
    read = _enough(value, wanted, at_least)
    return read and Passed(Threshold(read, after, begins=False), negated=operator in ("<", "<="))


def _nothing(value: Aggregate, wanted: Any, after: timedelta | None) -> Passed | None:
    """None of what is counted."""
    if after is None or value.function != "count" or wanted != 0:
        return None
    return Passed(Threshold(_newest(value.events.collection, 1), after, begins=False), negated=True)


def _window(events: Events) -> timedelta | None:
    """How long a row stays in a selection that is nothing but one exact window up to now."""
    where: Rule | None = events.where
    if isinstance(where, All) and len(where.rules) == 1:
        where = where.rules[0]
    if not isinstance(events.source, str) or events.pick is not None or not isinstance(where, Compare):
        return None
    if where.left != Column("at") or where.operator not in (">", ">="):
        return None
    return _time_to_pass(where.operator, where.right)


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
