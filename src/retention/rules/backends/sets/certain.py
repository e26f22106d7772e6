"""What is certain of a last row, since no later one is read: ``last.within(days(30))`` is not tomorrow."""

from collections.abc import Set

from retention.rules.backends.sets.build import both, rebuilt
from retention.rules.backends.sets.narrowing import UPPER, is_bound, is_bound_of, is_last, reach, rows_needed
from retention.rules.backends.sets.reading import conjuncts
from retention.rules.backends.sets.terms import Is, Tally, Term, Test


def without_certain(test: Test) -> Test:
    """The same test without the upper bounds of last rows that their rows keep anyway.

    A customer without rows passes no bound. So an upper bound is only left out beside a lower bound of the same last
    row, which such a customer fails, too.
    """
    bounded = {each.left for each in conjuncts(test) if isinstance(each, Is) and is_bound_of(each.left, each)}
    left = both(*(each for each in conjuncts(test) if not _is_certain(each, bounded)))
    return rebuilt(left, without_certain)


def _is_certain(test: Test, bounded: Set[Term]) -> bool:
    if not isinstance(test, Is) or not isinstance(test.left, Tally) or test.left not in bounded:
        return False
    if not is_last(test.left) or not is_bound_of(test.left, test, UPPER):
        return False
    ends = (each for each in rows_needed(test.left.where) if is_bound(each, UPPER))
    return any(reach(each) <= reach(test) for each in ends)
