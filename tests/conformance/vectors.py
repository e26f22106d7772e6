"""Reads the conformance vectors: rules, facts, instants and answers as JSON, in no programming language's terms.

A vector has ``says`` (the sentence that it pins), ``rule`` (the JSON form), ``customer``, ``facts`` (by collection),
``as_of`` (an instant), ``zone`` (an IANA name), ``holds`` (the answer) and ``next_change`` (an instant in UTC or null).
Amounts are ``[minor units, currency]``. A rule that refers to segments comes with ``segments``, the rules of those by
key. Vectors are only ever added.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from attrs import frozen

from retention.activity import Activity
from retention.cart import CartEvent
from retention.customer import Customer
from retention.money import Money
from retention.order import Order, OrderLine, Refund
from retention.profile import Fact, Profile
from retention.rules.backends.jsonform import from_json
from retention.rules.nodes import Rule
from retention.rules.references import resolve
from retention.spans import local, utc

_CLASSES: dict[str, Any] = {each.collection: each for each in (CartEvent, *get_args(Activity))}


@frozen
class Vector:
    """One vector, built; ``rule`` is what ``written`` means with the segments that it refers to put in."""

    id: str
    says: str
    form: dict[str, Any]
    written: Rule
    rule: Rule
    profile: Profile
    as_of: datetime
    holds: bool
    next_change: datetime | None


def vectors() -> Iterator[Vector]:
    """Every vector in this folder."""
    for path in sorted(Path(__file__).parent.glob("*.json")):
        for number, raw in enumerate(json.loads(path.read_text("utf-8")), 1):
            yield _vector(f"{path.stem}-{number:02}", raw)


def _vector(id: str, raw: dict[str, Any]) -> Vector:
    form = {"retention": 1, "rule": raw["rule"]}
    as_of = local(_instant(raw["as_of"]), ZoneInfo(raw["zone"]))
    change = raw["next_change"]
    profile = Profile.build(_customer(raw["customer"]), _facts(raw["facts"]))
    written = from_json(form)
    segments = {key: from_json({"retention": 1, "rule": each}) for key, each in raw.get("segments", {}).items()}
    next_change = _instant(change) if change else None
    return Vector(id, raw["says"], form, written, resolve(written, segments), profile, as_of, raw["holds"], next_change)


def _customer(raw: dict[str, Any]) -> Customer:
    return Customer(**{name: _cell(name, cell) for name, cell in raw.items()})


def _facts(raw: dict[str, list[dict[str, Any]]]) -> Iterator[Fact]:
    for collection, rows in raw.items():
        for row in rows:
            cells = {name: _cell(name, cell) for name, cell in row.items()}
            yield _order(cells) if collection == "orders" else _CLASSES[collection](**cells)


def _order(cells: dict[str, Any]) -> Order:
    lines = [OrderLine(**{name: _cell(name, cell) for name, cell in each.items()}) for each in cells.pop("lines", ())]
    refunds = [Refund(**{name: _cell(name, cell) for name, cell in each.items()}) for each in cells.pop("refunds", ())]
    return Order(**cells, lines=lines, refunds=refunds)


def _cell(name: str, cell: Any) -> Any:
    match cell:
        case str() if name == "at" or name.endswith("_at"):
            return _instant(cell)
        case str() if name == "birthday":
            return date.fromisoformat(cell)
        case [int(minor), str(currency)]:
            return Money(minor, currency)
        case {"fraction": [int(numerator), int(denominator)]}:
            return Fraction(numerator, denominator)
        case list() if name in ("tags", "marketing"):
            return frozenset(cell)
        case _:
            return cell


def _instant(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))
