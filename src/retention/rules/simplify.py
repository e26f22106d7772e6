"""A shorter rule with the same answers: for every profile, at every instant.

Each pass works from the leaves up; passes repeat until one changes nothing, so the result is a fixed point. No step
makes a rule larger. What a part was called is kept for as long as the part is.
"""

from datetime import UTC, datetime
from typing import assert_never

from attrs import evolve

from retention.rules.comparisons import comparison, missing, one_of
from retention.rules.constants import always_missing, calculated, is_empty
from retention.rules.junctions import negated, shorter_all, shorter_any, shorter_at_least
from retention.rules.nodes import (
    FALSE,
    TRUE,
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
    Rule,
    Shift,
    Value,
)
from retention.rules.walk import replace_children
from retention.spans import Duration, Months, days, shift

_LONGEST = days(366_000).microseconds  # no span is longer


def simplify(rule: Rule) -> Rule:
    """The rule in its shortest known form; the very same object when there is nothing to do.

    Parts that cannot matter vanish together with the errors that they would have raised (an amount in a foreign
    currency under ``& FALSE``), so validate first.
    """
    while (shorter := _rule(rule)) != rule:
        rule = shorter
    return rule


def _pass(node: Node) -> Node:
    match node:
        case Events():
            return _events(replace_children(node, _pass))
        case Literal() | Attribute() | Column() | Aggregate() | Arithmetic() | Apply() | Ago() | Shift():
            return _value(node)
    return _rule(node)


def _rule(rule: Rule) -> Rule:
    rule = replace_children(rule, _pass)
    match rule:
        case All(rules):
            return shorter_all(rules)
        case AnyOf(rules):
            return shorter_any(rules)
        case AtLeast(count, rules):
            return shorter_at_least(count, rules)
        case Not(inner):
            return negated(inner)
        case Compare(operator, left, right):
            return comparison(operator, left, right)
        case IsIn(value, options):
            return one_of(value, options)
        case Missing(value):
            return missing(value)
        case Anniversary(value):
            return FALSE if always_missing(value) else rule
        case Follows(first, then, _, missed):
            return FALSE if is_empty(first) or (is_empty(then) and not missed) else rule
        case Named(name, inner):
            vanished = inner in (TRUE, FALSE) or (isinstance(inner, Named) and inner.name == name)
            return inner if vanished else rule
        case Reference():
            return rule
        case _:
            assert_never(rule)


# Values and selections. -----------------------------------------------------------------------------------------------


def _value(value: Value) -> Value:
    value = replace_children(value, _pass)
    match value:
        case Arithmetic(operation, Literal(first), Literal(second)):
            result = calculated(operation, first, second)
            return value if result is None else Literal(result)
        case Arithmetic("+" | "-", inner, Literal(0)) | Arithmetic("*" | "/", inner, Literal(1)):
            return inner
        case Arithmetic("+", Literal(0), inner) | Arithmetic("*", Literal(1), inner):
            return inner
        case Apply("casefold", Literal(str(text))):
            return Literal(text.casefold())
        case Apply("casefold", Apply("casefold") as inner):
            return inner
        case Shift():
            return _moved(value)
        case Aggregate():
            return _aggregate(value)
    return value


def _moved(value: Shift) -> Value:
    match value:
        case Shift(inner, Duration(0) | Months(0)):
            return inner
        case Shift(Literal(datetime() as instant), Duration() as span, sign):
            return Literal(shift(instant, span, sign, UTC))
        case Shift(Shift(inner, Duration(first), sign), Duration(second), again) if sign == again:
            return Shift(inner, Duration(first + second), sign) if first + second <= _LONGEST else value
    return value


def _aggregate(value: Aggregate) -> Value:
    """Rows are in order of ``at``: the least is the first, the greatest the last."""
    function, events, column = value.function, value.events, value.column
    if is_empty(events) and function in ("count", "distinct"):
        return Literal(0)
    if function in ("first", "last", "min", "max") and events.pick in (1, -1):
        return Aggregate("first" if events.pick == 1 else "last", evolve(events, pick=None), column)
    if column == "at" and function in ("min", "max"):
        return Aggregate("first" if function == "min" else "last", events, column)
    return value


def _events(events: Events) -> Events:
    """One selection for nested ones, as long as no row was picked before rows are left out."""
    source, where, pick = events.source, events.where, events.pick
    if where == FALSE or (isinstance(source, Events) and is_empty(source)):
        return Events(events.collection, FALSE)
    if where == TRUE:
        where = None
    if not isinstance(source, Events):
        return Events(source, where, pick)
    if source.pick is None:
        return Events(source.source, _both(source.where, where), pick)
    if where is None:
        if pick in (None, 1, -1):
            return source
        return Events(events.collection, FALSE)  # the second of one row
    return Events(source, where, pick)


def _both(first: Rule | None, second: Rule | None) -> Rule | None:
    if first is None or second is None:
        return first if second is None else second
    return shorter_all((first, second))
