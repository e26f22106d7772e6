"""A small shop in Seoul with a mileage programme."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from retention.activity import Activity
from retention.customer import Customer
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme import EarnRule, Programme
from retention.money import Money, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.storage.memory import MemoryLedgerStore

SEOUL = ZoneInfo("Asia/Seoul")
PLACED = datetime(2026, 3, 2, 15, tzinfo=SEOUL)


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """A wall time in Seoul, in UTC."""
    return datetime(year, month, day, hour, tzinfo=SEOUL).astimezone(UTC)


def line(amount: int, category: str | None = None, name: str | None = None) -> OrderLine:
    return OrderLine("p1", amount=won(amount), category=category, id=name)


def order(*lines: OrderLine, id: str = "order-1", at: datetime = PLACED, **said: Any) -> Order:
    """Paid an hour after it was placed, unless it says otherwise."""
    return Order(id, at, **{"lines": lines or (line(12_900),), "paid_at": at + timedelta(hours=1), **said})


def refund(amount: int, id: str = "refund-1", at: datetime = PLACED + timedelta(days=3)) -> Refund:
    return Refund(id, at, won(amount))


def profile(*facts: Order | Activity, birthday: date | None = None, joined: datetime | None = None) -> Profile:
    return Profile.build(Customer("c1", birthday=birthday, joined_at=joined), facts)


def programme(*rules: EarnRule, **said: Any) -> Programme:
    return Programme("mileage", **{"zone": SEOUL, "currency": "KRW", "earn": rules, **said})


def points(made: Programme, bought: Order, *, used: Money | None = None, tier: str | None = None) -> int:
    """What the order would earn by all rules together."""
    return made.preview(bought, profile(bought), used=used, tier=tier).units


def ledger() -> Ledger:
    return Ledger(store=MemoryLedgerStore())
