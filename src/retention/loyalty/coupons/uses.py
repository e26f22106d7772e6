"""Uses of coupons: how an order reserves, redeems and gives them back.

Nothing is kept beside the ledger. A coupon with a limit is an account with so many uses; what is issued to a customer,
or behind a unique code, is an account too, whose lots are the coupons that they hold, each with its own days.

So a later request needs the coupons, the customer's id and the order's id, and nothing that an earlier one has found.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeAlias, assert_never, get_args

from retention.errors import FactError
from retention.loyalty import checkout
from retention.loyalty.checkout import NotTaken, Part, Short, Taken
from retention.loyalty.coupons.applying import outside
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.entering import Entered
from retention.loyalty.coupons.held import Held, account_of
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.entries import Bucket, Validity
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed
from retention.spans import utc

Answer: TypeAlias = Taken | tuple[NotApplied, ...]
"""The order has its uses, or nothing was taken, for these reasons."""

Used: TypeAlias = Coupon | Held | Entered
"""A coupon that an order uses: as ``wallet`` or ``behind`` found it, as ``entered`` read its code, or as the shop
defined it, which is enough unless it has unique codes. What is issued to customers is then the customer's."""

_WORDS: Final = {
    WhyNot.UNKNOWN_CODE: "there is no such code",
    WhyNot.NOT_ISSUED: "not issued to the customer",
    WhyNot.USED_UP: "used up",
    WhyNot.USED_BY_CUSTOMER: "used by the customer already",
    WhyNot.ORDER_CANCELLED: "the order was cancelled",
    WhyNot.USED_OTHERWISE: "the order has used another number of it",
    WhyNot.OVER: "its time is over",
    WhyNot.NOT_YET: "its time has not come",
}


def parts(coupons: Iterable[Used], *, customer: str) -> tuple[Part, ...]:
    """What a use of each coupon by a customer takes, for ``checkout``: beside points, credit and gift cards.

    That is nothing for a coupon without limits that is nobody's own. Raises FactError for a coupon that was issued to
    another customer, or has unique codes when none of them is given.
    """
    return tuple(part for each in _checked(coupons) for part in _parts(each, customer))


def _parts(used: Used, customer: str) -> list[Part]:
    against = _not_theirs(used, customer)
    if against is not None:
        hint = "Give what wallet, behind or entered found for this customer"
        raise FactError("coupons", f"hold one that is {against.words}: {against.coupon}", got=used, hint=hint)
    coupon, own = _coupon(used), _own(used, customer)
    found = []
    if coupon.limit is not None:
        found.append(_limited(coupon, account_of(coupon), coupon.limit))
    if coupon.per_customer is not None:
        found.append(_limited(coupon, account_of(coupon, customer=customer), coupon.per_customer))
    return found if own is None else [*found, Part(own)]


def _coupon(used: Used) -> Coupon:
    return used if isinstance(used, Coupon) else used.coupon


def _own(used: Used, customer: str) -> Account | None:
    """Where the uses are that somebody was given; None for a coupon that is nobody's own."""
    match used:
        case Held():
            return used.account
        case Entered(coupon=coupon, code=code):
            return None if code is None else account_of(coupon, code=code)
        case Coupon():
            return account_of(used, customer=customer) if used.issued else None
        case _:
            assert_never(used)


def _limited(coupon: Coupon, account: Account, limit: int) -> Part:
    """A part of a limit, which is opened with its uses before the first of them."""
    validity = coupon.window()
    assert validity is not None, "fixed days are in their order"
    key, subject = joined("open", f"{limit}"), joined("open", account.id)
    terms = Fixed(units=limit)
    return Part(account, opening=Earn(key=key, rule=coupon.id, order=subject, terms=terms, validity=validity))


def reserve(
    ledger: Ledger, coupons: Sequence[Used], *, customer: str, order: str, until: datetime, now: datetime
) -> Answer:
    """Reserve a use of each coupon for an order until an instant: all, or none and why not.

    Raises FactError if there are no coupons, here and in the calls that follow.
    """
    coupons = _some(coupons)
    against = [found for each in coupons if (found := _unfit(each, customer, now)) is not None]
    if against:
        return tuple(against)
    answer = checkout.reserve(ledger, parts(coupons, customer=customer), order=order, until=until, now=now)
    return _told(ledger, coupons, customer, answer, now)


