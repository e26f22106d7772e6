"""What providers report: joined to the message it is about, once, and made facts of the customer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, final

from attrs import evolve, frozen

from retention.activity import MessageEvent
from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Receipt, Status
from retention.channels.receipts import Progress, after
from retention.permission.person import Suppression
from retention.profile import Fact
from retention.shell.handling import Handled, Handling
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


def join(work: Work, channel: str, receipts: Sequence[Receipt]) -> list[tuple[Parcel, Receipt]]:
    """Remember receipts and bring their messages forward; those that are new, each with its message.

    A receipt whose message is not known by that name yet waits until it is.
    """
    new = [each for each in receipts if work.add_receipt(channel, each)]
    parcels = work.parcels_by_receipt(channel, list({each.provider_id for each in new}))
    parcels = _bring_forward(work, channel, parcels)
    return [(parcels[each.provider_id], each) for each in new if each.provider_id in parcels]


def join_waiting(work: Work, channel: str, parcels: Sequence[Parcel]) -> None:
    """Receipts that came before the names of these messages were stored."""
    _bring_forward(work, channel, {each.provider_id: each for each in parcels if each.provider_id is not None})


def _bring_forward(work: Work, channel: str, parcels: Mapping[str, Parcel]) -> Mapping[str, Parcel]:
    """The messages as all their receipts leave them."""
    forward = dict(parcels)
    for provider_id, receipts in work.receipts(channel, [*parcels]).items() if parcels else ():
        stage = after(Progress(), receipts).stage
        if stage != parcels[provider_id].receipt:
            forward[provider_id] = evolve(parcels[provider_id], receipt=stage)
            work.set_receipt(forward[provider_id])
    return forward


def fact_of(parcel: Parcel, receipt: Receipt) -> MessageEvent:
    """A receipt as rules read it."""
    assert isinstance(parcel.effect, SendMessage), "hooks have no receipts"
    return MessageEvent(
        f"{parcel.key}/{receipt.status}/{receipt.at.isoformat()}",
        receipt.at,
        kind=_TOLD[receipt.status],
        channel=None if parcel.medium is None else parcel.medium.value,
        campaign=parcel.effect.campaign,
        template=parcel.effect.template,
    )


def suppressions(parcels: Mapping[str, Parcel], receipts: Iterable[Receipt]) -> Iterable[tuple[Parcel, Suppression]]:
    """Who is not written to any more after these receipts, and why."""
    for each in receipts:
        parcel = parcels.get(each.provider_id)
        if parcel is None or parcel.medium is None:
            continue
        if each.status == "complained":
            yield parcel, Suppression(medium=parcel.medium, reason="complaint", at=each.at)
        elif each.suppress:
            yield parcel, Suppression(medium=parcel.medium, reason="hard bounce", at=each.at)


@final
@frozen
class Reported:
    """What followed from a webhook: for customers, and of messages."""

    handled: tuple[Handled, ...]
    receipts: tuple[tuple[Parcel, Receipt], ...]


def reported(work: Work, handling: Handling, channel: str, receipts: Sequence[Receipt]) -> Reported:
    """Receipts of a channel, and what follows for the customers whose messages they are about."""
    parcels = work.parcels_by_receipt(channel, list({each.provider_id for each in receipts}))
    known = [each.customer for each in parcels.values() if each.customer is not None]
    shoppers = work.shoppers(known)
    for parcel, suppression in suppressions(parcels, receipts):
        shopper = shoppers.get(parcel.customer or "")
        hashed = None if shopper is None else handling.shop.hashes(shopper.customer).get(suppression.medium)
        if hashed is not None:
            work.suppress(hashed, suppression)
    new = join(work, channel, receipts)
    facts: dict[str, list[Fact]] = defaultdict(list)
    for parcel, receipt in new:
        if parcel.customer is not None:
            facts[parcel.customer].append(fact_of(parcel, receipt))
    handled = (handling.facts(work, id, None, several) for id, several in sorted(facts.items()))
    return Reported(tuple(handled), tuple(new))
