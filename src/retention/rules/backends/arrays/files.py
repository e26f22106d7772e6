"""A snapshot on disk: one ``.npy`` file for each array, and ``snapshot.json`` that says what there is.

Version 1. Numbers are ``<name>.npy`` and, where some are missing, ``<name>.missing.npy``; texts ``<name>.codes.npy``
with ``<name>.letters.npy`` and ``<name>.ends.npy``; labels have ``<name>.offsets.npy`` besides. ``<name>`` is
``customers.<attribute>``, ``<collection>.<column>`` or ``currencies``; whose a collection's rows are is in
``<collection>.offsets.npy``. Nothing is ever pickled.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, assert_never, final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from retention.errors import ConfigurationError, RetentionError
from retention.rules.backends.arrays.columns import KEPT, WIDTH, Column, Labels, Numbers, Words
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.texts import NO_TEXT, Texts
from retention.rules.backends.sets.layout import CURRENCY, As, Layout, Source
from retention.rules.backends.sets.storage import Decimals
from retention.schema import Field, Kind, Schema

Described: TypeAlias = dict[str, Any]
Parts: TypeAlias = tuple[dict[str, Column], dict[str, Table], Layout[None, str]]

FORMAT: Final = "retention snapshot"
VERSION: Final = 1
MANIFEST: Final = "snapshot.json"
_AGAIN: Final = "Save the snapshot again, into a new folder"


def save(folder: Path, people: Mapping[str, Column], tables: Mapping[str, Table], layout: Layout[None, str]) -> None:
    """See ``Snapshot.save``."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"the folder {folder.name} is not empty", hint="Give a new folder")
    for name, column in people.items():
        _write_column(folder, _customers_file(name), column)
    for collection, table in tables.items():
        np.save(folder / f"{collection}.offsets.npy", table.offsets)
        for name, column in table.columns.items():
            _write_column(folder, f"{collection}.{name}", column)
    described = _manifest(people, tables, layout)
    (folder / MANIFEST).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def _customers_file(name: str) -> str:
    return "currencies" if name == CURRENCY else f"customers.{name}"


def _write_column(folder: Path, name: str, column: Column) -> None:
    for part, array in _arrays(column):
        np.save(folder / f"{name}{part}.npy", array, allow_pickle=False)


def _arrays(column: Column) -> Iterator[tuple[str, NDArray[Any]]]:
    match column:
        case Numbers(data):
            yield "", data
        case Words(codes, texts):
            yield from _coded(codes, texts)
        case Labels(offsets, codes, texts):
            yield ".offsets", offsets
            yield from _coded(codes, texts)
        case _:
            assert_never(column)
    if not isinstance(column, Words) and column.missing is not None:
        yield ".missing", column.missing


def _coded(codes: NDArray[Any], texts: Texts) -> Iterator[tuple[str, NDArray[Any]]]:
    yield ".codes", codes
    yield ".letters", texts.letters
    yield ".ends", texts.ends


def _manifest(people: Mapping[str, Column], tables: Mapping[str, Table], layout: Layout[None, str]) -> Described:
    ids = people["id"]
    assert isinstance(ids, Words)
    attributes = {name: column for name, column in people.items() if name != CURRENCY}
    return {
        "format": FORMAT,
        "version": VERSION,
        "currency": layout.currency,
        "currencies": CURRENCY in people,
        "customers": {"rows": len(ids.codes), "columns": _described(None, attributes, layout)},
        "collections": {
            name: {"rows": len(table), "columns": _described(name, table.columns, layout)}
            for name, table in tables.items()
        },
    }


def _described(collection: str | None, columns: Mapping[str, Column], layout: Layout[None, str]) -> Described:
    found: Described = {}
    for name, column in columns.items():
        found[name] = {"kind": layout.place(collection, name).kind.value}
        if decimals := layout.decimals(collection, name):
            found[name]["decimals"] = decimals
        if not isinstance(column, Words) and column.missing is not None:
            found[name]["missing"] = True
    return found


# Reading. -------------------------------------------------------------------------------------------------------------


def opened(folder: Path, schema: Schema) -> Parts:
    """What ``Snapshot.open`` is made of."""
    manifest = _read_manifest(folder)
    try:
        return _read(folder, manifest, schema)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ConfigurationError(f"{MANIFEST} is damaged", hint=_AGAIN) from wrong


def _read_manifest(folder: Path) -> Described:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        hint = "Give the folder that Snapshot.save wrote"
        raise ConfigurationError(f"there is no whole snapshot in {folder.name}", hint=hint) from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{MANIFEST} is damaged", hint=_AGAIN) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ConfigurationError(f"{MANIFEST} is not of a snapshot", hint="Give the folder that Snapshot.save wrote")
    if manifest.get("version") != VERSION:
        hint = "Open it with the version of the library that saved it"
        raise ConfigurationError(f"the snapshot is of format version {manifest.get('version')!r}", hint=hint)
    return manifest


