"""Values as the database has them, and what they are when a rule reads them."""

from datetime import date
from typing import Any, Final, TypeAlias, assert_never, cast, final

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import BigInteger, BindParameter, ColumnElement, Dialect, Text
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

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
from retention.rules.nodes import Comparison
from retention.schema import Kind

Expression: TypeAlias = ColumnElement[Any]

_MOST: Final = 2**63
ZERO: Final[Expression] = sa.literal_column("0", BigInteger)


@final
@frozen(eq=False)
class Found:
    """Where a value is found. ``form`` None is for what is kept as itself, numbers as whole ones.

    ``or_zero``: nothing found is 0. What was filled is never NULL: of a missing instant, ``missing_first`` is before
    every constant that it is compared with and ``missing_last`` after; of a number, both are ``column``.
    """

    column: Expression
    kind: Kind
    form: Form | None = None
    or_zero: bool = False
    missing_first: Expression | None = None
    missing_last: Expression | None = None

    @property
    def is_filled(self) -> bool:
        return self.missing_first is not None

    def beside(self, operator: Comparison) -> Expression:
        """What a constant is compared with: false where the value is missing if it was filled, else NULL."""
        filled = self.missing_last if operator in ("<", "<=") else self.missing_first
        return self.column if filled is None else filled

    def at(self, column: Expression) -> "Found":
        """The same value, found elsewhere."""
        return evolve(self, column=column, missing_first=None, missing_last=None)


def kept(place: Place[Expression]) -> Found:
    """What a host's column holds."""
    return Found(place.column, place.kind, place.form)


@final
class LongNumber(TypeDecorator[int]):
    """A whole constant that may be longer than 64 bits, or stands beside decimals."""

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # DuckDB takes whole numbers of any length, but SQLAlchemy would hand it the nearest float of a Numeric.
        return BigInteger() if dialect.name == "duckdb" else sa.Numeric()


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
        return self.bind(value, _WHOLE) if _fits(value) else self.bind(value, _NUMERIC)

    def numbers(self, values: list[int]) -> BindParameter[Any]:
        """The numbers of a list."""
        type_ = _WHOLE if all(map(_fits, values)) else _NUMERIC
        return sa.bindparam(None, values, expanding=True, type_=type_)

    def text(self, value: str) -> Expression:
        bound = self.bind(value, _TEXT)
        return Native("text_with_nul", bound, type_=_TEXT) if "\0" in value else bound

    def texts(self, values: list[str]) -> BindParameter[Any] | list[Expression]:
        """The texts of a list."""
        if any("\0" in each for each in values):
            return [self.text(each) for each in values]
        return sa.bindparam(None, values, expanding=True, type_=_TEXT)

    def plain(self, value: bool | date, beside: Expression | None) -> Expression:
        """A flag or date, to be compared with a column."""
        type_ = _FLAG if beside is None else beside.type
        match value:
            case bool() if isinstance(type_, sa.Integer | sa.Numeric):
                return self.bind(int(value), _WHOLE)
            case bool():
                return self.bind(value, type_ if isinstance(type_, TypeDecorator) else _FLAG)
            case date():
                return self.bind(value, type_ if isinstance(type_, TypeDecorator) else _DATE)
            case _:
                assert_never(value)


def _fits(value: int) -> bool:
    return -_MOST <= value < _MOST


_WHOLE, _NUMERIC, _TEXT, _FLAG, _DATE = BigInteger(), LongNumber(), Text(), sa.Boolean(), sa.Date()


def whole(found: Found, constants: Constants, exponent: int) -> Expression:
    """A number in whole units of its decimals, an amount in minor units."""
    match found.form:
        case None | Minor():
            return _whole(found, 0, constants)
        case Decimals(places):
            return _whole(found, places, constants)
        case Major():
            return _whole(found, exponent, constants)
        case Aware() | Naive() | Epoch() | Listed() | Separated() | Json():
            raise AssertionError("a number is not kept in this form")
        case _:
            assert_never(found.form)


def _whole(found: Found, places: int, constants: Constants) -> Expression:
    column = found.column
    if found.or_zero:
        return sa.func.coalesce(column, ZERO, type_=BigInteger)
    if found.form is None or (isinstance(column.type, sa.Integer) and not places):
        return column
    if isinstance(column.type, sa.Integer):
        return sa.cast(column, BigInteger) * constants.number(10**places)
    if _is_exact(column.type, places):
        scaled = column * constants.bind(10**places, _NUMERIC) if places else column
        return Native("whole_decimal", scaled, type_=_NUMERIC)
    exact = sa.cast(column, sa.Double) if isinstance(column.type, sa.Float) else column  # FLOAT has 32 bits in some
    scaled = exact * constants.number(10**places) if places else exact
    # NaN and infinite ones are missing: a database would refuse the whole query for one of them.
    known = sa.case((sa.func.abs(scaled) < constants.number(_MOST), scaled))
    return sa.cast(Native("nearest", known, type_=_NUMERIC), BigInteger)


