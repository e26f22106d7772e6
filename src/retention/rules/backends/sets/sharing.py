"""Windows that differ in their length alone: one last row answers all of them.

``orders.within(days(7)).any()`` and ``orders.within(days(30)).any()`` ask of one instant, the last order's.
"""

from collections.abc import Sequence
from typing import TypeAlias

from retention.rules.backends.sets.build import both, rebuilt
from retention.rules.backends.sets.narrowing import AT, is_bound, is_last, reach
from retention.rules.backends.sets.reading import conjuncts, everything
from retention.rules.backends.sets.terms import Constant, Is, Tally, Test

Kinship: TypeAlias = tuple[str, Test]
Windows: TypeAlias = dict[Kinship, dict[Is, None]]

_SOME = Constant(1)


def share_windows(tests: Sequence[Test]) -> tuple[Test, ...]:
    """The same tests, those that ask for any row in a window asking for the last row where another needs it too."""
    windows: Windows = {}
    lasts: set[Kinship] = set()
    for part in everything(*tests):
        if isinstance(part, Tally) and is_last(part):
            lasts.add((part.collection, part.where))
        elif isinstance(part, Is) and (found := _any_in_window(part)):
            windows.setdefault(found[0], {})[found[1]] = None
    return tuple(_shared(test, windows, lasts) for test in tests)


def _any_in_window(test: Is) -> tuple[Kinship, Is] | None:
    """What else the rows must be, and the bound, of a test for any row later than a constant."""
    if (
        test.operator != ">="
        or test.right != _SOME
        or not isinstance(test.left, Tally)
        or test.left.function != "count"
    ):
        return None
    bounds = [each for each in conjuncts(test.left.where) if isinstance(each, Is) and is_bound(each)]
    if len(bounds) != 1:
        return None
    rest = both(*(each for each in conjuncts(test.left.where) if each != bounds[0]))
    return (test.left.collection, rest), bounds[0]


def _shared(test: Test, windows: Windows, lasts: set[Kinship]) -> Test:
    if isinstance(test, Is):
        return _by_last_row(test, windows, lasts)
    return rebuilt(test, lambda inner: _shared(inner, windows, lasts))


def _by_last_row(test: Is, windows: Windows, lasts: set[Kinship]) -> Test:
    found = _any_in_window(test)
    if found is None:
        return test
    kin, bound = found
    collection, rest = kin
    if kin in lasts:
        return Is(bound.operator, Tally("max", collection, rest, AT), bound.right)
    if len(windows[kin]) < 2:
        return test
    widest = min(windows[kin], key=reach)
    return Is(bound.operator, Tally("max", collection, both(rest, widest), AT), bound.right)
