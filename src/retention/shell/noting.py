"""What became of messages as facts of their customers, for rules that ask about messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve

from retention.activity import MessageEvent
from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Receipt, Status
from retention.shell.shop import Shop
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel

_TOLD: Final[Mapping[Status, str]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "clicked": "clicked",
    "bounced": "bounced",
    "failed": "bounced",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
"""What each status is called in the facts of a customer."""


def fact_of(parcel: Parcel, receipt: Receipt) -> MessageEvent:
    """A receipt as rules read it."""
    assert isinstance(parcel.effect, SendMessage), "hooks have no receipts"
    return MessageEvent(
        f"{parcel.key}/{_TOLD[receipt.status]}",
        receipt.at,
        kind=_TOLD[receipt.status],
        channel=None if parcel.medium is None else parcel.medium.value,
        campaign=parcel.effect.campaign,
        template=parcel.effect.template,
    )


def note_sent(work: Work, shop: Shop, parcels: Sequence[Parcel], now: datetime) -> None:
    """What of these went out becomes a fact of its customer, if any rule asks about messages; time finds it at once."""
    if "messages" not in shop.collections:
        return
    sent = [each for each in parcels if each.status == "sent" and isinstance(each.effect, SendMessage)]
    shoppers = work.shoppers([each.customer for each in sent if each.customer is not None])
    for parcel in sent:
        if parcel.customer is not None and parcel.customer in shoppers:
            receipt = Receipt(provider_id=parcel.provider_id or "", status="sent", at=utc(now))
            work.add_facts(parcel.customer, [fact_of(parcel, receipt)])
    known_at = utc(now)
    work.keep([evolve(each, known_at=min(each.known_at or known_at, known_at)) for each in shoppers.values()])
