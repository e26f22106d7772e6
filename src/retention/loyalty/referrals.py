"""Referrals: a customer brings a friend, and both are rewarded once the friend's first order can no longer go back.

The host keeps which customer a code belongs to, as a column of its customers. Who the two are is compared by what they
have given: ids, e-mail addresses, telephone numbers, postal addresses.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias, final

from attrs import field, frozen

from retention.customer import Address, Customer
from retention.errors import FactError
from retention.loyalty import given
from retention.loyalty.codes import REFERRAL_CODE, Entropy
from retention.loyalty.credit import an_expiry
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Earn, Refund
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.terms import Fixed, Refunded
from retention.loyalty.programme.dates import NEVER, Expiry, Pending, happened_at, validity
from retention.money import Money
from retention.order import Order
from retention.order import Refund as OrderRefund
from retention.profile import Profile

Side: TypeAlias = Literal["referrer", "friend"]
SIDES: Final[tuple[Side, Side]] = ("referrer", "friend")


@final
class WhyNotReferred(StrEnum):
    """What speaks against a referral."""

    SELF = "self"
    SAME_EMAIL = "same-email"
    SAME_PHONE = "same-phone"
    SAME_ADDRESS = "same-address"
    NOT_FIRST_ORDER = "not-first-order"
    BELOW_MINIMUM = "below-minimum"


@final
@frozen
class NotReferred:
    """The order counts for nobody, for all of these reasons; ``missing`` is what it lacks of the minimum."""

    why: tuple[WhyNotReferred, ...]
    missing: Money | None = None

    def __str__(self) -> str:
        return ", ".join(each.value.replace("-", " ") for each in self.why)


@final
@frozen(kw_only=True)
class Referred:
    """A friend's first order is linked to the customer who referred them."""

    referrer: str
    friend: str
    order: str
    at: datetime


Rewards: TypeAlias = tuple[tuple[Account, Earn], ...]


def _a_pending(self: object, attribute: object, value: Any) -> None:
    given.instance(self, attribute, value, (Pending,), 'Give Pending(days=14, event="delivered")')


@final
@frozen(kw_only=True)
class Referrals:
    """``referrer`` units for who refers and ``friend`` units for who is referred, ``after`` the return window.

    What counts is an order of ``minimum`` or more in all, and of more than nothing, since nothing of that can be
    refunded; what is refunded of it takes both rewards back once it falls below. The rewards go to the customers'
    accounts in ``programme`` and ``unit`` and last as ``expiry`` says.
    """

    name: str = field(default="referral", validator=given.name)
    referrer: int = field(default=0, validator=given.count)
    friend: int = field(default=0, validator=given.count)
    zone: tzinfo = field(validator=given.zone)
    after: Pending = field(default=Pending(days=14, event="delivered"), validator=_a_pending)
    expiry: Expiry = field(default=NEVER, validator=an_expiry)
    minimum: Money | None = field(default=None, validator=given.amount)
    programme: str = field(default="points", validator=given.name)
    unit: str = field(default="points", validator=given.name)

    def code(self, entropy: Entropy) -> str:
        """A new code for a customer who refers; ``REFERRAL_CODE.read`` reads what a friend types."""
        return REFERRAL_CODE.make(entropy)

    def link(
        self, referrer: Customer, friend: Profile, order: Order, *, brought: Iterable[Customer] = ()
    ) -> Referred | NotReferred:
        """Link the friend's order to the customer whose code they gave, or say why not.

        ``brought`` are the customers whom the same one has referred before: a second one at the same address counts no
        more than the referrer's own. Raises CurrencyMismatch for an order that is not in the minimum's currency.
        """
        missing = self._missing(order)
        why = [*_too_close(referrer, friend.customer, brought)]
        if any(each.id != order.id for each in friend.until(order.at).rows("orders")):
            why.append(WhyNotReferred.NOT_FIRST_ORDER)
        if missing is not None:
            why.append(WhyNotReferred.BELOW_MINIMUM)
        if why:
            return NotReferred(tuple(why), missing)
        return Referred(referrer=referrer.id, friend=friend.customer.id, order=order.id, at=order.at)

    def rewards(self, referred: Referred, order: Order) -> Rewards:
        """What both sides earn, pending until the return window is over: for ``ledger.run_together``.

        Nothing while the order waits for what the window counts from, and nothing for one that costs nothing. An order
        is rewarded once, whoever asks.
        """
        self._same(referred, order)
        at = happened_at(order, self.after.event)
        if at is None or order.total.minor <= 0:
            return ()
        lot = validity(at, self.after.days, self.expiry, self.zone)
        minimum = 0 if self.minimum is None else self.minimum.minor
        subject = self._subject(referred)
        return tuple(
            (
                self._account(referred, side),
                Earn(
                    key=joined(subject, side),
                    rule=joined(self.name, side),
                    order=subject,
                    terms=Fixed(units=self._units(side), payable=order.total.minor, minimum=minimum),
                    validity=lot,
                    at=at,
                ),
            )
            for side in self._rewarded()
        )

    def taken_back(self, referred: Referred, refund: OrderRefund) -> tuple[tuple[Account, Refund], ...]:
        """What tells both accounts of a refund of the order: for ``ledger.run_together``, before or after the rewards.

        It reaches only what the referral gave. What else the order earned is for the programme's own refund.
        """
        subject = self._subject(referred)
        command = Refund(
            key=joined(subject, "refund", refund.id),
            order=subject,
            refunded=Refunded(refund.amount.minor),
            at=refund.at,
        )
        return tuple((self._account(referred, side), command) for side in self._rewarded())

    def _rewarded(self) -> tuple[Side, ...]:
        return tuple(side for side in SIDES if self._units(side))

    def _units(self, side: Side) -> int:
        return self.referrer if side == "referrer" else self.friend

    def _account(self, referred: Referred, side: Side) -> Account:
        customer = referred.referrer if side == "referrer" else referred.friend
        return Account(self.programme, customer, self.unit)

    def _subject(self, referred: Referred) -> str:
        """The order's name in this: apart from the order's own, which the programme earns and refunds by."""
        return joined(self.name, referred.order)

    def _missing(self, order: Order) -> Money | None:
        least = Money(1, order.total.currency)
        short = (least if self.minimum is None else max(self.minimum, least)) - order.total
        return short if short.minor > 0 else None

    def _same(self, referred: Referred, order: Order) -> None:
        if referred.order != order.id:
            raise FactError("order", "is not the one that was linked", got=order, hint="Give the linked order")


