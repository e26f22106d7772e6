"""Columns as hosts keep them, read as the whole numbers, texts, flags, dates and instants that terms speak of."""

from decimal import Decimal
from typing import Any, Final, assert_never, final

import narwhals as nw
from attrs import evolve, frozen

from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.sets.layout import Layout, Place
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.rules.nodes import Comparison
from retention.schema import Kind

_LABELS: Final = nw.List(nw.String)
_LARGEST: Final = 2**63 - 1


@final
@frozen
class Enclosed:
    """Labels in one text, each between two of the character ``by``, which is in none of them: how PyArrow has lists."""

    by: str


@final
@frozen(eq=False)
class Value:
    """What a term is: of instants and labels as they are kept (``form``), of everything else plainly.

    ``name`` is the column that it is, if nothing has to be calculated; ``dtype`` that of a kept instant. ``is_wide``:
    a number that may have more than 64 bits. ``kept`` is a column that tells the same values apart, ``bare`` a number
    that is null where ``expr`` is 0 because there is no row. What was filled is never null: of a missing instant,
    ``missing_first`` is before every constant and ``missing_last`` after; of a number, both are ``expr``.
    """

    expr: nw.Expr
    kind: Kind
    form: Form | Enclosed | None = None
    name: str | None = None
    dtype: Any = None
    is_wide: bool = False
    kept: str | None = None
    bare: nw.Expr | None = None
    missing_first: nw.Expr | None = None
    missing_last: nw.Expr | None = None

    @property
    def is_filled(self) -> bool:
        return self.missing_first is not None

    def beside(self, operator: Comparison) -> nw.Expr:
        """What a constant is compared with: false where the value is missing if it was filled, else null."""
        filled = self.missing_last if operator in ("<", "<=") else self.missing_first
        return self.expr if filled is None else filled

    def at(self, name: str) -> "Value":
        """The same in a column of that name."""
        return evolve(self, expr=nw.col(name), name=name, kept=None, bare=None, missing_first=None, missing_last=None)


def read(place: Place[str], dtype: Any, layout: Layout[Any, str], engine: Engine) -> Value:
    """The values of a column of that dtype."""
    column = nw.col(place.column)
    expr, is_wide = column, False
    match place.kind:
        case Kind.NUMBER | Kind.AMOUNT:
            expr, is_wide = _whole(engine, column, dtype, places(place.form, layout)), dtype == nw.Int128
        case Kind.TEXT:
            expr = column if dtype == nw.String else column.cast(nw.String)
        case Kind.FLAG:
            expr = column if dtype == nw.Boolean else column.cast(nw.Boolean)
        case Kind.DATE:
            expr = column if dtype == nw.Date else column.dt.date() if dtype == nw.Datetime else column.cast(nw.Date)
        case Kind.INSTANT:
            return _instant(engine, place, dtype)
        case Kind.LABELS:
            return _labels(place, dtype)
        case _:
            assert_never(place.kind)
    kept = place.column if place.kind is Kind.TEXT else None
    name = place.column if expr is column else None
    return Value(expr, place.kind, place.form, name, is_wide=is_wide, kept=kept)


def places(form: Form | None, layout: Layout[Any, str]) -> int:
    """How many decimals a number is read with: it is counted in as many parts of one."""
    if isinstance(form, Decimals):
        return form.places
    return layout.exponent if isinstance(form, Major) else 0


def _whole(engine: Engine, column: nw.Expr, dtype: Any, places: int) -> nw.Expr:
    """A number as so many parts of one, rounded to a whole number; NaN and infinite ones are missing.

    Of ``Int128`` are the columns that ``opening`` wants read with so many bits, and sums that DuckDB made.
    """
    if dtype.is_integer() or dtype == nw.Unknown:
        kept = nw.Int128 if dtype == nw.Int128 else nw.Int64
        whole = column if dtype == nw.Int64 else column.cast(kept)
        return whole * 10**places if places else whole
    if dtype.is_decimal():
        return _whole_decimal(engine, column, dtype, places)
    double = column.cast(nw.Float64) if dtype == nw.Float32 else column
    parts = double * 10**places if places else double
    known = nw.when(parts.abs() < 2.0**63).then(parts)
    return _nearest(known) if engine is Engine.POLARS else known.round(0).cast(nw.Int64)


def _whole_decimal(engine: Engine, column: nw.Expr, dtype: Any, places: int) -> nw.Expr:
    if engine is Engine.POLARS:
        whole = column.cast(nw.Int64)
        units: nw.Expr = whole * 10**places
        return units + _nearest((column - whole) * 10**places) if dtype.scale else units
    # PyArrow adds up the digits of both factors, and 38 are all it has; a whole number would bring 19.
    # A number below one needs a digit before the point, to be rounded up to.
    is_long = dtype.precision > 28
    exact = column.round(places).cast(nw.Decimal(28, places)) if is_long else column.cast(nw.Decimal(28, dtype.scale))
    return (exact * nw.lit(Decimal(10**places)) if places else exact).round(0).cast(nw.Int64)


def _nearest(parts: nw.Expr) -> nw.Expr:
    """The nearest whole numbers, halves away from zero, which Polars would round to even; its casts cut off."""
    whole = parts.cast(nw.Int64)
    return whole + ((parts - whole) * 2).cast(nw.Int64)


def _labels(place: Place[str], dtype: Any) -> Value:
    column = nw.col(place.column)
    if isinstance(dtype, Enclosed):
        return Value(column, Kind.LABELS, dtype, place.column)
    kept = _LABELS if isinstance(place.form, Listed) else nw.String
    if dtype == kept:
        return Value(column, Kind.LABELS, place.form, place.column)
    return Value(column.cast(kept), Kind.LABELS, place.form)


def _instant(engine: Engine, place: Place[str], dtype: Any) -> Value:
    column = nw.col(place.column)
    match place.form:
        case Epoch():
            # What is larger still is as late as what is largest: far behind the end of the calendar.
            number = column.clip(upper_bound=_LARGEST) if dtype == nw.UInt64 else column
            whole = _whole(engine, number, dtype, 0)
            name = place.column if dtype == nw.Int64 else None
            return Value(whole, Kind.INSTANT, place.form, name, nw.Int64())
        case Aware() | Naive():
            # What is of no known type is nothing but null.
            kept = (
                dtype if dtype == nw.Datetime else nw.Datetime("us", "UTC" if isinstance(place.form, Aware) else None)
            )
            return Value(column, Kind.INSTANT, place.form, place.column, kept)
        case Minor() | Major() | Decimals() | Listed() | Separated() | Json() | None:
            raise AssertionError("a layout lets instants have forms of instants only")
        case _:
            assert_never(place.form)
