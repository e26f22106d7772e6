"""Profiles as columns, for a snapshot of them."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from retention.money import Money
from retention.profile import Profile
from retention.rules.backends.arrays.columns import MOST_PLACES
from retention.rules.backends.sets.layout import As
from retention.rules.backends.sets.storage import Decimals
from retention.schema import Field, Kind, Schema

Table: TypeAlias = dict[str, Any]


def columns_of(profiles: Sequence[Profile], schema: Schema) -> tuple[Table, list[str | None], dict[str, Table]]:
    """The customers' attributes, their currencies, and the collections that have a row.

    What was refunded on an order is not a column: it depends on the instant, and comes out of the refunds.
    """
    customers = {
        name: _column(field, [_plain(each.value(name)) for each in profiles])
        for name, field in schema.attributes.items()
    }
    tables = {name: _table(profiles, name, schema) for name in schema.collections}
    return customers, [each.currency for each in profiles], tables


def _table(profiles: Sequence[Profile], collection: str, schema: Schema) -> Table:
    found: Table = {"customer": [each.customer.id for each in profiles for _ in each.columns[f"{collection}.at"]]}
    for name, field in schema.collections[collection].columns.items():
        if (collection, name) != ("orders", "refunded"):
            cells = [cell for each in profiles for cell in each.columns[f"{collection}.{name}"]]
            found[name] = _column(field, cells)
    return found


def _column(field: Field, cells: list[Any]) -> Any:
    return As(cells, Decimals(_places(cells))) if field.kind is Kind.NUMBER else cells


def _places(numbers: Iterable[int | Fraction | None]) -> int:
    """The fewest decimals with which all numbers are exact, nine at most."""
    places = 0
    for number in numbers:
        while number is not None and places < MOST_PLACES and (number * 10**places).denominator != 1:
            places += 1
    return places


def _plain(value: Any) -> Any:
    return value.minor if isinstance(value, Money) else value
