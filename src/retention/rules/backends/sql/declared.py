"""What a column's declared type cannot hold, refused when the tables are told of: a rule would be wrong in silence.

A type of the host's own (``TypeDecorator``) may hold anything.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias, assert_never

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from retention.errors import ConfigurationError
from retention.rules.backends.sets.layout import Place
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.rules.backends.sql.draft import SqlLayout
from retention.schema import Kind

Type: TypeAlias = TypeEngine[Any]

_MOST_PLACES: Final = 9


def check(layout: SqlLayout) -> None:
    """Raises ConfigurationError for the first column that cannot be kept as it is said to be."""
    for path, place in _places(layout):
        if not isinstance(place.column.type, TypeDecorator):
            _check_form(path, place, layout)
    for name, source in layout.collections.items():
        _check_key(name, source.customer.type, layout.customers.customer.type)


def _places(layout: SqlLayout) -> Iterator[tuple[str, Place[ColumnElement[Any]]]]:
    for name in layout.customers.columns:
        yield name, layout.place(None, name)
    for collection, source in layout.collections.items():
        for name in source.columns:
            yield f"{collection}.{name}", layout.place(collection, name)


def _check_form(path: str, place: Place[ColumnElement[Any]], layout: SqlLayout) -> None:
    type_ = place.column.type
    match place.form:
        case Separated() | Json():
            return
        case None:
            _check_plain(path, place.kind, type_)
        case Listed():
            _check_list(path, type_)
        case Epoch():
            _check_epoch(path, type_)
        case Aware() | Naive():
            _check_time(path, type_, place.form)
        case Major():
            _check_number(path, type_)
        case Minor():
            _check_number(path, type_)
            _check_minor(path, type_, layout)
        case Decimals(places):
            _check_number(path, type_)
            _check_places(path, type_, places)
        case _:
            assert_never(place.form)


def _check_plain(path: str, kind: Kind, type_: Type) -> None:
    """``'N'``, which is true to one database and false to another; a date whose midnight is of no known zone."""
    if kind is Kind.FLAG and isinstance(type_, sa.String | sa.Date | sa.DateTime):
        hint = 'Give a condition: rows(..., given=table.c.given == "Y")'
        raise ConfigurationError(f"{path} is declared as {type_!r}, not as a flag", hint=hint)
    if kind is Kind.DATE and isinstance(type_, sa.String):
        raise ConfigurationError(
            f"{path} is declared as {type_!r}, not as a date", hint="Give sa.cast(column, sa.Date)"
        )
    if kind is Kind.DATE and isinstance(type_, sa.DateTime) and type_.timezone:
        hint = 'Say on whose calendar: sa.cast(sa.func.timezone("Asia/Seoul", column), sa.Date), in PostgreSQL'
        raise ConfigurationError(f"{path} is declared as {type_!r}, not as a date", hint=hint)


def _check_list(path: str, type_: Type) -> None:
    if isinstance(type_, sa.String):
        hint = 'Say how labels are kept: Stored(labels=Separated(",")) or Json(), or As(column, ...)'
        raise ConfigurationError(f"{path} is declared as {type_!r}, not as a list", hint=hint)


def _check_epoch(path: str, type_: Type) -> None:
    if isinstance(type_, sa.DateTime | sa.Date | sa.String):
        raise ConfigurationError(
            f"{path} is declared as {type_!r}, not as a number since 1970",
            hint="Say how instants are kept: Stored(instants=Aware()) or Naive(zone), or As(column, ...)",
        )
    if isinstance(type_, sa.Float) or _decimals(type_):
        raise ConfigurationError(
            f"{path} is declared as {type_!r} and is read as a whole number since 1970",
            hint='Of seconds with a fraction: As(sa.cast(column * 1_000_000, sa.BigInteger), Epoch("us"))',
        )


def _check_time(path: str, type_: Type, form: Aware | Naive) -> None:
    if isinstance(type_, sa.Integer | sa.Numeric | sa.Float):
        hint = "Say so: Stored(instants=Epoch()) or As(column, Epoch())"
        raise ConfigurationError(f"{path} is declared as a number", hint=hint)
    if isinstance(type_, sa.Date | sa.String):
        hint = "Give a column or an expression of the type DateTime"
        raise ConfigurationError(f"{path} is declared as {type_!r}, not as an instant", hint=hint)
    if isinstance(form, Aware) and isinstance(type_, sa.DateTime) and not type_.timezone:
        hint = "Say which zone's clock it shows: Stored(instants=Naive(zone)) or As(column, Naive(zone))"
        raise ConfigurationError(f"{path} is declared without a zone", hint=hint)


def _check_number(path: str, type_: Type) -> None:
    if isinstance(type_, sa.String | sa.Date | sa.DateTime):
        hint = "Give a column of numbers, or an expression: sa.cast(column, sa.Numeric(12, 2))"
        raise ConfigurationError(f"{path} is declared as {type_!r}, not as a number", hint=hint)


def _check_minor(path: str, type_: Type, layout: SqlLayout) -> None:
    """12.34 dollars, taken for 12 cents."""
    if layout.currency is not None and not layout.exponent:
        return
    declared = _decimals(type_)
    if declared or (_is_of_any_scale(type_) and layout.currency is not None):
        told = f"has {declared} decimals" if declared else f"is declared as {type_!r}"
        raise ConfigurationError(
            f"{path} {told} and is read as whole minor units",
            hint="Say Stored(amounts=Major()) or As(column, Major()); of whole cents, sa.cast(column, sa.BigInteger)",
        )


def _check_places(path: str, type_: Type, places: int) -> None:
    """4.5 stars, rounded."""
    declared = min(_decimals(type_), _MOST_PLACES)
    if declared > places:
        hint = f"Say Stored(numbers=Decimals({declared})) or As(column, Decimals({declared}))"
        raise ConfigurationError(f"{path} is declared as {type_!r} and is read with {places} decimals", hint=hint)
    if _is_of_any_scale(type_) and not places:
        hint = "Say how many decimals count: As(column, Decimals(1)); of whole numbers, sa.cast(column, sa.BigInteger)"
        raise ConfigurationError(f"{path} is declared as {type_!r} and is read as whole numbers", hint=hint)


def _is_of_any_scale(type_: Type) -> bool:
    """Whether it does not say how many decimals its numbers have, so that they may be cut off in silence."""
    return isinstance(type_, sa.Float) or (isinstance(type_, sa.Numeric) and type_.scale is None)


def _decimals(type_: Type) -> int:
    """How many a type is declared to have; 0 if it does not say."""
    return (type_.scale or 0) if isinstance(type_, sa.Numeric) else 0


def _check_key(collection: str, theirs: Type, own: Type) -> None:
    """A text and a number never meet: some databases refuse to compare them, others find nobody."""
    families = family(theirs), family(own)
    if None not in families and families[0] is not families[1]:
        raise ConfigurationError(
            f"customer of {collection} is {theirs!r}, id of customers is {own!r}",
            hint=f"Make them alike: customer=sa.cast(column, sa.{own!r})",
        )


def family(type_: Type) -> type[Type] | None:
    """What a declared type is a kind of, as far as ids go; None if it cannot be told."""
    if isinstance(type_, TypeDecorator | sa.Enum):
        return None
    if isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float):  # Oracle's whole numbers, for one
        return sa.Integer
    families: tuple[type[Type], ...] = (sa.Integer, sa.String, sa.Uuid)
    return next((each for each in families if isinstance(type_, each)), None)
