"""Conditions that stand together in several conjunctions, put together: "a and b" of "a, b and c" and of "a, b and d".

Engines calculate what stands in "and" as often as it is said, and a condition of its own once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from retention.rules.backends.sets.build import rebuilt
from retention.rules.backends.sets.repeated import Knows, unknown
from retention.rules.backends.sets.terms import Both, Test

Ranks: TypeAlias = tuple[int, ...]


def said_together(tests: Sequence[Test], knows: Knows) -> tuple[Test, ...]:
    """The same tests. The conditions of each conjunction come in one order, those first that most have; of what it
    begins with, as much as another begins with too is one condition.

    Such a conjunction lies in another: what lays them flat, as ``both`` does, undoes it. Takes time in proportion to
    all conditions together.
    """
    found = dict.fromkeys(part for part in unknown(tests, knows) if isinstance(part, Both))
    times = Counter(condition for conjunction in found for condition in conjunction.tests)
    conditions = sorted(times, key=lambda each: -times[each])
    rank = {condition: place for place, condition in enumerate(conditions)}
    orders = {conjunction: tuple(sorted(map(rank.__getitem__, conjunction.tests))) for conjunction in found}
    shared = _shared([*orders.values()])

    def said(test: Test) -> Test:
        if knows(test):
            return test
        if not isinstance(test, Both):
            return rebuilt(test, said)
        order = orders[test]
        inner, together = tuple(said(conditions[place]) for place in order), shared[order]
        return Both((Both(inner[:together]), *inner[together:])) if 1 < together < len(inner) else Both(inner)

    return tuple(map(said, tests))


def _shared(orders: list[Ranks]) -> dict[Ranks, int]:
    """How many of the first ranks another has, too: once sorted, one of the neighbours has most."""
    most = dict.fromkeys(orders, 0)
    for one, other in pairwise(sorted(orders)):
        alike = sum(1 for _ in _alike(one, other))
        most[one], most[other] = max(most[one], alike), max(most[other], alike)
    return most


def _alike(one: Ranks, other: Ranks) -> Iterator[int]:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return
        yield mine
