"""Customers who have left something, or the shop."""

from collections.abc import Iterable

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.library.parts import AN_HOUR, EMAIL, HALF_A_DAY, MARKETING, gift, morning, send
from retention.campaigns.steps import Stop, Wait, WaitFor
from retention.rules import cart, orders
from retention.spans import Duration, days


def cart_recovery(
    *,
    channels: Iterable[str] = EMAIL,
    after: Duration = AN_HOUR,
    again_after: Duration = days(1),
    coupon: str | None = None,
    valid_for: Duration = days(3),
    pause: Duration = days(7),
) -> Campaign:
    """Reminds of a cart twice, until they order or clear it. One run per cart; ``pause`` is between two runs of the
    same cart. For customers with many carts, a ``Cap`` of the policy limits what they get.

    Templates ``cart-reminder``, ``cart-last-call``; ``coupon`` is given before the last. An abandoned cart is marketing
    unless the customer asked to be reminded.
    """
    return Campaign(
        "cart-recovery",
        kind=MARKETING,
        entry=Happens(event=cart.where(cart.kind.is_in(("added", "checkout_started"))).any(), each="cart_id"),
        again="after exit",
        pause=pause,
        goal=orders.since(cart.at.last()).any(),
        leave=cart.last().where(cart.kind == "cleared").any(),
        steps=(
            Wait("pause-for-thought", after),
            send("cart-reminder", channels, expires=HALF_A_DAY),
            Wait("a-day", again_after),
            *gift(coupon, valid_for),
            send("cart-last-call", channels, expires=HALF_A_DAY),
        ),
    )


def browse_abandonment(
    segment: str = "browsed-and-left", *, channels: Iterable[str] = EMAIL, pause: Duration = days(14)
) -> Campaign:
    """Reminds who enters ``segment`` (``catalogue.browsed_and_left()``) of what they looked at, once in ``pause``.

    Template ``still-looking``.
    """
    return Campaign(
        "browse-abandonment",
        kind=MARKETING,
        entry=Enters(segment=segment),
        again="after entry",
        pause=pause,
        goal=orders.within(days(1)).any(),
        steps=(morning(), send("still-looking", channels, expires=HALF_A_DAY)),
    )


def win_back(
    segment: str = "dormant",
    *,
    channels: Iterable[str] = EMAIL,
    coupon: str | None = None,
    valid_for: Duration = days(14),
    backfill: bool = False,
    pause: Duration = days(180),
) -> Campaign:
    """Writes to who enters ``segment`` (``catalogue.dormant()``) on a workday, and two weeks later; until they order.

    Templates ``we-miss-you``, ``come-back``; ``coupon`` is given before the last. ``backfill`` begins with all who are
    dormant already.
    """
    return Campaign(
        "win-back",
        kind=MARKETING,
        entry=Enters(segment=segment, backfill=backfill),
        again="after entry",
        pause=pause,
        goal=orders.within(days(30)).any(),
        steps=(
            morning(workdays=True),
            send("we-miss-you", channels),
            Wait("two-weeks", days(14)),
            morning("another-morning", workdays=True),
            *gift(coupon, valid_for),
            send("come-back", channels),
            WaitFor("answer", event=orders.any(), at_most=valid_for),
        ),
    )


def repeat_nurture(*, channels: Iterable[str] = EMAIL, after: Duration = days(21)) -> Campaign:
    """Writes to a repeat customer who has not ordered again within ``after``: once after each order at most.

    Template ``time-for-more``.
    """
    return Campaign(
        "repeat-nurture",
        kind=MARKETING,
        entry=Happens(event=orders.any(), such_as=orders.count() >= 2),
        again="each crossing",
        steps=(
            WaitFor("next-order", event=orders.any(), at_most=after, then="over"),
            morning(),
            send("time-for-more", channels),
            Stop("over"),
        ),
    )
