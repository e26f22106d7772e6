"""Which nodes are what a convenient form lowers to. Each shape is found by lowering it again and comparing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal as OneOf
from typing import final

from attrs import frozen

from retention.rules.backends.text import lowering
from retention.rules.nodes import Ago, All, Apply, Arithmetic, Column, Compare, Literal, Rule, Shift, Value
from retention.spans import Duration, LocalPeriod, Months, Span

_NONE = Duration(0)


@final
@frozen
class ValueWindow:
    """A value in a window: of one span, of two (``first`` the more recent), or from one value to another."""

    word: OneOf["within", "older than", "between spans", "between"]
    value: Value
    first: Span = _NONE
    last: Span = _NONE
    low: Value = lowering.NOW
    high: Value = lowering.NOW


@final
@frozen
class RowWindow:
    """A window of a row's ``at``: of one span, of two (``first`` the more recent), or beside an instant."""

    word: OneOf["within", "older_than", "between", "since", "after", "before"]
    first: Span = _NONE
    last: Span = _NONE
    instant: Value = lowering.NOW


def value_window(rules: Sequence[Rule]) -> ValueWindow | None:
    """The window that these one or two rules are what it lowers to, exactly."""
    match rules:
        case [Compare(_, value, Ago(span))] if span not in (_NONE, Months(0)):
            if lowering.older_than(value, span) == rules[0]:
                return ValueWindow("older than", value, span)
            if lowering.within(value, span) == tuple(rules):
                return ValueWindow("within", value, span)
        case [Compare(_, value, Ago(old)), Compare(_, _, Ago(recent))]:
            return _window_of_spans(value, old, recent, tuple(rules))
        case [Compare(">=", value, low), Compare(("<=" | "<") as last, other, high)] if value == other:
            if _is_closed(low, high) if last == "<=" else _is_instant(low) or _is_instant(high):
                return ValueWindow("between", value, low=low, high=high)
    return None


def _window_of_spans(value: Value, old: Span, recent: Span, rules: tuple[Rule, ...]) -> ValueWindow | None:
    if lowering.within(value, old) == rules:
        return ValueWindow("within", value, old)
    countable = not isinstance(old, LocalPeriod) and not isinstance(recent, LocalPeriod)
    if countable and lowering.in_order(recent, old) and lowering.between_spans(value, recent, old) == rules:
        return ValueWindow("between spans", value, recent, old)
    return None


def _is_closed(low: Value, high: Value) -> bool:
    """Whether a constant shows that this is no window of instants, which would end before its end."""
    constants = [each.value for each in (low, high) if isinstance(each, Literal)]
    return bool(constants) and not any(isinstance(each, datetime) for each in constants)


def _is_instant(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, datetime)


def row_windows(where: Rule) -> tuple[Rule | None, list[RowWindow]]:
    """A ``where`` as what is left of it and the windows at its end that can be written behind it."""
    rules = where.rules if isinstance(where, All) else (where,)
    found: list[RowWindow] = []
    left = len(rules)
    while left:
        two = _two_spans(rules[left - 2 : left])
        one = two or _row_window(rules[left - 1])
        if one is None:
            break
        found.insert(0, one)
        left -= 2 if two else 1
    rest = rules[:left]
    if not found or (isinstance(where, All) and len(rules) < 2) or (len(rest) == 1 and isinstance(rest[0], All)):
        return where, []  # written behind, they would be joined to it otherwise than they are
    if not rest:
        return None, found
    return (rest[0] if len(rest) == 1 else All(rest)), found


def _two_spans(rules: Sequence[Rule]) -> RowWindow | None:
    match rules:
        case [Compare(_, Column("at"), Ago(old)), Compare(_, Column("at"), Ago(recent))]:
            window = lowering.between_spans(lowering.AT, recent, old)
            if lowering.in_order(recent, old) and window == tuple(rules):
                return RowWindow("between", recent, old)
    return None


def _row_window(rule: Rule) -> RowWindow | None:
    match rule:
        case Compare(_, Column("at"), Ago(span)) if lowering.older_than(lowering.AT, span) == rule:
            return RowWindow("older_than", span)
        case Compare(_, Column("at"), Ago(span)) if lowering.within(lowering.AT, span) == (rule,):
            return RowWindow("within", span)
        case Compare(">=" | ">" | "<" as sign, Column("at"), instant) if not _mentions_a_column(instant):
            return RowWindow({">=": "since", ">": "after", "<": "before"}[sign], instant=instant)  # type: ignore[arg-type]
    return None


def _mentions_a_column(value: Value) -> bool:
    """Whether it is about the row; columns inside an aggregate's rows are about those."""
    match value:
        case Column():
            return True
        case Arithmetic(_, left, right):
            return _mentions_a_column(left) or _mentions_a_column(right)
        case Apply(_, inner) | Shift(inner):
            return _mentions_a_column(inner)
    return False
