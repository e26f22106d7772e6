"""Terms as expressions over the columns of a scope."""

import re
from datetime import date, datetime
from typing import assert_never

import narwhals as nw

from retention.rules.backends.frames.engines import Engine, has_null, wide
from retention.rules.backends.frames.instants import day, later
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.sets.storage import Aware, Separated
from retention.rules.backends.sets.terms import (
    Bucket,
    Cell,
    Constant,
    Day,
    Fixed,
    Folded,
    Later,
    MonthDay,
    Product,
    Refunded,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Trait,
)
from retention.schema import Kind


def value(term: Term, scope: Scope) -> Value:
    """A term; what only engines of their own can calculate has been added to the scope before."""
    match term:
        case Cell() | Trait() | Tally() | Refunded() | Bucket() | Folded():
            return scope.find(term)
        case Constant(fixed):
            return _constant(fixed)
        case Sum(left, right):
            one, other = value(left, scope), value(right, scope)
            return _number(one.expr + other.expr, one.is_wide or other.is_wide)
        case Product(left, right):
            return _product(value(left, scope).expr, value(right, scope).expr, scope.engine)
        case Sign(inner):
            return _sign(value(inner, scope).expr)
        case Later(inner, microseconds):
            return later(scope.engine, value(inner, scope), microseconds)
        case Day(inner, zone):
            return Value(day(scope.engine, value(inner, scope), zone), Kind.DATE)
        case MonthDay(inner):
            return _month_day(value(inner, scope).expr)
        case Size(inner):
            return scope.find(term) if scope.knows(term) else _size(value(inner, scope), scope.engine)
        case _:
            assert_never(term)


def _number(expr: nw.Expr, is_wide: bool = False) -> Value:
    return Value(expr, Kind.NUMBER, is_wide=is_wide)


def _product(left: nw.Expr, right: nw.Expr, engine: Engine) -> Value:
    return _number(wide(engine, left) * wide(engine, right), engine is not Engine.ARROW)


def _constant(fixed: Fixed) -> Value:
    match fixed:
        case bool():
            return Value(nw.lit(fixed), Kind.FLAG)
        case int():
            return _number(nw.lit(fixed))
        case str():
            return Value(nw.lit(fixed), Kind.TEXT)
        case datetime():
            return Value(nw.lit(fixed), Kind.INSTANT, Aware(), None, nw.Datetime("us", "UTC"))
        case date():
            return Value(nw.lit(fixed), Kind.DATE)
        case _:
            assert_never(fixed)


def _sign(number: nw.Expr) -> Value:
    signs = nw.when(number > 0).then(nw.lit(1)).when(number < 0).then(nw.lit(-1)).when(number == 0).then(nw.lit(0))
    return _number(signs.cast(nw.Int64))


def _month_day(dates: nw.Expr) -> Value:
    return _number(dates.dt.month().cast(nw.Int64) * 100 + dates.dt.day().cast(nw.Int64))


def _size(labels: Value, engine: Engine) -> Value:
    """How many labels, each counted once; an item that is missing is none."""
    if not isinstance(labels.form, Separated):
        different = labels.expr.list.unique()
        return _number(different.list.len().cast(nw.Int64) - has_null(engine, different).cast(nw.Int64))
    by = re.escape(labels.form.by) if engine is Engine.SPARK else labels.form.by  # Spark splits by a pattern
    several = labels.expr.str.split(by).list.unique()
    return _number(several.list.len().cast(nw.Int64) - several.list.contains("").cast(nw.Int64))
