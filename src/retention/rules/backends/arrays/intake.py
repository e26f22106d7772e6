"""How a host's columns come in: any sequence or array, in the form that the mapping names, to a ``Column``.

None, NaN, NaT and the masked cells of a masked array are missing.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias, TypeVar, assert_never

import numpy as np
from numpy.typing import NDArray

from retention.errors import FactError
from retention.rules.backends.arrays.columns import (
    WIDTH,
    Column,
    Labels,
    Mask,
    Numbers,
    Whole,
    Words,
    ends,
    missing_cells,
    some,
)
from retention.rules.backends.arrays.scale import Scale
from retention.rules.backends.arrays.texts import NO_TEXT, encode, encode_numbers, is_infinite, is_missing
from retention.rules.backends.arrays.zones import (
    DAY,
    EPOCH,
    FIRST,
    LAST,
    NO_ZONE,
    SECOND,
    instants,
    microseconds,
    zone_of,
)
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
_CALENDAR: Final = np.array([FIRST, LAST], "M8[us]")
_COARSE: Final = ("Y", "M", "W", "D", "h", "m", "s", "ms")
"""The units of ``datetime64`` that reach further than microseconds do."""
V = TypeVar("V")


def taken_in(given: Any, place: Place[Any], path: str, exponent: int = 0) -> Column:
    """A column as the snapshot keeps it; ``exponent`` is the currency's. Raises FactError for cells of another kind."""
    if place.kind not in (Kind.NUMBER, Kind.AMOUNT) and (count := _nothing(given, path)) is not None:
        return missing_cells(place.kind, count)
    match place.kind:
        case Kind.TEXT:
            return words(given, path)
        case Kind.LABELS:
            return _labels(given, place.form, path)
        case Kind.NUMBER | Kind.AMOUNT:
            return _scaled(given, Scale.of(place.form, exponent), path)
        case Kind.INSTANT:
            return _instants(given, place.form, path)
        case Kind.DATE:
            return _dates(given, path)
        case Kind.FLAG:
            return _flags(given, path)
        case _:
            assert_never(place.kind)


