"""What platforms ask whichever provider is used, as data: a medium's own rules, beside the capabilities of its
channels."""

from datetime import date, timedelta
from typing import Final, TypeAlias, final

from attrs import frozen

from retention.permission.media import Medium, MessageKind


@final
@frozen(kw_only=True)
class NeverCarries:
    """The medium does not carry messages of these kinds at all."""

    medium: Medium
    kinds: frozenset[MessageKind]
    source: str


@final
@frozen(kw_only=True)
class ReplyWindow:
    """Free text goes out no later than ``within`` after the customer last wrote; after that only an approved
    template, to who has consented to the medium."""

    medium: Medium
    within: timedelta
    source: str


@final
@frozen(kw_only=True)
class NotDelivered:
    """Messages of these kinds are not delivered to numbers of that country, from ``since`` on.

    Other countries may have the same calling code: such a number is of the customer's country if that is one of them.
    """

    medium: Medium
    kinds: frozenset[MessageKind]
    country: str
    since: date
    source: str


PlatformRule: TypeAlias = NeverCarries | ReplyWindow | NotDelivered

_MARKETING = frozenset({MessageKind.MARKETING})

PLATFORM_RULES: Final[tuple[PlatformRule, ...]] = (
    NeverCarries(
        medium=Medium.ALIMTALK,
        kinds=_MARKETING,
        source="Kakao Bizmessage: Alimtalk is for information only",
    ),
    ReplyWindow(
        medium=Medium.WHATSAPP,
        within=timedelta(hours=24),
        source="WhatsApp Business Platform: customer service window (Meta 131047, Twilio 63016)",
    ),
    NotDelivered(
        medium=Medium.WHATSAPP,
        kinds=_MARKETING,
        country="US",
        since=date(2025, 4, 1),
        source="WhatsApp Business Platform: no marketing templates to numbers of the United States",
    ),
)
