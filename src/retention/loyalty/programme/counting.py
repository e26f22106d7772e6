"""What of an order counts: its lines after everything that was taken off the order as a whole."""

from typing import final

from attrs import frozen

from retention.errors import CurrencyMismatch, FactError
from retention.money import Money
from retention.order import Order


@final
@frozen
class Counted:
    """A line and what it counts for, in minor units."""

    id: str
    amount: int
    category: str | None


def counted(order: Order, used: Money) -> tuple[Counted, ...]:
    """The order's lines, less their shares of its discount and of ``used``, the points and credit that paid for it.

    Shares go to all lines in proportion to their amounts, by largest remainder, ties to the earlier line. Shipping
    counts for nothing, and nothing counts for more than was charged: whatever else brought ``order.total`` down is
    shared out too. An order without lines is one line. Raises CurrencyMismatch, FactError for ``used`` below 0.
    """
    check_used(order, used)
    lines = _lines(order)
    whole = sum(line.amount for line in lines)
    off = min(whole, _reduction(order, used, whole))
    if not off:
        return lines
    shares = Money(off, order.currency).allocate([line.amount for line in lines])
    return tuple(
        Counted(line.id, line.amount - share.minor, line.category) for line, share in zip(lines, shares, strict=True)
    )


def goods(order: Order) -> int:
    """What the order's goods came to after its discount, without shipping, in minor units."""
    return sum(line.amount for line in counted(order, Money.zero(order.currency)))


def charged(order: Order, used: Money) -> int:
    """What was paid of the order with money, in minor units. Its total may include ``used`` or not: its lines tell.

    Without lines it does.
    """
    check_used(order, used)
    total, listed = order.total.minor, 0
    if order.lines:
        listed = sum(line.amount.minor for line in order.lines) - _minor(order.discount) + _minor(order.shipping)
    return max(0, min(total, max(total, listed) - used.minor))


def check_used(order: Order, used: Money) -> None:
    """Raises FactError for what cannot have paid for the order."""
    if used.currency != order.currency:
        raise CurrencyMismatch("used", order.currency, used.currency)
    if used.minor < 0:
        raise FactError("used", "is negative", got=used, hint="Give what points and credit paid of the order")


def line_id(order: Order, place: int) -> str:
    """A line's own id, or its order's and its place, counted from 0: as it is called in ``purchases``."""
    return order.lines[place].id or f"{order.id}/{place + 1:06}"


def _lines(order: Order) -> tuple[Counted, ...]:
    if not order.lines:
        return (Counted(order.id, max(0, order.total.minor - _minor(order.shipping)), None),)
    return tuple(
        Counted(line_id(order, place), line.amount.minor, line.category) for place, line in enumerate(order.lines)
    )


def _reduction(order: Order, used: Money, whole: int) -> int:
    if not order.lines:  # its total is what was charged, after the discount
        return used.minor
    return max(_minor(order.discount) + used.minor, whole + _minor(order.shipping) - order.total.minor)


def _minor(money: Money | None) -> int:
    return 0 if money is None else money.minor
