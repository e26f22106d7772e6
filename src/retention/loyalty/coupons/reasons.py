"""Why a coupon does not apply: everyday answers, as data that prints."""

from enum import StrEnum
from typing import final

from attrs import frozen

from retention.money import Money


@final
class WhyNot(StrEnum):
    """What stands in the way."""

    UNKNOWN_CODE = "unknown-code"
    FORGED_CODE = "forged-code"
    NOT_YET = "not-yet"
    OVER = "over"
    NOT_ISSUED = "not-issued"
    NOT_THEIRS = "not-theirs"
    CUSTOMER_UNKNOWN = "customer-unknown"
    NOT_ELIGIBLE = "not-eligible"
    OTHER_TIER = "other-tier"
    OTHER_CURRENCY = "other-currency"
    NOTHING_IN_SCOPE = "nothing-in-scope"
    BELOW_MINIMUM = "below-minimum"
    NOTHING_LEFT = "nothing-left"
    PER_ORDER = "per-order"
    EXCLUSIVE = "exclusive"
    BEATEN = "beaten"
    USED_UP = "used-up"
    USED_BY_CUSTOMER = "used-by-customer"
    USED_OTHERWISE = "used-otherwise"
    ORDER_CANCELLED = "order-cancelled"


@final
@frozen
class NotApplied:
    """A coupon, by its id ("" for a code that is nobody's), that does not apply.

    ``why`` is made for programs, ``words`` for people; ``missing`` is what the cart still needs for the minimum.
    """

    coupon: str
    why: WhyNot
    words: str
    missing: Money | None = None

    def __str__(self) -> str:
        return f"{self.coupon}: {self.words}" if self.coupon else self.words
