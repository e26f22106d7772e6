"""Customers who have left something, or the shop."""

from collections.abc import Iterable
from typing import Final

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.library.parts import AN_HOUR, EMAIL, HALF_A_DAY, MARKETING, came_again, gift, morning, send
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.steps import Jump, Wait, WaitFor
from retention.rules import Number, Orders, Rule, cart, orders
from retention.spans import Duration, days

_MOST_TOUCHES: Final = 1_000


def cart_recovery(
    *,
    channels: Iterable[str] = EMAIL,
    after: Duration = AN_HOUR,
    again_after: Duration = days(1),
    coupon: str | None = None,
    valid_for: Duration = days(3),
    pause: Duration = days(7),
    counting: Orders = orders,
) -> Campaign:
    """Reminds of a cart twice, until they order or empty it: ``after`` they did something to it last, and
    ``again_after``.

    One run per cart; ``pause`` is between two runs of the same cart. For customers with many carts, a ``Cap`` of the
    policy limits what they get. A cart is empty when it was cleared, or when as many pieces were removed as were added
    since the run began; an event that says no ``quantity`` is of one.

    Templates ``cart-reminder``, ``cart-last-call``; ``coupon`` is given before the last. An abandoned cart is marketing
    unless the customer asked to be reminded.
    """
    last_call = send("cart-last-call", channels, expires=HALF_A_DAY)
    offer = (*gift(coupon, valid_for), last_call)
    return Campaign(
        "cart-recovery",
        kind=MARKETING,
        entry=Happens(event=cart.where(cart.kind.is_in(("added", "checkout_started"))).any(), each="cart_id"),
        again="after exit",
        pause=pause,
        goal=SinceEntry(counting.any()),
        leave=SinceEntry(_is_empty()),
        steps=(
            WaitFor("pause-for-thought", event=cart.any(), at_most=after, otherwise="cart-reminder"),
            Jump("still-busy", to="pause-for-thought", at_most=_MOST_TOUCHES),
            send("cart-reminder", channels, expires=HALF_A_DAY),
            WaitFor("a-day", event=cart.any(), at_most=again_after, otherwise=offer[0].id),
            Jump("busy-again", to="a-day", at_most=_MOST_TOUCHES),
            *offer,
        ),
    )


def _is_empty() -> Rule:
    removed = cart.where(cart.kind == "removed").any() & (_pieces("removed") >= _pieces("added"))
    return removed | (cart.kind.last() == "cleared")


def _pieces(kind: str) -> Number[Rule]:
    done = cart.where(cart.kind == kind)
    return done.quantity.sum() + done.where(cart.quantity.is_missing()).count()


def browse_abandonment(
    segment: str = "browsed-and-left",
    *,
    channels: Iterable[str] = EMAIL,
    pause: Duration = days(14),
    counting: Orders = orders,
) -> Campaign:
    """Reminds who enters ``segment`` (``catalogue.browsed_and_left()``) of what they looked at, once in ``pause``.

    Template ``still-looking``. Not who has put something into a cart meanwhile, or ordered.
    """
    return Campaign(
        "browse-abandonment",
        kind=MARKETING,
        entry=Enters(segment=segment),
        again="after entry",
        pause=pause,
        goal=SinceEntry(counting.any()),
        leave=SinceEntry(cart.any()),
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
    counting: Orders = orders,
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
        goal=SinceEntry(counting.any()),
        steps=(
            morning(workdays=True),
            send("we-miss-you", channels),
            Wait("two-weeks", days(14)),
            morning("another-morning", workdays=True),
            *gift(coupon, valid_for),
            send("come-back", channels),
            Wait("answer", valid_for),
        ),
    )


def repeat_nurture(
    *, channels: Iterable[str] = EMAIL, after: Duration = days(21), counting: Orders = orders
) -> Campaign:
    """Writes to a repeat customer who has not ordered again within ``after``: once after each order at most.

    Template ``time-for-more``.
    """
    return Campaign(
        "repeat-nurture",
        kind=MARKETING,
        entry=Happens(event=counting.any(), such_as=came_again(counting)),
        again="each crossing",
        goal=SinceEntry(came_again(counting)),
        leave=OfEntry(counting.none()),
        steps=(Wait("next-order", after), morning(), send("time-for-more", channels)),
    )
