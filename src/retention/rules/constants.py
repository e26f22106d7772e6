"""What is known of a value before any customer is seen: constants, ranges, and whether it can be missing."""

from datetime import date, datetime
from fractions import Fraction
from typing import assert_never, cast

from retention.money import Money
from retention.rules.nodes import (
    FALSE,
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Comparison,
    Events,
    Literal,
    Operation,
    Scalar,
    Shift,
    Value,
)
from retention.rules.written import is_modest, plain

ALWAYS_THERE = frozenset({"id", "tags", "marketing"})  # attributes of every customer; the labels may be an empty set
IN_EVERY_ROW = frozenset({"id", "at"})


def family(constant: Scalar) -> str:
    """Constants of one family can be compared; amounts of money only within one currency."""
    match constant:
        case bool():
            return "flag"
        case int() | Fraction():
            return "number"
        case str():
            return "text"
        case Money(_, currency):
            return currency
        case datetime():
            return "instant"
        case date():
            return "date"
        case _:
            assert_never(constant)


def compared(operator: Comparison, left: Scalar, right: Scalar) -> bool | None:
    """The answer of a comparison of constants; None for two that are never compared."""
    if family(left) != family(right):
        return None
    match operator:
        case "==":
            return left == right
        case "<":
            return cast(int, left) < cast(int, right)
        case "<=":
            return cast(int, left) <= cast(int, right)
        case ">":
            return cast(int, left) > cast(int, right)
        case ">=":
            return cast(int, left) >= cast(int, right)
        case "contains":
            return cast(str, right) in cast(str, left)
        case "starts_with":
            return cast(str, left).startswith(cast(str, right))
        case "ends_with":
            return cast(str, left).endswith(cast(str, right))
        case "has":
            return None
        case _:
            assert_never(operator)


def calculated(operation: Operation, left: Scalar, right: Scalar) -> int | Fraction | None:
    """The result for two numbers; None for anything else, a division by 0, and more digits than a rule may have."""
    if family(left) != "number" or family(right) != "number":
        return None
    result = _result(operation, Fraction(cast(Fraction, left)), Fraction(cast(Fraction, right)))
    return plain(result) if result is not None and is_modest(result) else None


def _result(operation: Operation, left: Fraction, right: Fraction) -> Fraction | None:
    match operation:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None
        case _:
            assert_never(operation)


def is_number(constant: Scalar) -> bool:
    return family(constant) == "number"


def counts(value: Value) -> bool:
    """True of values that are whole numbers from 0 up whenever they are present."""
    match value:
        case Aggregate("count" | "distinct") | Apply("size"):
            return True
    return False


def never_missing(value: Value) -> bool:
    """Certain to be present for every customer. False means only that it is not certain."""
    match value:
        case Literal() | Ago():
            return True
        case Attribute(name):
            return name in ALWAYS_THERE
        case Column(name):
            return name in IN_EVERY_ROW
        case Aggregate(function):
            return function in ("count", "sum", "distinct")
        case Arithmetic("/", left, Literal(divisor)):
            return is_number(divisor) and divisor != 0 and never_missing(left)
        case Arithmetic(operation, left, right):
            return operation != "/" and never_missing(left) and never_missing(right)
        case Apply(_, inner) | Shift(inner):
            return never_missing(inner)
        case _:
            assert_never(value)


def always_missing(value: Value) -> bool:
    """Certain to be missing for every customer: a division by zero, the mean of no rows, and what is made of them."""
    match value:
        case Literal() | Ago() | Attribute() | Column():
            return False
        case Aggregate(function, events):
            return function not in ("count", "sum", "distinct") and is_empty(events)
        case Arithmetic("/", _, Literal(divisor)) if is_number(divisor) and divisor == 0:
            return True
        case Arithmetic(_, left, right):
            return always_missing(left) or always_missing(right)
        case Apply(_, inner) | Shift(inner):
            return always_missing(inner)
        case _:
            assert_never(value)


def is_empty(events: Events) -> bool:
    """A selection that its own form shows to have no rows, once it is simplified."""
    return events.where == FALSE
