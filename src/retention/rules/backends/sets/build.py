"""Tests put together: what is constant is folded, what is nested is laid flat."""

from collections.abc import Callable, Iterable
from typing import assert_never, cast

from retention.rules.backends.reference import compared
from retention.rules.backends.sets.reading import conjuncts, is_of_row, of_customer
from retention.rules.backends.sets.terms import (
    ALWAYS,
    NEVER,
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Fixed,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    TallyFunction,
    Term,
    Test,
    Trait,
)
from retention.rules.kinds import MIRRORED
from retention.rules.nodes import Comparison


def both(*tests: Test) -> Test:
    """All of them, each once."""
    flat = tuple(dict.fromkeys(each for test in tests for each in conjuncts(test)))
    if NEVER in flat:
        return NEVER
    return flat[0] if len(flat) == 1 else Both(flat)


def either(*tests: Test) -> Test:
    """One of them, each once."""
    flat = tuple(dict.fromkeys(each for test in tests for each in _disjuncts(test)))
    if ALWAYS in flat:
        return ALWAYS
    return flat[0] if len(flat) == 1 else Either(flat)


def _disjuncts(test: Test) -> tuple[Test, ...]:
    return test.tests if isinstance(test, Either) else (test,)


def negation(test: Test) -> Test:
    """The complement."""
    if test == ALWAYS:
        return NEVER
    if test == NEVER:
        return ALWAYS
    return test.test if isinstance(test, Negation) else Negation(test)


def several(count: int, tests: Iterable[Test]) -> Test:
    """At least so many of them; those that are certain are counted here."""
    given = tuple(tests)
    open_tests = tuple(each for each in given if each not in (ALWAYS, NEVER))
    wanted = count - given.count(ALWAYS)
    if wanted <= 0:
        return ALWAYS
    if wanted > len(open_tests):
        return NEVER
    if wanted == 1:
        return either(*open_tests)
    return both(*open_tests) if wanted == len(set(open_tests)) == len(open_tests) else Several(wanted, open_tests)


def rebuilt(test: Test, change: Callable[[Test], Test]) -> Test:
    """The test put together again of what its parts become: constants are folded, what is nested is laid flat. A test
    without parts is itself."""
    match test:
        case Both(tests):
            return both(*map(change, tests))
        case Either(tests):
            return either(*map(change, tests))
        case Several(count, tests):
            return several(count, map(change, tests))
        case Negation(inner):
            return negation(change(inner))
        case Is() | Among() | Absent() | Picked() | Followed():
            return test
        case _:
            assert_never(test)


def compare(operator: Comparison, left: Term, right: Term) -> Test:
    """A comparison; a constant goes to the right if the operator can be turned round."""
    if isinstance(left, Constant):
        if isinstance(right, Constant):
            return ALWAYS if compared(operator, left.value, right.value) else NEVER
        if operator in MIRRORED:
            return Is(MIRRORED[operator], right, left)
    return Is(operator, left, right)


def among(value: Term, options: Iterable[Fixed]) -> Test:
    """Equal to one of the options."""
    unlike = tuple(dict.fromkeys(options))
    if isinstance(value, Constant):
        return ALWAYS if value.value in unlike else NEVER
    if len(unlike) < 2:
        return Is("==", value, Constant(unlike[0])) if unlike else NEVER
    return Among(value, unlike)


def absent(value: Term) -> Test:
    """Whether a value is missing."""
    match value:
        case Constant() | Tally("count" | "sum" | "distinct") | Cell("at" | "id"):
            return NEVER
        case Cell() | Trait() | Refunded() | Tally() | Sum() | Product() | Sign() | Later() | Day() | MonthDay():
            return Absent(value)
        case Size() | Bucket() | Folded():
            return Absent(value)
        case _:
            assert_never(value)


def exists(collection: str, where: Test) -> Test:
    """Whether a collection has a row for which a test of the row holds.

    The one comparison with a value of the customer's becomes one with the largest or the smallest cell, so that the
    rows need not know it: an order after the last cart event is a last order after it.
    """
    if where == NEVER:
        return NEVER
    if isinstance(where, Picked):
        return compare(">=", Tally("count", collection, where.where), Constant(abs(where.position)))
    extreme = _by_extreme(collection, conjuncts(where))
    return extreme or compare(">=", Tally("count", collection, where), Constant(1))


_EXTREME: dict[Comparison, TallyFunction] = {">": "max", ">=": "max", "<": "min", "<=": "min"}


def _by_extreme(collection: str, tests: tuple[Test, ...]) -> Test | None:
    beyond = [each for each in tests if _uses_customer(each)]
    if len(beyond) != 1 or not isinstance(beyond[0], Is):
        return None
    one = _row_first(beyond[0])
    if one is None or one.operator not in _EXTREME:
        return None
    rest = both(*(each for each in tests if each is not beyond[0]))
    cell, moved = (one.left.value, one.left.microseconds) if isinstance(one.left, Later) else (one.left, 0)
    tally: Term = Tally(_EXTREME[one.operator], collection, rest, cast(Cell, cell))
    return Is(one.operator, Later(tally, moved) if moved else tally, one.right)


def _row_first(test: Is) -> Is | None:
    """The comparison with its cell on the left; None unless it is of one cell and the customer alone."""
    for operator, left, right in (
        (test.operator, test.left, test.right),
        (MIRRORED.get(test.operator), test.right, test.left),
    ):
        cell = left.value if isinstance(left, Later) else left
        if operator is not None and isinstance(cell, Cell) and not is_of_row(right):
            return Is(operator, left, right)
    return None


def _uses_customer(test: Test) -> bool:
    return bool(of_customer(test))


def tally(function: TallyFunction, collection: str, where: Test, value: Term | None = None) -> Term:
    """A tally; of no row at all it is known if it is 0."""
    if where == NEVER and function in ("count", "sum", "distinct"):
        return Constant(0)
    return Tally(function, collection, where, value)
