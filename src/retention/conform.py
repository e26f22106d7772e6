"""Values that a host declared in its schema, held to the kinds it declared them with."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, assert_never

from attrs import evolve

from retention.activity import Event
from retention.checks import exact_number, label_set, plain_text
from retention.customer import Customer
from retention.errors import FactError, UnknownName
from retention.money import Money
from retention.schema import STANDARD, Field, Kind, Schema
from retention.spans import utc


def conform(value: Any, kind: Kind, field: str) -> Any:
    """The value as rules read it: instants in UTC, numbers exact, labels a frozenset; None stays None.

    Raises FactError naming ``field`` when the value is not of that kind.
    """
    if value is None:
        return None
    match kind:
        case Kind.NUMBER:
            return exact_number(value, field)
        case Kind.TEXT:
            return plain_text(value, field)
        case Kind.LABELS:
            return label_set(value, field)
        case Kind.INSTANT:
            return utc(value, field)
        case Kind.AMOUNT:
            return _of_type(value, Money, field, "Give Money: won(12_900)")
        case Kind.FLAG:
            return _of_type(value, bool, field, "Give True or False")
        case Kind.DATE:
            if isinstance(value, datetime):
                raise FactError(field, "is not a date", got=value, hint="Give value.date() in the right zone")
            return _of_type(value, date, field, "Give a date: date(1990, 5, 3)")
        case _:
            assert_never(kind)


def conform_event(event: Event, schema: Schema) -> Event:
    """The event with every value as declared. Raises UnknownName or FactError."""
    if event.collection in STANDARD.collections:
        raise FactError(
            f"Event({event.collection})", "belongs to the standard schema", got=event, hint="Use its own class"
        )
    declared = schema.collection(event.collection).columns
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
            raise UnknownName(what, name, columns)
    return {name: conform(value, columns[name].kind, f"{where}.{name}") for name, value in data.items()}


def _of_type(value: Any, wanted: type, field: str, hint: str) -> Any:
    if not isinstance(value, wanted):
        raise FactError(field, f"is not a {wanted.__name__}", got=value, hint=hint)
    return value
