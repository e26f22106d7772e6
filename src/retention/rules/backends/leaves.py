"""A rule taken apart for its timeline: parts that stand still, thresholds that are passed once, and all others.

How the parts' answers make up the rule's is kept as a function of their answers, so that the rule itself need not be
asked at every instant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TypeAlias, assert_never, final

from attrs import define, field, frozen

from retention.profile import Profile
from retention.rules.backends.clocks import Passing, clocks, reads_wall_clock
from retention.rules.backends.course import Course, course_of
from retention.rules.backends.evaluate import CompiledRule, compile_rule
from retention.rules.backends.thresholds import AnyThreshold, threshold
from retention.rules.nodes import (
    All,
    Anniversary,
    AnyOf,
    AtLeast,
    Compare,
    Follows,
    IsIn,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
)
from retention.schema import Schema
from retention.spans import local

Answers: TypeAlias = Sequence[bool | None]  # None: not yet known
Whole: TypeAlias = Callable[[Answers], bool | None]


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
    return sorted([each for clock in passings for each in clock.instants(known, now, zone) if each > now])


@final
@frozen
class Leaves:
    """A rule as its parts: ``stills`` change by new facts alone, ``movers`` by time.

    ``whole`` makes the rule's answer of theirs, which are in one sequence, those of the stills first.
    """

    stills: tuple[Rule, ...]
    movers: tuple[AnyThreshold | Part, ...]
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
    movers: list[AnyThreshold | Part] = field(factory=list)

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
                passing = threshold(operator, left, right)
                if passing is None:
                    return self.mover(Part.of(rule, self.schema))
                read = self.mover(passing.threshold)
                return _negated(read) if passing.negated else read
            case IsIn() | Missing() | Anniversary() | Follows() | Reference():
                return self.mover(Part.of(rule, self.schema))
            case _:
                assert_never(rule)

    def still(self, rule: Rule) -> _Read:
        place = len(self.stills)
        self.stills.append(rule)
        return lambda answers, _: answers[place]

    def mover(self, leaf: AnyThreshold | Part) -> _Read:
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
