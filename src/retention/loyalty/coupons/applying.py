"""Whether a coupon applies to a cart at all, whatever other coupons do."""

from collections.abc import Iterator
from datetime import datetime

from retention.loyalty.coupons.cart import Cart
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.held import Held, Usable, coupon_of
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.programme.eligibility import holds, in_words
from retention.money import Money
from retention.spans import utc


def why_not(usable: Usable, cart: Cart) -> NotApplied | None:
    """The first thing that keeps the coupon from applying to the cart; None if nothing does."""
    coupon = coupon_of(usable)
    for found in (_time(usable, cart), _holder(usable, cart), _customer(coupon, cart), _goods(coupon, cart)):
        for why, words, missing in found:
            return NotApplied(coupon.id, why, words, missing)
    return None


_Reasons = Iterator[tuple[WhyNot, str, Money | None]]


def _time(usable: Usable, cart: Cart) -> _Reasons:
    if isinstance(usable, Coupon) and usable.is_held:
        yield WhyNot.NOT_ISSUED, "only for those to whom it was issued", None
        return
    window = usable.validity if isinstance(usable, Held) else usable.window()
    why = outside(window, utc(cart.at))
    if why is not None:
        yield why, str(coupon_of(usable).valid), None


def outside(window: Validity | None, at: datetime) -> WhyNot | None:
    """Whether it is too early or too late; None within the window."""
    if window is None or not window.alive(at):
        return WhyNot.OVER
    return WhyNot.NOT_YET if at < window.available_at else None


def _holder(usable: Usable, cart: Cart) -> _Reasons:
    if not isinstance(usable, Held) or usable.customer is None:
        return
    if cart.profile is None:
        yield WhyNot.CUSTOMER_UNKNOWN, "the customer has to be known", None
    elif cart.profile.customer.id != usable.customer:
        yield WhyNot.NOT_THEIRS, "issued to another customer", None


def _customer(coupon: Coupon, cart: Cart) -> _Reasons:
    if coupon.tiers is not None and cart.tier not in coupon.tiers:
        yield WhyNot.OTHER_TIER, f"only for {', '.join(sorted(coupon.tiers))}", None
    if coupon.when is None:
        return
    if cart.profile is None:
        yield WhyNot.CUSTOMER_UNKNOWN, "the customer has to be known", None
    elif not holds(coupon.when, cart.profile, cart.at):
        yield WhyNot.NOT_ELIGIBLE, f"only for {in_words(coupon.when)}", None


def _goods(coupon: Coupon, cart: Cart) -> _Reasons:
    if coupon.currency not in (None, cart.currency):
        yield WhyNot.OTHER_CURRENCY, f"only in {coupon.currency}", None
        return
    found = [line.amount for line in cart.lines if coupon.scope.covers(line)]
    if not found:
        yield WhyNot.NOTHING_IN_SCOPE, "not for anything in the cart", None
    elif coupon.minimum is not None and (subtotal := sum(found, Money.zero(cart.currency))) < coupon.minimum:
        missing = coupon.minimum - subtotal
        yield WhyNot.BELOW_MINIMUM, f"{missing} more of what it is for is needed", missing
