"""Customers and facts as JSON: each class's fields by the kinds that the schema says, found once for each class."""

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias, get_args

from attrs import fields

from retention.activity import Activity, Event
from retention.cart import CartEvent
from retention.customer import Address, Contact, Customer
from retention.loyalty.ledger.wire import instant_of, micros
from retention.order import Order, OrderLine, Refund
from retention.profile import Fact
from retention.schema import STANDARD, Kind
from retention.storage.shop.values import READ, WRITE, Convert, own_of, own_written

Json: TypeAlias = dict[str, Any]

_EMPTY: Final[tuple[Any, ...]] = (None, (), frozenset())


def fact_written(fact: Fact) -> Json:
    """``collection`` says what it is. Raises FactError for what a host's own columns cannot hold."""
    if isinstance(fact, Event):
        return {
            "collection": fact.collection,
            "id": fact.id,
            "at": micros(fact.at),
            "data": own_written(fact.data, fact.collection),
        }
    return {"collection": fact.collection, **_written(fact)}


def fact_of(form: Json) -> Fact:
    """What has ``data`` is a row of a host's own collection."""
    collection = form.pop("collection")
    if "data" in form:
        return Event(collection, form["id"], instant_of(form["at"]), own_of(form["data"]))
    fact: Fact = _read(_FACTS[collection], form)
    return fact


def customer_written(customer: Customer) -> Json:
    return {**_written(customer), **_own(customer.attributes)}


def customer_of(form: Json) -> Customer:
    own = own_of(form.pop("attributes", {}))
    return Customer(**_converted(form, _readers(Customer)), attributes=own)


def _own(attributes: Mapping[str, Any]) -> Json:
    return {"attributes": own_written(attributes, "Customer.attributes")} if attributes else {}


# A class by its fields. ----------------------------------------------------------------------------------------------


def _written(value: Any) -> Json:
    """What is missing or empty is left out."""
    kind: Any = type(value)
    found: Json = {}
    for name, convert in _writers(kind):
        part = getattr(value, name)
        if part not in _EMPTY:
            found[name] = part if convert is None else convert(part)
    return found


def _read(kind: Any, form: Json) -> Any:
    return kind(**_converted(form, _readers(kind)))


def _converted(form: Json, readers: Mapping[str, Convert]) -> Json:
    found = {**form}
    for name, convert in readers.items():
        if name in found:
            found[name] = convert(found[name])
    return found


@cache
def _writers(kind: Hashable) -> tuple[tuple[str, Convert | None], ...]:
    return tuple((name, _writer(kind, name)) for name in _names(kind))


@cache
def _readers(kind: Hashable) -> Mapping[str, Convert]:
    found = {name: _reader(kind, name) for name in _names(kind)}
    return {name: convert for name, convert in found.items() if convert is not None}


def _names(kind: Any) -> list[str]:
    return [each.name for each in fields(kind) if each.init and each.name != "attributes"]


def _writer(kind: Any, name: str) -> Convert | None:
    if (kind, name) in _PARTS:
        return lambda parts: [_written(each) for each in parts]
    column = _column(kind, name)
    return None if column is None else WRITE.get(column)


def _reader(kind: Any, name: str) -> Convert | None:
    part = _PARTS.get((kind, name))
    if part is not None:
        return lambda said: tuple([_read(part, each) for each in said])
    column = _column(kind, name)
    return None if column is None else READ.get(column)


def _column(kind: Any, name: str) -> Kind | None:
    """What the schema says of a field; None of those it does not know, which are text."""
    collection = getattr(kind, "collection", None)
    if collection is None:
        return STANDARD.attributes[name].kind if kind is Customer and name in STANDARD.attributes else None
    columns = STANDARD.collections[collection].columns
    return columns[name].kind if name in columns else None


_FACTS: Final[Mapping[str, type[Any]]] = {each.collection: each for each in (Order, CartEvent, *get_args(Activity))}
_PARTS: Final[Mapping[tuple[type, str], type[Any]]] = {
    (Order, "lines"): OrderLine,
    (Order, "refunds"): Refund,
    (Customer, "addresses"): Address,
    (Customer, "contacts"): Contact,
}
