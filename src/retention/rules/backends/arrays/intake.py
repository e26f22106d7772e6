"""How a host's columns come in: any sequence or array, in the form that the mapping names, to a ``Column``.

None, NaN, NaT and the masked cells of a masked array are missing.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any, Final, TypeAlias, assert_never

import numpy as np

from retention.errors import FactError
from retention.rules.backends.arrays.columns import WIDTH, Column, Labels, Mask, Numbers, Whole, Words, ends, some
from retention.rules.backends.arrays.texts import NO_TEXT, encode, encode_numbers, is_missing
from retention.rules.backends.arrays.zones import DAY, EPOCH, FIRST, LAST, SECOND, instants, microseconds
from retention.rules.backends.sets.layout import Place
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    LabelForm,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.schema import Kind
from retention.spans import utc

Cells: TypeAlias = Sequence[Any]
_PLAIN: Final = "biufM"  # booleans, integers, floats, datetime64
_UNIT: Final = {"s": SECOND, "ms": 1000, "us": 1}
_DAY_ZERO: Final = EPOCH.date().toordinal()


def taken_in(given: Any, place: Place[Any], path: str, exponent: int = 0) -> Column:
    """A column as the snapshot keeps it; ``exponent`` is the currency's. Raises FactError for cells of another kind."""
    match place.kind:
        case Kind.TEXT:
            return words(given, path)
        case Kind.LABELS:
            return _labels(given, place.form, path)
        case Kind.NUMBER | Kind.AMOUNT:
            return _scaled(given, _decimal_places(place.form, exponent), path)
        case Kind.INSTANT:
            return _instants(given, place.form, path)
        case Kind.DATE:
            return _dates(given, path)
        case Kind.FLAG:
            return _flags(given, path)
        case _:
            assert_never(place.kind)


