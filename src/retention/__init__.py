"""Who a customer is to an online shop, at any instant: facts, rules over them, and segments.

These are the names that a shop needs first. The handles that rules are written with are in ``retention.rules``.
"""

from retention.activity import ConsentEvent, CouponEvent, Event, MessageEvent, View, Visit
from retention.cart import CartEvent
from retention.customer import Address, Contact, Customer
from retention.errors import RetentionError
from retention.money import Money, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.rules.rule import Rule
from retention.schema import STANDARD, Kind, Schema
from retention.segments import Segment, SegmentSet
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
