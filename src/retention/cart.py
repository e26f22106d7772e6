"""What customers do to their carts."""

from datetime import datetime
from typing import ClassVar, final

from attrs import field, frozen

from retention.checks import Number, Settled, choice, maybe_number
from retention.money import Money

CART_KINDS = ("added", "removed", "cleared", "checkout_started")


@final
@frozen(kw_only=True)
class CartEvent(Settled):
    """Something done to the cart; ``kind`` is one of CART_KINDS.

    ``amount`` is the price of what was added or removed, all pieces together.
    """

    collection: ClassVar[str] = "cart"
    checks: ClassVar = {"kind": choice("cart event", CART_KINDS)}

    id: str = field(kw_only=False)
    at: datetime = field(kw_only=False)
    kind: str
    cart_id: str | None = None
    product_id: str | None = None
    quantity: Number | None = field(default=None, converter=maybe_number)
    amount: Money | None = None
