"""What lies in a term: the one place that knows which terms lie under which."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias, assert_never

from retention.rules.backends.sets.terms import (
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Selection,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Test,
    Trait,
)

Part: TypeAlias = Term | Test | Selection
OfCustomer: TypeAlias = Trait | Tally | Followed


def parts(term: Part) -> tuple[Part, ...]:
    """What lies directly under a term, in reading order."""
    match term:
        case Constant() | Cell() | Trait() | Refunded():  # most of all terms; the arms are tried in turn
            return ()
        case Both(tests) | Either(tests) | Several(_, tests):
            return tests
        case Negation(test):
            return (test,)
        case Is(_, left, right) | Sum(left, right) | Product(left, right):
            return left, right
        case Among(value) | Absent(value):
            return (value,)
        case Sign(value) | Later(value) | Day(value) | MonthDay(value) | Size(value) | Bucket(value) | Folded(value):
            return (value,)
        case Picked(where) | Selection(_, where):
            return (where,)
        case Followed(first, then):
            return first, then
        case Tally(_, _, where, value):
            return (where,) if value is None else (where, value)
        case _:
            assert_never(term)


def everything(*terms: Part) -> Iterator[Part]:
    """Terms and all that lies in them, each once, in reading order."""
    seen: set[Part] = set()
    waiting = [*reversed(terms)]
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            yield part
            waiting.extend(reversed(parts(part)))


@lru_cache(maxsize=4096)
def is_of_row(term: Part) -> bool:
    """Whether a term speaks of the row at hand; a tally or sequence speaks of the customer, whatever is in it."""
    match term:
        case Cell() | Refunded() | Picked():
            return True
        case Tally() | Followed():
            return False
        case _:
            return any(map(is_of_row, parts(term)))


@lru_cache(maxsize=4096)
def of_customer(term: Part) -> tuple[OfCustomer, ...]:
    """The attributes, tallies and sequences that a term uses directly, as often as it does: not those inside of a
    tally."""
    match term:
        case Trait() | Tally() | Followed():
            return (term,)
        case _:
            return tuple(each for part in parts(term) for each in of_customer(part))


def conjuncts(test: Test) -> tuple[Test, ...]:
    """The tests that must all be true."""
    return test.tests if isinstance(test, Both) else (test,)