def _split(given: Any, path: str = "") -> tuple[Any, Mask | None]:
    """The cells and which of them are masked: an array of a plain type, or a list."""
    plain = isinstance(given, Iterable) and not isinstance(given, str | bytes | Iterator)  # which is read but once
    if not plain or getattr(given, "ndim", 1) != 1:
        raise _refused(path, "a column", given, "Give a sequence or an array, with a cell for each row")
    if isinstance(given, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(given)
        return (given.data, some(mask)) if given.dtype.kind in _PLAIN else (given.tolist(), None)
    if hasattr(given, "__array__"):
        given = _listed_with_gaps(given, np.asarray(given))
    if isinstance(given, np.ndarray) and given.dtype.kind in _PLAIN:
        return given, None
    return (given.tolist() if isinstance(given, np.ndarray) else list(given)), None


def _listed_with_gaps(given: Any, array: NDArray[Any]) -> Any:
    """The array of a column; a list if NumPy made floats of whole numbers with gaps (``Int64`` of pandas or Polars)."""
    was_whole = array.dtype.kind == "f" and "int" in str(getattr(given, "dtype", getattr(given, "type", ""))).lower()
    if not was_whole:
        return array
    told = getattr(given, "tolist", None) or getattr(given, "to_pylist", None)  # the latter of chunked arrays of Arrow
    return list(given) if told is None else told()


def _nothing(given: Any, path: str) -> int | None:
    """How many cells a column has of which nothing is known, and so no type: floats, if a library keeps them at all."""
    cells, masked = _split(given, path)
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "f":
        known = ~np.isnan(cells) if masked is None else ~(np.isnan(cells) | masked)
        return None if known.any() else len(cells)
    return None


def example(given: Any) -> str | None:
    """The type of the first cell that is not missing; None if all are."""
    cells, masked = _split(given)
    kept = cells if masked is None else cells[~masked]
    return next((type(cell).__name__ for cell in kept if not is_missing(cell)), None)


def _each(cells: Cells, read: Callable[[Any, str], int], kind: Kind, path: str) -> Numbers:
    """Cells that are read one by one."""
    missing = np.fromiter(map(is_missing, cells), np.bool_, len(cells))
    numbers = _read(cells, missing, read, 0, path)
    try:
        return Numbers(np.fromiter(numbers, WIDTH[kind], len(cells)), some(missing))
    except OverflowError:
        raise _too_large(path) from None


def _read(cells: Cells, missing: Mask, read: Callable[[Any, str], V], gap: V, path: str) -> Iterator[V]:
    """What each cell says, ``gap`` where it is missing. Errors name the row."""
    for row, (cell, is_gap) in enumerate(zip(cells, missing.tolist(), strict=True)):
        try:
            yield gap if is_gap else read(cell, path)
        except FactError:
            read(cell, f"{path}[{row}]")  # it raises again, knowing the row
            raise


def _too_large(path: str) -> FactError:
    return FactError(
        path, "does not fit into 64 bits", got=0, hint="Amounts are minor units, numbers have few decimals"
    )


def _one_of(cells: NDArray[Any]) -> object:
    """What an error says was given: a value of their type, and none of theirs."""
    return np.zeros((), cells.dtype)[()]


def _refused(path: str, kind: str, got: object, hint: str) -> FactError:
    return FactError(path, f"is not {kind}", got=got, hint=hint)


_NO_FLOATS: Final = "Floats may have rounded ids: in pandas use Int64, or give a list with None for what is missing"


# Texts and labels. ----------------------------------------------------------------------------------------------------


def words(given: Any, path: str) -> Words:
    """A column of text; whole numbers become their digits, as ids of other tables often are."""
    cells, missing = _split(given, path)
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind not in "iu":
            hint = _NO_FLOATS if cells.dtype.kind == "f" else "Give str, or whole numbers for ids"
            raise _refused(path, "text", _one_of(cells), hint)
        codes, texts = encode_numbers(cells)
        return Words(codes if missing is None else np.where(missing, np.int32(NO_TEXT), codes), texts)
    if int in set(map(type, cells)):
        cells = [str(cell) if type(cell) is int else cell for cell in cells]
    return Words(*encode(cells, path))


def _labels(given: Any, form: Form | None, path: str) -> Labels:
    cells, _ = _split(given, path)
    assert isinstance(form, Listed | Separated | Json)
    gaps = np.fromiter(map(is_missing, cells), np.bool_, len(cells))
    sets = list(_read(cells, gaps, lambda cell, path: _set(cell, form, path), None, path))
    missing = np.fromiter([each is None for each in sets], np.bool_, len(sets))
    counts = np.fromiter([len(each or ()) for each in sets], np.int64, len(sets))
    codes, texts = encode([label for each in sets for label in each or ()], path)
    return Labels(ends(counts), codes, texts, some(missing))


def _set(cell: Any, form: LabelForm, path: str) -> Collection[str] | None:
    """The labels of one cell, each once; None if the cell says that it is missing."""
    match form:
        case Listed():
            if isinstance(cell, str) or not isinstance(cell, Iterable):
                raise _refused(path, "a list of texts", cell, "Give lists of str, or say how they are kept: Separated")
            return _once(cell, path)
        case Separated(by):
            return dict.fromkeys(filter(None, _text(cell, path).split(by)))
        case Json():
            try:
                found = json.loads(_text(cell, path))
            except (ValueError, RecursionError):
                found = 0
            if not isinstance(found, list | None):
                raise _refused(path, "a JSON array of texts", cell, 'Give such as ["vip"]')
            return None if found is None else _once(found, path)
        case _:
            assert_never(form)


def _once(labels: Iterable[Any], path: str) -> Collection[str]:
    """The labels, each once; what is missing is none."""
    found = [each for each in labels if not is_missing(each)]
    for each in found:
        if not isinstance(each, str):
            raise _refused(path, "a list of texts", each, "Give labels as str")
    return dict.fromkeys(found)


def _text(cell: Any, path: str) -> str:
    if not isinstance(cell, str):
        raise _refused(path, "text", cell, "Give labels in one text, or say how they are kept: Listed")
    return cell


# Numbers and flags. ---------------------------------------------------------------------------------------------------


_NOISE: Final = 1e-6
"""Of a unit: what calculating with floats leaves behind."""
_FLAGS: Final = {False: 0, True: 1}  # and of the numbers 0 and 1, which equal these


def _scaled(given: Any, scale: Scale, path: str) -> Numbers:
    """Numbers times a power of ten, whole."""
    cells, missing = _split(given, path)
    if not isinstance(cells, np.ndarray):
        if set(map(type, cells)) != {int}:
            finite = [None if is_infinite(each) else each for each in cells]
            return _each(finite, lambda cell, path: _whole(cell, scale, path), Kind.NUMBER, path)
        try:
            cells = np.array(cells, np.int64)
        except OverflowError:
            raise _too_large(path) from None
    if cells.dtype.kind == "f":
        return _rounded(cells, missing, scale, path)
    if cells.dtype.kind not in "iu":
        raise _refused(path, "a number", _one_of(cells), "Give whole numbers, floats or decimals")
    if cells.size and max(abs(int(cells.min())), abs(int(cells.max()))) * scale.factor >= 2**63:
        raise _too_large(path)
    return Numbers(_blank(cells.astype(np.int64) * scale.factor, missing), missing)


def _rounded(cells: Whole, masked: Mask | None, scale: Scale, path: str) -> Numbers:
    missing = ~np.isfinite(cells) if masked is None else ~np.isfinite(cells) | masked
    parts = np.where(missing, 0, cells).astype(np.float64) * scale.factor
    numbers = np.trunc(parts)
    numbers += np.trunc((parts - numbers) * 2)  # halves go away from zero
    if np.any(np.abs(numbers) >= 2.0**63):
        raise _too_large(path)
    noise = np.maximum(_NOISE, np.abs(parts) * 2 * np.finfo(cells.dtype).eps)
    if scale.hint and np.any(np.abs(parts - numbers) > noise):
        raise _too_fine(path, _one_of(cells), scale)
    return Numbers(numbers.astype(np.int64), some(missing))


def _whole(cell: Any, scale: Scale, path: str) -> int:
    if isinstance(cell, bool) or not isinstance(cell, int | float | Fraction | Decimal):
        raise _refused(path, "a number", cell, "Give whole numbers, floats or decimals")
    try:
        parts = Fraction(cell * scale.factor) if isinstance(cell, float) else Fraction(cell) * scale.factor
    except (OverflowError, ValueError):  # an infinity, or the decimal sNaN
        raise _too_large(path) from None
    found = int(parts) + int((parts - int(parts)) * 2)  # halves go away from zero
    if scale.hint and abs(parts - found) > (_NOISE if isinstance(cell, float) else 0):
        raise _too_fine(path, cell, scale)
    return found


def _too_fine(path: str, cell: object, scale: Scale) -> FactError:
    return FactError(path, "has more decimals than are kept", got=cell, hint=scale.hint)


def _blank(data: Whole, missing: Mask | None) -> Whole:
    """The numbers, 0 where they are missing."""
    if missing is not None:
        data[missing] = 0
    return data


def _flags(given: Any, path: str) -> Numbers:
    cells, missing = _split(given, path)
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind not in "biu" or np.any((cells != 0) & (cells != 1)):
            raise _refused(path, "a flag", _one_of(cells), "Give True, False, or None for what is missing")
        return Numbers(_blank(cells.astype(np.int8), missing), missing)
    return _each(cells, _flag, Kind.FLAG, path)


def _flag(cell: Any, path: str) -> int:
    try:
        return _FLAGS[cell]
    except (KeyError, TypeError):  # the latter of what cannot be hashed
        raise _refused(path, "a flag", cell, "Give True, False, or None for what is missing") from None


# Instants and dates. --------------------------------------------------------------------------------------------------


def _instants(given: Any, form: Form | None, path: str) -> Numbers:
    match form:
        case Epoch(unit):
            counts = _scaled(given, Scale(1, "Count in whole ones: As(microseconds, Epoch('us'))"), path)
            most = LAST // _UNIT[unit] + 1
            return _on_calendar(Numbers(np.clip(counts.data, -most, most) * _UNIT[unit], counts.missing), path)
        case Aware():
            if zone_of(given) == NO_ZONE:
                raise _refused(path, "an instant that knows its zone", given, "Say whose clock it shows: Naive(zone)")
            return _times(given, lambda cell, path: microseconds(utc(cell, path)), path)
        case Naive(zone):
            if zone_of(given):
                raise _refused(path, f"a wall clock time of {zone}, but knows its zone", given, "Say Aware()")
            walls = _times(given, lambda cell, path: _wall(cell, zone, path), path)
            return Numbers(_blank(instants(walls.data, zone), walls.missing), walls.missing)
        case Minor() | Major() | Decimals() | Listed() | Separated() | Json() | None:
            raise AssertionError(f"{form} is no form of instants")
        case _:
            assert_never(form)


def _times(given: Any, read: Callable[[Any, str], int], path: str) -> Numbers:
    """Microseconds of ``datetime64``, or of what ``read`` reads them from."""
    cells, masked = _split(given, path)
    if not isinstance(cells, np.ndarray):
        return _each(cells, read, Kind.INSTANT, path)
    if cells.dtype.kind != "M":
        raise _refused(path, "an instant", _one_of(cells), "Give datetimes, or say how they are kept: Epoch('s')")
    cells, missing = _unmasked(cells, masked)
    if _wraps(cells, missing):
        raise _refused(path, "an instant of the years 1 to 9999", _one_of(cells), "Check the unit: M8[s]")
    return _on_calendar(Numbers(_blank(cells.astype("M8[us]").astype(np.int64), missing), some(missing)), path)


def _unmasked(cells: NDArray[Any], masked: Mask | None) -> tuple[NDArray[Any], Mask]:
    """Instants without what a mask hides, which may be no instant in another unit, and which of them are missing."""
    if masked is not None:
        cells = np.where(masked, np.array("NaT", cells.dtype), cells)
    return cells, np.isnat(cells)


def _wraps(cells: NDArray[Any], missing: Mask) -> bool:
    """Whether some lie so far outside the calendar that finer units might show another time."""
    if np.datetime_data(cells.dtype)[0] not in _COARSE:
        return False
    counts = cells.astype(np.int64)[~missing]
    first, last = _CALENDAR.astype(cells.dtype).astype(np.int64).tolist()
    return bool(counts.size and (counts.min() < first or counts.max() > last))


def _on_calendar(times: Numbers, path: str) -> Numbers:
    if times.data.size and (times.data.min() < FIRST or times.data.max() > LAST):
        raise _refused(path, "an instant of the years 1 to 9999", 0, "Check the unit: Epoch('ms')")
    return times


def _wall(cell: Any, zone: tzinfo, path: str) -> int:
    if not isinstance(cell, datetime) or cell.tzinfo is not None:
        raise _refused(path, f"a wall clock time of {zone}", cell, "Give naive datetimes, or say Aware()")
    return microseconds(cell.replace(tzinfo=EPOCH.tzinfo))


def _dates(given: Any, path: str) -> Numbers:
    if zone_of(given):
        raise _refused(path, "a date, but an instant that knows its zone", given, "Make dates of one zone's calendar")
    cells, masked = _split(given, path)
    if not isinstance(cells, np.ndarray):
        return _each(cells, _date, Kind.DATE, path)
    if cells.dtype.kind != "M":
        raise _refused(path, "a date", _one_of(cells), "Give date, or datetime64[D]")
    cells, missing = _unmasked(cells, masked)
    if not _wraps(cells, missing):
        days = _blank(cells.astype("M8[D]").astype(np.int64), missing)
        if not days.size or (days.min() >= FIRST // DAY and days.max() <= LAST // DAY):
            return Numbers(days.astype(np.int32), some(missing))
    raise _refused(path, "a date of the years 1 to 9999", _one_of(cells), "Give date, or datetime64[D]")


def _date(cell: Any, path: str) -> int:
    if not isinstance(cell, date) or isinstance(cell, datetime):
        raise _refused(path, "a date", cell, "Give date, or datetime64[D]")
    return cell.toordinal() - _DAY_ZERO
