"""Customers who are new, and those who are glad."""

from collections.abc import Iterable

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.library.parts import EMAIL, MARKETING, came_again, gift, morning, send
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.steps import Branch, GivePoints, Step, Stop, Wait, WaitFor
from retention.rules import Orders, orders, reviews
from retention.spans import Duration, days


def welcome(
    segment: str = "new",
    *,
    channels: Iterable[str] = EMAIL,
    between: Duration = days(2),
    coupon: str | None = None,
    valid_for: Duration = days(14),
    counting: Orders = orders,
) -> Campaign:
    """A welcome series: three messages to who enters ``segment`` (``catalogue.new()``), until they order; none to who
    has.

    Templates ``welcome``, ``welcome-shop``, ``welcome-offer``; ``coupon`` is given before the last.
    """
    return Campaign(
        "welcome",
        kind=MARKETING,
        entry=Enters(segment=segment),
        goal=counting.any(),
        steps=(
            send("welcome", channels),
            Wait("settle", between),
            morning(),
            send("welcome-shop", channels),
            Wait("think", between),
            morning("another-morning"),
            *gift(coupon, valid_for),
            send("welcome-offer", channels),
        ),
    )


def first_purchase_follow_up(
    *,
    channels: Iterable[str] = EMAIL,
    after: Duration = days(3),
    second_after: Duration = days(14),
    counting: Orders = orders,
) -> Campaign:
    """From the first order to the second: how to use what was bought, then what goes with it, until they order again.

    Templates ``first-order-thanks``, ``second-order``. An order that no longer counts ends it, and the next is the
    first.
    """
    return Campaign(
        "first-purchase",
        kind=MARKETING,
        entry=Happens(event=counting.any(), such_as=~came_again(counting)),
        again="each crossing",
        goal=came_again(counting),
        leave=OfEntry(counting.none()),
        steps=(
            Wait("arrive", after),
            morning(),
            send("first-order-thanks", channels),
            Wait("use", second_after),
            morning("another-morning"),
            send("second-order", channels),
        ),
    )


def review_request(
    *,
    channels: Iterable[str] = EMAIL,
    after: Duration = days(5),
    points: int | None = None,
    programme: str = "points",
    within: Duration = days(14),
    counting: Orders = orders,
) -> Campaign:
    """Asks for a review so long after a delivery; with ``points`` gives them for one written ``within`` that span.

    Template ``review-request``. A reward makes the request an advertisement, so it is marketing (KISA's guide). One
    request at a time, since no review says to which order it belongs: what is delivered while a run is open has none of
    its own, and one review is paid for once. Who has written since the delivery is not asked.
    """
    delivered = counting.where(orders.delivered_at.is_present())
    return Campaign(
        "review-request",
        kind=MARKETING,
        entry=Happens(event=delivered.any()),
        again="each crossing",
        leave=OfEntry(delivered.none()),
        steps=(
            Wait("unpack", after),
            morning(),
            Branch("written", when=((SinceEntry(reviews.any()), "over"),), otherwise=None),
            send("review-request", channels, expires=days(2)),
            *_reward(points, programme, within),
            Stop("over"),
        ),
    )


def _reward(points: int | None, programme: str, within: Duration) -> tuple[Step, ...]:
    if points is None:
        return ()
    written = WaitFor("write", event=reviews.any(), at_most=within, otherwise="over")
    return written, GivePoints("reward", amount=points, programme=programme)


def referral_invitation(
    segment: str = "gave-five-stars", *, channels: Iterable[str] = EMAIL, pause: Duration = days(90)
) -> Campaign:
    """Invites who enters ``segment`` (``catalogue.gave_five_stars()``) to bring a friend, at most once in ``pause``.

    Template ``invite-a-friend``.
    """
    return Campaign(
        "referral-invitation",
        kind=MARKETING,
        entry=Enters(segment=segment),
        again="after entry",
        pause=pause,
        steps=(Wait("a-day", days(1)), morning(), send("invite-a-friend", channels)),
    )
