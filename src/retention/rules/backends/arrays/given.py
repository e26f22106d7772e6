"""Columns that a host gives, by name: checked against the schema, taken in, and joined to their customers."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from retention.errors import ConfigurationError, FactError
from retention.rules.backends.arrays.columns import KEPT, Column, Words, length, missing_cells
from retention.rules.backends.arrays.intake import example, taken_in, words
from retention.rules.backends.arrays.table import NOBODY
from retention.rules.backends.sets.layout import CURRENCY, As, Layout, Source
from retention.rules.backends.sets.storage import Decimals, Stored
from retention.schema import Kind, Schema

Given: TypeAlias = Mapping[str, Any]
"""Columns by name, each a sequence or an array, or ``As(column, form)``."""


def layout(
    customers: Given, collections: Mapping[str, Given], schema: Schema, currency: str | None, stored: Stored
) -> Layout[None, str]:
    """In which form each column is given. Raises UnknownName, ConfigurationError."""
    for name, columns in {**collections, "customers": customers}.items():
        _refuse_frames(columns, name)
    if "id" not in customers:
        raise ConfigurationError("the customers have no ids", hint="Give customers={'id': ids, ...}")
    sources = {name: Source(None, "customer", _forms(columns)) for name, columns in collections.items()}
    return Layout(Source(None, "id", _forms(customers)), sources, schema, stored, currency)


def _refuse_frames(columns: object, path: str) -> None:
    if not isinstance(columns, Mapping):
        hint = (
            f"Write {path}=dict(df) of a pandas frame, df.to_dict() of a Polars frame, or the columns you need by name"
        )
        raise ConfigurationError(f"{path} is {type(columns).__name__}, not columns by name", hint=hint)


def _forms(columns: Given) -> dict[str, str | As[str]]:
    """The columns by name and form alone: a layout does not hold the cells."""
    return {
        name: As(name, column.form) if isinstance(column, As) else name
        for name, column in columns.items()
        if name != "customer"
    }


def held(incoming: Layout[None, str], currencies: bool) -> Layout[None, str]:
    """The layout of the snapshot itself: one form for each kind, numbers of as many decimals as they were given."""
    customers = Source(None, "id", _kept_forms(incoming, None), CURRENCY if currencies else None)
    collections = {name: Source(None, "customer", _kept_forms(incoming, name)) for name in incoming.collections}
    return Layout(customers, collections, incoming.schema, KEPT, incoming.currency)


def _kept_forms(incoming: Layout[None, str], collection: str | None) -> dict[str, str | As[str]]:
    source = incoming.customers if collection is None else incoming.collections[collection]
    decimals = {name: incoming.decimals(collection, name) for name in source.columns}
    return {name: As(name, Decimals(places)) if places else name for name, places in decimals.items()}


def people(
    customers: Given, currencies: Any, incoming: Layout[None, str], target: Layout[None, str] | None = None
) -> dict[str, Column]:
    """The customers' own columns."""
    found = columns(customers, None, incoming, target)
    _refuse_uneven(found, "customers")
    ids = found["id"]
    assert isinstance(ids, Words)
    if np.any(ids.codes < 0):
        raise FactError("customers.id", "is missing", hint="Give every customer an id")
    if currencies is not None:
        found[CURRENCY] = words(currencies, "currencies")
        _refuse_uneven(found, "customers")
    return found


def rows(
    given: Given,
    collection: str,
    find: Callable[[Any], int | None],
    incoming: Layout[None, str],
    target: Layout[None, str] | None = None,
) -> tuple[NDArray[np.int32], dict[str, Column]]:
    """The customer of each row, NOBODY if unknown, and the columns of a collection."""
    whose = owners(given, collection, find)
    found = columns(given, collection, incoming, target)
    _refuse_uneven(found, collection, customer=len(whose))
    return whose, found


def columns(
    given: Given, collection: str | None, incoming: Layout[None, str], target: Layout[None, str] | None = None
) -> dict[str, Column]:
    """The columns of one table as a snapshot keeps them, of ``target`` if it has some already."""
    found = {}
    for name, column in given.items():
        if name == "customer" and collection is not None:
            continue
        place = incoming.place(collection, name)
        if target is not None and place.kind is Kind.NUMBER:
            place = evolve(place, form=Decimals(target.decimals(collection, name)))
        path = f"{collection or 'customers'}.{name}"
        cells = column.column if isinstance(column, As) else column
        found[name] = taken_in(cells, place, path, incoming.exponent)
    return found


def completed(
    found: Mapping[str, Column], collection: str | None, count: int, target: Layout[None, str]
) -> dict[str, Column]:
    """These columns, and those of the target that were not given, in which everything is missing."""
    full = dict(found)
    source = target.customers if collection is None else target.collections[collection]
    for name in source.columns:
        if name not in full:
            full[name] = missing_cells(target.place(collection, name).kind, count)
    if collection is None and target.maps(None, CURRENCY) and CURRENCY not in full:
        full[CURRENCY] = missing_cells(Kind.TEXT, count)
    return full


def _refuse_uneven(found: Mapping[str, Column], path: str, **others: int) -> None:
    lengths = others | {name: length(column) for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise FactError(path, f"has columns of different lengths: {told}", hint="Give every column for the same rows")


def refuse_twice(ids: Column, known: int = 0) -> None:
    """Raises FactError for an id that comes twice; the first ``known`` ids are of customers who are here already."""
    assert isinstance(ids, Words)
    if len(ids.texts) == len(ids.codes):
        return
    order = np.argsort(ids.codes, kind="stable")
    again = order[1:][ids.codes[order[1:]] == ids.codes[order[:-1]]]
    place = int(again.min()) - known
    raise FactError(f"customers.id[{place}]", "is there twice", got="", hint="Give every customer once")


def places(ids: Column) -> dict[Any, int]:
    """The place of each customer by id. Raises FactError for an id that comes twice."""
    assert isinstance(ids, Words)
    refuse_twice(ids)
    return {text: place for place, text in enumerate(ids.texts.cells(ids.codes))}


def lookup(ids: Words) -> Callable[[Any], int | None]:
    """Finds customers by id, each at the cost of the logarithm of their number."""
    place = np.empty(len(ids.codes), np.int32)
    place[ids.codes] = np.arange(len(ids.codes), dtype=np.int32)

    def find(text: Any) -> int | None:
        code = ids.texts.find(text)
        return None if code < 0 else int(place[code])

    return find


def refuse_strangers(whose: NDArray[np.int32], customer: Any, ids: Any, collection: str) -> None:
    """Raises ConfigurationError if rows say whose they are, and all of them name customers who are not there."""
    if np.any(whose != NOBODY):
        return
    theirs = example(customer)
    if theirs is not None:
        told = f"{collection}.customer has {theirs}, customers.id has {example(ids)}"
        hint = "Give the column that names the customers, with ids written as theirs are"
        raise ConfigurationError(f"no row of {collection} is of a customer who is there: {told}", hint=hint)


def owners(given: Given, collection: str, find: Callable[[Any], int | None]) -> NDArray[np.int32]:
    """The customer of each row, NOBODY if unknown."""
    if "customer" not in given:
        raise ConfigurationError(f"{collection} does not say whose its rows are", hint="Give customer=ids")
    whose = words(given["customer"], f"{collection}.customer")
    found = [find(text) for text in whose.texts.words()]
    place = np.array([*(NOBODY if each is None else each for each in found), NOBODY], np.int32)
    return place[whose.codes]
