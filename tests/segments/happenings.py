"""What else happens to a customer, told in few words."""

from datetime import datetime

from retention.activity import ConsentEvent, CouponEvent, MessageEvent, RestockRequest, Review, TicketEvent, View
from tests.segments.shop import fresh_id


def view(at: datetime) -> View:
    return View(fresh_id(), at, product_id="p1")


def opened(at: datetime) -> MessageEvent:
    return MessageEvent(fresh_id(), at, kind="opened", channel="email")


def consent(at: datetime, given: bool, channel: str = "email", purpose: str = "marketing") -> ConsentEvent:
    return ConsentEvent(fresh_id(), at, channel=channel, purpose=purpose, given=given)


def coupon(at: datetime, kind: str, expires_at: datetime | None = None) -> CouponEvent:
    return CouponEvent(fresh_id(), at, kind=kind, code="SPRING", expires_at=expires_at)


def review(at: datetime, rating: int) -> Review:
    return Review(fresh_id(), at, product_id="p1", rating=rating)


def ticket(at: datetime, topic: str, kind: str = "opened") -> TicketEvent:
    return TicketEvent(fresh_id(), at, kind=kind, ticket_id="t1", topic=topic)


def restock(at: datetime, status: str, product_id: str = "p1") -> RestockRequest:
    return RestockRequest(fresh_id(), at, product_id=product_id, status=status)
