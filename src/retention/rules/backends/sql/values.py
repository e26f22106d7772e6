"""Values as the database has them, and what they are when a rule reads them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, assert_never, cast, final

import sqlalchemy as sa
from attrs import evolve, field, frozen
from sqlalchemy import BigInteger, ColumnElement, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from retention.errors import UnsupportedRule
from retention.rules.backends.sets.layout import Place
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    InstantForm,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.rules.backends.sql.instants import Instant
from retention.rules.backends.sql.native import Native
from retention.schema import Kind

Expression: TypeAlias = ColumnElement[Any]

_MOST: Final = 2**63
ZERO: Final[Expression] = sa.literal_column("0", BigInteger)


@final
@frozen(eq=False)
class Found:
    """Where a value is found. ``form`` None is for what is kept as itself, numbers as whole ones.

    ``or_zero``: nothing found is 0.
    """

    column: Expression
    kind: Kind
    form: Form | None = None
    or_zero: bool = False

    def at(self, column: Expression) -> "Found":
        """The same value, found elsewhere."""
        return evolve(self, column=column)


def kept(place: Place[Expression]) -> Found:
    """What a host's column holds."""
    return Found(place.column, place.kind, place.form)


@final
class Constants:
    """The bound parameters of one statement: equal constants are bound once."""

    def __init__(self) -> None:
        self._bound: dict[tuple[object, ...], Expression] = {}

    def bind(self, value: object, type_: TypeEngine[Any]) -> Expression:
        key = (type(value), value, type_)
        found = self._bound.get(key)
        if found is None:
            found = self._bound[key] = sa.literal(value, type_)
        return found

    def number(self, value: int) -> Expression:
        """A whole number of any size."""
        fits = -_MOST <= value < _MOST
        return self.bind(value, _WHOLE) if fits else self.bind(Decimal(value), _NUMERIC)

    def plain(self, value: str | bool | date, column: Expression) -> Expression:
        """A text, flag or date to be compared with a column."""
        match value:
            case str():
                return self.bind(value, _TEXT)
            case bool() if isinstance(column.type, sa.Integer):
                return self.bind(int(value), _WHOLE)
            case bool():
                return self.bind(value, _FLAG)
            case date():
                return self.bind(value, column.type if isinstance(column.type, TypeDecorator) else _DATE)
            case _:
                assert_never(value)


_WHOLE, _NUMERIC, _TEXT, _FLAG, _DATE = BigInteger(), sa.Numeric(asdecimal=True), Text(), sa.Boolean(), sa.Date()


def whole(found: Found, constants: Constants, exponent: int) -> Expression:
    """A number in whole units of its decimals, an amount in minor units."""
    match found.form:
        case None | Minor():
            return _whole(found, 0, constants)
        case Decimals(places):
            return _whole(found, places, constants)
        case Major():
            return _whole(found, exponent, constants)
        case _:
            raise AssertionError("a number is not kept in this form")


def _whole(found: Found, places: int, constants: Constants) -> Expression:
    column = found.column
    if found.or_zero:
        return sa.func.coalesce(column, ZERO, type_=column.type)
    if found.form is None or (isinstance(column.type, sa.Integer) and not places):
        return column
    if isinstance(column.type, sa.Integer):
        return sa.cast(column, BigInteger) * constants.number(10**places)
    exact = isinstance(column.type, sa.Numeric) and not isinstance(column.type, sa.Float)
    if exact and column.type.scale is not None and column.type.scale <= places:
        return column * constants.bind(Decimal(10**places), _NUMERIC) if places else column
    scaled = column * constants.number(10**places) if places else column
    return sa.cast(sa.func.round(scaled), BigInteger)


def text(found: Found) -> Expression:
    """A text, of whatever type the column is."""
    column = found.column
    if _is_text(column.type):
        return column
    return sa.cast(column, Text)


def _is_text(type_: TypeEngine[Any]) -> bool:
    if isinstance(type_, TypeDecorator):
        return _is_text(type_.impl_instance)
    return isinstance(type_, sa.String | sa.types.NullType) and not isinstance(type_, sa.Enum)


def in_order(found: Found) -> Expression:
    """An id, in the order of code points."""
    return Native("code_points", text(found), type_=Text)


def instant(found: Found) -> Instant:
    """A stored instant."""
    return Instant(found.column, cast("InstantForm", found.form))


# Labels. --------------------------------------------------------------------------------------------------------------


def has_label(labels: Found, label: Expression) -> Expression:
    """Whether the labels contain one."""
    match labels.form:
        case Listed():
            return Native("listed_has", labels.column, label, type_=sa.Boolean)
        case Json():
            return Native("json_has", labels.column, label, type_=sa.Boolean)
        case Separated(by):
            return _in_separated(text(labels), label, by)
        case _:
            raise AssertionError("labels are not kept in this form")


def _in_separated(labels: Expression, label: Expression, by: str) -> Expression:
    comma = sa.literal(by, _TEXT)
    within = Native("contains", comma + labels + comma, comma + label + comma, type_=sa.Boolean)
    return sa.and_(within, label != "", ~Native("contains", label, comma, type_=sa.Boolean))


def size(labels: Found) -> Expression:
    """How many different labels there are."""
    match labels.form:
        case Listed():
            count: Expression = Native("listed_size", labels.column, type_=BigInteger)
        case Json():
            present = Native("json_present", labels.column, type_=Text)
            return sa.case((present.is_not(None), Native("json_size", present, type_=BigInteger)))
        case Separated(by):
            _refuse_letters(by)
            count = Native("separated_size", text(labels), sa.literal(by, _TEXT), type_=BigInteger)
        case _:
            raise AssertionError("labels are not kept in this form")
    return sa.case((labels.column.is_not(None), count))
