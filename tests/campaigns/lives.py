"""One customer's life for each campaign of the library: what the golden traces are traces of."""

from datetime import date, datetime

from attrs import frozen

from retention import (
    ConsentEvent,
    Customer,
    Order,
    OrderLine,
    Profile,
    Segment,
    View,
    days,
    won,
)
from retention.activity import PointsEvent, RestockRequest, Review
from retention.campaigns import library
from retention.campaigns.campaign import Campaign
from retention.campaigns.simulate import Trace, trace
from retention.profile import Fact
from retention.rules import orders, points, purchases
from retention.segments import catalogue
from retention.segments.segment_set import SegmentSet
from tests.campaigns.shop import SEOUL, at, carted, order

_CYCLES = {"coffee-1kg": days(30)}
_SEGMENTS = SegmentSet(
    [
        catalogue.new(),
        catalogue.dormant(),
        catalogue.high_value(),
        catalogue.browsed_and_left(),
        catalogue.replenishment_due(_CYCLES),
        catalogue.gave_five_stars(),
        Segment("points-expiring", points.expiring(days(30)) > 0),
        Segment("gold", orders.count() >= 2),
        Segment("sleepy", orders.at.last().older_than(days(21))),
    ]
)

_START = at(1, 0)


@frozen
class Life:
    campaign: Campaign
    profile: Profile
    until: datetime
    start: datetime

    def trace(self) -> Trace:
        return trace(self.campaign, self.profile, self.start, self.until, segments=_SEGMENTS)


def _life(campaign: Campaign, until: datetime, *facts: Fact, start: datetime = _START, **more: object) -> Life:
    return Life(campaign, Profile.build(Customer("c-1", **more), facts), until, start)  # type: ignore[arg-type]


def _bought(id: str, when: datetime, product: str, category: str | None = None, **more: object) -> Order:
    line = OrderLine(product, amount=won(20_000), category=category)
    return Order(id, when, lines=[line], **more)  # type: ignore[arg-type]


_BEANS, _MILL = purchases.category == "beans", purchases.category == "mill"

