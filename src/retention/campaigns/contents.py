"""What a template can read of the fact that began a run: plain values, fit for JSON."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from retention.money import Money
from retention.order import Order
from retention.profile import Profile
from retention.rules.written import decimal_text, instant_text

_OF_A_LINE = ("product_id", "quantity", "amount", "category", "brand")


def about(profile: Profile, fact: str | None) -> dict[str, Any]:
    """The columns of the fact of that name (``cart/e-7``), as JSON; empty if it is no longer known.

    An amount is ``{"minor": 12900, "currency": "KRW"}``; an order has its ``lines``. What is missing is left out.
    """
    if fact is None:
        return {}
    collection, _, id = fact.partition("/")
    row = next((each for each in profile.rows(collection) if profile.cell(each, "id") == id), None)
    if row is None:
        return {}
    found = _plain_cells({name: profile.cell(row, name) for name in profile.schema.collection(collection).columns})
    if isinstance(row, Order) and row.lines:
        found["lines"] = [_plain_cells({name: getattr(line, name) for name in _OF_A_LINE}) for line in row.lines]
    return found


def _plain_cells(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in cells.items() if value is not None}


def plain(value: Any) -> Any:
    """A cell as JSON keeps it."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return decimal_text(value) or str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return sorted(value)
    return value
