"""What one rule says about another by their form alone: that it implies it, or that it rules it out.

False means only that the form does not show it. Both functions look at two rules for themselves; conclusions that need
a third are drawn by ``analyse``.
"""

from collections.abc import Iterator
from itertools import product

from retention.rules.constants import compared
from retention.rules.nodes import (
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Compare,
    Comparison,
    Follows,
    IsIn,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Reference,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.rules.windows import no_later
from retention.spans import Duration, Months

_LOWER, _UPPER = (">", ">="), ("<", "<=")


def unnamed(rule: Rule) -> Rule:
    """The rule under the words that people gave it."""
    while isinstance(rule, Named):
        rule = rule.rule
    return rule


def implies(first: Rule, second: Rule) -> bool:
    """Wherever ``first`` is true, so is ``second``."""
    first, second = unnamed(first), unnamed(second)
    if first == second:
        return True
    match first, second:
        case Not(one), Not(other):
            return implies(other, one)
        case _, All(rules):
            return all(implies(first, each) for each in rules)
        case AnyOf(rules), _:
            return all(implies(each, second) for each in rules)
        case _, Not(rule):
            return excludes(first, rule)
        case _, AnyOf(rules):
            return any(implies(first, each) for each in rules)
        case All(rules), _:
            return any(implies(each, second) for each in rules)
        case Follows(), Follows():
            return _follow(first, second)
        case Anniversary(), Anniversary():
            return _returns_within(first, second)
    return _same_subject(first, second) and _narrower(first, second)


def excludes(first: Rule, second: Rule) -> bool:
    """No customer is in both at one instant."""
    first, second = unnamed(first), unnamed(second)
    match first, second:
        case (Not(rule), other) | (other, Not(rule)):
            return implies(other, rule)
        case (AnyOf(rules), other) | (other, AnyOf(rules)):
            return all(excludes(each, other) for each in rules)
        case (All(rules), other) | (other, All(rules)):
            return any(excludes(each, other) for each in rules)
        case (Missing(value), other) | (other, Missing(value)):
            return value in set(needed(other))
        case Anniversary(), Anniversary():
            return _returns_apart(first, second)
    return _same_subject(first, second) and _apart(first, second)


def needed(rule: Rule) -> Iterator[Value]:
    """Values that must be present for a single comparison to be true; nothing for any other kind of rule."""
    match rule:
        case Compare(_, left, right):
            yield from operands(left)
            yield from operands(right)
        case IsIn(value) | Anniversary(value):
            yield from operands(value)
        case All() | AnyOf() | Not() | AtLeast() | Missing() | Follows() | Reference() | Named():
            return


def operands(value: Value) -> Iterator[Value]:
    """The value and everything that must be present for it to be."""
    yield value
    match value:
        case Arithmetic(_, left, right):
            yield from operands(left)
            yield from operands(right)
        case Apply(_, inner) | Shift(inner):
            yield from operands(inner)


# Comparisons of one value. --------------------------------------------------------------------------------------------


def options(rule: Rule) -> tuple[Scalar, ...] | None:
    """The constants that the compared value must be among; None when the rule lists none."""
    match rule:
        case Compare("==", _, Literal(constant)):
            return (constant,)
        case IsIn(_, constants):
            return constants
    return None


def subject(rule: Rule) -> Value | None:
    """The value that a comparison is about."""
    match rule:
        case Compare(_, value) | IsIn(value):
            return value
    return None


def accepts(rule: Rule, constant: Scalar) -> bool | None:
    """Whether a comparison would be true if its subject were the constant; None if its form does not say."""
    match rule:
        case Compare(operator, _, Literal(other)):
            return compared(operator, constant, other)
        case IsIn(_, constants):
            answers = [compared("==", constant, each) for each in constants]
            return None if None in answers else any(answers)
    return None


def _same_subject(first: Rule, second: Rule) -> bool:
    found = subject(first)
    return found is not None and found == subject(second)


def _narrower(first: Rule, second: Rule) -> bool:
    listed, among = options(first), options(second)
    if listed is not None:
        return set(listed) <= set(among) if among is not None else all(accepts(second, each) for each in listed)
    match first, second:
        case Compare(one, _, near), Compare(other, _, far) if one in _LOWER and other in _LOWER:
            return _in_order(far, near, strictly=(one, other) == (">=", ">"))
        case Compare(one, _, near), Compare(other, _, far) if one in _UPPER and other in _UPPER:
            return _in_order(near, far, strictly=(one, other) == ("<=", "<"))
        case Compare(one, _, Literal(str(has))), Compare(other, _, Literal(str(needs))):
            return _text_narrower(one, has, other, needs)
    return False


def _apart(first: Rule, second: Rule) -> bool:
    for one, other in ((first, second), (second, first)):
        listed, among = options(one), options(other)
        if listed is not None and among is not None:
            return not set(listed) & set(among)
        if listed is not None:
            return all(accepts(other, each) is False for each in listed)
    match first, second:
        case Compare(down, _, floor), Compare(up, _, ceiling) if down in _LOWER and up in _UPPER:
            return _in_order(ceiling, floor, strictly=(down, up) == (">=", "<="))
        case Compare(up, _, ceiling), Compare(down, _, floor) if down in _LOWER and up in _UPPER:
            return _in_order(ceiling, floor, strictly=(down, up) == (">=", "<="))
        case Compare("starts_with", _, Literal(str(begin))), Compare("starts_with", _, Literal(str(again))):
            return not (begin.startswith(again) or again.startswith(begin))
        case Compare("ends_with", _, Literal(str(begin))), Compare("ends_with", _, Literal(str(again))):
            return not (begin.endswith(again) or again.endswith(begin))
    return False


def _text_narrower(one: Comparison, has: str, other: Comparison, needs: str) -> bool:
    match one, other:
        case "starts_with", "starts_with":
            return has.startswith(needs)
        case "ends_with", "ends_with":
            return has.endswith(needs)
        case "starts_with" | "ends_with" | "contains", "contains":
            return needs in has
    return False


def _in_order(lesser: Value, greater: Value, *, strictly: bool) -> bool:
    match lesser, greater:
        case Literal(low), Literal(high):
            return compared("<" if strictly else "<=", low, high) is True
        case Ago(old), Ago(recent):
            return not strictly and no_later(old, recent)
    return not strictly and lesser == greater


# Sequences and anniversaries. -----------------------------------------------------------------------------------------


def _follow(first: Follows, second: Follows) -> bool:
    if (first.first, first.then, first.missed) != (second.first, second.then, second.missed):
        return False
    short, long = (second.within, first.within) if first.missed else (first.within, second.within)
    match short, long:
        case Duration(one), Duration(other):
            return one <= other
        case Months(one), Months(other):
            return one <= other
    return False


def _returns_within(first: Anniversary, second: Anniversary) -> bool:
    if (first.value, first.leap) != (second.value, second.leap):
        return False
    match first.window, second.window:
        case (NearDays(a, b), NearDays(c, d)) | (NearMonths(a, b), NearMonths(c, d)):
            return a > b or c <= a <= b <= d
        case MonthDays() as narrow, MonthDays() as wide:
            return _days(narrow) <= _days(wide)
    return False


def _returns_apart(first: Anniversary, second: Anniversary) -> bool:
    if (first.value, first.leap) != (second.value, second.leap):
        return False
    match first.window, second.window:
        case NearDays(a, b), NearDays(c, d):
            return (b < c or d < a) and max(b, d) - min(a, c) < 365  # two returns are at least 365 days apart
        case NearMonths(a, b), NearMonths(c, d):
            # Only a date that moves into March in common years returns twice within twelve months of the calendar.
            return (b < c or d < a) and max(b, d) - min(a, c) < (11 if first.leap == "mar1" else 12)
        case MonthDays() as one, MonthDays() as other:
            return not _days(one) & _days(other)
    return False


def _days(window: MonthDays) -> frozenset[tuple[int, int]]:
    first, last = window.first, window.last
    every = product(range(1, 13), range(1, 32))
    if first <= last:
        return frozenset(day for day in every if first <= day <= last)
    return frozenset(day for day in every if day >= first or day <= last)
