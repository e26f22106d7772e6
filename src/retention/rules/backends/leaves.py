"""A rule taken apart for its timeline: parts that stand still, thresholds that are passed once, and all others.

How the parts' answers make up the rule's is kept as a function of their answers, so that the rule itself need not be
asked at every instant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from operator import attrgetter
from typing import Any, TypeAlias, assert_never, final

from attrs import define, field, frozen

from retention.profile import Profile
from retention.rules.backends.clocks import Passing, are_whole, clocks, moving, reads_wall_clock
from retention.rules.backends.course import Course, course_of
from retention.rules.backends.crossings import exact_offset
from retention.rules.backends.evaluate import CompiledRule, compile_rule
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Comparison,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.schema import STANDARD, Schema
from retention.spans import TICK, Duration, local

Answers: TypeAlias = Sequence[bool | None]  # None: not yet known
Whole: TypeAlias = Callable[[Answers], bool | None]
Instant: TypeAlias = Callable[[Profile], datetime | None]


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
class Part:
    """Any other part of a rule, asked at the instants of its clocks. No date that returns is in it."""

    compiled: CompiledRule
    passings: tuple[Passing, ...]
    course: Course
    walled: bool

    @classmethod
    def of(cls, rule: Rule, schema: Schema) -> "Part":
        passings = tuple(each for each in clocks(rule) if isinstance(each, Passing))
        return cls(compile_rule(rule, schema), passings, course_of(rule), reads_wall_clock(rule))

    def holds(self, known: Profile, now: datetime, zone: tzinfo) -> bool:
        return self.compiled.at(local(now, zone) if self.walled else now)(known)


@final
@define
class Watch:
    """A part asked of one profile from an instant on; it is asked anew only where its answer may have changed."""

    part: Part
    known: Profile
    start: datetime
    zone: tzinfo
    _tried: list[datetime] | None = None
    _answers: dict[int, bool] = field(factory=dict)

    def at(self, instant: datetime) -> bool:
        """The answer at an instant, the start or later."""
        place = 0 if instant == self.start else bisect_right(self.tried(), instant)
        found = self._answers.get(place)
        if found is None:
            found = self._answers[place] = self.part.holds(self.known, instant, self.zone)
        return found

    def tried(self) -> list[datetime]:
        """Sorted instants after the start, all those among them at which the answer changes."""
        if self._tried is None:
            self._tried = self._narrowed()
        return self._tried

    def _narrowed(self) -> list[datetime]:
        course = self.part.course
        if course is Course.EITHER:
            return instants_after(self.part.passings, self.known, self.start, self.zone)
        answer = self.at(self.start)
        if course is (Course.RISING if answer else Course.FALLING):
            return []
        tried = instants_after(self.part.passings, self.known, self.start, self.zone)
        changed = bisect_left(tried, True, key=lambda each: self.part.holds(self.known, each, self.zone) is not answer)
        return tried[changed : changed + 1]


def instants_after(passings: Iterable[Passing], known: Profile, now: datetime, zone: tzinfo) -> list[datetime]:
    """Sorted instants after ``now``, all those among them at which a moving moment passes a fixed one."""
    return sorted({each for clock in passings for each in clock.instants(known, now, zone) if each > now})


@final
@frozen
class Leaves:
    """A rule as its parts: ``stills`` change by new facts alone, ``movers`` by time.

    ``whole`` makes the rule's answer of theirs, which are in one sequence, those of the stills first.
    """

    stills: tuple[Rule, ...]
    movers: tuple[Threshold | Part, ...]
    whole: Whole


def leaves_of(rule: Rule, schema: Schema) -> Leaves:
    """The rule taken apart."""
    found = _Collected(schema)
    whole = found.whole(rule)
    offset = len(found.stills)
    return Leaves(tuple(found.stills), tuple(found.movers), lambda answers: whole(answers, offset))


_Read: TypeAlias = Callable[[Answers, int], bool | None]  # the answers, and where those of the movers begin


@final
@frozen
class _Collected:
    schema: Schema
    stills: list[Rule] = field(factory=list)
    movers: list[Threshold | Part] = field(factory=list)

    def whole(self, rule: Rule) -> _Read:
        if course_of(rule) is Course.STILL:
            return self.still(rule)
        match rule:
            case All(rules):
                return _every([self.whole(each) for each in rules])
            case AnyOf(rules):
                return _negated(_every([_negated(self.whole(each)) for each in rules]))
            case AtLeast(count, rules):
                return _at_least(count, [self.whole(each) for each in rules])
            case Not(inner):
                return _negated(self.whole(inner))
            case Named(_, inner):
                return self.whole(inner)
            case Compare(operator, left, right):
                ends = threshold(operator, left, right)
                return self.mover(ends or Part.of(rule, self.schema))
            case IsIn() | Missing() | Anniversary() | Follows() | Reference():
                return self.mover(Part.of(rule, self.schema))
            case _:
                assert_never(rule)

    def still(self, rule: Rule) -> _Read:
        place = len(self.stills)
        self.stills.append(rule)
        return lambda answers, _: answers[place]

    def mover(self, leaf: Threshold | Part) -> _Read:
        place = len(self.movers)
        self.movers.append(leaf)
        return lambda answers, offset: answers[offset + place]


def _negated(inner: _Read) -> _Read:
    def read(answers: Answers, offset: int) -> bool | None:
        found = inner(answers, offset)
        return None if found is None else not found

    return read


def _every(several: list[_Read]) -> _Read:
    def read(answers: Answers, offset: int) -> bool | None:
        known: bool | None = True
        for each in several:
            found = each(answers, offset)
            if found is False:
                return False
            known = found and known
        return known

    return read


def _at_least(count: int, several: list[_Read]) -> _Read:
    def read(answers: Answers, offset: int) -> bool | None:
        found = [each(answers, offset) for each in several]
        if found.count(True) >= count:
            return True
        return False if found.count(False) > len(found) - count else None

    return read


# Thresholds. ----------------------------------------------------------------------------------------------------------


def threshold(operator: Comparison, left: Value, right: Value) -> Threshold | None:
    """The threshold that a comparison is, if one of its sides is an exact time ago and the other one instant."""
    here, there = moving(left), moving(right)
    if operator == "==" or (here is None) is (there is None):
        return None
    moment, own = (here, right) if here is not None else (there, left)
    offset = None if moment is None or moment.dated else exact_offset(moment.steps)
    read = one_instant(own)
    if offset is None or read is None:
        return None
    begins = (operator in (">", ">=")) is (here is not None)
    later = operator in ((">", "<=") if here is not None else ("<", ">="))
    instant, shifted = read
    return Threshold(instant, shifted - offset + (TICK if later else timedelta(0)), begins)


def one_instant(value: Value) -> tuple[Instant, timedelta] | None:
    """How to read the one instant that a value is while nothing new happens, and how much is added to it."""
    match value:
        case Literal(datetime() as constant):
            return (lambda known: constant), timedelta(0)
        case Attribute(name):
            return (_own(name) if name in STANDARD.attributes else lambda known: known.value(name)), timedelta(0)
        case Aggregate("first" | "last" as end, events, str(column)) if are_whole(events):
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
