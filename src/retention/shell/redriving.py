"""Messages that were given up, taken up again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from attrs import evolve

from retention.campaigns.effects import CallHook, SendMessage
from retention.permission.verdicts import Reason
from retention.shell.noting import note_sent
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.shop import Shop
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, Shopper

FELL_BACK: Final = Reason("failed-later", "the provider took it and could not deliver it")


def redriven(work: Work, planner: Planner, keys: Sequence[str]) -> tuple[Parcel, ...]:
    """Those of the messages that are dead, held or refused that may go now, waiting once more under the same key."""
    found = [each for each in work.parcels(keys).values() if each.status in ("dead", "held", "refused")]
    shoppers = work.shoppers([each.customer for each in found if each.customer is not None])
    people = People.of(work, planner.shop, shoppers.values(), planner.now)
    planner = evolve(planner, people=people)
    anew = [_again(planner, each, shoppers.get(each.customer or "")) for each in found]
    return tuple(work.reopen([each for each in anew if each.status == "waiting"]))


def _again(planner: Planner, parcel: Parcel, shopper: Shopper | None) -> Parcel:
    due = evolve(parcel, status="waiting", due_at=utc(planner.now), doubtful=False, reasons=())
    match parcel.effect:
        case CallHook():
            return due
        case SendMessage():
            if shopper is None:
                return parcel
            tried = tuple(each for each in parcel.tried if each != parcel.channel)
            return planner.anew(evolve(due, tried=tried), shopper)
        case _:
            assert_never(parcel.effect)


def settled(work: Work, shop: Shop, key: str, *, sent: bool, at: datetime) -> bool:
    """Staff say what became of a held message."""
    parcel = work.parcels([key]).get(key)
    if parcel is None or parcel.status != "held":
        return False
    went = evolve(parcel, status="sent", sent_at=parcel.sent_at or at, doubtful=False)
    done = work.reopen([went if sent else evolve(parcel, status="dead", sent_at=None, doubtful=False)])
    note_sent(work, shop, done, at)
    return bool(done)


def fall_back(work: Work, planner: Planner, parcels: Sequence[Parcel]) -> list[Parcel]:
    """Messages that a provider took and then could not deliver, by the channels that theirs falls back to; those that
    wait now."""
    failed = [each for each in parcels if _may_fall_back(planner, each)]
    if not failed:
        return []
    shoppers = work.shoppers([each.customer for each in failed if each.customer is not None])
    planner = evolve(planner, people=People.of(work, planner.shop, shoppers.values(), planner.now))
    known = [(each, shoppers.get(each.customer or "")) for each in failed]
    anew = [planner.elsewhere(each, shopper, (FELL_BACK,)) for each, shopper in known if shopper is not None]
    return [*work.reopen([each for each in anew if each.status == "waiting"])]


def _may_fall_back(planner: Planner, parcel: Parcel) -> bool:
    channel = planner.shop.channels.get(parcel.channel)
    return (
        parcel.receipt == "failed"
        and parcel.status == "sent"
        and channel is not None
        and bool(channel.capabilities.fallback)
        and isinstance(parcel.effect, SendMessage)
        and utc(planner.now) < utc(parcel.effect.expires_at)
    )
