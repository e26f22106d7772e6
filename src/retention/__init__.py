"""Who a customer is to an online shop, at any instant: facts, rules over them, and segments.

These are the names that a shop needs first. The handles that rules are written with are in ``retention.rules``.

Facts are loaded at once. The language, the segments and the engine are loaded when one of their names is first asked
for, which takes longer than loading everything else together.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from retention.activity import ConsentEvent, CouponEvent, Event, MessageEvent, View, Visit
from retention.cart import CartEvent
from retention.customer import Address, Contact, Customer
from retention.errors import RetentionError
from retention.money import Money, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.schema import STANDARD, Kind, Schema
from retention.spans import (
    calendar_days,
    days,
    hours,
    minutes,
    months,
    this_month,
    this_week,
    this_year,
    today,
    weeks,
    years,
)

if TYPE_CHECKING:
    from retention.engine import Retention
    from retention.rules.rule import Rule
    from retention.segments.segment import Segment
    from retention.segments.segment_set import SegmentSet

__all__ = [
    "STANDARD",
    "Address",
    "CartEvent",
    "ConsentEvent",
    "Contact",
    "CouponEvent",
    "Customer",
    "Event",
    "Kind",
    "MessageEvent",
    "Money",
    "Order",
    "OrderLine",
    "Profile",
    "Refund",
    "Retention",
    "RetentionError",
    "Rule",
    "Schema",
    "Segment",
    "SegmentSet",
    "View",
    "Visit",
    "calendar_days",
    "days",
    "hours",
    "minutes",
    "months",
    "this_month",
    "this_week",
    "this_year",
    "today",
    "weeks",
    "won",
    "years",
]

_LATER = {
    "Retention": "retention.engine",
    "Rule": "retention.rules.rule",
    "Segment": "retention.segments.segment",
    "SegmentSet": "retention.segments.segment_set",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        hint = f"; the handles are in retention.rules: from retention.rules import {name}" if _is_handle(name) else ""
        raise AttributeError(f"module 'retention' has no attribute {name!r}{hint}")
    globals()[name] = found = getattr(import_module(_LATER[name]), name)
    return found


def _is_handle(name: str) -> bool:
    return name in STANDARD.collections or name in ("all_of", "any_of", "at_least", "segment", "as_of")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
