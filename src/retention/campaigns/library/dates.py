"""What comes by the calendar."""

from collections.abc import Iterable
from datetime import time

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, OnDate
from retention.campaigns.library.parts import EMAIL, MARKETING, TWO_YEARS, gift, morning, send
from retention.campaigns.steps import Jump, Wait
from retention.permission.media import MessageKind
from retention.rules import consents, points
from retention.spans import Duration, Months, MovingSpan, days


def birthday(
    *,
    channels: Iterable[str] = EMAIL,
    before: Duration | Months | None = days(7),
    at: time = time(10),
    coupon: str | None = None,
    valid_for: Duration = days(30),
) -> Campaign:
    """A birthday message, so long before the day. Who corrects the date is not given another within 300 days.

    Template ``birthday``; ``coupon`` is given before it.
    """
    return Campaign(
        "birthday",
        kind=MARKETING,
        entry=OnDate(attribute="birthday", at=at, before=before),
        again="after entry",
        pause=days(300),
        steps=(*gift(coupon, valid_for), send("birthday", channels)),
    )


def points_expiring(
    segment: str = "points-expiring", *, channels: Iterable[str] = EMAIL, within: MovingSpan = days(30)
) -> Campaign:
    """Tells who enters ``segment``, ``Segment("points-expiring", points.expiring(days(30)) > 0)``, that points expire.

    Template ``points-expiring``. A service message: points that customers earned are theirs. It stops when nothing
    expires ``within`` that span any more.
    """
    return Campaign(
        "points-expiring",
        kind=MessageKind.SERVICE,
        entry=Enters(segment=segment),
        again="after exit",
        pause=days(7),
        leave=~(points.expiring(within) > 0),
        steps=(morning(), send("points-expiring", channels, expires=days(3))),
    )


def consent_reconfirmation(channel: str, *, by: Iterable[str] = EMAIL, every: Months = TWO_YEARS) -> Campaign:
    """Tells who consented to marketing on ``channel`` what they consented to, every two years: a month before the
    date.

    Template ``consent-reconfirmation``: the sender's name, the fact and date of the consent, how to keep or withdraw it
    (Korea, Network Act art. 50(8) and Decree art. 62-3). A legal notice: it carries no advertisement, and silence
    changes nothing. It ends when the consent is withdrawn.
    """
    given = consents.where(consents.channel == channel, consents.purpose == "marketing", consents.given)
    return Campaign(
        f"consent-{channel}",
        kind=MessageKind.LEGAL_NOTICE,
        entry=Happens(event=given.any()),
        again="each crossing",
        leave=~consents.to(channel),
        steps=(
            Wait("years", Months(max(1, every.count - 1))),
            morning(),
            send("consent-reconfirmation", by, expires=days(7)),
            Jump("again", to="years", at_most=50),
        ),
    )
