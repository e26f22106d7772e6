"""Uses of coupons: how an order reserves, redeems and gives them back.

Nothing is kept beside the ledger. A coupon with a limit is an account with so many uses; what is issued to a customer,
or behind a unique code, is an account too, whose lots are the coupons that they hold, each with its own days.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from retention.loyalty import checkout
from retention.loyalty.checkout import NotTaken, Part, Short, Taken
from retention.loyalty.coupons.applying import outside
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.held import Held, Usable, account_of, coupon_of
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme.asking import joined
from retention.spans import utc

Answer: TypeAlias = Taken | tuple[NotApplied, ...]
"""The order has its uses, or nothing was taken, for these reasons."""

_WORDS: Final = {
    WhyNot.USED_UP: "used up",
    WhyNot.USED_BY_CUSTOMER: "used by the customer already",
    WhyNot.ORDER_CANCELLED: "the order was cancelled",
    WhyNot.OVER: "its time is over",
    WhyNot.NOT_YET: "its time has not come",
}


def parts(usable: Usable, customer: str) -> tuple[Part, ...]:
    """The accounts in which a use of the coupon by a customer counts; none for a coupon without limits."""
    coupon = coupon_of(usable)
    found = []
    if coupon.limit is not None:
        found.append(_limited(coupon, account_of(coupon), coupon.limit))
    if coupon.per_customer is not None:
        found.append(_limited(coupon, account_of(coupon, customer=customer), coupon.per_customer))
    if isinstance(usable, Held):
        found.append(Part(usable.account))
    return tuple(found)


def _limited(coupon: Coupon, account: Account, limit: int) -> Part:
    """A part of a limit, which is opened with its uses before the first of them."""
    validity = coupon.window()
    assert validity is not None, "fixed days are in their order"
    key, subject = joined("open", f"{limit}"), joined("open", account.id)
    terms = Fixed(units=limit)
    return Part(account, opening=Earn(key=key, rule=coupon.id, order=subject, terms=terms, validity=validity))


def reserve(
    ledger: Ledger, coupons: Sequence[Usable], *, customer: str, order: str, until: datetime, now: datetime
) -> Answer:
    """Reserve a use of each coupon for an order until an instant: all, or none and why not."""
    against = [found for each in coupons if (found := _unfit(each, customer, now)) is not None]
    if against:
        return tuple(against)
    wanted = _wanted(coupons, customer)
    return _told(coupons, customer, checkout.reserve(ledger, wanted, order=order, until=until, now=now), now)


def redeem(ledger: Ledger, coupons: Sequence[Usable], *, customer: str, order: str, now: datetime) -> Answer:
    """The order is paid: what it reserved is used up, and if the reservation timed out, what is still there."""
    wanted = _wanted(coupons, customer)
    return _told(coupons, customer, checkout.redeem(ledger, wanted, order=order, now=now), now)


def release(ledger: Ledger, coupons: Sequence[Usable], *, customer: str, order: str, now: datetime) -> None:
    """The order failed before it was paid: its reservations are uses of others again."""
    checkout.release(ledger, _wanted(coupons, customer), order=order, now=now)


def cancel(
    ledger: Ledger,
    coupons: Sequence[Usable],
    *,
    customer: str,
    order: str,
    now: datetime,
    extended: Validity | None = None,
) -> None:
    """The order is off: its uses come back, once. A coupon that has expired meanwhile gets ``extended`` to live in."""
    checkout.cancel(ledger, _wanted(coupons, customer), order=order, now=now, extended=extended)


def _wanted(coupons: Sequence[Usable], customer: str) -> list[Part]:
    return [part for each in coupons for part in parts(each, customer)]


def _unfit(usable: Usable, customer: str, now: datetime) -> NotApplied | None:
    """What no account tells: a coupon that must be issued comes as ``Held``, by its holder; one without an account has
    its days."""
    coupon = coupon_of(usable)
    if isinstance(usable, Held):
        if usable.customer not in (None, customer):
            return NotApplied(coupon.id, WhyNot.NOT_THEIRS, "issued to another customer")
    elif coupon.is_held:
        return NotApplied(coupon.id, WhyNot.NOT_ISSUED, "only for those to whom it was issued")
    elif not parts(usable, customer) and (why := outside(coupon.window(), utc(now))) is not None:
        return NotApplied(coupon.id, why, f"{coupon.valid}")
    return None


def _told(coupons: Sequence[Usable], customer: str, answer: checkout.Answer, now: datetime) -> Answer:
    match answer:
        case Taken():
            return answer
        case NotTaken(short=short):
            return tuple(_refused(coupons, customer, each, now) for each in short)
        case _:
            assert_never(answer)


def _refused(coupons: Sequence[Usable], customer: str, short: Short, now: datetime) -> NotApplied:
    """Which coupon it is, and why, by the account that is short."""
    usable = next(each for each in coupons if any(part.account == short.part.account for part in parts(each, customer)))
    coupon = coupon_of(usable)
    window = usable.validity if isinstance(usable, Held) else coupon.window()
    if short.why == "cancelled":
        why = WhyNot.ORDER_CANCELLED
    elif (when := outside(window, utc(now))) is not None:
        why = when
    else:
        own = short.part.account == account_of(coupon, customer=customer)
        why = WhyNot.USED_BY_CUSTOMER if own else WhyNot.USED_UP
    return NotApplied(coupon.id, why, _WORDS[why])
