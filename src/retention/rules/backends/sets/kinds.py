"""What kind of value a term is."""

from datetime import date, datetime
from typing import assert_never

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


def kind_of(term: Term) -> Kind:
    """The kind of a term's values; whatever was calculated is a number."""
    match term:
        case Constant(value):
            return _kind_of_constant(value)
        case Cell(_, kind) | Trait(_, kind):
            return kind
        case Tally("min" | "max" | "only", _, _, value) if value is not None:
            return kind_of(value)
        case Later():
            return Kind.INSTANT
        case Day():
            return Kind.DATE
        case Folded():
            return Kind.TEXT
        case Tally() | Refunded() | Sum() | Product() | Sign() | MonthDay() | Size() | Bucket():
            return Kind.NUMBER
        case _:
            assert_never(term)


def _kind_of_constant(value: Fixed) -> Kind:
    match value:
        case bool():
            return Kind.FLAG
        case int():
            return Kind.NUMBER
        case str():
            return Kind.TEXT
        case datetime():
            return Kind.INSTANT
        case date():
            return Kind.DATE
        case _:
            assert_never(value)
