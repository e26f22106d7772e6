"""Codes that customers type at checkout."""

from collections.abc import Iterable
from typing import final

from attrs import field, frozen

from retention.loyalty.codes import COUPON_CODE, folded, spaced
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.errors import ForgedCode


@final
@frozen
class Entered:
    """The coupon that was meant; ``code`` is the unique code, None for one that all share."""

    coupon: Coupon
    code: str | None = field(default=None, repr=False)


def entered(typed: str, coupons: Iterable[Coupon]) -> Entered | NotApplied:
    """Which of the coupons a typed code is for: no two of them share a code, or the beginning of their unique codes.

    A forged one is told by its check character; no store is asked.
    """
    text, forged = folded(typed), None
    for coupon in sorted(coupons, key=lambda each: len(each.codes or "")):  # of several, the longest beginning is meant
        if coupon.code is not None and folded(coupon.code) == text:
            return Entered(coupon)
        prefix = None if coupon.codes is None else folded(coupon.codes)
        if prefix is not None and text.startswith(prefix):
            try:
                return Entered(coupon, COUPON_CODE.read(text[len(prefix) :]))
            except ForgedCode as problem:
                forged = NotApplied(coupon.id, WhyNot.FORGED_CODE, problem.problem)
    return forged or NotApplied("", WhyNot.UNKNOWN_CODE, "there is no such code")


def written(coupon: Coupon, code: str) -> str:
    """A unique code as it is sent and printed: ``BDAY-7K3M-9QPD-…``."""
    return f"{coupon.codes}-{spaced(code)}"
