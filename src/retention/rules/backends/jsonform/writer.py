"""Rules as JSON of the present version."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any, assert_never

from retention.errors import RuleError
from retention.money import Money
from retention.rules.kinds import scalar_kind
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnniversaryWindow,
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
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.written import instant_text, plain, read_decimal
from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_UNITS = (("days", 86_400_000_000), ("hours", 3_600_000_000), ("minutes", 60_000_000), ("seconds", 1_000_000))


def written(rule: Rule) -> dict[str, Any]:
    """A rule as an object of JSON values."""
    match rule:
        case All(rules):
            return {"all": [written(each) for each in rules]}
        case AnyOf(rules):
            return {"any": [written(each) for each in rules]}
        case Not(inner):
            return {"not": written(inner)}
        case AtLeast(count, rules):
            return {"at_least": count, "of": [written(each) for each in rules]}
        case Compare(operator, left, right):
            return {"op": operator, "left": value_written(left), "right": value_written(right)}
        case IsIn(value, options):
            return {"value": value_written(value), "in": [scalar_written(each) for each in options]}
        case Missing(value):
            return {"missing": value_written(value)}
        case Anniversary(value, window, leap):
            under = {} if leap == "feb28" else {"leap": leap}
            return {"anniversary": value_written(value), "window": window_written(window), **under}
        case Follows(first, then, within, missed):
            word = "not_followed_by" if missed else "followed_by"
            return {"events": rows_written(first), word: rows_written(then), "within": span_written(within)}
        case Reference(key):
            return {"segment": key}
        case Named(name, inner):
            return {"named": name, "rule": written(inner)}
        case _:
            assert_never(rule)


def value_written(value: Value) -> Any:
    """A value as JSON: constants as they are where JSON has them, everything else an object named for what it is."""
    match value:
        case Literal(constant):
            return scalar_written(constant)
        case Attribute(name):
            return {"attribute": name}
        case Column(name):
            return {"column": name}
        case Aggregate("count", events):
            return {"count": rows_written(events)}
        case Aggregate(function, events, column):
            return {function: column, "of": rows_written(events)}
        case Arithmetic(operation, left, right):
            return {"op": operation, "left": value_written(left), "right": value_written(right)}
        case Apply("bucket", operand, salt):
            return {"bucket": value_written(operand), "salt": salt}
        case Apply(function, operand):
            return {function: value_written(operand)}
        case Ago(span):
            return {"ago": span_written(span)}
        case Shift(operand, span, sign):
            return {"shift": value_written(operand), ("by" if sign == 1 else "back"): span_written(span)}
        case _:
            assert_never(value)


def scalar_written(constant: object) -> Any:
    """A constant; what JSON has no form for becomes an object with one key."""
    match constant:
        case bool() | str():
            return constant
        case int() | Fraction():
            return number_written(constant)
        case Money(minor, currency):
            return {"money": [minor, currency]}
        case datetime():  # before date: a datetime is a date to Python
            if constant.utcoffset() is None:
                raise RuleError("an instant has no zone", hint="Give an aware datetime")
            return {"instant": instant_text(constant)}
        case date():
            return {"date": constant.isoformat()}
    raise AssertionError(scalar_kind(constant))  # scalar_kind raises WrongKind for what is none of these


def number_written(number: int | Fraction) -> Any:
    """A whole number, a decimal that means exactly this number, or else a fraction."""
    exact = plain(number)
    if isinstance(exact, int):
        return exact
    near = float(exact) if abs(exact) < 2**53 else 0.0  # what is larger has no such decimal anyway
    if read_decimal(repr(near)) == exact:
        return near
    return {"fraction": [exact.numerator, exact.denominator]}


def rows_written(events: Events) -> Any:
    """A whole collection as its name, a selection as an object."""
    if isinstance(events.source, str):
        if events.where is None and events.pick is None:
            return events.source
        found: dict[str, Any] = {"from": events.source}
    else:
        found = {"from": _as_object(rows_written(events.source))}
    if events.where is not None:
        found["where"] = written(events.where)
    if events.pick is not None:
        found["pick"] = events.pick
    return found


def _as_object(rows: Any) -> Any:
    """A selection of a selection keeps its two steps apart: ``{"from": {"from": "orders"}}``."""
    return {"from": rows} if isinstance(rows, str) else rows


def span_written(span: Span) -> Any:
    """A span in its largest whole unit; ``today`` and the periods as words."""
    match span:
        case Duration(microseconds):
            for unit, size in _UNITS:
                if microseconds % size == 0:
                    return {unit: microseconds // size}
            return {"microseconds": microseconds}
        case Months(count):
            return {"months": count}
        case LocalDays(1):
            return "today"
        case LocalDays(count):
            return {"calendar_days": count}
        case LocalPeriod(unit):
            return f"this_{unit}"
        case _:
            assert_never(span)


def window_written(window: AnniversaryWindow) -> dict[str, Any]:
    """A window of an anniversary: days of the year, or days or months from today."""
    match window:
        case MonthDays(first, last):
            return {"from": list(first), "to": list(last)}
        case NearDays(first, last):
            return {"days": [first, last]}
        case NearMonths(first, last):
            return {"months": [first, last]}
        case _:
            assert_never(window)
