"""What a column's dtype cannot hold, refused when it is known: a rule would be wrong in silence."""

from typing import Any, Final, assert_never

import narwhals as nw

from retention.errors import ConfigurationError
from retention.rules.backends.frames.stored import Enclosed
from retention.rules.backends.sets.layout import Layout, Place
from retention.rules.backends.sets.storage import Aware, Decimals, Epoch, Json, Listed, Major, Minor, Naive, Separated
from retention.schema import Kind

_TEXTS: Final = (nw.String, nw.Categorical, nw.Enum)
_MOST_PLACES: Final = 9


def check(place: Place[str], dtype: Any, path: str, layout: Layout[Any, str]) -> None:
    """Raises ConfigurationError for a column that cannot be what it is said to be; of an untyped one nobody can say."""
    if isinstance(dtype, Enclosed) or dtype == nw.Unknown:
        return
    if not _fits(place, dtype):
        kept = f" kept as {place.form!r}" if place.form is not None else ""
        raise ConfigurationError(f"{path} is {place.kind.value}{kept}, its column is {dtype}", hint=_hint(place, dtype))
    if dtype.is_decimal():
        _check_decimals(place, dtype.scale, path, layout)


def _fits(place: Place[str], dtype: Any) -> bool:
    match place.form:
        case Aware():
            return dtype == nw.Datetime and dtype.time_zone is not None
        case Naive():
            return dtype == nw.Datetime and dtype.time_zone is None
        case Listed():
            return dtype in (nw.List, nw.Array)
        case Separated() | Json():
            return dtype in _TEXTS
        case Epoch() | Minor() | Major() | Decimals():
            return bool(dtype.is_numeric())
        case None:
            return _fits_plainly(place.kind, dtype)
        case _:
            assert_never(place.form)


def _fits_plainly(kind: Kind, dtype: Any) -> bool:
    if kind is Kind.TEXT:
        return dtype in _TEXTS or bool(dtype.is_integer())
    if kind is Kind.FLAG:
        return bool(dtype == nw.Boolean)
    return dtype == nw.Date or (dtype == nw.Datetime and dtype.time_zone is None)


def _hint(place: Place[str], dtype: Any) -> str:
    match place.kind:
        case Kind.INSTANT:
            return _instant_hint(dtype)
        case Kind.LABELS if dtype in _TEXTS:
            return "Say how labels are kept: Stored(labels=Separated(',')) or As(column, Separated(','))"
        case Kind.LABELS:
            return "Say so of a list: Stored(labels=Listed()) or As(column, Listed())"
        case Kind.NUMBER | Kind.AMOUNT:
            return "Cast it to a number first"
        case Kind.DATE if dtype == nw.Datetime:
            return "Say on whose calendar: convert it to that zone, then to dates"
        case Kind.TEXT if dtype.is_float():
            return "Of ids that are whole numbers with gaps, keep these as such: cast it to Int64"
        case Kind.TEXT | Kind.FLAG | Kind.DATE:
            return f"Cast it to what is {place.kind.value} first, or name another column"
        case _:
            assert_never(place.kind)


def _instant_hint(dtype: Any) -> str:
    if dtype == nw.Datetime and dtype.time_zone is None:
        return "Say which zone's clock it shows: Stored(instants=Naive(zone)) or As(column, Naive(zone))"
    if dtype == nw.Datetime:
        return "It knows its zone: say Stored(instants=Aware()) or As(column, Aware())"
    if dtype.is_numeric():
        return "Say so: Stored(instants=Epoch()) or As(column, Epoch())"
    return "Parse it into datetimes first"


# Fractions. -----------------------------------------------------------------------------------------------------------


def _check_decimals(place: Place[str], scale: int, path: str, layout: Layout[Any, str]) -> None:
    """12.34 dollars, taken for 12 cents; 4.5 stars, rounded."""
    if isinstance(place.form, Minor) and scale and (layout.currency is None or layout.exponent):
        raise _as_whole(f"{path} has {scale} decimals and is read as whole minor units")
    declared = min(scale, _MOST_PLACES)
    if isinstance(place.form, Decimals) and declared > place.form.places:
        raise ConfigurationError(
            f"{path} has {scale} decimals and is read with {place.form.places}",
            hint=f"Say As(column, Decimals({declared})), or Stored(numbers=...) of all; or cast it to fewer decimals",
        )


def check_floats(place: Place[str], dtype: Any, path: str, layout: Layout[Any, str]) -> None:
    """Raises ConfigurationError for floats that are said to be whole. Not for pandas: there, gaps make floats."""
    if dtype.is_float() and is_said_whole(place, layout):
        raise no_whole_numbers(place, f"{path} is {dtype}")


def is_said_whole(place: Place[str], layout: Layout[Any, str]) -> bool:
    """Whether a column has whole numbers that a fraction would show not to be what they were taken for."""
    return (
        place.form == Decimals(0)
        or isinstance(place.form, Epoch)
        or (isinstance(place.form, Minor) and layout.exponent > 0)
    )


def no_whole_numbers(place: Place[str], problem: str) -> ConfigurationError:
    """The error for a column that is said to be whole and is not."""
    if isinstance(place.form, Minor):
        return _as_whole(f"{problem} and is read as whole minor units")
    if isinstance(place.form, Epoch):
        hint = (
            'Count in whole ones: of seconds with a fraction, (column * 1_000_000) cast to Int64, As(..., Epoch("us"))'
        )
        return ConfigurationError(f"{problem} and is read as a whole number since 1970", hint=hint)
    hint = "Say how many decimals count: As(column, Decimals(1)); of whole numbers, cast it to Int64"
    return ConfigurationError(f"{problem} and is read as whole numbers", hint=hint)


def _as_whole(problem: str) -> ConfigurationError:
    return ConfigurationError(
        problem, hint="Say Stored(amounts=Major()) or As(column, Major()); of whole minor units, cast it to Int64"
    )
