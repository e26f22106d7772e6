"""A shop whose grades are decided on the first of each month."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from retention.activity import Activity, PointsEvent, Review
from retention.customer import Customer
from retention.loyalty.tiers import Standing, Tier, Tiers
from retention.money import won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.spans import months

SEOUL = ZoneInfo("Asia/Seoul")

FAMILY = Tier("family")
SILVER = Tier("silver", spend=won(100_000))
GOLD = Tier("gold", spend=won(300_000), orders=3)

_ids = count(1)


def at(month: int, day: int = 1, hour: int = 0, *, year: int = 2026) -> datetime:
    """A wall time in Seoul, in UTC."""
    return datetime(year, month, day, hour, tzinfo=SEOUL).astimezone(UTC)


def grades(*tiers: Tier, **said: Any) -> Tiers:
    return Tiers(tiers or (FAMILY, SILVER, GOLD), **{"zone": SEOUL, "currency": "KRW", "window": months(3), **said})


def order(paid: datetime, amount: int = 100_000, *back: tuple[datetime, int], **said: Any) -> Order:
    """Paid when it was placed; ``back`` is what was refunded, and when."""
    refunds = [Refund(f"r{next(_ids)}", when, won(minor)) for when, minor in back]
    lines = [OrderLine("p1", amount=won(amount))]
    given = {"paid_at": paid, "lines": lines, "refunds": refunds, **said}
    return Order(f"o{next(_ids)}", paid, **given)


def review(written: datetime) -> Review:
    return Review(f"v{next(_ids)}", written, product_id="p1", rating=5)


def points(earned: datetime, amount: int, kind: str = "earned", code: str | None = "base") -> PointsEvent:
    return PointsEvent(f"p{next(_ids)}", earned, kind=kind, amount=amount, code=code)


def profile(*facts: Order | Activity) -> Profile:
    return Profile.build(Customer("c1"), facts)


def standing(tier: str, evaluated: datetime, failing: datetime | None = None) -> Standing:
    return Standing(tier, evaluated - timedelta(days=300), evaluated, failing)
