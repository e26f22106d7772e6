"""By sign-up and value."""

from retention.money import Money, won
from retention.rules import Orders, customer, orders, visits
from retention.segments.catalogue.words import spoken
from retention.segments.segment import Segment
from retention.spans import MovingSpan, Span, days


def new(within: Span = days(7)) -> Segment:
    """Joined within the span: ``as_of - span < joined_at <= as_of``. Not in: no joining date is known."""
    return Segment(
        "new",
        customer.joined_at.within(within),
        name="New",
        description=f"Joined within {spoken(within)}.",
    )


def high_value(at_least: Money = won(500_000), *, counting: Orders = orders) -> Segment:
    """The totals of all orders so far add up to the amount or more; refunds are not taken off."""
    return Segment(
        "high-value",
        counting.total.sum() >= at_least,
        name="High value",
        description=f"Has spent {at_least} or more in all.",
    )


def dormant(after: MovingSpan = days(90), *, counting: Orders = orders) -> Segment:
    """Has ordered, and the last order was the span ago or longer: ``at <= as_of - span``. Not in: never ordered."""
    return Segment(
        "dormant",
        counting.at.last().older_than(after),
        name="Dormant",
        description=f"Last ordered {spoken(after)} ago or longer.",
    )


def not_seen(after: MovingSpan = days(30)) -> Segment:
    """Has visited, and the last visit was the span ago or longer: ``at <= as_of - span``. Not in: no visit is known."""
    return Segment(
        "not-seen",
        visits.at.last().older_than(after),
        name="Not seen",
        description=f"Last visited {spoken(after)} ago or longer.",
    )


def frequent(at_least: int = 3, *, counting: Orders = orders) -> Segment:
    """That many orders or more so far."""
    return Segment(
        "frequent",
        counting.count() >= at_least,
        name="Frequent",
        description=f"Has placed {at_least} orders or more.",
    )
