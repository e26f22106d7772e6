"""Instants as tables keep them: the types of constants beside them, and what the database calculates."""

from datetime import datetime, tzinfo
from typing import Any, assert_never, final

from attrs import frozen
from sqlalchemy import TIMESTAMP, BigInteger, ColumnElement, Date, DateTime, Dialect, String, cast, literal
from sqlalchemy.types import TypeDecorator, TypeEngine

from retention.errors import UnsupportedRule
from retention.rules.backends.sets.kept_instants import MICROSECONDS, fixed_offset
from retention.rules.backends.sets.storage import Aware, Epoch, InstantForm, Naive
from retention.rules.backends.sql.native import Native
from retention.spans import TICK

_KEEP_NO_ZONES = ("sqlite", "mysql", "mariadb")


@final
class AwareInstant(TypeDecorator[datetime]):
    """A constant beside a column that knows its zone. Refused by databases that keep none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in _KEEP_NO_ZONES:
            raise UnsupportedRule(
                f"an instant that knows its zone, which {dialect.name} cannot keep",
                hint="Say how instants are kept: Stored(instants=Naive(zone)) or Epoch()",
                ever="never",
            )
        # BigQuery's package takes DateTime, zone or not, for its DATETIME, which cannot be compared with an instant.
        return TIMESTAMP(timezone=True) if dialect.name == "bigquery" else DateTime(timezone=True)


@final
class WallTime(TypeDecorator[datetime]):
    """A constant beside a column that keeps wall clock times.

    ``declared_aware``: the column is declared to know its zone, which is a wall clock time only where none is kept.

    SQLite compares them as the texts that it keeps, and those may end in a fraction of a second or, where that is 0, in
    none (``CURRENT_TIMESTAMP``): of one instant the text without zeros at its end is the first and the text with all
    six digits the last. ``shortest`` asks for the first.
    """

    impl = DateTime(timezone=False)
    cache_ok = True

    def __init__(self, declared_aware: bool = False, shortest: bool = False) -> None:
        self.declared_aware = declared_aware
        self.shortest = shortest
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if self.declared_aware and dialect.name not in _KEEP_NO_ZONES:
            raise UnsupportedRule(
                f"a wall clock time, in a column that knows its zone in {dialect.name}",
                hint="Say how instants are kept there: Stored(instants=Aware())",
                ever="never",
            )
        return String() if self._is_cut(dialect) else DateTime(timezone=False)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or not self._is_cut(dialect):
            return value
        text = value.isoformat(" ")
        return text.rstrip("0") if value.microsecond else text

    def _is_cut(self, dialect: Dialect) -> bool:
        return self.shortest and dialect.name == "sqlite"


def bound_type(column: ColumnElement[Any], form: InstantForm, shortest: bool = False) -> TypeEngine[Any]:
    """The type of a constant that is compared with a column; a type of the host's own converts datetimes itself."""
    own = column.type if isinstance(column.type, TypeDecorator) else None
    match form:
        case Aware():
            return own or _AWARE
        case Naive():
            return own or _WALLS[bool(getattr(column.type, "timezone", False)), shortest]
        case Epoch():
            return _WHOLE
        case _:
            assert_never(form)


_AWARE, _WALL, _WHOLE = AwareInstant(), WallTime(), BigInteger()
_WALLS = {(aware, short): WallTime(aware, short) for aware in (False, True) for short in (False, True)}


# What the database calculates, for stored instants beside one another. ------------------------------------------------


@final
@frozen
class Instant:
    """A stored instant."""

    column: ColumnElement[Any]
    form: InstantForm


def alike(left: Instant, right: Instant) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two instants as values that compare as they do: as they are if they are kept alike."""
    if left.form == right.form:
        return in_one_spelling(left), in_one_spelling(right)
    return micros(left), micros(right)


def in_one_spelling(instant: Instant) -> ColumnElement[Any]:
    """The instant as a value that is equal to another only if that is the same instant."""
    if isinstance(instant.form, Naive):
        return Native("wall_in_full", instant.column, type_=instant.column.type)
    return instant.column


def micros(instant: Instant) -> ColumnElement[Any]:
    """Microseconds since 1970."""
    match instant.form:
        case Aware():
            return Native("aware_micros", instant.column, type_=BigInteger)
        case Naive(zone) if (offset := fixed_offset(zone)) is not None:
            shown: ColumnElement[Any] = Native("wall_micros", instant.column, type_=BigInteger)
            return shown - _whole(offset // TICK) if offset else shown
        case Naive():
            return micros(_aware(instant))
        case Epoch(unit):
            size = MICROSECONDS[unit]
            return instant.column if size == 1 else cast(instant.column, BigInteger) * _whole(size)
        case _:
            assert_never(instant.form)


def later(instant: Instant, by: int) -> Instant:
    """The instant moved by microseconds, back if negative, kept as before where that can say it."""
    column, form = instant.column, instant.form
    match form:
        case Aware():
            return Instant(Native("aware_moved", column, _whole(by), type_=_AWARE), form)
        case Naive(zone) if fixed_offset(zone) is not None:
            return Instant(Native("wall_moved", column, _whole(by), type_=_WALL), form)
        case Naive():
            return later(_aware(instant), by)
        case Epoch(unit) if by % MICROSECONDS[unit] == 0:
            return Instant(cast(column, BigInteger) + _whole(by // MICROSECONDS[unit]), form)
        case Epoch():
            return Instant(micros(instant) + _whole(by), Epoch("us"))
        case _:
            assert_never(form)


def day(instant: Instant, zone: tzinfo) -> ColumnElement[Any]:
    """The date on the calendar of a zone."""
    if isinstance(instant.form, Naive) and instant.form.zone == zone:
        return Native("day", instant.column, type_=Date)
    offset = fixed_offset(zone)
    if isinstance(instant.form, Naive) and offset is not None:
        here = fixed_offset(instant.form.zone)
        if here is not None:
            return Native("day", later(instant, (offset - here) // TICK).column, type_=Date)
    if offset is not None:
        moved = later(_aware(instant), offset // TICK)
        return Native("day", _wall(moved, "UTC"), type_=Date)
    return Native("day", _wall(_aware(instant), zone_name(zone)), type_=Date)


def _wall(aware: Instant, zone: str) -> ColumnElement[Any]:
    return Native("wall", aware.column, literal(zone), type_=_WALL)


def _aware(instant: Instant) -> Instant:
    match instant.form:
        case Aware():
            return instant
        case Naive(zone) if (offset := fixed_offset(zone)) is not None:
            in_utc = later(instant, -offset // TICK) if offset else instant
            return _at_wall(in_utc.column, "UTC")
        case Naive(zone):
            return _at_wall(instant.column, zone_name(zone))
        case Epoch():
            return Instant(Native("aware_of_micros", micros(instant), type_=_AWARE), Aware())
        case _:
            assert_never(instant.form)


def _at_wall(wall: ColumnElement[Any], zone: str) -> Instant:
    return Instant(Native("aware_of_wall", wall, literal(zone), type_=_AWARE), Aware())


def zone_name(zone: tzinfo) -> str:
    """The name by which a database knows a zone. Raises UnsupportedRule for one without a name."""
    name = getattr(zone, "key", None)
    if isinstance(name, str):
        return name
    raise UnsupportedRule(
        "a time zone without a name, in which the database cannot calculate", hint="Give a zoneinfo.ZoneInfo"
    )


def _whole(number: int) -> ColumnElement[int]:
    return literal(number, BigInteger)
