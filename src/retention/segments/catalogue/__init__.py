"""Segments that every shop starts with, as functions whose parameters are open.

Each returns an ordinary ``Segment`` (the journeys a ``Journey``); ``attrs.evolve(segment, key=..., name=...)`` gives it
other words. Where orders are counted, ``counting`` says which: ``orders.where(orders.status != "cancelled")``, say.
"""

from retention.segments.catalogue.behaviour import (
    birthday_this_month,
    bought_but_not,
    browsed_and_left,
    complained,
    consented,
    gave_five_stars,
    holds_unused_coupon,
    opens_but_does_not_buy,
    replenishment_due,
    waiting_for_restock,
)
from retention.segments.catalogue.journeys import customer_journey, value_journey
from retention.segments.catalogue.standard import standard_segments
from retention.segments.catalogue.states import joined_and_left, left_cart, long_gone, purchase_states, slipping
from retention.segments.catalogue.value import dormant, frequent, high_value, new, not_seen

__all__ = [
    "birthday_this_month",
    "bought_but_not",
    "browsed_and_left",
    "complained",
    "consented",
    "customer_journey",
    "dormant",
    "frequent",
    "gave_five_stars",
    "high_value",
    "holds_unused_coupon",
    "joined_and_left",
    "left_cart",
    "long_gone",
    "new",
    "not_seen",
    "opens_but_does_not_buy",
    "purchase_states",
    "replenishment_due",
    "slipping",
    "standard_segments",
    "value_journey",
    "waiting_for_restock",
]
