"""What comes by the calendar."""

from collections.abc import Iterable
from datetime import time

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, OnDate
from retention.campaigns.library.parts import EMAIL, MARKETING, TWO_YEARS, came_again, gift, morning, send
from retention.campaigns.own import SinceEntry
from retention.campaigns.steps import Jump, Wait
from retention.permission.media import MessageKind
from retention.rules import consents
from retention.rules import segment as member_of
from retention.spans import Duration, Months, days


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
    segment: str = "points-expiring", *, channels: Iterable[str] = EMAIL, every: Duration = days(15)
) -> Campaign:
    """Tells who enters ``segment``, ``Segment("points-expiring", points.expiring(days(30)) > 0)``, that points expire.

    Template ``points-expiring``. A service message: points that customers earned are theirs. Who stays in the segment
    is told again ``every`` so long, since more has come to expire by then: half the segment's span leaves them the
    other half.
    """
    return Campaign(
        "points-expiring",
        kind=MessageKind.SERVICE,
        entry=Enters(segment=segment),
        again="after exit",
        pause=days(7),
        leave=~member_of(segment),
        steps=(
            morning(),
            send("points-expiring", channels, expires=days(3)),
            Wait("until-more", every),
            Jump("again", to="morning", at_most=1_000),
        ),
    )


def consent_reconfirmation(channel: str, *, by: Iterable[str] = EMAIL, every: Months = TWO_YEARS) -> Campaign:
    """Tells who consented to marketing on ``channel`` what they consented to, every two years: about a month
    before the date. ``every`` is two months or more.

    Template ``consent-reconfirmation``: the sender's name, the fact and date of the consent, how to keep or withdraw it
    (Korea, Network Act art. 50(8) and Decree art. 62-3). A legal notice: it carries no advertisement, and silence
    changes nothing. It ends when the consent is withdrawn; a renewed one begins anew, with a date of its own. The years
    count from when a consent is told of: of those from before, the engine's ``ReconfirmationNotices`` know.
    """
    given = consents.where(consents.channel == channel, consents.purpose == "marketing", consents.given)
    return Campaign(
        f"consent-{channel}",
        kind=MessageKind.LEGAL_NOTICE,
        entry=Happens(event=given.any()),
        again="each crossing",
        leave=SinceEntry(~consents.to(channel) | came_again(given)),
        steps=(
            Wait("years", Months(every.count - 1)),
            morning(),
            send("consent-reconfirmation", by, expires=days(7)),
            Wait("more-years", every),
            Jump("again", to="morning", at_most=50),
        ),
    )
