"""A guess at what a rule costs, to put the cheap parts of a conjunction first; only the order of numbers matters."""

from typing import assert_never

from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Node,
    Not,
    Reference,
    Shift,
)

_ROWS = {"count": 0, "first": 1, "last": 1, "sum": 6, "mean": 12, "min": 6, "max": 6, "distinct": 8}


def cost(node: Node) -> int:
    """Roughly in units of one comparison."""
    match node:
        case Literal() | Ago() | Column() | Reference():
            return 0
        case Attribute():
            return 1
        case Aggregate(function, events):
            return _ROWS[function] + cost(events)
        case Arithmetic(_, left, right) | Compare(_, left, right):
            return 1 + cost(left) + cost(right)
        case Apply(function, value):
            return cost(value) + (15 if function == "bucket" else 2)
        case Shift(value):
            return 4 + cost(value)
        case Events(source, where, _):
            inner = cost(source) if isinstance(source, Events) else 6 if source in ("purchases", "refunds") else 2
            return inner + (4 + 4 * cost(where) if where else 0)
        case All(rules) | AnyOf(rules) | AtLeast(_, rules):
            return sum(map(cost, rules))
        case Not(rule):
            return 2 + cost(rule)  # what is denied is mostly rare, so a denial seldom ends a conjunction early
        case Named(_, rule):
            return cost(rule)
        case IsIn(value) | Missing(value) | Anniversary(value):
            return 2 + cost(value)
        case Follows(first, then):
            return 20 + cost(first) + cost(then)
        case _:
            assert_never(node)