def _is_exact(type_: TypeEngine[Any], places: int) -> bool:
    """Whether a column holds no finer digits than so many decimal places."""
    if isinstance(type_, sa.Float) or not isinstance(type_, sa.Numeric):
        return False
    return type_.scale is not None and type_.scale <= places


def plainly(found: Found) -> Expression:
    """A flag or a date; a date that is kept with a time of day is that day."""
    is_day = found.kind is Kind.DATE and isinstance(found.column.type, sa.DateTime)
    return Native("day", found.column, type_=_DATE) if is_day else found.column


def text(found: Found) -> Expression:
    """A text, of whatever type the column is."""
    column, type_ = found.column, found.column.type
    if isinstance(type_, TypeDecorator):  # what is stored is compared, not what the host makes of it
        column, type_ = sa.type_coerce(column, type_.impl_instance), type_.impl_instance
    if isinstance(type_, sa.Uuid):
        return Native("uuid_text", column, type_=Text)
    is_text = isinstance(type_, sa.String | NullType) and not isinstance(type_, sa.Enum)
    return column if is_text else sa.cast(column, Text)


def identity(found: Found) -> Expression:
    """Something that differs where texts differ; code points are sorted sooner than words of a language."""
    said = text(found)
    return Native("code_points", said, type_=Text) if said is found.column else found.column


def in_order(found: Found) -> Expression:
    """An id in the order of code points, numbers as their digits: all engines order rows of one instant alike."""
    return Native("code_points", text(found), type_=Text)


def instant(found: Found) -> Instant:
    """A stored instant."""
    return Instant(found.column, cast("InstantForm", found.form))


# Labels. --------------------------------------------------------------------------------------------------------------


def has_label(labels: Found, label: Expression) -> Expression:
    """Whether the labels contain one."""
    match labels.form:
        case Listed():
            return Native("listed_has", labels.column, label, type_=_FLAG)
        case Json():
            return Native("json_has", labels.column, label, type_=_FLAG)
        case Separated(by):
            return _in_separated(text(labels), label, by)
        case Aware() | Naive() | Epoch() | Minor() | Major() | Decimals() | None:
            raise AssertionError("labels are not kept in this form")
        case _:
            assert_never(labels.form)


def _in_separated(labels: Expression, label: Expression, by: str) -> Expression:
    """``,vip,`` is within ``,vip,wholesale,``; a label that is empty or has a comma of its own is none."""
    comma = sa.literal(by, _TEXT)
    within = Native("contains", comma + labels + comma, comma + label + comma, type_=_FLAG)
    if isinstance(label, BindParameter):
        return within if label.value and by not in label.value else sa.false()
    return sa.and_(within, label != sa.literal("", _TEXT), sa.not_(Native("contains", label, comma, type_=_FLAG)))


def present(labels: Found) -> Expression:
    """Something that is NULL if the labels are missing."""
    return Native("json_present", labels.column, type_=Text) if isinstance(labels.form, Json) else labels.column


def size(labels: Found) -> Expression:
    """How many different labels there are."""
    return sa.case((present(labels).is_not(None), _number_of_labels(labels)))


def _number_of_labels(labels: Found) -> Expression:
    match labels.form:
        case Listed():
            return Native("listed_size", labels.column, type_=BigInteger)
        case Json():
            return Native("json_size", present(labels), type_=BigInteger)
        case Separated(by):
            _refuse_letters(by)
            return Native("separated_size", text(labels), sa.literal(by, _TEXT), type_=BigInteger)
        case Aware() | Naive() | Epoch() | Minor() | Major() | Decimals() | None:
            raise AssertionError("labels are not kept in this form")
        case _:
            assert_never(labels.form)


def _refuse_letters(by: str) -> None:
    """One wording quotes the text as JSON before it is cut, which changes some characters."""
    if not by.isprintable() or any(each.isalnum() or each in '"\\' for each in by):
        raise UnsupportedRule(f"labels that are separated by {by!r} cannot be counted", hint="Separate by a comma")
