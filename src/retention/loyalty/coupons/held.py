"""Coupons in somebody's hands: issued to a customer, or behind a code of their own."""

from datetime import datetime
from typing import TypeAlias, final

from attrs import field, frozen

from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.terms import Fixed

PROGRAMME = "coupons"
"""The programme of the ledger that counts uses."""


def account_of(coupon: Coupon, *, customer: str | None = None, code: str | None = None) -> Account:
    """Where uses are counted: of the coupon in all, by one customer, or of one unique code."""
    if code is not None:
        return Account(PROGRAMME, f"{coupon.id}#{code}", "uses")
    return Account(PROGRAMME, coupon.id if customer is None else f"{coupon.id}/{customer}", "uses")


@final
@frozen(kw_only=True)
class Held:
    """A coupon that a ``customer`` holds, or whoever knows its ``code``, with ``uses`` left in ``validity``."""

    coupon: Coupon
    validity: Validity
    customer: str | None = None
    code: str | None = field(default=None, repr=False)
    uses: int = 1

    @property
    def account(self) -> Account:
        return account_of(self.coupon, customer=self.customer, code=self.code)


Usable: TypeAlias = Coupon | Held


def coupon_of(usable: Usable) -> Coupon:
    return usable.coupon if isinstance(usable, Held) else usable


@final
@frozen(kw_only=True)
class Issued:
    """A coupon is to be issued: to a ``customer``, or behind a unique ``code``, or both.

    ``subject`` is what it is issued for, once; ``remind_at`` when to say that it will expire, None for not at all.
    """

    coupon: Coupon
    subject: str
    validity: Validity
    customer: str | None = None
    code: str | None = field(default=None, repr=False)
    remind_at: datetime | None = None
    uses: int = 1

    @property
    def key(self) -> str:
        """The same whenever it is derived again from the same event."""
        return f"{self.coupon.id}:{self.subject}"

    @property
    def valid_from(self) -> datetime:
        return self.validity.available_at

    @property
    def valid_until(self) -> datetime | None:
        """The first instant at which it can no longer be used; None if it never expires."""
        return self.validity.expires_at

    @property
    def account(self) -> Account:
        return account_of(self.coupon, customer=self.customer, code=self.code)

    @property
    def command(self) -> Earn:
        """What gives the uses: once for a subject, though its day may have moved since, as birthdays do."""
        return Earn(
            key=f"{self.key}@{self.validity.id}",
            rule=self.coupon.id,
            order=self.subject,
            terms=Fixed(units=self.uses),
            validity=self.validity,
        )

    @property
    def held(self) -> Held:
        """The coupon as the customer will hold it."""
        return Held(coupon=self.coupon, validity=self.validity, customer=self.customer, code=self.code, uses=self.uses)
