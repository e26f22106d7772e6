"""What can be answered before everything is joined: tests that have their values to themselves.

Of a million last orders that only ``older_than`` asks about, a million answers are as good; of sums that only
``>= 30_000`` asks about, so are the few customers who reach it. Both are less to carry through the joins.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias, assert_never, final

from attrs import evolve

from retention.rules.backends.reference import compared
from retention.rules.backends.sets.build import both, either, negation
from retention.rules.backends.sets.conjunctions import said_together
from retention.rules.backends.sets.plan import FollowPass, Pass, Plan, Step
from retention.rules.backends.sets.reading import OfCustomer, Part, conjuncts, of_customer, parts
from retention.rules.backends.sets.terms import (
    ALWAYS,
    Absent,
    Among,
    Both,
    Constant,
    Either,
    Followed,
    Is,
    Negation,
    Picked,
    Several,
    Tally,
    Test,
    Trait,
)

Place: TypeAlias = int
"""The number of a step."""

CUSTOMERS: Final = -1
"""The place of the customers' own attributes."""

Settled: TypeAlias = Mapping[Place, tuple[Test, ...]]
Matters: TypeAlias = Mapping[Place, Test]


def settle(plan: Plan) -> Plan:
    """The same plan, saying what can be answered early and which customers' rows matter; its tests say what they share
    as one condition.

    Only for plans whose tests are all that is asked: a value wanted beside them would be lost.
    """
    settling = _Settling(plan)
    settled, mattering = settling.settled(), settling.mattering()
    steps = tuple(settling.step(place, step, settled, mattering) for place, step in enumerate(plan.steps))
    answered = frozenset(test for tests in settled.values() for test in tests)
    tests = said_together(plan.tests, answered.__contains__)
    return evolve(plan, steps=steps, tests=tests, settled=settled.get(CUSTOMERS, ()))


def of_nothing(test: Test) -> bool | None:
    """The answer for a customer of whom the tallies in a test found no row; None if it is not plain to see."""
    match test:
        case Both(tests):
            return _all(map(of_nothing, tests))
        case Either(tests):
            return _not(_all(map(_not, map(of_nothing, tests))))
        case Negation(inner):
            return _not(of_nothing(inner))
        case Is(operator, Tally(function), Constant(fixed)):
            return compared(operator, 0 if function in ("count", "sum", "distinct") else None, fixed)
        case Is() | Among() | Absent() | Several() | Picked() | Followed():
            return None
        case _:
            assert_never(test)


def _all(answers: Iterable[bool | None]) -> bool | None:
    each = tuple(answers)
    return None if None in each else all(each)


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


@final
class _Settling:
    """The values that the tests of a plan use: which step finds each, and how often each is spoken of."""

    def __init__(self, plan: Plan) -> None:
        self._tests = plan.tests
        self._needed = frozenset(need for step in plan.steps for need in step.needs)
        self._spoken = Counter(part for test in plan.tests for part in _spoken(test))
        self._found_in = {each: place for place, step in enumerate(plan.steps) for each in _found_by(step)}

    def step(self, place: int, step: Step, settled: Settled, mattering: Matters) -> Step:
        match step:
            case Pass():
                needed = any(tally in self._needed for tally, _ in step.tallies)
                return evolve(step, settled=settled.get(place, ()), matters=ALWAYS if needed else mattering[place])
            case FollowPass():
                return step
            case _:
                assert_never(step)

    def settled(self) -> Settled:
        """The tests that have their values to themselves, by the place where those are found."""
        found: dict[Place, dict[Test, None]] = {}
        for test in self._tests:
            for place, each in self._alone(test):
                found.setdefault(place, {})[each] = None
        return {place: tuple(tests) for place, tests in found.items()}

    def _alone(self, test: Test) -> Iterator[tuple[Place, Test]]:
        places = self._places(test)
        if len(places) == 1 and self._has_to_itself(test):
            (place,) = places
            if place == CUSTOMERS or of_nothing(test) is not None:
                yield place, test
                return
        for inner in _tests_in(test):
            yield from self._alone(inner)

    def _has_to_itself(self, test: Test) -> bool:
        times = self._spoken[test]
        used = Counter(of_customer(test))
        return all(self._spoken[each] == times * count and each not in self._needed for each, count in used.items())

    def _places(self, test: Test) -> set[Place]:
        """Where the values are found that a test uses."""
        return {self._found_in.get(each, CUSTOMERS) for each in of_customer(test)}

    def mattering(self) -> Matters:
        """For each pass, what is true of every customer whose answers would be others without their rows."""
        return _any_of(map(self._mattering, self._tests))

    def _mattering(self, test: Test) -> Matters:
        places = self._places(test)
        answer = of_nothing(test) if len(places) == 1 else None
        if answer is not None:
            return dict.fromkeys(places, negation(test) if answer else test)
        if not isinstance(test, Both | Either | Negation | Several):
            return dict.fromkeys(places, ALWAYS)
        found = _any_of(map(self._mattering, _tests_in(test)))
        return {**found, **self._demanded(test)}

    def _demanded(self, test: Test) -> Matters:
        """What a conjunction demands of each place alone: whoever fails that may as well have no rows there."""
        found: dict[Place, Test] = {}
        for each in conjuncts(test):
            places = self._places(each)
            if len(places) == 1 and of_nothing(each) is False:
                (place,) = places
                found[place] = both(found.get(place, ALWAYS), each)
        return found


def _found_by(step: Step) -> tuple[OfCustomer, ...]:
    match step:
        case Pass():
            return tuple(tally for tally, _ in step.tallies)
        case FollowPass(followed):
            return (followed,)
        case _:
            assert_never(step)


def _any_of(found: Iterable[Matters]) -> dict[Place, Test]:
    together: dict[Place, list[Test]] = {}
    for each in found:
        for place, test in each.items():
            together.setdefault(place, []).append(test)
    return {place: either(*tests) for place, tests in together.items()}


def _spoken(part: Part) -> Iterator[Part]:
    """A term and what lies in it, as far as it speaks of the customer."""
    yield part
    if not isinstance(part, Trait | Tally | Followed):
        for inner in parts(part):
            yield from _spoken(inner)


def _tests_in(test: Test) -> tuple[Test, ...]:
    """The tests of which one is put together."""
    match test:
        case Both(tests) | Either(tests) | Several(_, tests):
            return tests
        case Negation(inner):
            return (inner,)
        case Is() | Among() | Absent() | Picked() | Followed():
            return ()
        case _:
            assert_never(test)
