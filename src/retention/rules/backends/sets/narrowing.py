"""Which rows matter to none of several tests, so that they can be left out before anything is counted."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from retention.rules.backends.sets.build import both, rebuilt
from retention.rules.backends.sets.reading import Part, conjuncts, of_customer, parts
from retention.rules.backends.sets.terms import ALWAYS, Cell, Constant, Followed, Is, Picked, Tally, Term, Test
from retention.schema import Kind

AT = Cell("at", Kind.INSTANT)
LOWER: Final = ">", ">="
UPPER: Final = "<", "<="


def common_rows(tests: Iterable[Test]) -> Test:
    """A test of the row alone that is true of every row that any of the tests needs: what they share, and their widest
    window."""
    needed = [rows_needed(test) for test in tests]
    shared = [each for each in needed[0] if all(each in other for other in needed)]
    return both(*shared, *_widest(needed, LOWER), *_widest(needed, UPPER))


@lru_cache(maxsize=1024)  # a pick within a pick would be gone through again and again
def rows_needed(test: Test) -> Mapping[Test, None]:
    """Conditions that every row fulfils for which the test is true, or that decides which row is picked."""
    own: dict[Test, None] = {}
    picks = list(_picks(test))
    for each in conjuncts(test):
        if isinstance(each, Picked):
            own.update(rows_needed(each.where))
        elif next(_picks(each), None) is None and not of_customer(each):
            own[each] = None
    for pick in picks:
        ranked = rows_needed(pick.where)
        own = {each: None for each in own if each in ranked}
    return own


def _picks(part: Part) -> Iterator[Picked]:
    if isinstance(part, Tally | Followed):
        return
    if isinstance(part, Picked):
        yield part
    for inner in parts(part):
        yield from _picks(inner)


def _widest(needed: list[Mapping[Test, None]], operators: tuple[str, str]) -> Iterator[Test]:
    """The weakest of the bounds on ``at``, if every test has one."""
    bounds = [[each for each in tests if is_bound(each, operators)] for tests in needed]
    if all(bounds):
        lower = operators is LOWER
        strongest = [max(each, key=reach) if lower else min(each, key=reach) for each in bounds]
        yield min(strongest, key=reach) if lower else max(strongest, key=reach)


def is_bound(test: Test, operators: tuple[str, str] = LOWER) -> bool:
    """Whether a test is a constant bound on when the row happened; a lower one by default."""
    return is_bound_of(AT, test, operators)


def is_bound_of(value: Term, test: Test, operators: tuple[str, str] = LOWER) -> bool:
    """Whether a test is a constant bound on a value; a lower one by default."""
    return (
        isinstance(test, Is) and test.left == value and test.operator in operators and isinstance(test.right, Constant)
    )


def is_last(tally: Tally) -> bool:
    """Whether a tally is of when the last row happened."""
    return tally.function == "max" and tally.value == AT


def reach(test: Test) -> tuple[datetime, bool]:
    """Sorts bounds by where they lie."""
    assert isinstance(test, Is)
    assert isinstance(test.right, Constant)
    return cast(datetime, test.right.value), test.operator in (">", "<=")


def without(known: Test, test: Test) -> Test:
    """The test for rows of which something is known already."""
    certain = frozenset(conjuncts(known))

    def rest(inner: Test) -> Test:
        if inner in certain:
            return ALWAYS
        return Picked(rest(inner.where), inner.position) if isinstance(inner, Picked) else rebuilt(inner, rest)

    return rest(test)
