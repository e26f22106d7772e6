"""Values that a host declared in its schema, held to the kinds it declared them with."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from retention.activity import Event
from retention.checks import Check, calendar_date, exact_number, flag, instant, label_set, money, plain_text
from retention.customer import Customer
from retention.errors import DECLARE, FactError, UnknownName
from retention.schema import STANDARD, Field, Kind, Schema

_CHECKS: Mapping[Kind, Check] = {
    Kind.NUMBER: exact_number,
    Kind.AMOUNT: money,
    Kind.TEXT: plain_text,
    Kind.FLAG: flag,
    Kind.INSTANT: instant,
    Kind.DATE: calendar_date,
    Kind.LABELS: label_set,
}


def conform(value: Any, kind: Kind, field: str) -> Any:
    """The value as rules read it: instants in UTC, numbers exact, labels a frozenset; None stays None.

    Raises FactError naming ``field`` when the value is not of that kind.
    """
    if value is None:
        return None
    return _CHECKS[kind](value, field)


def conform_event(event: Event, schema: Schema) -> Event:
    """The event with every value as declared. Raises UnknownName or FactError."""
    if event.collection in STANDARD.collections:
        raise FactError(
            f"Event({event.collection})", "belongs to the standard schema", got=event, hint="Use its own class"
        )
    if event.collection not in schema.collections:
        own = schema.collections.keys() - STANDARD.collections.keys()
        raise UnknownName("collection", event.collection, own, otherwise=DECLARE)
    declared = schema.collections[event.collection].columns
    columns = {name: each for name, each in declared.items() if name not in ("id", "at")}
    return evolve(event, data=_conform_all(event.data, columns, event.collection, f"column of {event.collection}"))


def conform_customer(customer: Customer, schema: Schema) -> Customer:
    """The customer with every host attribute as declared. Raises UnknownName or FactError."""
    if not customer.attributes:
        return customer
    own = {name: each for name, each in schema.attributes.items() if name not in STANDARD.attributes}
    return evolve(customer, attributes=_conform_all(customer.attributes, own, "Customer.attributes", "host attribute"))


def _conform_all(data: Mapping[str, Any], columns: Mapping[str, Field], where: str, what: str) -> dict[str, Any]:
    for name in data:
        if name not in columns:
            raise UnknownName(what, name, columns, otherwise=DECLARE)
    return {name: conform(value, columns[name].kind, f"{where}.{name}") for name, value in data.items()}
