"""Values of facts as JSON, and back: exact numbers, money, instants, dates, labels.

Fields of the library's own classes have a kind that their schema says. What a host put into its own columns and
attributes says what it is by itself: JSON as it is, anything else as a list of one word and the value.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from json import dumps
from operator import index
from typing import Any, Final, TypeAlias

from retention.checks import Number, instant
from retention.errors import FactError
from retention.loyalty.ledger.wire import instant_of, micros
from retention.money import Money
from retention.schema import Kind

Convert: TypeAlias = Callable[[Any], Any]


# By the kind of a field. ---------------------------------------------------------------------------------------------


def number_written(number: Number) -> int | str:
    """A whole number as it is, a fraction as text: ``"1/3"``."""
    return number if type(number) is int else str(number)


def number_of(said: Any) -> Number:
    return said if type(said) is int else _fraction(said)


def money_written(money: Money) -> list[Any]:
    """Minor units and currency: ``[12900, "KRW"]``."""
    return [money.minor, money.currency]


def money_of(said: Any) -> Money:
    minor, currency = said
    return Money(minor, currency)


WRITE: Final[Mapping[Kind, Convert]] = {
    Kind.NUMBER: number_written,
    Kind.AMOUNT: money_written,
    Kind.INSTANT: micros,
    Kind.DATE: date.isoformat,
    Kind.LABELS: sorted,
}
"""Of kinds that JSON does not have."""

READ: Final[Mapping[Kind, Convert]] = {
    Kind.NUMBER: number_of,
    Kind.AMOUNT: money_of,
    Kind.INSTANT: instant_of,
    Kind.DATE: date.fromisoformat,
    Kind.LABELS: frozenset,
}


# A host's own. -------------------------------------------------------------------------------------------------------


def own_written(values: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A host's values by name. Raises FactError for one that no column can hold."""
    return {name: _written(value, f"{field}[{name!r}]") for name, value in values.items()}


def own_of(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value_of(value) for name, value in said.items()}


def _written(value: Any, field: str) -> Any:
    match value:
        case None | bool() | float():
            return value
        case str():
            return str.__str__(value)
        case int():
            return index(value)
        case Money():
            return ["money", *money_written(value)]
        case datetime():
            return ["instant", micros(instant(value, field))]
        case date():
            return ["date", value.isoformat()]
        case Fraction():
            return ["fraction", str(value)]
        case Decimal():
            return ["decimal", str(value)]
        case list() | tuple() | set() | frozenset():
            return _several_written(value, field)
        case _:
            return _whole_number(value, field)


def _several_written(values: Any, field: str) -> list[Any]:
    """Sets in one order, so that equal ones are written alike."""
    parts = [_written(each, field) for each in values]
    if isinstance(values, set | frozenset):
        parts.sort(key=dumps)
    kind = next(kind for kind in _SEVERAL.values() if isinstance(values, kind))
    return [kind.__name__, *parts]


def _whole_number(value: Any, field: str) -> int:
    """Whole numbers of other libraries."""
    try:
        return index(value)
    except TypeError:
        hint = "Give text, a number, money, a datetime, a date, a truth value or a set of labels"
        raise FactError(field, "is nothing that a column can hold", got=value, hint=hint) from None


def _value_of(said: Any) -> Any:
    if not isinstance(said, list):
        return said
    kind, *parts = said
    if kind in _SEVERAL:
        return _SEVERAL[kind](map(_value_of, parts))
    return _OWN[kind](*parts)


def _fraction(said: str) -> Fraction:
    above, _, below = said.partition("/")
    return Fraction(int(above), int(below or 1))


_SEVERAL: Final[Mapping[str, type]] = {each.__name__: each for each in (list, tuple, set, frozenset)}
_OWN: Final[Mapping[str, Callable[..., Any]]] = {
    "money": Money,
    "instant": instant_of,
    "date": date.fromisoformat,
    "fraction": _fraction,
    "decimal": Decimal,
}
