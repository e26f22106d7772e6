"""Offers: which coupon is issued on which occasion."""

from collections.abc import Callable
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any, TypeAlias, final, get_args

from attrs import field, frozen

from retention.checks import instant
from retention.loyalty import given
from retention.loyalty.codes import COUPON_CODE, Entropy
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.held import Issued
from retention.loyalty.coupons.occasions import IssuedOn, moments
from retention.loyalty.errors import PolicyError
from retention.loyalty.keys import joined
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.programme.eligibility import Eligible, eligible, holds
from retention.profile import Profile
from retention.spans import TICK, local, resolve

EntropyFor: TypeAlias = Callable[[str], bytes]
"""Random bytes for an issue's key, the same ones for the same key: ``Keys.entropy``."""


def _a_held_coupon(self: object, attribute: object, coupon: Coupon) -> None:
    if not isinstance(coupon, Coupon) or not coupon.is_held:
        hint = "Give a Coupon with issued=True or codes=..."
        raise PolicyError("Offer.coupon", "is not a coupon that is issued", got=coupon, hint=hint)


def _an_occasion(self: object, attribute: object, value: Any) -> None:
    given.instance(self, attribute, value, get_args(IssuedOn), "Give SignUp(), Birthday(lead=7), Comeback(30), …")


@final
@frozen
class Offer:
    """Issue a coupon on an occasion, ``uses`` of it, to whomever ``when`` says as of the instant of issue.

    ``remind`` days before its last usable local day, at ``remind_at`` on the clock, it is time to say that it will
    expire. Raises PolicyError.
    """

    coupon: Coupon = field(validator=_a_held_coupon)
    on: IssuedOn = field(validator=_an_occasion)
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)
    uses: int = field(default=1, kw_only=True, validator=given.positive)
    remind: int | None = field(default=None, kw_only=True, validator=given.count)
    remind_at: time = field(default=time(10), kw_only=True)

    def due(
        self, profile: Profile, *, since: datetime, until: datetime, entropy: EntropyFor | None = None
    ) -> tuple[Issued, ...]:
        """What is to be issued to the customer of all that fell due in ``(since, until]``, the earliest first.

        Asked again about the same time it says the same, and the ledger issues each once, so overlapping or repeated
        spans do no harm. A coupon with unique codes needs ``entropy``. Raises NaiveInstant, PolicyError.
        """
        start, end = instant(since, "since"), instant(until, "until")
        zone, known = self.coupon.zone, profile.until(end)
        found = {
            subject: at for at, subject in sorted(moments(self.on, known, start, end, zone), reverse=True)
        }  # the first moment of a subject counts
        return tuple(
            issued
            for subject, at in sorted(found.items(), key=lambda each: each[1])
            if start < at <= end
            and (self.when is None or holds(self.when, known, local(at, zone)))
            and (issued := self._issued(profile.customer.id, subject, at, entropy)) is not None
        )

    def _issued(
        self, customer: str, subject: tuple[str, ...], at: datetime, entropy: EntropyFor | None
    ) -> Issued | None:
        validity = self.coupon.window(at)
        if validity is None:
            return None
        once = joined(customer, *subject)
        return Issued(
            coupon=self.coupon,
            subject=once,
            validity=validity,
            customer=customer,
            code=_code(self.coupon, once, entropy),
            remind_at=self._reminder(validity),
            uses=self.uses,
        )

    def _reminder(self, validity: Validity) -> datetime | None:
        if self.remind is None or validity.expires_at is None:
            return None
        last = local(validity.expires_at - TICK, self.coupon.zone).date()
        day = date.fromordinal(max(1, last.toordinal() - self.remind))
        at = resolve(datetime.combine(day, self.remind_at), self.coupon.zone)
        return at if at > validity.available_at else None


def _code(coupon: Coupon, subject: str, entropy: EntropyFor | None) -> str | None:
    if coupon.codes is None:
        return None
    if entropy is None:
        hint = "Give entropy=keys.entropy, so that an event that comes twice makes one code"
        raise PolicyError("Offer.due", "has nothing to make unique codes of", got=entropy, hint=hint)
    return COUPON_CODE.make(entropy(joined(coupon.id, subject)))


def mint(coupon: Coupon, *, at: datetime, entropy: Entropy) -> Issued:
    """A unique code for whoever gets hold of it: on a card, in a parcel. Raises PolicyError, FactError."""
    validity = coupon.window(instant(at, "at"))
    if coupon.codes is None or validity is None:
        hint = 'Give a Coupon with codes="CARD" whose days are not over'
        raise PolicyError("mint.coupon", "has no unique codes to be made", got=coupon, hint=hint)
    code = COUPON_CODE.make(entropy)
    subject = joined("code", sha256(code.encode()).hexdigest())  # a subject is shown, a code is not
    return Issued(coupon=coupon, subject=subject, validity=validity, code=code)
