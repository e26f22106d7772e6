"""Which way a rule can go by time alone: only from false to true, only from true to false, either way, or not at all.

"Joined within 7 days" can only end, "last order over 90 days ago" can only begin. Knowing it, the next change is found
by halving, or known not to exist, without trying every instant.
"""

from enum import Enum
from typing import assert_never, final

from retention.rules.backends.clocks import moving
from retention.rules.backends.crossings import exact_offset
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    AtLeast,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Node,
    Not,
    Reference,
    Rule,
    Value,
)
from retention.rules.walk import iter_nodes


@final
class Course(Enum):
    """How an answer, or the set of rows of a selection, goes while nothing new happens."""

    STILL = "still"
    RISING = "rising"
    FALLING = "falling"
    EITHER = "either"


_AMOUNTS = {
    "orders": ("total", "subtotal", "discount", "shipping", "refunded", "item_count"),
    "purchases": ("amount", "quantity"),
    "refunds": ("amount",),
    "cart": ("amount", "quantity"),
    "visits": ("seconds",),
    "views": ("seconds",),
    "coupons": ("amount", "uses"),
    "credits": ("amount",),
}
NEVER_NEGATIVE = {(collection, column) for collection, columns in _AMOUNTS.items() for column in columns}
"""Columns of which no fact takes a negative number."""

_OPPOSITE = {
    Course.STILL: Course.STILL,
    Course.RISING: Course.FALLING,
    Course.FALLING: Course.RISING,
    Course.EITHER: Course.EITHER,
}


def course_of(rule: Rule) -> Course:
    """The course of a rule; EITHER where it is not certain."""
    match rule:
        case All(rules) | AnyOf(rules) | AtLeast(_, rules):
            return _together(*map(course_of, rules))
        case Not(inner):
            return _OPPOSITE[course_of(inner)]
        case Named(_, inner):
            return course_of(inner)
        case Compare(operator, left, right):
            return _of_comparison(operator, left, right)
        case Follows(first, then, _, missed):
            rows = _together(_of_rows(first), _of_rows(then))
            return rows if not missed else Course.RISING if rows is Course.STILL else Course.EITHER
        case IsIn(value) | Missing(value):
            return _of_value(value)
        case Anniversary():
            return Course.EITHER
        case Reference():
            return Course.STILL
        case _:
            assert_never(rule)


def _together(*several: Course) -> Course:
    """The course of what can only follow its parts."""
    found = set(several) - {Course.STILL}
    return found.pop() if len(found) == 1 else Course.EITHER if found else Course.STILL


def _of_comparison(operator: Comparison, left: Value, right: Value) -> Course:
    here, there = _of_value(left), _of_value(right)
    if here is Course.STILL and there is Course.STILL:
        return Course.STILL
    if operator == "==" and Literal(0) in (left, right):  # none of what is counted
        return _OPPOSITE[_of_count(left if right == Literal(0) else right)]
    if there is Course.STILL:
        return _of_growth(operator, _growth(left))
    if here is Course.STILL:
        return _OPPOSITE[_of_growth(operator, _growth(right))]
    return Course.EITHER


def _of_growth(operator: Comparison, growth: Course) -> Course:
    """The course of ``growing operator still``; that of ``still operator growing`` is the opposite."""
    if operator in (">", ">="):
        return growth
    if operator in ("<", "<="):
        return _OPPOSITE[growth]
    return Course.EITHER


def _growth(value: Value) -> Course:
    """RISING of a value that can only become larger, and is never missing."""
    moment = moving(value)
    if moment is not None:
        exact = exact_offset(moment.steps) is not None and not moment.dated
        return Course.RISING if exact else Course.EITHER
    return _of_count(value)


def _of_count(value: Value) -> Course:
    """The course of a number that more rows can only enlarge."""
    if isinstance(value, Aggregate):
        place = (value.events.collection, value.column)
        if value.function in ("count", "distinct") or (value.function == "sum" and place in NEVER_NEGATIVE):
            return _of_rows(value.events)
    return Course.EITHER


def _of_value(value: Value) -> Course:
    return Course.STILL if is_still(value) else Course.EITHER


def _of_rows(events: Events) -> Course:
    if is_still(events):
        return Course.STILL
    if events.pick is not None:
        return Course.EITHER
    source = Course.STILL if isinstance(events.source, str) else _of_rows(events.source)
    return _together(source, Course.STILL if events.where is None else course_of(events.where))


def is_still(node: Node) -> bool:
    """Nothing in it looks at the present: only new facts can change it."""
    return not any(
        isinstance(each, Ago | Anniversary) or (isinstance(each, Follows) and each.missed) for each in iter_nodes(node)
    )
