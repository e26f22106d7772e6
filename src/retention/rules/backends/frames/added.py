"""What is no expression over one row, added to a scope as a column: picked rows, refunds, hashes, tests."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

import narwhals as nw

from retention.rules.backends.frames.conditions import each_true, true_or_false, true_or_null
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.mapped import add_bucket, add_mapped
from retention.rules.backends.frames.opening import open_rows
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Enclosed, Value
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.reading import Part, conjuncts, parts
from retention.rules.backends.sets.storage import Separated
from retention.rules.backends.sets.terms import (
    ALWAYS,
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
from retention.schema import Kind

AT, ID = Cell("at", Kind.INSTANT), Cell("id", Kind.TEXT)


def prepare(part: Part, scope: Scope) -> None:
    """Add what a term needs; tallies and sequences are known already, from earlier passes."""
    if isinstance(part, Tally | Followed) or scope.knows(part):
        return
    for inner in parts(part):
        prepare(inner, scope)
    match part:
        case Picked():
            scope.learn(part, Value(nw.col(_add_pick(part, scope)), Kind.FLAG))
        case Refunded(as_of):
            scope.learn(part, Value(nw.col(_add_refunds(as_of, scope)).fill_null(0), Kind.AMOUNT))
        case Bucket(inner, salt):
            scope.learn(part, Value(nw.col(add_bucket(scope, hold(inner, scope), salt)), Kind.NUMBER))
        case Folded(inner):
            name = add_mapped(scope, hold(inner, scope), str.casefold, str)
            scope.learn(part, Value(nw.col(name), Kind.TEXT, name=name))
        case Size(inner) if scope.engine is Engine.ARROW:
            scope.learn(part, Value(nw.col(_add_size(inner, scope)), Kind.NUMBER))
        case Constant() | Cell() | Trait() | Sum() | Product() | Sign() | Later() | Day() | MonthDay() | Size():
            pass
        case Both() | Either() | Negation() | Several() | Is() | Among() | Absent() | Selection():
            pass
        case _:
            assert_never(part)


def keep(test: Test, rows: Scope) -> None:
    """Only the rows for which a test holds."""
    if test != ALWAYS:
        prepare(test, rows)
        rows.frame = rows.frame.filter(*each_true(conjuncts(test), rows))


def add_tests(tests: Iterable[Test], scope: Scope) -> dict[Test, str]:
    """New columns that are the tests."""
    names = {test: scope.names.new() for test in tests}
    for test in names:
        prepare(test, scope)
    if names:
        columns = (true_or_false(test, scope).alias(name) for test, name in names.items())
        scope.frame = scope.frame.with_columns(*columns)
    for test, name in names.items():
        scope.learn(test, Value(nw.col(name), Kind.FLAG))
    return names


def hold(term: Term, scope: Scope) -> str:
    """The name of a column that is the term."""
    found = value(term, scope)
    return found.name or scope.add(found.expr)


def _add_size(labels: Term, scope: Scope) -> str:
    """narwhals has no distinct items of PyArrow's lists."""
    form = value(labels, scope).form
    assert isinstance(form, Separated | Enclosed)
    by, is_enclosed = form.by, isinstance(form, Enclosed)

    def size(kept: str) -> int:
        return len(set(kept[1:-1].split(by)) if is_enclosed and kept else set(kept.split(by)) - {""})

    return add_mapped(scope, hold(labels, scope), size, int)


# Picked rows. ---------------------------------------------------------------------------------------------------------


def _add_pick(pick: Picked, scope: Scope) -> str:
    """A flag on the row at a position, never null."""
    eligible = true_or_null(pick.where, scope)
    if abs(pick.position) == 1:
        return _add_end(eligible, pick.position > 0, scope)
    if scope.engine is Engine.ARROW:
        return _add_peeled(eligible, pick.position, scope)
    flag = scope.add(nw.when(eligible).then(nw.lit(1)).otherwise(nw.lit(0)))
    order = [hold(AT, scope), hold(ID, scope)]
    rank = nw.col(flag).cum_sum(reverse=pick.position < 0).over(scope.key, order_by=order)
    place = scope.add(rank)
    return scope.add((nw.col(flag) == 1) & (nw.col(place) == abs(pick.position)))


def _add_end(eligible: nw.Expr, is_first: bool, scope: Scope) -> str:
    """The first or the last row: the extreme instant, and of the rows that share it the extreme id."""
    at = scope.add(nw.when(eligible).then(value(AT, scope).expr))
    ends = _extreme(at, is_first, scope)
    tied = scope.add(nw.when(nw.col(at) == ends).then(value(ID, scope).expr.fill_null("")))
    return scope.add((nw.col(tied) == _extreme(tied, is_first, scope)).fill_null(False))


def _extreme(column: str, is_first: bool, scope: Scope) -> nw.Expr:
    found = nw.col(column).min() if is_first else nw.col(column).max()
    return nw.col(scope.add(found.over(scope.key)))


def _add_peeled(eligible: nw.Expr, position: int, scope: Scope) -> str:
    """Row after row from one end: PyArrow has no window over rows in order."""
    left = scope.add(eligible.fill_null(False))
    for _ in range(abs(position) - 1):
        end = _add_end(nw.col(left), position > 0, scope)
        left = scope.add(nw.col(left) & ~nw.col(end))
    return _add_end(nw.col(left), position > 0, scope)


# Refunds. -------------------------------------------------------------------------------------------------------------


def _add_refunds(as_of: datetime, scope: Scope) -> str:
    """What was given back of each order; null if nothing was."""
    refunds = open_rows("refunds", (), scope.layout, scope.engine, scope.names, "order_id", "amount", "at")
    until = true_or_null(Is("<=", AT, Constant(as_of)), refunds)
    refunded, order, amount, total = (scope.names.new() for _ in range(4))
    wanted = refunds.frame.filter(until).select(
        nw.col(refunds.key).alias(refunded),
        _as_text(refunds.column("order_id").expr, scope).alias(order),
        refunds.column("amount").expr.alias(amount),
    )
    sums = wanted.group_by(refunded, order).agg(nw.col(amount).sum().alias(total))
    own = hold(ID, scope) if scope.engine is not Engine.ARROW else scope.add(_as_text(value(ID, scope).expr, scope))
    scope.frame = scope.frame.join(sums, left_on=[scope.key, own], right_on=[refunded, order], how="left")
    return total


def _as_text(column: nw.Expr, scope: Scope) -> nw.Expr:
    """Text that can be joined by: PyArrow has two types of it, and joins none with the other."""
    return column.cast(nw.String) if scope.engine is Engine.ARROW else column
