"""Shorter forms of single comparisons, given values that are already short.

Which of several equal forms stays is settled here: constants and moments on the right, bounds on counts inclusive
(``count >= 3``, ``count <= 2``, ``count == 0``).
"""

from fractions import Fraction
from math import ceil, floor
from typing import cast

from attrs import evolve

from retention.rules.constants import always_missing, compared, counts, is_number, never_missing
from retention.rules.kinds import MIRRORED
from retention.rules.nodes import (
    FALSE,
    TRUE,
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Column,
    Compare,
    Comparison,
    Events,
    IsIn,
    Literal,
    Missing,
    Not,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.rules.windows import no_later
from retention.spans import Duration, Span

_OPPOSITE: dict[Comparison, Comparison] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_BUCKETS = Fraction(0), Fraction(2**32 - 1, 2**32)  # the least and the greatest


def comparison(operator: Comparison, left: Value, right: Value) -> Rule:
    """A comparison, or the rule that it comes to."""
    if always_missing(left) or always_missing(right):
        return FALSE
    if operator in MIRRORED and _fixed(left) and not _fixed(right):
        operator, left, right = MIRRORED[operator], right, left
    if left == right and operator in MIRRORED:
        return present(left) if operator in ("==", "<=", ">=") else FALSE
    plain = Compare(operator, left, right)
    match left, right:
        case Literal(first), Literal(second):
            return _decided(compared(operator, first, second), plain)
        case _, Literal(bound) if is_number(bound) and operator in MIRRORED:
            return _with_number(operator, left, cast(Fraction, bound))
        case _, Literal("") if operator in ("contains", "starts_with", "ends_with"):
            return present(left)
        case Ago(one), Ago(other):
            return _decided(_moments(operator, one, other), plain)
        case Column("at"), Ago(Duration(0)) if operator in ("<=", ">"):
            return _decided(operator == "<=", plain)  # no row is later than the present
    return plain


def opposite(rule: Compare) -> Rule:
    """The complement of a comparison: the turned operator where neither side can be missing."""
    if rule.operator == "==" and rule.right == Literal(0) and counts(rule.left) and never_missing(rule.left):
        return comparison(">=", rule.left, Literal(1))
    if rule.operator in _OPPOSITE and never_missing(rule.left) and never_missing(rule.right):
        return comparison(_OPPOSITE[rule.operator], rule.left, rule.right)
    return Not(rule)


def turned_round(rule: Compare) -> Rule | None:
    """What holds instead of a comparison when both sides are present; None for a test without a turned form."""
    return Compare(_OPPOSITE[rule.operator], rule.left, rule.right) if rule.operator in _OPPOSITE else None


def present(value: Value) -> Rule:
    """The value is there."""
    return TRUE if never_missing(value) else Not(Missing(value))


def _fixed(value: Value) -> bool:
    return isinstance(value, Literal | Ago)


def _decided(answer: bool | None, otherwise: Rule) -> Rule:
    return otherwise if answer is None else TRUE if answer else FALSE


def _moments(operator: Comparison, one: Span, other: Span) -> bool | None:
    if operator in ("<=", ">") and no_later(one, other):
        return operator == "<="
    if operator in (">=", "<") and no_later(other, one):
        return operator == ">="
    return None


def _with_number(operator: Comparison, value: Value, bound: int | Fraction) -> Rule:
    if counts(value):
        return _with_whole_number(operator, value, bound)
    plain = Compare(operator, value, Literal(bound))
    return _in_range(plain, *_BUCKETS) if isinstance(value, Apply) and never_missing(value) else plain


def _in_range(rule: Compare, least: Fraction, most: Fraction) -> Rule:
    """A comparison that every number of a range answers alike is decided."""
    bound = cast(Literal, rule.right).value
    answers = {compared(rule.operator, least, bound), compared(rule.operator, most, bound)}
    inside = rule.operator == "==" and least <= cast(Fraction, bound) <= most
    return rule if inside or len(answers) > 1 else _decided(answers.pop(), rule)


def _with_whole_number(operator: Comparison, value: Value, bound: int | Fraction) -> Rule:
    """A bound on a count, inclusive; decided where no count, or every count, meets it."""
    match operator:
        case ">":
            operator, bound = ">=", floor(bound) + 1
        case ">=":
            operator, bound = ">=", ceil(bound)
        case "<":
            operator, bound = "<=", ceil(bound) - 1
        case "<=":
            operator, bound = "<=", floor(bound)
        case _:
            if bound < 0 or Fraction(bound).denominator != 1:
                return FALSE
    if operator == ">=" and bound <= 0:
        return present(value)
    if operator == "<=" and bound < 0:
        return FALSE
    if bound == 0:
        operator = "=="
    return _count_of_pick(operator, value, int(bound))


def _count_of_pick(operator: Comparison, value: Value, bound: int) -> Rule:
    """There is an n-th row if there are n rows, and there is only one of it."""
    match value:
        case Aggregate("count", Events(pick=int(pick)) as events):
            if bound > 1:
                return TRUE if operator == "<=" else FALSE
            if operator == "<=":
                return TRUE
            rows = Aggregate("count", evolve(events, pick=None))
            return _with_whole_number(">=" if bound else "<", rows, abs(pick))
    return Compare(operator, value, Literal(bound))


def one_of(value: Value, options: tuple[Scalar, ...]) -> Rule:
    """A list of options without those that can never be, or the rule that it comes to."""
    options = tuple(dict.fromkeys(options))
    if counts(value):
        options = tuple(each for each in options if _is_count(each))
    if always_missing(value) or not options:
        return FALSE
    if isinstance(value, Literal):
        answers = [compared("==", value.value, each) for each in options]
        return _decided(None if None in answers else any(answers), IsIn(value, options))
    return comparison("==", value, Literal(options[0])) if len(options) == 1 else IsIn(value, options)


def _is_count(constant: Scalar) -> bool:
    return is_number(constant) and cast(Fraction, constant) >= 0 and Fraction(cast(Fraction, constant)).denominator == 1


def missing(value: Value) -> Rule:
    """The value is missing; said of the operand where that comes to the same."""
    if never_missing(value):
        return FALSE
    if always_missing(value):
        return TRUE
    match value:
        case Apply(_, inner) | Shift(inner):
            return missing(inner)
        case Arithmetic("/", inner, Literal(divisor)) if is_number(divisor):
            return missing(inner)
        case Arithmetic("+" | "-" | "*", inner, other) if never_missing(other):
            return missing(inner)
        case Arithmetic("+" | "-" | "*", other, inner) if never_missing(other):
            return missing(inner)
    return Missing(value)