def _split(given: Any) -> tuple[Any, Mask | None]:
    """The cells and which of them are masked: an array of a plain type, or a list."""
    if isinstance(given, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(given)
        return (given.data, some(mask)) if given.dtype.kind in _PLAIN else (given.tolist(), None)
    if hasattr(given, "__array__"):
        given = np.asarray(given)
    if isinstance(given, np.ndarray) and given.dtype.kind in _PLAIN:
        return given, None
    return (given.tolist() if isinstance(given, np.ndarray) else list(given)), None


def example(given: Any) -> str | None:
    """The type of the first cell that is not missing; None if all are."""
    cells, masked = _split(given)
    kept = cells if masked is None else cells[~masked]
    return next((type(cell).__name__ for cell in kept if not is_missing(cell)), None)


def _each(cells: Cells, read: Callable[[Any], int], kind: Kind, path: str) -> Numbers:
    """Cells that are read one by one."""
    missing = np.fromiter(map(is_missing, cells), np.bool_, len(cells))
    numbers = (0 if gap else read(cell) for cell, gap in zip(cells, missing.tolist(), strict=True))
    try:
        return Numbers(np.fromiter(numbers, WIDTH[kind], len(cells)), some(missing))
    except OverflowError:
        raise _too_large(path) from None


def _too_large(path: str) -> FactError:
    return FactError(
        path, "does not fit into 64 bits", got=0, hint="Amounts are minor units, numbers have few decimals"
    )


def _refused(path: str, kind: str, got: object, hint: str) -> FactError:
    return FactError(path, f"is not {kind}", got=got, hint=hint)


# Texts and labels. ----------------------------------------------------------------------------------------------------


def words(given: Any, path: str) -> Words:
    """A column of text; whole numbers become their digits, as ids of other tables often are."""
    cells, missing = _split(given)
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind not in "iu":
            raise _refused(path, "text", cells.dtype.name, "Give str, or whole numbers for ids")
        codes, texts = encode_numbers(cells)
        return Words(codes if missing is None else np.where(missing, np.int32(NO_TEXT), codes), texts)
    if int in set(map(type, cells)):
        cells = [str(cell) if type(cell) is int else cell for cell in cells]
    return Words(*encode(cells, path))


def _labels(given: Any, form: Form | None, path: str) -> Labels:
    cells, _ = _split(given)
    assert isinstance(form, Listed | Separated | Json)
    missing = np.fromiter((isinstance(cell, float | None) for cell in cells), np.bool_, len(cells))  # None and NaN
    sets = [() if gap else _set(cell, form, path) for cell, gap in zip(cells, missing.tolist(), strict=True)]
    counts = np.fromiter([len(each) for each in sets], np.int64, len(sets))
    codes, texts = encode(list(chain.from_iterable(sets)), path)
    return Labels(ends(counts), codes, texts, some(missing))


def _set(cell: Any, form: LabelForm, path: str) -> Collection[Any]:
    """The labels of one cell, each once."""
    match form:
        case Listed():
            if isinstance(cell, str) or not isinstance(cell, Iterable):
                raise _refused(path, "a list of texts", cell, "Give lists of str, or say how they are kept: Separated")
            return dict.fromkeys(cell)
        case Separated(by):
            return dict.fromkeys(_text(cell, path).split(by)) if cell else ()
        case Json():
            try:
                found = json.loads(_text(cell, path))
            except ValueError:
                found = None
            if not isinstance(found, list):
                raise _refused(path, "a JSON array of texts", cell, 'Give such as ["vip"]')
            return dict.fromkeys(found)
        case _:
            assert_never(form)


def _text(cell: Any, path: str) -> str:
    if not isinstance(cell, str):
        raise _refused(path, "text", cell, "Give labels in one text, or say how they are kept: Listed")
    return cell


# Numbers and flags. ---------------------------------------------------------------------------------------------------


def _decimal_places(form: Form | None, exponent: int) -> int:
    match form:
        case Decimals(places):
            return places
        case Major():
            return exponent
        case Minor() | None:
            return 0
        case Aware() | Naive() | Epoch() | Listed() | Separated() | Json():
            raise AssertionError(f"{form} is no form of numbers")
        case _:
            assert_never(form)


def _scaled(given: Any, places: int, path: str) -> Numbers:
    """Numbers times a power of ten, whole; finer digits are rounded away."""
    cells, missing = _split(given)
    factor = 10**places
    if not isinstance(cells, np.ndarray):
        if set(map(type, cells)) != {int}:
            return _each(cells, lambda cell: _whole(cell, factor, path), Kind.NUMBER, path)
        try:
            cells = np.array(cells, np.int64)
        except OverflowError:
            raise _too_large(path) from None
    if cells.dtype.kind == "f":
        return _rounded(cells, missing, factor, path)
    if cells.dtype.kind not in "iu":
        raise _refused(path, "a number", cells.dtype.name, "Give whole numbers, floats or decimals")
    if cells.size and max(abs(int(cells.min())), abs(int(cells.max()))) * factor >= 2**63:
        raise _too_large(path)
    return Numbers(_blank(cells.astype(np.int64) * factor, missing), missing)


def _rounded(cells: Whole, masked: Mask | None, factor: int, path: str) -> Numbers:
    missing = np.isnan(cells) if masked is None else np.isnan(cells) | masked
    numbers = np.rint(np.where(missing, 0, cells) * factor)
    if np.any(np.abs(numbers) >= 2.0**63):
        raise _too_large(path)
    return Numbers(numbers.astype(np.int64), some(missing))


def _whole(cell: Any, factor: int, path: str) -> int:
    if isinstance(cell, bool) or not isinstance(cell, int | float | Fraction | Decimal):
        raise _refused(path, "a number", cell, "Give whole numbers, floats or decimals")
    try:
        return round(Fraction(cell) * factor)
    except (OverflowError, ValueError):  # an infinity, or the decimal sNaN
        raise _too_large(path) from None


def _blank(data: Whole, missing: Mask | None) -> Whole:
    """The numbers, 0 where they are missing."""
    if missing is not None:
        data[missing] = 0
    return data


def _flags(given: Any, path: str) -> Numbers:
    cells, missing = _split(given)
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind not in "biu" or np.any((cells != 0) & (cells != 1)):
            raise _refused(path, "a flag", cells.dtype.name, "Give True, False, or None for what is missing")
        return Numbers(_blank(cells.astype(np.int8), missing), missing)
    return _each(cells, lambda cell: _flag(cell, path), Kind.FLAG, path)


def _flag(cell: Any, path: str) -> int:
    if cell not in (0, 1):
        raise _refused(path, "a flag", cell, "Give True, False, or None for what is missing")
    return int(cell)


# Instants and dates. --------------------------------------------------------------------------------------------------


def _instants(given: Any, form: Form | None, path: str) -> Numbers:
    match form:
        case Epoch(unit):
            counts = _scaled(given, 0, path)
            most = LAST // _UNIT[unit] + 1
            return _on_calendar(Numbers(np.clip(counts.data, -most, most) * _UNIT[unit], counts.missing), path)
        case Aware():
            return _times(given, lambda cell: microseconds(utc(cell, path)), path)
        case Naive(zone):
            walls = _times(given, lambda cell: _wall(cell, zone, path), path)
            return Numbers(_blank(instants(walls.data, zone), walls.missing), walls.missing)
        case Minor() | Major() | Decimals() | Listed() | Separated() | Json() | None:
            raise AssertionError(f"{form} is no form of instants")
        case _:
            assert_never(form)


def _times(given: Any, read: Callable[[Any], int], path: str) -> Numbers:
    """Microseconds of ``datetime64``, or of what ``read`` reads them from."""
    cells, masked = _split(given)
    if not isinstance(cells, np.ndarray):
        return _each(cells, read, Kind.INSTANT, path)
    if cells.dtype.kind != "M":
        raise _refused(path, "an instant", cells.dtype.name, "Give datetimes, or say how they are kept: Epoch('s')")
    missing = np.isnat(cells) if masked is None else np.isnat(cells) | masked
    return _on_calendar(Numbers(_blank(cells.astype("M8[us]").astype(np.int64), missing), some(missing)), path)


def _on_calendar(times: Numbers, path: str) -> Numbers:
    if times.data.size and (times.data.min() < FIRST or times.data.max() > LAST):
        raise _refused(path, "an instant of the years 1 to 9999", 0, "Check the unit: Epoch('ms')")
    return times


def _wall(cell: Any, zone: tzinfo, path: str) -> int:
    if not isinstance(cell, datetime) or cell.tzinfo is not None:
        raise _refused(path, f"a wall clock time of {zone}", cell, "Give naive datetimes, or say Aware()")
    return microseconds(cell.replace(tzinfo=EPOCH.tzinfo))


def _dates(given: Any, path: str) -> Numbers:
    cells, masked = _split(given)
    if not isinstance(cells, np.ndarray):
        return _each(cells, lambda cell: _date(cell, path), Kind.DATE, path)
    if cells.dtype.kind != "M":
        raise _refused(path, "a date", cells.dtype.name, "Give date, or datetime64[D]")
    missing = np.isnat(cells) if masked is None else np.isnat(cells) | masked
    days = _blank(cells.astype("M8[D]").astype(np.int64), missing)
    if days.size and (days.min() < FIRST // DAY or days.max() > LAST // DAY):
        raise _refused(path, "a date of the years 1 to 9999", cells.dtype.name, "Give date, or datetime64[D]")
    return Numbers(days.astype(np.int32), some(missing))


def _date(cell: Any, path: str) -> int:
    if not isinstance(cell, date) or isinstance(cell, datetime):
        raise _refused(path, "a date", cell, "Give date, or datetime64[D]")
    return cell.toordinal() - _DAY_ZERO
