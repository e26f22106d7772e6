"""Instants that are compared with constants: which stored instants an answer belongs to.

A comparison of ``delivered_at + months(1)`` or of a local date is turned round into comparisons of the stored instant
with fixed ones, so that engines need no calendar and databases can use an index.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, final

from attrs import frozen

from retention.errors import UnsupportedRule
from retention.rules.backends.reference import compared
from retention.rules.backends.sets.build import both, compare, either
from retention.rules.backends.sets.terms import ALWAYS, Constant, Later, Term, Test
from retention.rules.kinds import MIRRORED
from retention.rules.nodes import Comparison
from retention.spans import TICK, Duration, Months, MovingSpan, local, midnight, shift

Step: TypeAlias = tuple[MovingSpan, int]
Reading: TypeAlias = Callable[[datetime], Any]
Piece: TypeAlias = tuple[datetime | None, datetime | None]

_DAY = timedelta(days=1)
_REACH = 6 * 86_400_000_000  # a clamped month's end (three days), two changes of the offset and days to spare
_SAMPLE = timedelta(hours=12)  # no zone has changed its clocks and changed them back within half a day


@final
@frozen
class Moving:
    """A stored instant, moved step by step. ``known`` is what must hold for it to be there at all."""

    stored: Term
    steps: tuple[Step, ...] = ()
    known: Test = ALWAYS

    def moved(self, span: MovingSpan, sign: int) -> "Moving":
        """The same instant, one step further; steps that do not move are left out, exact ones are joined."""
        if span in (Duration(0), Months(0)):
            return self
        if self.steps and isinstance(span, Duration) and isinstance(self.steps[-1][0], Duration):
            total = _exact(self.steps[-1:]) + sign * span.microseconds
            joined: tuple[Step, ...] = ((Duration(abs(total)), 1 if total > 0 else -1),) if total else ()
            return Moving(self.stored, self.steps[:-1] + joined, self.known)
        return Moving(self.stored, (*self.steps, (span, sign)), self.known)

    @property
    def is_exact(self) -> bool:
        return all(isinstance(span, Duration) for span, _ in self.steps)


Moment: TypeAlias = datetime | Moving


def as_term(moment: Moment) -> Term:
    """An instant as a term. Raises UnsupportedRule for a stored one that is moved by months."""
    if isinstance(moment, datetime):
        return Constant(moment)
    if not moment.is_exact:
        raise UnsupportedRule(
            "a stored instant that is moved by months is compared with another stored value",
            hint="Move it by days, or compare it with as_of",
        )
    by = _exact(moment.steps)
    return Later(moment.stored, by) if by else moment.stored


def compare_moments(operator: Comparison, left: Moment, right: Moment, zone: tzinfo) -> Test:
    """A comparison of two instants, false if either is missing."""
    if isinstance(left, datetime):
        if isinstance(right, datetime):
            return compare(operator, Constant(left), Constant(right))
        return _mirrored(operator, right, left, zone)
    if isinstance(right, datetime):
        return _with_constant(operator, left, right, zone)
    return both(left.known, right.known, _exactly_compared(operator, left, right))


def compare_days(operator: Comparison, moment: Moving, day: date, zone: tzinfo) -> Test:
    """A comparison of an instant's local date with a constant date, false if the instant is missing."""
    if not moment.is_exact:
        raise UnsupportedRule("the local date of an instant that is moved by months", hint="Move it by days")

    def reading(instant: datetime) -> date:
        return local(instant, zone).date()

    pieces = _preimage(reading, operator, day, midnight(day, zone), zone)
    return both(moment.known, _lies_in(pieces, moment.stored, _exact(moment.steps)))


def _exact(steps: tuple[Step, ...]) -> int:
    """The microseconds of exact steps together."""
    return sum(sign * span.microseconds for span, sign in steps if isinstance(span, Duration))


def _mirrored(operator: Comparison, moving: Moving, fixed: datetime, zone: tzinfo) -> Test:
    return _with_constant(MIRRORED[operator], moving, fixed, zone)


def _exactly_compared(operator: Comparison, left: Moving, right: Moving) -> Test:
    """Two stored instants; both may be moved, one of them is enough."""
    if left.is_exact and right.is_exact:
        by = _exact(left.steps) - _exact(right.steps)
        return compare(operator, Later(left.stored, by) if by else left.stored, right.stored)
    return compare(operator, as_term(left), as_term(right))


