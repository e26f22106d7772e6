"""A small shop to ask segments about: instants around ``NOW``, and profiles of few facts."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from retention.activity import Activity, Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.money import Money, won
from retention.order import Order, OrderLine
from retention.profile import Fact, Profile

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 15, 12, tzinfo=SEOUL)
TICK = timedelta(microseconds=1)

_ids = count(1)


def fresh_id() -> str:
    return f"x{next(_ids)}"


def ago(days: float = 0, *, hours: float = 0) -> datetime:
    """That long before NOW, in UTC."""
    return (NOW - timedelta(days=days, hours=hours)).astimezone(UTC)


def order(at: datetime, total: Money | None = None, *, status: str = "placed") -> Order:
    return Order(fresh_id(), at, total=won(10_000) if total is None else total, status=status)


def purchase(at: datetime, product_id: str, *, category: str | None = None, amount: Money | None = None) -> Order:
    line = OrderLine(product_id, amount=won(10_000) if amount is None else amount, category=category)
    return Order(fresh_id(), at, lines=(line,))


def visit(at: datetime) -> Visit:
    return Visit(fresh_id(), at)


def cart_event(at: datetime, kind: str = "added") -> CartEvent:
    return CartEvent(fresh_id(), at, kind=kind, product_id="p1")


def profile(
    *facts: Order | CartEvent | Activity, joined: datetime | None = None, birthday: date | None = None
) -> Profile:
    given: tuple[Fact, ...] = facts
    return Profile.build(Customer("c1", joined_at=joined, birthday=birthday), given)
