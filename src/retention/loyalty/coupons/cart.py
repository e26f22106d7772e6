"""A cart as coupons see it."""

from collections.abc import Iterable
from datetime import datetime
from typing import final

from attrs import field, frozen

from retention.checks import charged, parts
from retention.errors import CurrencyMismatch, FactError
from retention.money import Money
from retention.order import OrderLine
from retention.profile import Profile
from retention.spans import utc


def _lines(given: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return parts(OrderLine, given, "Cart.lines")


@final
@frozen(kw_only=True)
class Cart:
    """What somebody is about to buy at ``at``, whose zone is that of calendar words in rules.

    Lines have prices before coupons. Without a ``profile`` nobody knows the customer, and coupons that ask who it is do
    not apply. Raises FactError, CurrencyMismatch, NaiveInstant.
    """

    lines: tuple[OrderLine, ...] = field(converter=_lines)
    at: datetime
    shipping: Money | None = None
    profile: Profile | None = field(default=None, repr=False)
    tier: str | None = None

    def __attrs_post_init__(self) -> None:
        utc(self.at, "Cart.at")
        if not self.lines:
            raise FactError("Cart.lines", "are none", got=self.lines, hint="Ask once something is in the cart")
        if self.shipping is not None:
            charged(self.shipping, "Cart.shipping")
        for money in (*(line.amount for line in self.lines), self.fee):
            if money.currency != self.currency:
                raise CurrencyMismatch("Cart", self.currency, money.currency)

    @property
    def currency(self) -> str:
        return self.lines[0].amount.currency

    @property
    def fee(self) -> Money:
        """The shipping fee, 0 if nothing is said of it."""
        return Money.zero(self.currency) if self.shipping is None else self.shipping
