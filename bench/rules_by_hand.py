"""The eight benchmark rules three times: in the rule language, as a shop would write them, and tuned by hand.

``IDIOMATIC`` are functions over a record of plain facts, such as a backend engineer writes between two meetings.
``TUNED`` are what is left when each has been made as quick as it can be over the same profiles that the engine reads:
cut-offs computed once, columns instead of objects, scans from the end, early exits.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import frozen

from bench.population import NOW_UTC
from retention.activity import ConsentEvent, Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.money import won
from retention.order import Order
from retention.profile import Profile
from retention.rules import Rule, cart, consents, customer, orders, purchases
from retention.spans import calendar_days, days, months, this_month

new = customer.joined_at.within(days(7))
dormant = orders.placed_at.last().older_than(days(90))
high_value = orders.total.sum() >= won(500_000)
three_orders = orders.count() >= 3
abandoned = cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()
_coffee = purchases.where(purchases.category == "coffee").within(days(30))
coffee = (_coffee.order_id.distinct() >= 2) & (_coffee.amount.sum() >= won(30_000))
_consents = consents.where(consents.channel == "email", consents.purpose == "marketing")
compound = (
    customer.country.is_in(["KR", "JP"])
    & _consents.given.last()
    & ~customer.tags.has("wholesale")
    & (high_value | three_orders)
    & ~dormant
)
thresholds = orders.placed_at.last().within(days(60)) & (orders.count() >= 4) & (orders.total.sum() >= won(200_000))

RULES: dict[str, Rule] = {
    "new": new,
    "dormant": dormant,
    "high value": high_value,
    "three orders": three_orders,
    "cart abandoned": abandoned,
    "coffee": coffee,
    "compound": compound,
    "thresholds": thresholds,
}


CALENDAR_RULES: dict[str, Rule] = {  # for next_change alone: their crossings depend on the zone and on month ends
    "within 3 months": orders.within(months(3)).any(),
    "older than 3 months": orders.placed_at.last().older_than(months(3)),
    "7 calendar days": orders.within(calendar_days(7)).count() >= 2,
    "this month's spend": orders.within(this_month()).total.sum() >= won(50_000),
    "birthday in 7 days": customer.birthday.returns_within(7),
}


@frozen
class Record:
    """What a shop has of a customer: plain facts in lists."""

    customer: Customer
    orders: tuple[Order, ...]
    cart: tuple[CartEvent, ...]
    visits: tuple[Visit, ...]
    consents: tuple[ConsentEvent, ...]


def record(profile: Profile) -> Record:
    return Record(
        profile.customer,
        profile.rows("orders"),  # type: ignore[arg-type]
        profile.rows("cart"),  # type: ignore[arg-type]
        profile.rows("visits"),  # type: ignore[arg-type]
        profile.rows("consents"),  # type: ignore[arg-type]
    )


# As a shop would write them. ------------------------------------------------------------------------------------------


def is_new(r: Record, as_of: datetime) -> bool:
    joined = r.customer.joined_at
    return joined is not None and as_of - timedelta(days=7) < joined <= as_of


def is_dormant(r: Record, as_of: datetime) -> bool:
    placed = [order.at for order in r.orders if order.at <= as_of]
    return bool(placed) and max(placed) <= as_of - timedelta(days=90)


def is_high_value(r: Record, as_of: datetime) -> bool:
    return sum(order.total.minor for order in r.orders if order.at <= as_of) >= 500_000


def has_three_orders(r: Record, as_of: datetime) -> bool:
    return sum(1 for order in r.orders if order.at <= as_of) >= 3


def has_abandoned(r: Record, as_of: datetime) -> bool:
    last = max((event.at for event in r.cart if event.at <= as_of), default=None)
    if last is None or not as_of - timedelta(days=7) < last <= as_of - timedelta(days=1):
        return False
    return not any(last < order.at <= as_of for order in r.orders)


def likes_coffee(r: Record, as_of: datetime) -> bool:
    since = as_of - timedelta(days=30)
    bought = [
        (order.id, line.amount.minor)
        for order in r.orders
        if since < order.at <= as_of
        for line in order.lines
        if line.category == "coffee"
    ]
    return len({id for id, _ in bought}) >= 2 and sum(amount for _, amount in bought) >= 30_000


def is_compound(r: Record, as_of: datetime) -> bool:
    given = [
        consent.given
        for consent in r.consents
        if consent.at <= as_of and consent.channel == "email" and consent.purpose == "marketing"
    ]
    return (
        r.customer.country in ("KR", "JP")
        and bool(given)
        and given[-1]
        and "wholesale" not in r.customer.tags
        and (is_high_value(r, as_of) or has_three_orders(r, as_of))
        and not is_dormant(r, as_of)
    )


def reaches_thresholds(r: Record, as_of: datetime) -> bool:
    placed = [order for order in r.orders if order.at <= as_of]
    return (
        bool(placed)
        and max(order.at for order in placed) > as_of - timedelta(days=60)
        and len(placed) >= 4
        and sum(order.total.minor for order in placed) >= 200_000
    )


IDIOMATIC: tuple[Callable[[Record, datetime], bool], ...] = (
    is_new,
    is_dormant,
    is_high_value,
    has_three_orders,
    has_abandoned,
    likes_coffee,
    is_compound,
    reaches_thresholds,
)


# Tuned by hand. -------------------------------------------------------------------------------------------------------

_NOW = NOW_UTC
_DAY, _WEEK, _MONTH, _TWO_MONTHS, _QUARTER = (_NOW - timedelta(days=n) for n in (1, 7, 30, 60, 90))


def tuned_new(p: Profile) -> bool:
    joined = p.customer.joined_at
    return joined is not None and _WEEK < joined <= _NOW


def tuned_dormant(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    at = p.columns["orders.at"]
    return bool(at) and at[-1] <= _QUARTER


def tuned_high_value(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    return sum(p.columns["orders.total KRW"]) >= 500_000  # type: ignore[no-any-return]


def tuned_three_orders(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    return len(p.columns["orders.at"]) >= 3


def tuned_abandoned(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    columns = p.columns
    cart = columns["cart.at"]
    if not cart or not _WEEK < cart[-1] <= _DAY:
        return False
    orders = columns["orders.at"]
    return not orders or orders[-1] <= cart[-1]


def tuned_coffee(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    columns = p.columns
    at = columns["purchases.at"]
    if not at or at[-1] <= _MONTH:
        return False
    first = bisect_right(at, _MONTH)
    category, ids, amounts = (
        columns["purchases.category"],
        columns["purchases.order_id"],
        columns["purchases.amount KRW"],
    )
    spent, bought = 0, set()
    for k in range(first, len(at)):
        if category[k] == "coffee":
            spent += amounts[k]
            bought.add(ids[k])
    return spent >= 30_000 and len(bought) >= 2


def tuned_compound(p: Profile) -> bool:
    customer = p.customer
    if customer.country not in _COUNTRIES or "wholesale" in customer.tags:
        return False
    if p.latest > _NOW:
        p = p.until(_NOW)
    columns = p.columns
    at = columns["orders.at"]
    if at and at[-1] <= _QUARTER:
        return False
    if len(at) < 3 and sum(columns["orders.total KRW"]) < 500_000:
        return False
    channel = columns["consents.channel"]
    if not channel:
        return False
    purpose = columns["consents.purpose"]
    for k in range(len(channel) - 1, -1, -1):
        if channel[k] == "email" and purpose[k] == "marketing":
            return bool(columns["consents.given"][k])
    return False


_COUNTRIES = frozenset({"KR", "JP"})


def tuned_thresholds(p: Profile) -> bool:
    if p.latest > _NOW:
        p = p.until(_NOW)
    columns = p.columns
    at = columns["orders.at"]
    return len(at) >= 4 and at[-1] > _TWO_MONTHS and sum(columns["orders.total KRW"]) >= 200_000


TUNED: tuple[Callable[[Profile], bool], ...] = (
    tuned_new,
    tuned_dormant,
    tuned_high_value,
    tuned_three_orders,
    tuned_abandoned,
    tuned_coffee,
    tuned_compound,
    tuned_thresholds,
)
