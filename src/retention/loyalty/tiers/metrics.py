"""What a customer did in a span of time, as tiers count it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import floor
from typing import Any, Final, Literal, TypeAlias, final, get_args

from attrs import field, frozen

from retention.activity import PointsEvent
from retention.errors import CurrencyMismatch
from retention.loyalty import given
from retention.loyalty.programme.counting import counted
from retention.loyalty.programme.dates import OrderEvent, happened_at
from retention.money import Money
from retention.order import Order
from retention.profile import Profile


def _an_event(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "event of an order", get_args(OrderEvent))


@final
@frozen(kw_only=True)
class Counting:
    """Which orders count, and what of them.

    An order counts from the instant of ``event`` on, unless all of its money was given back. It counts for its goods,
    less what was given back; ``shipping``, what ``coupons`` took off (the order's discount) and what ``points`` and
    credit paid count too if they are True. Shipping that does not count is what is given back first.
    """

    event: OrderEvent = field(default="paid", validator=_an_event)
    shipping: bool = False
    coupons: bool = False
    points: bool = False


Metric: TypeAlias = Literal["spend", "orders", "points", "reviews"]
METRICS: Final[tuple[Metric, ...]] = get_args(Metric)


@final
@frozen
class Metrics:
    """``spend`` in minor units; ``points`` earned, less claw-backs (rows of ``points`` that are ``adjusted`` below 0
    and name a rule); ``reviews`` written."""

    spend: int = 0
    orders: int = 0
    points: int = 0
    reviews: int = 0

    def __str__(self) -> str:
        return f"spend {self.spend:,}, orders {self.orders:,}, points {self.points:,}, reviews {self.reviews:,}"

    def of(self, metric: Metric) -> int:
        found: int = getattr(self, metric)
        return found


def measured(
    profile: Profile, start: datetime, end: datetime, at: datetime, counting: Counting, used: Mapping[str, Money]
) -> Metrics:
    """What happened in ``[start, end)``, orders net of the refunds before ``at``.

    ``used`` is what points and credit paid, by the order's id. Raises CurrencyMismatch, FactError for an amount below
    0.
    """
    net = [_net(order, at, counting, used) for order in _counted(profile, start, end, at, counting)]
    return Metrics(sum(net), len(net), _points(profile, start, end), len(_between(profile, "reviews", start, end)))


def _counted(profile: Profile, start: datetime, end: datetime, at: datetime, counting: Counting) -> Iterator[Order]:
    for order in profile.rows("orders"):
        assert isinstance(order, Order), "orders are orders"
        counts_from = happened_at(order, counting.event)
        if counts_from is None or not start <= counts_from < end:
            continue
        back = _refunded(order, at)
        if not back or back < order.total.minor:
            yield order


def _refunded(order: Order, at: datetime) -> int:
    return sum(refund.amount.minor for refund in order.refunds if refund.at < at)


def _net(order: Order, at: datetime, counting: Counting, used: Mapping[str, Money]) -> int:
    paid = used.get(order.id, Money.zero(order.currency))
    found = sum(line.amount for line in counted(order, paid))
    if counting.points:
        found += paid.minor
    if counting.coupons and order.discount is not None:
        found += order.discount.minor
    if order.subtotal is not None:
        found = min(found, order.subtotal.minor)
    back = _refunded(order, at)
    shipping = 0 if order.shipping is None else order.shipping.minor
    return max(0, found + shipping - back if counting.shipping else found - max(0, back - shipping))


def _points(profile: Profile, start: datetime, end: datetime) -> int:
    rows = (row for row in _between(profile, "points", start, end) if isinstance(row, PointsEvent))
    return floor(sum(row.amount for row in rows if row.kind == "earned" or _is_claw_back(row)))


def _is_claw_back(row: PointsEvent) -> bool:
    """Taken back from what a rule had given, which the row names; not what staff corrected or an order returned."""
    return row.kind == "adjusted" and row.amount < 0 and row.code is not None


def _between(profile: Profile, collection: str, start: datetime, end: datetime) -> list[Any]:
    return [row for row in profile.rows(collection) if start <= row.at < end]


def in_currency(profile: Profile, currency: str) -> None:
    """Raises CurrencyMismatch for a customer whose amounts are in another currency."""
    if profile.currency not in (None, currency):
        raise CurrencyMismatch("profile", currency, str(profile.currency))