LIVES: dict[str, Life] = {
    "welcome": _life(library.welcome(coupon="hello-5"), at(20), joined_at=at(2, 21)),
    "welcome-who-buys": _life(library.welcome(), at(20), order("o-1", at(4)), joined_at=at(2, 21)),
    "first-purchase": _life(
        library.first_purchase_follow_up(), at(25), order("o-1", at(2)), order("o-2", at(22)), order("o-3", at(23))
    ),
    "repeat-nurture": _life(
        library.repeat_nurture(), at(30, month=4), order("o-1", at(1)), order("o-2", at(10)), order("o-3", at(20))
    ),
    "repeat-nurture-at-night": _life(
        library.repeat_nurture(),
        at(30, month=4),
        order("o-1", at(1)),
        order("o-2", at(2, 23)),
        order("o-3", at(23, 23, 30)),
    ),
    "win-back-sooner": _life(library.win_back("sleepy"), at(25, month=4), order("o-1", at(6))),
    "win-back": _life(
        library.win_back(coupon="come-back-10"), at(20, month=7), order("o-1", at(6)), order("o-2", at(25, month=6))
    ),
    "win-back-backfill": _life(
        library.win_back(backfill=True), at(5), order("o-1", at(1, month=1) - days(120).timedelta)
    ),
    "vip-recognition": _life(
        library.vip_recognition(coupon="vip", call=True), at(10), order("o-1", at(6), total=won(700_000))
    ),
    "browse-abandonment": _life(
        library.browse_abandonment(),
        at(20),
        View("v-1", at(3, 21), product_id="tea"),
        View("v-2", at(9), product_id="tea"),
    ),
    "cart-recovery": _life(
        library.cart_recovery(coupon="cart-5"),
        at(20),
        carted("e-1", at(3), "k-1"),
        carted("e-2", at(3, 12, 5), "k-1"),
        carted("e-3", at(8), "k-2"),
        order("o-1", at(8, 20)),
        carted("e-4", at(12), "k-3"),
        carted("e-5", at(12, 18), "k-3", kind="cleared"),
    ),
    "cart-recovery-two-carts": _life(
        library.cart_recovery(),
        at(5),
        carted("e-1", at(3), "k-1"),
        carted("e-2", at(3, 12, 5), "k-2"),
        carted("e-3", at(3, 12, 10), "k-1", kind="cleared"),
    ),
    "cart-recovery-still-busy": _life(
        library.cart_recovery(),
        at(7),
        carted("e-1", at(3), "k-1"),
        carted("e-2", at(3, 12, 58), "k-1"),
        carted("e-3", at(4, 13, 30), "k-1", kind="checkout_started"),
    ),
    "cart-recovery-all-removed": _life(
        library.cart_recovery(),
        at(5),
        carted("e-1", at(3), "k-1"),
        carted("e-2", at(3, 12, 5), "k-1"),
        carted("e-3", at(3, 12, 10), "k-1", kind="removed"),
        carted("e-4", at(3, 12, 20), "k-1", kind="removed"),
    ),
    "cross-sell": _life(
        library.cross_sell("mill", _BEANS, _MILL),
        at(30),
        _bought("o-1", at(2), "beans-1", "beans"),
        _bought("o-2", at(25), "mill-1", "mill"),
        _bought("o-3", at(26), "beans-1", "beans"),
    ),
    "replenishment": _life(library.replenishment(), at(20, month=4), _bought("o-1", at(2), "coffee-1kg")),
    "replenishment-who-orders": _life(
        library.replenishment(), at(20, month=4), _bought("o-1", at(2), "coffee-1kg"), order("o-2", at(1, 13, month=4))
    ),
    "restock": _life(
        library.restock(),
        at(20),
        RestockRequest("r-1", at(2), product_id="tea", status="waiting"),
        RestockRequest("r-2", at(5), product_id="cup", status="told"),
    ),
    "restock-asked-twice": _life(
        library.restock(),
        at(20),
        RestockRequest("r-1", at(5), product_id="cup", status="told"),
        RestockRequest("r-2", at(5, 12, 1), product_id="cup", status="told"),
        RestockRequest("r-3", at(15), product_id="cup", status="told"),
    ),
    "review-request": _life(
        library.review_request(points=500, programme="mileage"),
        at(30),
        order("o-1", at(2), delivered_at=at(4, 15)),
        Review("w-1", at(12), product_id="tea", rating=5),
    ),
    "review-request-three-orders": _life(
        library.review_request(points=500, programme="mileage"),
        at(30),
        order("o-1", at(2), delivered_at=at(4, 9)),
        order("o-2", at(2, 13), delivered_at=at(4, 10)),
        order("o-3", at(2, 14), delivered_at=at(4, 11)),
        Review("w-1", at(12), product_id="tea", rating=5),
    ),
    "review-request-written-already": _life(
        library.review_request(points=500, programme="mileage"),
        at(30),
        order("o-1", at(2), delivered_at=at(4, 9)),
        Review("w-1", at(6), product_id="tea", rating=5),
    ),
    "referral-invitation": _life(
        library.referral_invitation(), at(20), Review("w-1", at(3), product_id="tea", rating=5)
    ),
    "birthday": _life(
        library.birthday(coupon="cake"),
        datetime(2029, 1, 1, tzinfo=SEOUL),
        birthday=date(1992, 2, 29),
    ),
    "points-expiring": _life(
        library.points_expiring(),
        at(30, month=6),
        PointsEvent("p-1", at(2), kind="earned", amount=300, expires_at=at(1, month=6)),
    ),
    "points-expiring-month-after-month": _life(
        library.points_expiring(),
        at(20, month=6),
        PointsEvent("p-1", at(2), kind="earned", amount=300, expires_at=at(1, month=5)),
        PointsEvent("p-2", at(20), kind="earned", amount=300, expires_at=at(20, month=5)),
        PointsEvent("p-3", at(10, month=4), kind="earned", amount=300, expires_at=at(10, month=6)),
    ),
    "tier-change": _life(library.tier_change("gold"), at(5), order("o-1", at(2)), order("o-2", at(3))),
    "consent-renewed": _life(
        library.consent_reconfirmation("sms"),
        datetime(2030, 6, 1, tzinfo=SEOUL),
        ConsentEvent("n-1", at(2), channel="sms", given=True),
        ConsentEvent("n-2", datetime(2027, 6, 10, 15, tzinfo=SEOUL), channel="sms", given=True),
    ),
    "consent-reconfirmation": _life(
        library.consent_reconfirmation("sms"),
        datetime(2030, 6, 1, tzinfo=SEOUL),
        ConsentEvent("n-1", at(2), channel="sms", given=True),
        ConsentEvent("n-2", datetime(2030, 3, 1, 9, tzinfo=SEOUL), channel="sms", given=False),
    ),
}
