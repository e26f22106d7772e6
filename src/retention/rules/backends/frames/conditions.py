"""Tests as boolean expressions over the columns of a scope.

Where a test only has to be true to count, null is as good as false, and nothing is filled in; beneath a negation, in a
count of tests and in the answer itself it is made false first. What has been added to a scope is never null.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import add, and_, or_
from typing import Any, assert_never, cast

import narwhals as nw

from retention.rules.backends.frames.engines import Engine, wide_constant
from retention.rules.backends.frames.instants import ORDERINGS, Bound, against, between, together
from retention.rules.backends.frames.products import within_64_bits
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Enclosed, Value
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.storage import Separated
from retention.rules.backends.sets.terms import (
    Absent,
    Among,
    Both,
    Constant,
    Either,
    Fixed,
    Followed,
    Is,
    Negation,
    Picked,
    Several,
    Tally,
    Term,
    Test,
    Trait,
)
from retention.rules.nodes import Comparison
from retention.schema import Kind

_MOST = 2**63


def true_or_null(test: Test, scope: Scope) -> nw.Expr:
    """A test that is true where it holds, and false or null where it does not."""
    if scope.knows(test):
        return scope.find(test).expr
    match test:
        case Both(tests):
            return _all(each_true(tests, scope), scope) if tests else scope.constant(True)
        case Either(tests):
            return joined(or_, [true_or_null(each, scope) for each in tests]) if tests else scope.constant(False)
        case Negation(inner):
            return ~true_or_false(inner, scope)
        case Several(count, tests):
            return joined(add, [_one_if(each, scope) for each in tests]) >= count
        case Is(operator, left, right):
            return _comparison(operator, left, right, scope)
        case Among(inner, options):
            return _among(value(inner, scope), options, scope)
        case Absent(inner):
            return value(inner, scope).expr.is_null()
        case Picked() | Followed():
            raise AssertionError("picked rows and sequences have been added")
        case _:
            assert_never(test)


def each_true(tests: Iterable[Test], scope: Scope) -> list[nw.Expr]:
    """What is all true where the tests are, and false or null somewhere elsewhere. In Polars two bounds are one."""
    left = dict.fromkeys(tests)
    found = []
    for lower, upper in _pairs(left, scope) if scope.engine is Engine.POLARS else ():
        found.append(between(scope.engine, value(lower.left, scope), _bound(lower), _bound(upper)))
        del left[lower], left[upper]
    return [*found, *(true_or_null(each, scope) for each in left)]


def _pairs(tests: Iterable[Test], scope: Scope) -> list[tuple[Is, Is]]:
    """A lower and an upper bound of the same instant."""
    bounds = [each for each in tests if isinstance(each, Is) and _is_bound(each) and not scope.knows(each)]
    upper = {each.left: each for each in bounds if each.operator in ("<", "<=")}
    lower = {each.left: each for each in bounds if each.operator in (">", ">=")}
    return [(lower[term], upper[term]) for term in lower if term in upper]


def _is_bound(test: Is) -> bool:
    return isinstance(test.right, Constant) and isinstance(test.right.value, datetime)


def _bound(test: Is) -> Bound:
    return test.operator, cast(datetime, cast(Constant, test.right).value)


def _all(conditions: list[nw.Expr], scope: Scope) -> nw.Expr:
    if scope.engine is Engine.POLARS and len(conditions) > 2:  # one expression of narwhals' in place of several
        return nw.all_horizontal(*conditions, ignore_nulls=False)
    return joined(and_, conditions)


def joined(operator: Callable[[nw.Expr, nw.Expr], nw.Expr], several: Sequence[nw.Expr]) -> nw.Expr:
    """At least one expression, joined by halves: of hundreds in a row, each within the next, libraries run out of
    stack, and Polars plans for minutes."""
    if len(several) == 1:
        return several[0]
    half = len(several) // 2
    return operator(joined(operator, several[:half]), joined(operator, several[half:]))


def true_or_false(test: Test, scope: Scope) -> nw.Expr:
    """A test that is never null."""
    found = true_or_null(test, scope)
    # Neither "and" nor "or" makes true of null what is false of false.
    return found.fill_null(False) if may_be_null(test, scope) else found


def may_be_null(test: Test, scope: Scope) -> bool:
    """Whether ``true_or_null`` of a test is null anywhere."""
    if scope.knows(test):
        return False
    match test:
        case Both(tests) | Either(tests):
            return any(may_be_null(each, scope) for each in tests)
        case Is(operator, Trait() | Tally() as left, Constant()) if operator in ORDERINGS:
            return not scope.find(left).is_filled
        case Is() | Among():
            return True
        case Negation() | Several() | Absent() | Picked() | Followed():
            return False
        case _:
            assert_never(test)


def _one_if(test: Test, scope: Scope) -> nw.Expr:
    return true_or_false(test, scope).cast(nw.Int32)


# Comparisons. ---------------------------------------------------------------------------------------------------------


def _comparison(operator: Comparison, left: Term, right: Term, scope: Scope) -> nw.Expr:
    match operator:
        case "contains" | "starts_with" | "ends_with":
            return _in_text(operator, value(left, scope).expr, _pattern(right, scope))
        case "has":
            assert isinstance(right, Constant)  # anything else was refused
            return _has(value(left, scope), str(right.value), scope)
        case "==" | "<" | "<=" | ">" | ">=":
            exact = _ordered(operator, left, right, scope)
            return exact if scope.engine is not Engine.ARROW else within_64_bits(operator, left, right, exact, scope)
        case _:
            assert_never(operator)


def _ordered(operator: Comparison, left: Term, right: Term, scope: Scope) -> nw.Expr:
    found = value(left, scope)
    if isinstance(right, Constant):
        return _with_constant(operator, found, right.value, scope)
    other = value(right, scope)
    if found.kind is Kind.INSTANT:
        return together(scope.engine, operator, found, other)
    return ORDERINGS[operator](found.expr, other.expr)


def _with_constant(operator: Comparison, found: Value, constant: Fixed, scope: Scope) -> nw.Expr:
    match constant:
        case bool():
            return found.expr if constant else ~found.expr
        case int():
            return _with_number(operator, found, constant, scope)
        case datetime():
            return against(scope.engine, operator, found, constant)
        case _:
            return ORDERINGS[operator](found.expr, constant)


def _with_number(operator: Comparison, found: Value, constant: int, scope: Scope) -> nw.Expr:
    """A comparison with a number, which may be larger than any that a column can keep."""
    if -_MOST <= constant < _MOST:
        is_zero_in = found.bare is None or bool(ORDERINGS[operator](0, constant))
        return ORDERINGS[operator](found.expr if is_zero_in else found.bare, constant)
    if found.is_wide:
        return ORDERINGS[operator](found.expr, wide_constant(scope.engine, constant))
    is_below = operator in ("<", "<=") if constant > 0 else operator in (">", ">=")
    return ~found.expr.is_null() if is_below else scope.constant(False)


def _pattern(term: Term, scope: Scope) -> Any:
    return term.value if isinstance(term, Constant) else value(term, scope).expr


def _in_text(operator: Comparison, text: nw.Expr, pattern: Any) -> nw.Expr:
    if operator == "contains":
        return text.str.contains(pattern, literal=True)
    return text.str.starts_with(pattern) if operator == "starts_with" else text.str.ends_with(pattern)


def _has(labels: Value, label: str, scope: Scope) -> nw.Expr:
    if isinstance(labels.form, Enclosed):
        by = labels.form.by
        return labels.expr.str.contains(by + label + by, literal=True) if by not in label else scope.constant(False)
    if not isinstance(labels.form, Separated):
        return labels.expr.list.contains(label)
    by = labels.form.by
    if not label or by in label:
        return scope.constant(False)
    return nw.concat_str(nw.lit(by), labels.expr, nw.lit(by)).str.contains(by + label + by, literal=True)


def _among(found: Value, options: tuple[Fixed, ...], scope: Scope) -> nw.Expr:
    if found.kind in (Kind.TEXT, Kind.DATE):
        return found.expr.is_in(options)
    if found.kind in (Kind.NUMBER, Kind.AMOUNT) and not found.is_wide:
        kept = [each for each in options if isinstance(each, int) and -_MOST <= each < _MOST]
        bare = found.expr if found.bare is None or 0 in kept else found.bare
        return bare.is_in(kept) if kept else scope.constant(False)
    return joined(or_, [_with_constant("==", found, each, scope) for each in options])
