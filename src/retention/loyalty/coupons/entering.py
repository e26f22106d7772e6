"""Codes that customers type at checkout."""

from collections.abc import Iterable, Sequence
from typing import final

from attrs import field, frozen

from retention.loyalty.codes import COUPON_CODE, folded, spaced
from retention.loyalty.coupons.coupon import Coupon
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.errors import ForgedCode, PolicyError


@final
@frozen
class Entered:
    """The coupon that was meant; ``code`` is the unique code, None for one that all share."""

    coupon: Coupon
    code: str | None = field(default=None, repr=False)


def entered(typed: str, coupons: Iterable[Coupon]) -> Entered | NotApplied:
    """Which of the coupons a typed code is for: no two of them share a code, or the beginning of their unique codes.

    A forged one is told by its check character; no store is asked. Raises PolicyError for coupons that share one.
    """
    text, forged, known = folded(typed), None, tuple(coupons)
    _apart(known)
    for coupon in sorted(known, key=lambda each: len(each.codes or "")):  # of several, the longest beginning is meant
        if coupon.code is not None and folded(coupon.code) == text:
            return Entered(coupon)
        prefix = None if coupon.codes is None else folded(coupon.codes)
        if prefix is not None and text.startswith(prefix):
            try:
                return Entered(coupon, COUPON_CODE.read(text[len(prefix) :]))
            except ForgedCode as problem:
                forged = NotApplied(coupon.id, WhyNot.FORGED_CODE, problem.problem)
    return forged or NotApplied("", WhyNot.UNKNOWN_CODE, "there is no such code")


def _apart(coupons: Sequence[Coupon]) -> None:
    """Raises PolicyError if a code could be for two coupons."""
    for name in ("code", "codes"):
        owners: dict[str, str] = {}
        for coupon in coupons:
            given = getattr(coupon, name)
            if given is not None and owners.setdefault(folded(given), coupon.id) != coupon.id:
                hint = f"{owners[folded(given)]!r} and {coupon.id!r} have it: give one of them another"
                raise PolicyError(f"Coupon.{name}", "is that of two coupons", got=given, hint=hint)


def written(coupon: Coupon, code: str) -> str:
    """A unique code as it is sent and printed: ``BDAY-7K3M-9QPD-…``."""
    return f"{coupon.codes}-{spaced(code)}"
