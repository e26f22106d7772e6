"""What tests of customers use, as far as it is not known yet, and which of them are said more than once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from retention.rules.backends.sets.build import rebuilt
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import Both, Followed, Tally, Test, Trait

Knows: TypeAlias = Callable[[Test], bool]


def repeated(tests: Iterable[Test], knows: Knows) -> dict[Test, int]:
    """The tests that are said more than once and not known yet, and how often."""
    times = Counter(part for part in unknown(tests, knows) if isinstance(part, Test))
    return {test: count for test, count in times.items() if count > 1}


def said_together(tests: Sequence[Test], knows: Knows) -> tuple[Test, ...]:
    """The same tests; conditions that stand together in several conjunctions are one condition of each.

    The conditions of each come in one order, those first that most have: what the beginnings of two share is one.
    """
    found = dict.fromkeys(part for part in unknown(tests, knows) if isinstance(part, Both))
    times = Counter(each for one in found for each in one.tests)
    rank = {each: (-count, place) for place, (each, count) in enumerate(times.items())}
    ordered = {one: tuple(sorted(one.tests, key=rank.__getitem__)) for one in found}
    beginnings = Counter(order[:size] for order in ordered.values() for size in range(2, len(order) + 1))

    def said(test: Test) -> Test:
        if knows(test):
            return test
        if not isinstance(test, Both):
            return rebuilt(test, said)
        order = ordered[test]
        shared = next((size for size in range(len(order), 1, -1) if beginnings[order[:size]] > 1), 0)
        inner = tuple(map(said, order))
        return Both((Both(inner[:shared]), *inner[shared:])) if 0 < shared < len(order) else Both(inner)

    return tuple(map(said, tests))


def unknown(asked: Iterable[Part], knows: Knows) -> Iterator[Part]:
    """The values of customers that are used, and the tests of them that are not known yet; each as often as it is said.

    A sequence is a test and, unless it is known as one, a value: nothing that lies in it is asked of the customer.
    """
    for part in asked:
        if isinstance(part, Trait | Tally):
            yield part
        elif not (isinstance(part, Test) and knows(part)):
            yield part
            if not isinstance(part, Followed):
                yield from unknown(parts(part), knows)