def redeem(ledger: Ledger, coupons: Sequence[Used], *, customer: str, order: str, now: datetime) -> Answer:
    """The order is paid: what it reserved is used up, and if the reservation timed out, what is still there.

    A coupon that is nobody's own and has no limits is not counted, and has nothing to be used up: it is not asked
    whether its days are over, since a payment may come late.
    """
    coupons = _some(coupons)
    against = [found for each in coupons if (found := _not_theirs(each, customer)) is not None]
    if against:
        return tuple(against)
    answer = checkout.redeem(ledger, parts(coupons, customer=customer), order=order, now=now)
    return _told(ledger, coupons, customer, answer, now)


def release(ledger: Ledger, coupons: Sequence[Used], *, customer: str, order: str, now: datetime) -> None:
    """The order failed before it was paid: its reservations are uses of others again."""
    checkout.release(ledger, parts(_some(coupons), customer=customer), order=order, now=now)


def cancel(
    ledger: Ledger,
    coupons: Sequence[Used],
    *,
    customer: str,
    order: str,
    now: datetime,
    extended: Validity | None = None,
) -> None:
    """The order is off: its uses come back, once. A coupon that has expired meanwhile gets ``extended`` to live in."""
    checkout.cancel(ledger, parts(_some(coupons), customer=customer), order=order, now=now, extended=extended)


def _some(coupons: Iterable[Used]) -> tuple[Used, ...]:
    """Nothing would be done for no coupons: most likely a wallet was asked again, which no longer has them."""
    found = _checked(coupons)
    if not found:
        hint = "Give those that the order uses; what it has reserved or redeemed is no longer in the wallet"
        raise FactError("coupons", "are none", got=coupons, hint=hint)
    return found


def _checked(coupons: Iterable[Used]) -> tuple[Used, ...]:
    if isinstance(coupons, get_args(Used)):
        raise FactError("coupons", "are not a list", got=coupons, hint="Give [coupon]")
    found = tuple(coupons)
    for place, each in enumerate(found):
        if not isinstance(each, get_args(Used)):
            words = f": {each}" if isinstance(each, NotApplied) else ""
            hint = "Give coupons, or what wallet, behind and entered found"
            raise FactError(f"coupons[{place}]", f"is no coupon{words}", got=each, hint=hint)
    return found


def _not_theirs(used: Used, customer: str) -> NotApplied | None:
    """What no account tells: whose the coupon is."""
    coupon = _coupon(used)
    if isinstance(used, Held) and used.customer not in (None, customer):
        return NotApplied(coupon.id, WhyNot.NOT_THEIRS, "issued to another customer")
    if coupon.codes is not None and isinstance(used, Coupon):
        return NotApplied(coupon.id, WhyNot.NOT_ISSUED, "used by a code of its own")
    return None


def _unfit(used: Used, customer: str, now: datetime) -> NotApplied | None:
    """What no account tells: whose the coupon is, and the days of one without an account."""
    against = _not_theirs(used, customer)
    if against is not None or _parts(used, customer):
        return against
    coupon = _coupon(used)
    why = outside(coupon.window(), utc(now))
    return None if why is None else NotApplied(coupon.id, why, f"{coupon.valid}")


def _told(ledger: Ledger, coupons: Sequence[Used], customer: str, answer: checkout.Answer, now: datetime) -> Answer:
    match answer:
        case Taken():
            return answer
        case NotTaken(short=short):
            return tuple(_refused(ledger, coupons, customer, each, now) for each in short)
        case _:
            assert_never(answer)


def _refused(ledger: Ledger, coupons: Sequence[Used], customer: str, short: Short, now: datetime) -> NotApplied:
    """Which coupon it is, and why, by the account that is short."""
    account = short.part.account
    used = next(each for each in coupons if any(part.account == account for part in _parts(each, customer)))
    coupon = _coupon(used)
    window = used.validity if isinstance(used, Held) else coupon.window()
    if short.why != "too little":
        why = WhyNot.ORDER_CANCELLED if short.why == "cancelled" else WhyNot.USED_OTHERWISE
    elif (when := outside(window, utc(now))) is not None:
        why = when
    elif (lacking := _lacking(ledger.head(account, now=now), coupon)) is not None:
        why = lacking
    else:
        own = account == account_of(coupon, customer=customer)
        why = WhyNot.USED_BY_CUSTOMER if own else WhyNot.USED_UP
    return NotApplied(coupon.id, why, _WORDS[why])


def _lacking(head: Head, coupon: Coupon) -> WhyNot | None:
    """Why there is nothing though nothing was used: never given, not yet there, or expired."""
    if not head.seq:
        return WhyNot.NOT_ISSUED if coupon.issued else WhyNot.UNKNOWN_CODE
    if head.totals[Bucket.SPENT] or head.held:
        return None
    if head.pending_total:
        return WhyNot.NOT_YET
    return WhyNot.OVER if head.totals[Bucket.EXPIRED] else None
