"""What kind of value an expression gives, and which operators fit which kinds."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from retention.errors import RuleError, UnknownName, WrongKind
from retention.money import Money
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Comparison,
    Function,
    Literal,
    Operation,
    Reduction,
    Shift,
    Value,
)
from retention.schema import Kind, Schema

ORDERED = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.INSTANT, Kind.DATE})
_EQUATED = frozenset(Kind) - {Kind.LABELS}

COMPARABLE: Mapping[Comparison, frozenset[tuple[Kind, Kind]]] = {
    "==": frozenset((kind, kind) for kind in _EQUATED),
    **{operator: frozenset((kind, kind) for kind in ORDERED) for operator in ("<", "<=", ">", ">=")},
    "contains": frozenset({(Kind.TEXT, Kind.TEXT)}),
    "starts_with": frozenset({(Kind.TEXT, Kind.TEXT)}),
    "ends_with": frozenset({(Kind.TEXT, Kind.TEXT)}),
    "has": frozenset({(Kind.LABELS, Kind.TEXT)}),
}
"""Which pairs of kinds each comparison takes."""

MIRRORED: Mapping[Comparison, Comparison] = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The comparison that says the same when its sides change places."""

REDUCIBLE: Mapping[Reduction, frozenset[Kind]] = {
    "sum": frozenset({Kind.NUMBER, Kind.AMOUNT}),
    "mean": frozenset({Kind.NUMBER, Kind.AMOUNT}),
    "min": ORDERED,
    "max": ORDERED,
    "distinct": _EQUATED,
    "first": frozenset(Kind),
    "last": frozenset(Kind),
}
"""Which kinds of column each aggregate takes; ``count`` takes none."""

_REPAIRS: Mapping[tuple[Kind, Kind], str] = {
    (Kind.AMOUNT, Kind.NUMBER): "Say which money it is: 500000 KRW",
    (Kind.NUMBER, Kind.AMOUNT): "Compare money with money: orders.total.sum()",
    (Kind.NUMBER, Kind.TEXT): "Write the number without quotes",
    (Kind.TEXT, Kind.NUMBER): "Write it in quotes",
    (Kind.INSTANT, Kind.DATE): "Ask for its local date, or give an instant with its offset",
    (Kind.DATE, Kind.INSTANT): "Give a date without a time of day",
}

