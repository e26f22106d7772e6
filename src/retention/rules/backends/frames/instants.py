"""Comparisons of instants: with constants in the form of the column, with one another as they are if kept alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from operator import eq, ge, gt, le, lt
from typing import Any, Final, Literal, TypeAlias, assert_never, cast

import narwhals as nw

from retention.rules.backends.frames.engines import Engine, instant_constant, moved, since_epoch
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.sets.kept_instants import EPOCH, MICROSECONDS, cut, fixed_offset
from retention.rules.backends.sets.storage import Aware, Epoch, InstantForm, Naive
from retention.rules.nodes import Comparison
from retention.schema import Kind
from retention.spans import TICK

ORDERINGS: Final[dict[Comparison, Callable[[Any, Any], nw.Expr]]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}

Bound: TypeAlias = tuple[Comparison, datetime]
"""An operator and the constant behind it."""

_CLOSED: Final[dict[tuple[bool, bool], Literal["both", "left", "right", "none"]]] = {
    (True, True): "both",
    (True, False): "left",
    (False, True): "right",
    (False, False): "none",
}
_UTC = nw.Datetime("us", "UTC")
_REACH_NS = timedelta(microseconds=(2**63 - 1) // 1000)
"""Of 64 bits that count nanoseconds, on either side of 1970."""
_UNITS = {"s": timedelta(seconds=1), "ms": timedelta(milliseconds=1), "us": TICK, "ns": TICK}


def between(engine: Engine, value: Value, lower: Bound, upper: Bound) -> nw.Expr:
    """``against`` twice: what narwhals takes per expression is most of the time that a small query takes."""
    (above, first), (below, last) = lower, upper
    if _side(value, first) or _side(value, last):
        return against(engine, above, value, first) & against(engine, below, value, last)
    low, high = (_bounds(value, each) for each in (first, last))
    return value.expr.is_between(
        _constant(engine, low[above == ">="], value.dtype),
        _constant(engine, high[below == "<"], value.dtype),
        closed=_CLOSED[above == ">=", below == "<="],
    )


def against(engine: Engine, operator: Comparison, value: Value, instant: datetime) -> nw.Expr:
    """A stored instant compared with a constant, which takes the form of the column."""
    if side := _side(value, instant):
        is_so = operator in ((">", ">=") if side < 0 else ("<", "<="))
        kept = value.beside(operator)
        return ORDERINGS["==" if is_so else "<"](kept, kept)  # of what is missing neither is so
    most, least = _bounds(value, instant)
    if operator in ("<", ">=") or most == least:
        return ORDERINGS[operator](value.beside(operator), _constant(engine, least, value.dtype))
    if operator != "==":
        return ORDERINGS[operator](value.beside(operator), _constant(engine, most, value.dtype))
    low, high = (_constant(engine, bound, value.dtype) for bound in (least, most))
    return (value.beside(">=") >= low) & (value.beside("<=") <= high)


def _side(value: Value, instant: datetime) -> Literal[-1, 0, 1]:
    """-1 if an instant is before all that the column can hold, 1 if it is after it."""
    if getattr(value.dtype, "time_unit", "us") != "ns":
        return 0
    found = cut(instant, form_of(value))
    first, last = (cast(datetime, each).replace(tzinfo=UTC) - EPOCH for each in (found.most, found.least))
    return -1 if first < -_REACH_NS else 1 if last > _REACH_NS else 0


def _bounds(value: Value, instant: datetime) -> tuple[Any, Any]:
    """The last that a column can hold which is not later than an instant, the first which is not earlier."""
    found = cut(instant, form_of(value))
    return _in_units(found.most, found.least, value.dtype)


def _constant(engine: Engine, bound: datetime | int, dtype: Any) -> nw.Expr:
    return nw.lit(bound) if isinstance(bound, int) else instant_constant(engine, bound, dtype)


def _in_units(most: Any, least: Any, dtype: Any) -> tuple[Any, Any]:
    """The bounds in the time unit of a column: Polars would compare in the coarser of two units."""
    unit = _UNITS[getattr(dtype, "time_unit", "us")]
    if isinstance(most, int) or unit == TICK:
        return most, least
    start = datetime.min.replace(tzinfo=most.tzinfo)
    return start + (most - start) // unit * unit, start - (start - least) // unit * unit


def together(engine: Engine, operator: Comparison, left: Value, right: Value) -> nw.Expr:
    """Two stored instants compared."""
    one, other = alike(engine, left, right)
    return ORDERINGS[operator](one.expr, other.expr)


def alike(engine: Engine, left: Value, right: Value) -> tuple[Value, Value]:
    """Two instants in one form; wall times of one zone sort as the instants that they mean."""
    if left.form == right.form and (left.dtype == right.dtype or isinstance(left.form, Epoch)):
        return left, right
    if left.form == right.form and isinstance(left.form, Naive):
        return _in_microseconds(left), _in_microseconds(right)
    return aware(engine, left), aware(engine, right)


def _in_microseconds(wall: Value) -> Value:
    kept = nw.Datetime("us")
    return Value(wall.expr.cast(kept), Kind.INSTANT, wall.form, None, kept)


def aware(engine: Engine, value: Value) -> Value:
    """An instant that knows its zone: UTC and microseconds, where the engine has more than one zone and unit."""
    form = form_of(value)
    match form:
        case Aware():
            if engine not in (Engine.POLARS, Engine.ARROW) or value.dtype == _UTC:
                return value
            return Value(value.expr.dt.convert_time_zone("UTC").cast(_UTC), Kind.INSTANT, form, None, _UTC)
        case Naive(zone):
            return _aware_of_wall(value, zone)
        case Epoch():
            return Value(since_epoch(engine, micros(value)), Kind.INSTANT, Aware(), None, _UTC)
        case _:
            assert_never(form)


def _aware_of_wall(value: Value, zone: tzinfo) -> Value:
    offset = fixed_offset(zone)
    assert offset is not None  # anything else was refused
    expr = value.expr.cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    return Value(expr - offset if offset else expr, Kind.INSTANT, Aware(), None, _UTC)


def micros(value: Value) -> nw.Expr:
    """Microseconds since 1970, of an instant that is kept as a number."""
    size = MICROSECONDS[cast(Epoch, value.form).unit]
    return value.expr if size == 1 else value.expr * size


def later(engine: Engine, value: Value, microseconds: int) -> Value:
    """An instant moved by microseconds, kept as before where that can say it."""
    form = form_of(value)
    match form:
        case Aware():
            here = aware(engine, value)
            return Value(moved(engine, here.expr, microseconds), Kind.INSTANT, form, None, here.dtype)
        case Naive():
            here = _in_microseconds(value)
            return Value(moved(engine, here.expr, microseconds), Kind.INSTANT, form, None, here.dtype)
        case Epoch():
            return Value(micros(value) + microseconds, Kind.INSTANT, Epoch("us"), None, nw.Int64())
        case _:
            assert_never(form)


def day(engine: Engine, value: Value, zone: tzinfo) -> nw.Expr:
    """The date of an instant on the calendar of a zone."""
    if isinstance(value.form, Naive) and value.form.zone == zone:
        return value.expr.dt.date()
    here = aware(engine, value)
    offset = fixed_offset(zone)
    if offset is not None:
        return (here.expr + offset).dt.date()
    return here.expr.dt.convert_time_zone(str(getattr(zone, "key", ""))).dt.date()


def form_of(value: Value) -> InstantForm:
    """How an instant is kept."""
    return cast(InstantForm, value.form)
