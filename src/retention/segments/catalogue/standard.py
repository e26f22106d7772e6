"""The standard segments as one set."""

from collections.abc import Iterable

from retention.money import Money, won
from retention.rules import Orders, orders
from retention.schema import STANDARD, Schema
from retention.segments.catalogue import behaviour, states, value
from retention.segments.segment_set import SegmentSet


def standard_segments(
    high_value_from: Money = won(500_000),
    *,
    channels: Iterable[str] = ("email", "sms"),
    counting: Orders = orders,
    schema: Schema = STANDARD,
) -> SegmentSet:
    """Every segment of the catalogue that needs nothing of the shop but its currency, with the usual parameters.

    Left out, because only the shop knows their products: ``replenishment_due`` and ``bought_but_not``.
    """
    return SegmentSet(
        (
            value.new(),
            value.high_value(high_value_from, counting=counting),
            value.dormant(counting=counting),
            value.not_seen(),
            value.frequent(counting=counting),
            *states.purchase_states(counting=counting),
            behaviour.browsed_and_left(counting=counting),
            behaviour.birthday_this_month(),
            behaviour.holds_unused_coupon(),
            *(behaviour.consented(channel) for channel in channels),
            behaviour.opens_but_does_not_buy(counting=counting),
            behaviour.gave_five_stars(),
            behaviour.complained(),
            behaviour.waiting_for_restock(),
        ),
        schema=schema,
    )
