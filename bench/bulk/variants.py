"""Eighty rules: ten of each of the eight, each with constants of its own, as a shop's segments differ."""

from bench.bulk.shop import CATEGORIES
from retention import Segment, SegmentSet
from retention.money import won
from retention.rules import Rule, cart, consents, customer, orders, purchases
from retention.spans import days


def eighty() -> SegmentSet:
    """The eight themselves come first."""
    return SegmentSet(
        Segment(f"{name}_{number}", rule) for number in range(10) for name, rule in _eight(number).items()
    )


def _eight(n: int) -> dict[str, Rule]:
    """The eight rules with their n-th constants; the first ones are those of the benchmark."""
    dormant = orders.placed_at.last().older_than(days(90 + 15 * n))
    high_value = orders.total.sum() >= won(500_000 + 50_000 * n)
    several = orders.count() >= 3 + n
    left = cart.at.last()
    bought = purchases.where(purchases.category == CATEGORIES[n]).within(days(30 + 3 * n))
    consent = consents.where(consents.channel == "email", consents.purpose == "marketing")
    countries = [["KR", "JP"], ["KR"], ["US", "DE"]][n % 3]
    return {
        "new": customer.joined_at.within(days(7 + n)),
        "dormant": dormant,
        "high_value": high_value,
        "three_orders": several,
        "cart_abandoned": left.between(days(1), days(7 + n)) & orders.after(left).none(),
        "coffee": (bought.order_id.distinct() >= 2) & (bought.amount.sum() >= won(30_000 + 1_000 * n)),
        "compound": customer.country.is_in(countries)
        & consent.given.last()
        & ~customer.tags.has("wholesale")
        & (high_value | several)
        & ~dormant,
        "thresholds": orders.placed_at.last().within(days(60 + 5 * n))
        & (orders.count() >= 4 + n)
        & (orders.total.sum() >= won(200_000 + 20_000 * n)),
    }
