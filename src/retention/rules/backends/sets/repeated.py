"""What tests of customers use, as far as it is not known yet, and which of them are said more than once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import Followed, Tally, Test, Trait

Knows: TypeAlias = Callable[[Test], bool]


def repeated(tests: Iterable[Test], knows: Knows) -> dict[Test, int]:
    """The tests that are said more than once and not known yet, and how often.

    What lies in a test that is said again is said once: it is calculated where the test first is.
    """
    times: Counter[Test] = Counter()
    waiting: list[Part] = list(tests)
    waiting.reverse()
    while waiting:
        part = waiting.pop()
        if isinstance(part, Test):
            if knows(part):
                continue
            times[part] += 1
            if times[part] > 1:
                continue
        if not isinstance(part, Trait | Tally | Followed):
            waiting.extend(reversed(parts(part)))
    return {test: count for test, count in times.items() if count > 1}


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