_ARITHMETIC: Mapping[tuple[Operation, Kind, Kind], Kind] = {
    ("+", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("-", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("*", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("/", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("+", Kind.AMOUNT, Kind.AMOUNT): Kind.AMOUNT,
    ("-", Kind.AMOUNT, Kind.AMOUNT): Kind.AMOUNT,
    ("*", Kind.AMOUNT, Kind.NUMBER): Kind.AMOUNT,
    ("*", Kind.NUMBER, Kind.AMOUNT): Kind.AMOUNT,
    ("/", Kind.AMOUNT, Kind.NUMBER): Kind.AMOUNT,
    ("/", Kind.AMOUNT, Kind.AMOUNT): Kind.NUMBER,
}

FUNCTIONS: Mapping[Function, tuple[Kind, Kind]] = {
    "casefold": (Kind.TEXT, Kind.TEXT),
    "size": (Kind.LABELS, Kind.NUMBER),
    "bucket": (Kind.TEXT, Kind.NUMBER),
    "local_date": (Kind.INSTANT, Kind.DATE),
}
"""What each function takes and gives."""

_SCALARS: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
    (bool, Kind.FLAG),  # before int: True is an int to Python
    ((int, Fraction), Kind.NUMBER),
    (str, Kind.TEXT),
    (Money, Kind.AMOUNT),
    (datetime, Kind.INSTANT),  # before date: a datetime is a date to Python
    (date, Kind.DATE),
)


def kind_of(value: Value, schema: Schema, collection: str | None = None, path: str = "") -> Kind:
    """The kind that a value has; ``collection`` is that of the enclosing ``where``, None outside of one.

    Raises UnknownName for a name that the schema lacks and WrongKind for operands that do not fit, both with the path.
    Looks into operands, not into the ``where`` of an aggregate's events: ``validate`` does that.
    """
    match value:
        case Literal(constant):
            return scalar_kind(constant, path)
        case Attribute(name):
            return schema.attribute(name, path=path).kind
        case Column(name):
            return _column_kind(name, schema, collection, path)
        case Aggregate():
            return aggregate_kind(value, schema, path)
        case Arithmetic(operation, left, right):
            kinds = (
                kind_of(left, schema, collection, f"{path}.left"),
                kind_of(right, schema, collection, f"{path}.right"),
            )
            return arithmetic_kind(operation, kinds, path)
        case Apply(function, operand):
            return function_kind(function, kind_of(operand, schema, collection, f"{path}.{function}"), path)
        case Shift(moved):
            require(kind_of(moved, schema, collection, f"{path}.shift"), Kind.INSTANT, "is moved by a span", path)
            return Kind.INSTANT
        case Ago():
            return Kind.INSTANT
        case _:
            assert_never(value)


def scalar_kind(constant: object, path: str = "") -> Kind:
    """The kind of a constant. Raises WrongKind for anything that is not a scalar."""
    for types, kind in _SCALARS:
        if isinstance(constant, types):
            return kind
    raise WrongKind(
        f"a constant cannot be a {type(constant).__name__}",
        path=path,
        hint="Use a whole number, a Fraction, text, True or False, Money, an aware datetime or a date",
    )


def check_comparison(operator: Comparison, left: Kind, right: Kind, path: str = "") -> None:
    """Raises WrongKind, naming both kinds and the repair, unless the operator takes them."""
    fitting = COMPARABLE[operator]
    if (left, right) in fitting:
        return
    partners = sorted(of_right.value for of_left, of_right in fitting if of_left is left)
    takes = sorted({of_left.value for of_left, _ in fitting})
    hint = f"Compare it with {' or '.join(partners)}" if partners else f"{operator} takes {', '.join(takes)}"
    if left is Kind.LABELS:
        hint = "Ask labels with has, or for their size"
    hint = _REPAIRS.get((left, right), hint)
    raise WrongKind(f"{left.value} {operator} {right.value} has no meaning", path=path, hint=hint)


def require(found: Kind, wanted: Kind, what: str, path: str = "") -> None:
    """Raises WrongKind unless the kind is the one that is wanted."""
    if found is not wanted:
        raise WrongKind(f"only {wanted.value} {what}, not {found.value}", path=path)


def _column_kind(name: str, schema: Schema, collection: str | None, path: str) -> Kind:
    if collection is None:
        raise RuleError(
            f"the column {name!r} stands outside of a where",
            path=path,
            hint="Aggregate it (orders.total.sum()), or move the comparison into a where",
        )
    return schema.collection(collection, path=path).column(name, path=path).kind


def aggregate_kind(value: Aggregate, schema: Schema, path: str = "") -> Kind:
    """The kind of an aggregate. Raises RuleError for count of a column or anything else of none."""
    rows = schema.collection(value.events.collection, path=path)
    if value.function == "count":
        if value.column is not None:
            raise RuleError(
                "count takes no column", path=path, hint="Count rows, or use distinct for a column's values"
            )
        return Kind.NUMBER
    if value.column is None:
        raise RuleError(f"{value.function} needs a column", path=path, hint=f"Name one of {', '.join(rows.columns)}")
    kind = rows.column(value.column, path=path).kind
    if value.function not in REDUCIBLE:
        raise UnknownName("aggregate", value.function, ("count", *REDUCIBLE), path=path)
    if kind not in REDUCIBLE[value.function]:
        takes = ", ".join(sorted(each.value for each in REDUCIBLE[value.function]))
        raise WrongKind(
            f"{rows.name}.{value.column} is {kind.value} and has no {value.function}",
            path=path,
            hint=f"{value.function} takes {takes}",
        )
    return Kind.NUMBER if value.function == "distinct" else kind


def arithmetic_kind(operation: Operation, kinds: tuple[Kind, Kind], path: str = "") -> Kind:
    """The kind of what is calculated from two kinds. Raises WrongKind when it has no meaning."""
    left, right = kinds
    found = _ARITHMETIC.get((operation, left, right))
    if found is None:
        hint = "Move an instant by a span instead" if Kind.INSTANT in kinds else "Calculate with numbers and amounts"
        raise WrongKind(f"{left.value} {operation} {right.value} has no meaning", path=path, hint=hint)
    return found


def function_kind(function: Function, operand: Kind, path: str = "") -> Kind:
    """The kind of what a function gives. Raises WrongKind unless it takes the operand's."""
    if function not in FUNCTIONS:
        raise UnknownName("function", function, FUNCTIONS, path=path)
    takes, gives = FUNCTIONS[function]
    require(operand, takes, f"has {function}", path)
    return gives
