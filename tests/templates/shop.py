"""A customer and a cart: what tests of templates fill in."""

from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from retention import Customer, won
from retention.templates import visible

SEOUL: Final = ZoneInfo("Asia/Seoul")
MINJI: Final = Customer(
    "c-1",
    name="김민지",
    grade="골드",
    language="ko",
    birthday=date(1996, 11, 21),
    joined_at=datetime(2026, 2, 28, 15, 30, tzinfo=UTC),  # half past midnight on 1 March in Seoul
    email="minji@shop.example",
    phone="010-1234-5678",
    notes="calls often",
    tags={"vip", "app"},
    attributes={"points": 1200, "size": None},
)
DATA: Final[dict[str, Any]] = {
    "customer": visible(MINJI),
    "cart": {"value": won(12_900), "items": [{"name": "사과"}, {"name": "귤"}]},
    "coupon": None,
}