def _read(folder: Path, manifest: Described, schema: Schema) -> Parts:
    everyone = manifest["customers"]
    people = {
        name: _column(folder, _customers_file(name), schema.attribute(name), described, everyone["rows"])
        for name, described in everyone["columns"].items()
    }
    _check_people(people)
    if manifest["currencies"]:
        people[CURRENCY] = _words(folder, "currencies", everyone["rows"])
    tables = {
        name: _table(folder, name, described, schema, everyone["rows"])
        for name, described in manifest["collections"].items()
    }
    return people, tables, _layout(manifest, schema)


def _check_people(people: Mapping[str, Column]) -> None:
    """Raises for codes of no text, and a customer without an id."""
    for name, column in people.items():
        _check_codes(_customers_file(name), column, 0 if name == "id" else NO_TEXT)
    if "id" not in people:
        raise KeyError("id")


def _check_codes(file: str, column: Column, least: int = NO_TEXT) -> None:
    if isinstance(column, Numbers) or not len(column.codes):
        return
    if column.codes.min() < least or column.codes.max() >= len(column.texts):
        raise _damaged(f"{file}.codes")


@final
class _Unread(Mapping[str, Column]):
    """The columns of a collection; the codes of one are read, and checked, when a rule first needs it."""

    def __init__(self, collection: str, columns: Mapping[str, Column]) -> None:
        self._collection = collection
        self._columns = columns
        self._checked: set[str] = set()

    def __getitem__(self, name: str) -> Column:
        column = self._columns[name]
        if name not in self._checked:
            _check_codes(f"{self._collection}.{name}", column)
            self._checked.add(name)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _table(folder: Path, name: str, described: Described, schema: Schema, customers: int) -> Table:
    known, rows = schema.collection(name), described["rows"]
    offsets = _array(folder, f"{name}.offsets", np.int64, customers + 1)
    if _last(offsets, f"{name}.offsets") != rows:
        raise _damaged(f"{name}.offsets")
    columns = {
        each: _column(folder, f"{name}.{each}", known.column(each), told, rows)
        for each, told in described["columns"].items()
    }
    return Table(offsets, _Unread(name, columns))


def _column(folder: Path, name: str, declared: Field, described: Described, rows: int) -> Column:
    if described["kind"] != declared.kind.value:
        problem = f"{name} was saved as {described['kind']} and is declared as {declared.kind.value}"
        raise ConfigurationError(problem, hint="Give the schema that it was saved with: schema=...")
    missing = _array(folder, f"{name}.missing", np.bool_, rows) if described.get("missing") else None
    match declared.kind:
        case Kind.TEXT:
            return _words(folder, name, rows)
        case Kind.LABELS:
            offsets = _array(folder, f"{name}.offsets", np.int64, rows + 1)
            words = _words(folder, name, _last(offsets, f"{name}.offsets"))
            return Labels(offsets, words.codes, words.texts, missing)
        case Kind.NUMBER | Kind.AMOUNT | Kind.INSTANT | Kind.DATE | Kind.FLAG:
            return Numbers(_array(folder, name, WIDTH[declared.kind], rows), missing)
        case _:
            assert_never(declared.kind)


def _words(folder: Path, name: str, rows: int) -> Words:
    codes = _array(folder, f"{name}.codes", np.int32, rows)
    ends = _array(folder, f"{name}.ends", np.int64)
    return Words(codes, Texts(_array(folder, f"{name}.letters", np.uint8, _last(ends, f"{name}.ends")), ends))


def _last(offsets: NDArray[np.int64], name: str) -> int:
    if not len(offsets) or offsets[0] != 0 or np.any(offsets[1:] < offsets[:-1]):
        raise _damaged(name)
    return int(offsets[-1])


def _array(folder: Path, name: str, dtype: DTypeLike, length: int | None = None) -> NDArray[Any]:
    try:
        mapped = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    except Exception as wrong:  # NumPy raises several kinds for heads that are damaged, TokenError among them
        raise _damaged(name) from wrong
    if not isinstance(mapped, np.ndarray) or mapped.dtype != dtype or mapped.ndim != 1:
        raise _damaged(name)
    if length not in (None, len(mapped)):
        raise _damaged(name)
    return np.asarray(mapped)


def _damaged(name: str) -> RetentionError:
    return ConfigurationError(f"{name}.npy is missing or damaged", hint=_AGAIN)


def _layout(manifest: Described, schema: Schema) -> Layout[None, str]:
    customers = Source(None, "id", _forms(manifest["customers"]), CURRENCY if manifest["currencies"] else None)
    collections = {
        name: Source(None, "customer", _forms(described)) for name, described in manifest["collections"].items()
    }
    return Layout(customers, collections, schema, KEPT, manifest["currency"])


def _forms(described: Described) -> dict[str, str | As[str]]:
    return {
        name: As(name, Decimals(told["decimals"])) if told.get("decimals") else name
        for name, told in described["columns"].items()
    }
