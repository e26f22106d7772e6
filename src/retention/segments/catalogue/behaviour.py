"""By what customers do, say and hold."""

from collections.abc import Iterable, Mapping

from retention.errors import RuleError
from retention.rules import (
    Instant,
    Orders,
    Purchases,
    RowRule,
    Rule,
    any_of,
    as_of,
    cart,
    consents,
    coupons,
    customer,
    messages,
    orders,
    purchases,
    restock_requests,
    reviews,
    tickets,
    views,
)
from retention.rules.nodes import LeapDay
from retention.segments.catalogue.words import spoken
from retention.segments.segment import Segment
from retention.spans import MovingSpan, Span, days


def browsed_and_left(since: MovingSpan = days(1), until: MovingSpan = days(7), *, counting: Orders = orders) -> Segment:
    """Looked last between ``since`` and ``until`` ago, and within ``until`` touched no cart and ordered nothing.

    ``as_of - until < at <= as_of - since``. Nobody is both here and in ``left_cart`` of the same span.
    ``counting`` says which orders are orders.
    """
    looked = views.at.last().between(since, until)
    return Segment(
        "browsed-and-left",
        looked & cart.within(until).none() & counting.within(until).none(),
        name="Browsed and left",
        description=f"Looked at something {spoken(since)} to {spoken(until)} ago, then nothing.",
    )


def replenishment_due(cycles: Mapping[str, MovingSpan], *, grace: Span = days(14)) -> Segment:
    """Last bought a product one cycle ago, and the ``grace`` after that has not run out.

    ``cycles`` says how long one unit lasts, by product id. With ``due = at of the product's last purchase + cycle``:
    ``as_of - grace < due <= as_of`` for any of the products. Raises RuleError without a product.
    """
    if not cycles:
        raise RuleError("replenishment needs the cycle of a product", hint='Give {"coffee-1kg": days(30)}')
    return Segment(
        "replenishment-due",
        any_of(*(_ran_out(product_id, cycle).within(grace) for product_id, cycle in cycles.items())),
        name="Replenishment due",
        description=f"Something bought before has run out within {spoken(grace)}.",
    )


def bought_but_not(
    key: str,
    bought: RowRule[Purchases],
    but_not: RowRule[Purchases],
    *,
    within: Span | None = None,
    name: str = "",
    description: str = "",
) -> Segment:
    """Bought something of one kind and nothing of another, ever or within the span: whom to offer the other to.

    ``bought_but_not("no-filters", purchases.category == "coffee", purchases.category == "filters")``
    """
    lines = purchases if within is None else purchases.within(within)
    rule = lines.where(bought).any() & lines.where(but_not).none()
    return Segment(key, rule, name=name, description=description)


def birthday_this_month(*, leap: LeapDay = "feb28") -> Segment:
    """The birthday falls into the local month of ``as_of``. Not in: no birthday is known."""
    return Segment(
        "birthday-this-month",
        customer.birthday.returns_this_month(leap=leap),
        name="Birthday this month",
        description="Has the birthday in the present month of the shop's calendar.",
    )


def holds_unused_coupon() -> Segment:
    """Holds a coupon that is neither redeemed, expired nor revoked.

    Of the events of coupons that have not passed their ``expires_at`` (or have none), more are ``issued`` or
    ``released`` than ``redeemed``, ``expired`` or ``revoked``. Every event of a coupon must carry the coupon's expiry.
    """
    alive = coupons.where(~(coupons.expires_at <= as_of))
    received = alive.where(coupons.kind.is_in(["issued", "released"])).count()
    gone = alive.where(coupons.kind.is_in(["redeemed", "expired", "revoked"])).count()
    return Segment(
        "holds-unused-coupon",
        received > gone,
        name="Holds an unused coupon",
        description="Holds a coupon that is neither redeemed, expired nor revoked.",
    )


def consented(channel: str, purpose: str = "marketing") -> Segment:
    """The last consent recorded for the channel and purpose was given, not withdrawn. Not in: none was recorded."""
    return Segment(
        f"consented-{channel}",
        consents.to(channel, purpose=purpose),
        name=f"Consented to {channel}",
        description=f"Said yes to {purpose} by {channel} last.",
    )


def opens_but_does_not_buy(opens: int = 3, within: Span = days(30), *, counting: Orders = orders) -> Segment:
    """That many openings of messages or more within the span, and no order in it."""
    return Segment(
        "opens-but-does-not-buy",
        (messages.where(messages.kind == "opened").within(within).count() >= opens) & counting.within(within).none(),
        name="Opens but does not buy",
        description=f"{opens} openings or more in {spoken(within)}, and no order.",
    )


def gave_five_stars(rating: int = 5, within: Span | None = None) -> Segment:
    """Wrote a review with that rating or better, ever or within the span."""
    written = reviews if within is None else reviews.within(within)
    return Segment(
        "gave-five-stars",
        written.where(reviews.rating >= rating).any(),
        name=f"Gave {rating} stars",
        description=f"Wrote a review of {rating} stars or more{'' if within is None else f' within {spoken(within)}'}.",
    )


def complained(within: Span = days(90), *, topics: Iterable[str] = ("complaint",), worst_rating: int = 2) -> Segment:
    """Opened a service ticket on one of the topics, or wrote a review of ``worst_rating`` or less, within the span.

    A message reported as spam (``messages.kind == "complained"``) is a matter of consent and is not meant here.
    """
    opened = tickets.where(tickets.kind == "opened", tickets.topic.is_in([*topics]))
    return Segment(
        "complained",
        opened.within(within).any() | reviews.where(reviews.rating <= worst_rating).within(within).any(),
        name="Complained",
        description=f"Complained or rated {worst_rating} or less within {spoken(within)}.",
    )


def waiting_for_restock(product_id: str | None = None) -> Segment:
    """Asked to be told when something is back, and the request still says ``waiting``.

    With a product: the last request for it does.
    """
    asked = restock_requests.where(restock_requests.status == "waiting").any()
    if product_id is not None:
        asked = restock_requests.where(restock_requests.product_id == product_id).status.last() == "waiting"
    return Segment(
        "waiting-for-restock",
        asked,
        name="Waiting for restock",
        description="Asked to be told when something is back, and waits.",
    )


def _ran_out(product_id: str, cycle: MovingSpan) -> Instant[Rule]:
    return purchases.where(purchases.product_id == product_id).at.last() + cycle
