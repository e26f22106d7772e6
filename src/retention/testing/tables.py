"""Profiles as the flat tables that a host would have: what set-based engines are tested on.

``flat`` gives rows as plain dictionaries: instants in UTC, amounts as Money, labels as frozen sets, None for what is
missing. A test writes them into whatever its engine reads, in the form in which its tables keep things.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve, fields, has

from retention.profile import Profile
from retention.schema import STANDARD, Schema

Rows: TypeAlias = list[dict[str, Any]]
Change: TypeAlias = Callable[[str, Any], Any]

CUSTOMERS = "customers"
NOBODY = "nobody"
DERIVED = (("orders", "refunded"),)
"""Columns that a host's tables do not have, because engines derive them from other tables."""


def flat(profiles: Sequence[Profile], schema: Schema = STANDARD) -> dict[str, Rows]:
    """The rows of each collection, with the id of their ``customer``, and the ``customers`` with their ``currency``.

    The profiles need distinct ids (``apart``). Rows of any time are there; ``orders.refunded`` is not a column.
    """
    tables: dict[str, Rows] = {CUSTOMERS: [_customer(each, schema) for each in profiles]}
    for name, collection in schema.collections.items():
        columns = [each for each in collection.columns if (name, each) not in DERIVED]
        tables[name] = [
            {"customer": profile.customer.id, **{each: profile.cell(row, each) for each in columns}}
            for profile in profiles
            for row in profile.rows(name)
        ]
    return tables


def _customer(profile: Profile, schema: Schema) -> dict[str, Any]:
    return {**{name: profile.value(name) for name in schema.attributes}, "currency": profile.currency}


def with_strays(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables and, of every row, a copy of nobody's and one of a customer who is not known: they change nothing."""
    return {
        name: rows if name == CUSTOMERS else [*rows, *_strays(rows, None), *_strays(rows, NOBODY)]
        for name, rows in tables.items()
    }


def _strays(rows: Rows, customer: str | None) -> Iterator[dict[str, Any]]:
    for row in rows:
        order = {"order_id": f"{row['order_id']}~{customer}"} if row.get("order_id") else {}
        yield {**row, **order, "customer": customer, "id": f"{row['id']}~{customer}"}


def apart(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """The profiles, no two customers and no two rows of a collection with one id; the first keeps its own."""
    return tuple(_marked(each, number) for number, each in enumerate(profiles))


def _marked(profile: Profile, number: int) -> Profile:
    if not number:
        return profile

    def change(name: str, value: Any) -> Any:
        return f"{value}.{number}" if name == "id" and value is not None else value

    return changed(profile, change)


def changed(profile: Profile, change: Change) -> Profile:
    """The profile with ``change(name, value)`` in place of every id, text, instant, amount, … of every fact.

    Raises FactError for what cannot be true together any more: a refund before its order.
    """
    facts = [_changed(each, change) for each in profile.facts()]
    return Profile.build(_changed(profile.customer, change), facts, schema=profile.schema)


def _changed(fact: Any, change: Change) -> Any:
    given = [each.name for each in fields(type(fact)) if each.init]
    return evolve(fact, **{name: _value(name, getattr(fact, name), change) for name in given})


def _value(name: str, value: Any, change: Change) -> Any:
    match value:
        case tuple():
            return tuple(_changed(each, change) if has(type(each)) else change(name, each) for each in value)
        case Mapping():
            return {key: change(key, each) for key, each in value.items()}
        case _:
            return change(name, value)
