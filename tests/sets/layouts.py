"""The layout of the plain rows that ``retention.testing.tables.flat`` makes, for tests without an engine."""

from typing import Any

from retention.rules.backends.sets.layout import Layout, Source
from retention.rules.backends.sets.storage import Decimals, Stored
from retention.schema import Schema
from retention.testing.tables import DERIVED


def plain_layout(schema: Schema, currency: str | None = None) -> Layout[Any, Any]:
    """Every column under its own name; numbers have one decimal. Without a currency, each customer's is a column."""
    customers: Source[Any, Any] = Source(
        None, "id", {name: name for name in schema.attributes}, None if currency else "currency"
    )
    collections: dict[str, Source[Any, Any]] = {
        name: Source(None, "customer", {each: each for each in collection.columns if (name, each) not in DERIVED})
        for name, collection in schema.collections.items()
    }
    return Layout(customers, collections, schema, Stored(numbers=Decimals(1)), currency)
