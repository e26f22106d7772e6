"""What customers hold, read from the ledger, and what the shop does to it: issue, revoke."""

from collections.abc import Iterable
from datetime import datetime

from retention.errors import FactError
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.entering import Entered
from retention.loyalty.coupons.held import Held, Issued, account_of
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Revoke
from retention.loyalty.ledger.entries import Bucket, Lot, spend_order
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Result


def issue(ledger: Ledger, issued: Issued, *, now: datetime) -> Result:
    """Issue a coupon, once. The result of issuing it again is ``replayed``; if its days have moved since, as they do
    when a birthday is corrected, nothing is issued and the result is ``already``."""
    return ledger.run(issued.account, issued.command, now=now)


def wallet(
    ledger: Ledger, coupons: Iterable[Coupon], customer: str, *, now: datetime, order: str | None = None
) -> tuple[Held, ...]:
    """Which of the coupons were issued to the customer and can be used now, what expires first first.

    What an ``order`` has reserved is still there for that order. Reads an account for each coupon that is issued.
    """
    found: list[Held] = []
    for coupon in coupons:
        if coupon.issued:
            head = ledger.head(account_of(coupon, customer=customer), now=now)
            found += [_held(coupon, lot, customer=customer) for lot in _lots(head, order)]
    return tuple(sorted(found, key=lambda each: spend_order(Lot(each.validity, each.uses))))


def behind(ledger: Ledger, typed: Entered, *, now: datetime, order: str | None = None) -> Held | NotApplied:
    """The coupon behind a unique code, or why there is none. Raises FactError for a code that all share."""
    coupon, code = typed.coupon, typed.code
    if code is None:
        hint = "A code that all share stands for its coupon: use entered.coupon"
        raise FactError("Entered.code", "is no unique code", got=code, hint=hint)
    head = ledger.head(account_of(coupon, code=code), now=now)
    for lot in _lots(head, order):
        return _held(coupon, lot, code=code)
    return _nothing_behind(coupon, head)


def revoke(ledger: Ledger, account: Account, *, key: str, reason: str, actor: str, now: datetime) -> int:
    """Take back all uses of a ``Held``'s or ``Issued``'s account that are neither used nor reserved; how many.

    Sent again under its ``key`` it takes back what has come since.
    """
    head = ledger.head(account, now=now)
    if head.available:
        once = joined(key, str(head.seq))
        ledger.run(account, Revoke(key=once, amount=head.available, reason=reason, actor=actor), now=now)
    return head.available


def _lots(head: Head, order: str | None) -> list[Lot]:
    """What is available, and what is pinned for the order, by lot."""
    pinned = [lot for hold in head.holds if order is not None and hold.order == order for lot in hold.pinned]
    found: dict[str, Lot] = {}
    for lot in (*head.open, *pinned):
        found[lot.id] = Lot(lot.validity, lot.amount + (found[lot.id].amount if lot.id in found else 0))
    return sorted(found.values(), key=spend_order)


def _held(coupon: Coupon, lot: Lot, *, customer: str | None = None, code: str | None = None) -> Held:
    return Held(coupon=coupon, validity=lot.validity, customer=customer, code=code, uses=lot.amount)


def _nothing_behind(coupon: Coupon, head: Head) -> NotApplied:
    if not head.seq:
        return NotApplied(coupon.id, WhyNot.UNKNOWN_CODE, "there is no such code")
    if head.pending:
        return NotApplied(coupon.id, WhyNot.NOT_YET, "its time has not come")
    if head.totals[Bucket.EXPIRED]:
        return NotApplied(coupon.id, WhyNot.OVER, "its time is over")
    return NotApplied(coupon.id, WhyNot.USED_UP, "used up")
