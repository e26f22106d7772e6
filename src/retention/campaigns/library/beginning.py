"""Customers who are new, and those who are glad."""

from collections.abc import Iterable

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.library.parts import EMAIL, MARKETING, gift, morning, send
from retention.campaigns.steps import GivePoints, Stop, Wait, WaitFor
from retention.rules import orders, reviews
from retention.spans import Duration, days


def welcome(
    segment: str = "new",
    *,
    channels: Iterable[str] = EMAIL,
    between: Duration = days(2),
    coupon: str | None = None,
    valid_for: Duration = days(14),
) -> Campaign:
    """A welcome series: three messages to who enters ``segment`` (``catalogue.new()``), until they order.

    Templates ``welcome``, ``welcome-shop``, ``welcome-offer``; ``coupon`` is given before the last.
    """
    return Campaign(
        "welcome",
        kind=MARKETING,
        entry=Enters(segment=segment),
        goal=orders.any(),
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
    *, channels: Iterable[str] = EMAIL, after: Duration = days(3), second_after: Duration = days(14)
) -> Campaign:
    """From the first order to the second: how to use what was bought, then what goes with it, until they order again.

    Templates ``first-order-thanks``, ``second-order``.
    """
    return Campaign(
        "first-purchase",
        kind=MARKETING,
        entry=Happens(event=orders.any(), such_as=orders.count() == 1),
        goal=orders.count() >= 2,
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
) -> Campaign:
    """Asks for a review so long after each order's delivery; with ``points`` gives them for one written in time.

    Template ``review-request``. A reward makes the request an advertisement, so it is marketing (KISA's guide). One run
    per order.
    """
    reward = () if points is None else (GivePoints("reward", amount=points, programme=programme),)
    return Campaign(
        "review-request",
        kind=MARKETING,
        entry=Happens(event=orders.where(orders.delivered_at.is_present()).any(), each="id"),
        steps=(
            Wait("unpack", after),
            morning(),
            send("review-request", channels, expires=days(2)),
            WaitFor("write", event=reviews.any(), at_most=within, otherwise="over"),
            *reward,
            Stop("over"),
        ),
    )


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
