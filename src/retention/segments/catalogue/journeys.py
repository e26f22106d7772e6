"""Two journeys: what a customer is worth to the shop, and how far they have come with it."""

from retention.money import Money, won
from retention.rules import Orders, any_of, cart, orders, referrals, reviews, searches, surveys, views
from retention.segments.journey import Journey
from retention.spans import MovingSpan, Span, days


def value_journey(
    vip_from: Money = won(1_000_000),
    *,
    lapsed_after: MovingSpan = days(90),
    repeat_from: int = 2,
    counting: Orders = orders,
) -> Journey:
    """VIP, lapsed, repeat, first purchase, new arrival: the first that holds.

    ``vip``: has spent ``vip_from`` or more in all, lapsed or not. ``lapsed``: last ordered ``lapsed_after`` ago or
    longer. ``repeat``: ``repeat_from`` orders or more. ``first-purchase``: has ordered. ``new-arrival``: everybody
    else.
    """
    return Journey(
        (
            ("vip", counting.total.sum() >= vip_from),
            ("lapsed", counting.at.last().older_than(lapsed_after)),
            ("repeat", counting.count() >= repeat_from),
            ("first-purchase", counting.any()),
        ),
        otherwise="new-arrival",
    )


def customer_journey(
    *,
    retained_from: int = 2,
    retained_within: Span = days(365),
    best_rating: int = 5,
    promoter_score: int = 9,
    counting: Orders = orders,
) -> Journey:
    """Aware, interested, purchased, retained, advocate, looked at from the end: the first that holds.

    ``advocate``: has ordered, and somebody they referred joined or ordered, or they gave ``best_rating`` in a review or
    ``promoter_score`` or more in an ``nps`` survey. ``retained``: ``retained_from`` orders or more, the last of them
    within ``retained_within``. ``purchased``: has ordered. ``interested``: has looked at something, searched or used
    the cart. ``aware``: everybody else.
    """
    recommends = any_of(
        referrals.where(referrals.kind.is_in(["joined", "ordered"])).any(),
        reviews.where(reviews.rating >= best_rating).any(),
        surveys.where(surveys.kind == "nps", surveys.score >= promoter_score).any(),
    )
    return Journey(
        (
            ("advocate", counting.any() & recommends.named("recommends the shop")),
            ("retained", (counting.count() >= retained_from) & counting.within(retained_within).any()),
            ("purchased", counting.any()),
            ("interested", any_of(views.any(), searches.any(), cart.any())),
        ),
        otherwise="aware",
    )
