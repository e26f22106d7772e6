"""What providers report: joined to the message it is about, once, and made facts of the customer."""

from collections import defaultdict
from collections.abc import Sequence
from typing import final

from attrs import evolve, frozen

from retention.channels.protocol import Receipt
from retention.channels.receipts import Progress, after
from retention.permission.person import Consent, Suppressed, Suppression
from retention.profile import Fact
from retention.shell.handling import Handled, Handling
from retention.shell.noting import fact_of
from retention.shell.proof import withdrawal
from retention.shell.redriving import fall_back
from retention.shell.shop import Shop
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel


def remember(work: Work, channel: str, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Store receipts; which were new. They are joined in a later transaction, so that a message that is stored as sent
    meanwhile is found by one side or the other."""
    return [each for each in receipts if work.add_receipt(channel, each)]


@final
@frozen
class Reported:
    """What followed from receipts: for customers, and of messages."""

    handled: tuple[Handled, ...]
    receipts: tuple[tuple[Parcel, Receipt], ...]


def early(work: Work, handling: Handling, channel: str, provider_ids: Sequence[str]) -> Reported:
    """Receipts that came before these names were stored, with what they mean."""
    found = work.receipts(channel, provider_ids)
    return joined(work, handling, channel, [each for several in found.values() for each in several])


def joined(work: Work, handling: Handling, channel: str, receipts: Sequence[Receipt]) -> Reported:
    """Receipts with their messages, brought forward; what follows for the customers. Doing it again changes nothing.

    Those whose message is not known by that name yet wait.
    """
    parcels = _brought_forward(work, channel, list({each.provider_id: None for each in receipts}))
    found = [(parcels[each.provider_id], each) for each in receipts if each.provider_id in parcels]
    shoppers = work.shoppers([parcel.customer for parcel, _ in found if parcel.customer is not None])
    fall_back(work, evolve(handling.planner, now=handling.now), [*parcels.values()])
    facts: dict[str, list[Fact]] = defaultdict(list)
    for parcel, receipt in found:
        shopper = shoppers.get(parcel.customer or "")
        _stop(work, handling.shop, parcel, receipt, None if shopper is None else shopper.customer.country)
        if parcel.customer is not None:
            facts[parcel.customer].append(fact_of(parcel, receipt))
    ended = [(parcel.customer, _withdrawn(parcel, receipt)) for parcel, receipt in found]
    handled = [handling.consented(work, id, line) for id, line in ended if id is not None and line is not None]
    handled += [handling.facts(work, id, None, several) for id, several in sorted(facts.items())]
    return Reported(tuple(each for each in handled if each != Handled(customer=each.customer)), tuple(found))


def _brought_forward(work: Work, channel: str, provider_ids: Sequence[str]) -> dict[str, Parcel]:
    """The messages as all their receipts leave them."""
    parcels = dict(work.parcels_by_receipt(channel, provider_ids))
    for provider_id, receipts in work.receipts(channel, [*parcels]).items() if parcels else ():
        stage = after(Progress(), receipts).stage
        if stage != parcels[provider_id].receipt:
            parcels[provider_id] = evolve(parcels[provider_id], receipt=stage)
            work.set_receipt(parcels[provider_id])
    return parcels


def _stop(work: Work, shop: Shop, parcel: Parcel, receipt: Receipt, country: str | None) -> None:
    """A complaint, a bounce or an end of all advertising suppresses the address."""
    if parcel.medium is None or parcel.draft is None:
        return
    reasons: list[Suppressed] = []
    if receipt.status == "complained":
        reasons.append("complaint")
    if receipt.status == "unsubscribed" and parcel.draft.topic is None:
        reasons.append("opt-out")
    if receipt.suppress:
        reasons.append(receipt.suppress_as)
    for each in sorted(shop.hashed(parcel.medium, parcel.draft.address, country)):
        for reason in reasons:
            work.suppress(each, Suppression(medium=parcel.medium, reason=reason, at=receipt.at))


def _withdrawn(parcel: Parcel, receipt: Receipt) -> Consent | None:
    """The consent that somebody ended with the provider."""
    if receipt.status == "unsubscribed" and parcel.medium is not None and parcel.draft is not None:
        return withdrawal(parcel.medium, parcel.draft.topic, receipt.at, source="provider")
    return None
