"""A small shop: what tests of coupons are about."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from retention import Customer, OrderLine, Profile, won
from retention.loyalty.coupons import Cart, Coupon, Worth
from retention.loyalty.ledger.ledger import Ledger
from retention.storage.memory import MemoryLedgerStore

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 4, 10, 3, tzinfo=UTC)  # noon in Seoul


def a_coupon(key: str, gives: Worth, **said: object) -> Coupon:
    return Coupon(key, gives, zone=SEOUL, **said)  # type: ignore[arg-type]


def a_line(product: str, price: int, category: str | None = None) -> OrderLine:
    return OrderLine(product, amount=won(price), category=category)


def a_cart(*lines: OrderLine, shipping: int = 0, **said: object) -> Cart:
    return Cart(lines=lines, shipping=won(shipping), **{"at": NOW.astimezone(SEOUL), **said})  # type: ignore[arg-type]


def a_profile(customer: str = "mina", **said: object) -> Profile:
    return Profile.build(Customer(customer, **said))  # type: ignore[arg-type]


def a_ledger() -> Ledger:
    return Ledger(store=MemoryLedgerStore())
