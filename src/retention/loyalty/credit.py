"""Store credit: money that a customer has with the shop, and spends on its orders.

>>> from zoneinfo import ZoneInfo
>>> from retention import won
>>> credit = StoreCredit(currency="KRW", zone=ZoneInfo("Asia/Seoul"))
>>> credit.part("customer-7", won(3_000)).amount
3000

Paying goes by way of ``checkout``: ``reserve``, ``redeem``, ``release`` and ``cancel`` take the part of the credit
beside those of coupons, points and gift cards, all or nothing.
"""

from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any, final

from attrs import field, frozen

from retention.checks import instant
from retention.currencies import exponent
from retention.errors import CurrencyMismatch, FactError
from retention.loyalty import given
from retention.loyalty.checkout import Part
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Adjust, Earn, Return
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme.dates import NEVER, Expiry, validity
from retention.money import Money


def a_currency(self: object, attribute: object, code: str) -> None:
    """The check of a field that holds a currency's code. Raises FactError."""
    exponent(code)


def an_expiry(self: object, attribute: object, value: Any) -> None:
    """The check of a field that says how long money lasts. Raises PolicyError."""
    given.instance(self, attribute, value, (Expiry,), "Give Expiry(months=60), or NEVER")


def minor_units(amount: Money, currency: str, path: str) -> int:
    """What is asked of an account in a currency. Raises CurrencyMismatch, FactError unless it is above 0."""
    if not isinstance(amount, Money) or amount.minor <= 0:
        raise FactError(path, "is not money above 0", got=amount, hint="Give Money: won(3_000)")
    if amount.currency != currency:
        raise CurrencyMismatch(path, currency, amount.currency)
    return amount.minor


def usable(head: Head, total: Money) -> Money:
    """How much of an account can pay for a total: all of it, or as much as there is. Raises CurrencyMismatch."""
    if head.account.unit != total.currency:
        raise CurrencyMismatch("total", head.account.unit, total.currency)
    return Money(max(0, min(head.available, total.minor)), total.currency)


def given_back(order: str, refund: str, share: Fraction) -> Return:
    """A share of an order was refunded: as much of what an account paid for it comes back to the account.

    ``refund`` is its id, of which an order has each once.
    """
    return Return(key=joined("give-back", order, refund), order=order, share=share)


@final
@frozen(kw_only=True)
class StoreCredit:
    """The shop's credit in one ``currency``. What is given lasts as ``expiry`` says, in local days of ``zone``."""

    currency: str = field(validator=a_currency)
    zone: tzinfo = field(validator=given.zone)
    expiry: Expiry = field(default=NEVER, validator=an_expiry)
    programme: str = field(default="credit", validator=given.name)

    def account(self, customer: str) -> Account:
        return Account(self.programme, customer, self.currency)

    def part(self, customer: str, amount: Money) -> Part:
        """What an order takes of a customer's credit. Raises CurrencyMismatch, FactError."""
        return Part(self.account(customer), minor_units(amount, self.currency, "StoreCredit.part"))

    def refunded(self, amount: Money, *, order: str, refund: str, at: datetime) -> Earn:
        """A refund of an order that is paid as credit, once: ``refund`` is its id, of which an order has each once,
        ``at`` when it was made."""
        once = joined("refund", order, refund)
        at = instant(at, "at")
        terms = Fixed(units=minor_units(amount, self.currency, "StoreCredit.refunded"))
        lot = validity(at, 0, self.expiry, self.zone)
        return Earn(key=once, rule="refund", order=once, terms=terms, validity=lot, at=at)

    def granted(self, amount: Money, *, key: str, at: datetime, reason: str, actor: str) -> Adjust:
        """Credit that staff give, out of goodwill or for anything else."""
        at = instant(at, "at")
        units = minor_units(amount, self.currency, "StoreCredit.granted")
        lot = validity(at, 0, self.expiry, self.zone)
        return Adjust(key=key, amount=units, reason=reason, actor=actor, validity=lot, at=at)

    def balance(self, head: Head) -> Money:
        """What the customer has, below 0 if they owe. Raises CurrencyMismatch for another account."""
        if head.account.unit != self.currency:
            raise CurrencyMismatch("head", self.currency, head.account.unit)
        return Money(head.balance, self.currency)
