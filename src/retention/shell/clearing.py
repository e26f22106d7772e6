"""Clearing: what has ended in the outbox, and receipts, deleted when they are old, page by page.

The key of a message is what tells that it was planned before. A campaign never plans one twice, since the state of the
customer is stored with the message and goes only forward. Two others would, so what they could plan again stays:

- notices of results are planned anew as long as they are in time: a message stays until its own time is over;
- whoever was erased and comes again has no state: messages that name nobody stay.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final, assert_never, final

from attrs import frozen

from retention.campaigns.effects import CallHook, SendMessage
from retention.shell.errors import StillCounted
from retention.shell.people import remembered
from retention.shell.shop import Shop
from retention.shell.waking import InWork
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, Shopper

_PAGE: Final = 200


@final
@frozen(kw_only=True)
class Cleared:
    """How many were deleted."""

    messages: int
    receipts: int


def clear(in_work: InWork, shop: Shop, before: datetime, now: datetime) -> Cleared:
    """Raises StillCounted."""
    latest = remembered(shop, (), now)
    if before > latest:
        raise StillCounted(latest)
    return Cleared(messages=_messages(in_work, shop, before, now), receipts=_receipts(in_work, before))


def _messages(in_work: InWork, shop: Shop, before: datetime, now: datetime) -> int:
    count, last = 0, ""
    while (page := in_work(partial(_page, shop, before, now, last))) is not None:
        last, deleted = page
        count += deleted
    return count


def _page(shop: Shop, before: datetime, now: datetime, last: str, work: Work) -> tuple[str, int] | None:
    """The last key that was looked at, and how many were deleted; None after the end."""
    parcels = work.ended(before, last, _PAGE)
    if not parcels:
        return None
    shoppers = work.shoppers([each.customer for each in parcels if each.customer is not None])
    over = [each.key for each in parcels if _is_over(each, before) and not _counts(shop, each, shoppers, now)]
    return parcels[-1].key, work.discard(over)


def _is_over(parcel: Parcel, before: datetime) -> bool:
    """Whether its own time ended before that, too."""
    match parcel.effect:
        case SendMessage(expires_at=expires_at):
            return utc(expires_at) <= before
        case CallHook():
            return True
        case _:
            assert_never(parcel.effect)


def _counts(shop: Shop, parcel: Parcel, shoppers: Mapping[str, Shopper], now: datetime) -> bool:
    """Whether the customer's own limit may still count it, which may look back further than the shop's."""
    shopper = shoppers.get(parcel.customer or "")
    return shopper is not None and parcel.sent_at is not None and parcel.sent_at >= remembered(shop, [shopper], now)


def _receipts(in_work: InWork, before: datetime) -> int:
    count, last = 0, ("", "")
    while page := in_work(partial(_discarded, before, last)):
        last = max(page)
        count += sum(page.values())
    return count


def _discarded(before: datetime, last: tuple[str, str], work: Work) -> Mapping[tuple[str, str], int]:
    return work.discard_receipts(before, last, _PAGE)