def _too_close(referrer: Customer, friend: Customer, brought: Iterable[Customer]) -> Iterator[WhyNotReferred]:
    if friend.id == referrer.id:
        yield WhyNotReferred.SELF
        return
    others = [referrer, *(each for each in brought if each.id != friend.id)]
    for marks, why in (
        (emails, WhyNotReferred.SAME_EMAIL),
        (phones, WhyNotReferred.SAME_PHONE),
        (addresses, WhyNotReferred.SAME_ADDRESS),
    ):
        theirs = {mark for other in others for mark in marks(other)}
        if not theirs.isdisjoint(marks(friend)):
            yield why


# What people have given, as it compares. -----------------------------------------------------------------------------


def emails(customer: Customer) -> frozenset[str]:
    """Without case, without what follows a plus, and for Gmail without dots: all these reach one mailbox."""
    return frozenset(map(_mailbox, _reached_by(customer, "email", customer.email)))


def phones(customer: Customer) -> frozenset[str]:
    """The last nine digits, in whatever script: +82 10-1234-5678 is 010-1234-5678. What has fewer is compared whole."""
    given = map(_digits, _reached_by(customer, "phone", customer.phone))
    return frozenset(digits[-9:] for digits in given if digits)


def addresses(customer: Customer) -> frozenset[str]:
    """Postal code and lines, letters and digits only, without case, in one form of Unicode; country, region and city
    are written in too many ways, and the postal code says them. An address that lacks either is compared with none."""
    return frozenset(found for each in customer.addresses if (found := _place(each)) is not None)


def _reached_by(customer: Customer, kind: str, first: str | None) -> set[str]:
    given = {each.value for each in customer.contacts if each.kind == kind}
    return given if first is None else given | {first}


def _digits(text: str) -> str:
    signs = filter(str.isdecimal, unicodedata.normalize("NFKC", text))
    return "".join(f"{unicodedata.decimal(sign)}" for sign in signs)


def _mailbox(email: str) -> str:
    name, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@gmail.com" if domain in ("gmail.com", "googlemail.com") else f"{name}@{domain}"


def _place(address: Address) -> str | None:
    code, lines = _plain(address.postal_code or ""), _plain("".join(address.lines))
    return f"{code} {lines}" if code and lines else None


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