def _with_constant(operator: Comparison, left: Moving, bound: datetime, zone: tzinfo) -> Test:
    monthly = [place for place, (span, _) in enumerate(left.steps) if isinstance(span, Months)]
    if not monthly:
        return both(left.known, compare(operator, left.stored, Constant(_moved(bound, -_exact(left.steps)))))
    if len(monthly) > 1:
        raise UnsupportedRule("a stored instant that is moved by months twice", hint="Move it by the sum")
    span, sign = left.steps[monthly[0]]
    before, after = _exact(left.steps[: monthly[0]]), _exact(left.steps[monthly[0] + 1 :])

    def reading(instant: datetime) -> datetime:
        return shift(instant, span, sign, zone)

    bound = _moved(bound, -after)
    pieces = _preimage(reading, operator, bound, shift(bound, span, -sign, zone), zone)
    return both(left.known, _lies_in(pieces, left.stored, before))


def _lies_in(pieces: list[Piece], stored: Term, moved: int) -> Test:
    """The stored instant, moved by microseconds, lies in one of the pieces."""
    return either(*(both(*_bounds(piece, stored, moved)) for piece in pieces))


def _bounds(piece: Piece, stored: Term, moved: int) -> Iterator[Test]:
    start, end = piece
    if start is not None:
        yield compare(">=", stored, Constant(_moved(start, -moved)))
    if end is not None:
        yield compare("<", stored, Constant(_moved(end, -moved)))


def _moved(instant: datetime, microseconds: int) -> datetime:
    return shift(instant, Duration(abs(microseconds)), 1 if microseconds >= 0 else -1, UTC)


# Which instants have a reading that compares so: exact, since a reading never falls within a piece of one local day. --


def _preimage(reading: Reading, operator: Comparison, bound: Any, centre: datetime, zone: tzinfo) -> list[Piece]:
    low, high = _moved(centre, -_REACH), _moved(centre, _REACH)
    pieces: list[Piece] = [(None, low)] if compared(operator, reading(low), bound) else []
    for start, end in pairwise(_breaks(low, high, zone)):
        reached = _first(reading, ">=", bound, start, end)
        passed = _first(reading, ">", bound, start, end)
        pieces.append(_answering(operator, start, reached, passed, end))
    if compared(operator, reading(high), bound):
        pieces.append((high, None))
    return _joined(pieces)


def _answering(operator: Comparison, start: datetime, reached: datetime, passed: datetime, end: datetime) -> Piece:
    match operator:
        case "<":
            return start, reached
        case "<=":
            return start, passed
        case "==":
            return reached, passed
        case ">=":
            return reached, end
        case _:
            return passed, end


def _breaks(low: datetime, high: datetime, zone: tzinfo) -> list[datetime]:
    """Both ends, the local midnights between them, and the instants at which the offset changes."""
    first = local(low, zone).date()
    count = min((high - low) // _DAY + 3, (date.max - first).days + 1)
    midnights = (midnight(first + _DAY * day, zone) for day in range(count))
    return sorted({low, high, *(each for each in midnights if low < each < high), *_offset_changes(low, high, zone)})


def _offset_changes(low: datetime, high: datetime, zone: tzinfo) -> Iterator[datetime]:
    samples = [low + _SAMPLE * part for part in range((high - low) // _SAMPLE + 1)]
    for before, after in pairwise((*samples, high)):
        offset = local(before, zone).utcoffset()
        if local(after, zone).utcoffset() != offset:
            yield _least(before, after, partial(_has_left, offset, zone))


def _has_left(offset: timedelta | None, zone: tzinfo, instant: datetime) -> bool:
    return local(instant, zone).utcoffset() != offset


def _first(reading: Reading, operator: Comparison, bound: Any, start: datetime, end: datetime) -> datetime:
    """The first instant of a piece at which the comparison holds, the end if there is none."""
    if not compared(operator, reading(_moved(end, -1)), bound):
        return end
    return _least(start, end, lambda instant: compared(operator, reading(instant), bound))


def _least(start: datetime, end: datetime, true_from: Callable[[datetime], bool]) -> datetime:
    steps = range((end - start) // TICK)
    return start + TICK * bisect_left(steps, True, key=lambda step: true_from(start + TICK * step))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Without the empty ones, those that touch as one."""
    whole: list[Piece] = []
    for start, end in pieces:
        if start is not None and start == end:
            continue
        if whole and whole[-1][1] == start:
            whole[-1] = whole[-1][0], end
        else:
            whole.append((start, end))
    return whole
