"""Orders, with the lines that were bought and the money that was given back."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, ClassVar, final

from attrs import field, frozen

from retention.checks import Number, Settled, exact_number, given_labels, given_number, parts, settle
from retention.errors import CurrencyMismatch, FactError
from retention.money import Money


@final
@frozen(kw_only=True)
class OrderLine(Settled):
    """One product of an order; ``amount`` is the price of all its pieces after the line's own discounts.

    Without an ``id`` a line is known by its order's id and its place in it.
    """

    collection: ClassVar[str] = "purchases"

    product_id: str = field(kw_only=False)
    amount: Money
    quantity: Number = field(default=1, converter=given_number)
    sku: str | None = None
    category: str | None = None
    brand: str | None = None
    tags: frozenset[str] = field(default=frozenset(), converter=given_labels)
    id: str | None = None


@final
@frozen
class Refund(Settled):
    """Money given back on an order."""

    collection: ClassVar[str] = "refunds"

    id: str
    at: datetime
    amount: Money
    reason: str | None = None


if TYPE_CHECKING:  # as in checks: what may be given

    def _given_lines(value: Iterable[OrderLine]) -> tuple[OrderLine, ...]: ...

    def _given_refunds(value: Iterable[Refund]) -> tuple[Refund, ...]: ...

    def _given_total(value: Money | None) -> Money: ...

else:
    _given_lines = _given_refunds = _given_total = None


@final
@frozen(kw_only=True)
class Order(Settled):
    """An order placed at ``at``.

    ``total`` is what was charged. If it is not given it is the lines less ``discount`` plus ``shipping``; an order
    needs one or the other. ``discount``, ``shipping`` and ``refunded`` are 0 if nothing is said of them. ``subtotal``
    and ``item_count`` need lines and are None without. All amounts are of one currency.
    """

    collection: ClassVar[str] = "orders"

    id: str = field(kw_only=False)
    at: datetime = field(kw_only=False)
    lines: tuple[OrderLine, ...] = field(default=(), converter=_given_lines)
    total: Money = field(default=None, converter=_given_total)
    discount: Money | None = None
    shipping: Money | None = None
    status: str = "placed"
    channel: str | None = None
    coupon: str | None = None
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    refunds: tuple[Refund, ...] = field(default=(), converter=_given_refunds)
    currency: str = field(init=False, eq=False, repr=False)
    settled_at: datetime = field(init=False, eq=False, repr=False)
    """The last instant at which anything of this order became known."""

    def __attrs_post_init__(self) -> None:
        settle(self)
        if self.lines != ():
            _fix(self, "lines", _apart(OrderLine, self.lines, "Order.lines"))
        if self.refunds != ():
            _fix(self, "refunds", _apart(Refund, self.refunds, "Order.refunds"))
        if _as_given(self.total) is None and not self.lines:
            raise FactError("Order.total", "is missing", got=None, hint="Give the total, or lines with their amounts")
        currency, minor = _lines_in_one_currency(self)
        for money in (self.total, self.discount, self.shipping):
            if money is not None and money.currency != currency:
                currency = _agreed(self, currency, money.currency)
        for refund in self.refunds:
            currency = _agreed(self, currency, refund.amount.currency)
        assert currency is not None, "there is a total or a line"
        _fix(self, "currency", currency)
        _complete(self, currency, minor)
        _fix(self, "settled_at", _settled_at(self))

    @property
    def subtotal(self) -> Money | None:
        """The lines before the order's discount and shipping; None without lines."""
        return reduce(add, [line.amount for line in self.lines]) if self.lines else None

    @property
    def item_count(self) -> Number | None:
        """The sum of the lines' quantities; None without lines."""
        return exact_number(sum([line.quantity for line in self.lines]), "") if self.lines else None

    @property
    def refunded(self) -> Money:
        """The sum of the refunds; 0 without any."""
        return sum([refund.amount for refund in self.refunds], Money.zero(self.currency))


_fix = object.__setattr__


def _as_given(total: Money) -> Money | None:
    """The total before it is settled: None if it was left out."""
    return total


_TOTALS = ("total", "discount", "shipping")


def _apart(kind: type, given: Any, path: str) -> tuple[Any, ...]:
    """The parts of an order as a tuple, no two of them with the same id."""
    found = parts(kind, given, path)
    if len(found) > 1:
        ids = [part.id for part in found if part.id is not None]
        if len(set(ids)) < len(ids):
            raise FactError(path, "has two parts with one id", got=given, hint="Give each an id of its own")
    return found


def _lines_in_one_currency(order: Order) -> tuple[str | None, int]:
    """The currency of the lines and the sum of their minor units."""
    currency, minor = None, 0
    for line in order.lines:
        amount = line.amount
        minor += amount.minor
        if amount.currency != currency:
            currency = _agreed(order, currency, amount.currency)
    return currency, minor


def _agreed(order: Order, currency: str | None, another: str) -> str:
    if currency not in (None, another):
        raise _mixed(order)
    return another


def _mixed(order: Order) -> CurrencyMismatch:
    """The error for the first amount that is not in the currency of the amounts before it."""
    amounts = [(f"Order.lines[{place}].amount", line.amount) for place, line in enumerate(order.lines)]
    amounts += [(f"Order.{name}", money) for name in _TOTALS if (money := getattr(order, name)) is not None]
    amounts += [(f"Order.refunds[{place}].amount", each.amount) for place, each in enumerate(order.refunds)]
    expected = amounts[0][1].currency
    path, money = next(each for each in amounts if each[1].currency != expected)
    return CurrencyMismatch(path, expected, money.currency)


def _complete(order: Order, currency: str, minor: int) -> None:
    """Fill in the amounts that were not given. Raises FactError if they cannot be true together."""
    if order.discount is None:
        _fix(order, "discount", Money.zero(currency))
    else:
        minor -= order.discount.minor
    if order.shipping is None:
        _fix(order, "shipping", Money.zero(currency))
    else:
        minor += order.shipping.minor
    if _as_given(order.total) is None:
        if minor < 0:
            hint = "Give the lines before the order's discount, or give the total that was charged"
            raise FactError("Order.discount", "is more than the lines", got=order.discount, hint=hint)
        _fix(order, "total", Money(minor, currency))
    if order.refunds:
        refunded = sum([refund.amount.minor for refund in order.refunds])
        if refunded > order.total.minor:
            hint = "A refund is part of the total; check its unit, and whether it came twice"
            raise FactError("Order.refunds", "are more than the total", got=order.refunds, hint=hint)


def _settled_at(order: Order) -> datetime:
    latest = order.at
    for instant in (order.paid_at, order.delivered_at, order.confirmed_at):
        if instant is not None and instant > latest:
            latest = instant
    for place, refund in enumerate(order.refunds):
        if refund.at < order.at:
            hint = "Check the zones of both instants"
            raise FactError(f"Order.refunds[{place}].at", "is before the order", got=refund.at, hint=hint)
        if refund.at > latest:
            latest = refund.at
    return latest
