"""Audiences that come in at an instant, and members who were there before a campaign: page by page, once.

How far each has come is a bookmark of the store, so that workers share the pages and a crash repeats at most one of
them, in which the keys of effects see to it that nothing is done twice.
"""

from datetime import datetime
from functools import partial
from json import dumps, loads
from typing import Any, Final, assert_never

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.schedule import BACKFILL, Occurrence, occurrences
from retention.campaigns.triggers import Chosen
from retention.shell.handling import Handling
from retention.shell.living import Life
from retention.spans import TICK, utc
from retention.storage.shop.port import Work

PAGE: Final = 100


def turn_page(work: Work, handling: Handling) -> bool:
    """One page of what is under way; False if nothing is."""
    return _defined(work, handling) or any(_turned(work, handling, each) for each in handling.shop.newest)


def _defined(work: Work, handling: Handling) -> bool:
    """Judge everybody by definitions that are new, so that time finds them."""
    name = f"defined/{handling.shop.definitions}"
    begun = _read(work, name) or {"after": "", "ended": False}
    if begun["ended"]:
        return False
    ids = work.customers(begun["after"], PAGE)
    for id in ids:
        handling.live(work, id)
    work.keep_bookmark(name, dumps({"after": ids[-1] if ids else "", "ended": len(ids) < PAGE}))
    return bool(ids)


def _turned(work: Work, handling: Handling, campaign: Campaign) -> bool:
    entry = campaign.entry
    match entry:
        case Once() | Recurring():
            return _occurrence(work, handling, campaign, entry)
        case Enters():
            return entry.backfill and _members(work, handling, campaign, entry)
        case Leaves() | Happens() | OnDate():
            return False
        case _:
            assert_never(entry)


def _occurrence(work: Work, handling: Handling, campaign: Campaign, entry: Once | Recurring) -> bool:
    name = f"audience/{campaign.key}/{campaign.version}"
    known = _read(work, name)
    begun = known or {"done": _before_first(entry, handling.now), "after": ""}
    due = occurrences(campaign, datetime.fromisoformat(begun["done"]), handling.now)
    if not due:
        if known is None:
            work.keep_bookmark(name, dumps(begun))
        return False
    ids = work.customers(begun["after"], PAGE)
    for id in ids:
        handling.live(work, id, partial(_choose, handling, entry, due[0]))
    ended = len(ids) < PAGE
    done = {"done": due[0].at.isoformat(), "after": ""} if ended else {**begun, "after": ids[-1]}
    work.keep_bookmark(name, dumps(done))
    return True


def _choose(handling: Handling, entry: Once | Recurring, occurrence: Occurrence, life: Life) -> None:
    """The customer comes in if they are in the audience: as it was at the occurrence, or as it is now."""
    fixed = isinstance(entry, Recurring) or entry.fixed == "launch"
    if life.holds(entry.audience, occurrence.at if fixed else handling.now):
        life.tell([Chosen(occurrence.name)], handling.now)


def _members(work: Work, handling: Handling, campaign: Campaign, entry: Enters) -> bool:
    name = f"{BACKFILL}/{campaign.key}/{campaign.version}"
    begun = _read(work, name) or {"after": "", "ended": False}
    if begun["ended"]:
        return False
    ids = work.members(entry.segment, begun["after"], PAGE)
    for id in ids:
        handling.live(work, id, lambda life: life.tell([Chosen(BACKFILL)], handling.now))
    work.keep_bookmark(name, dumps({"after": ids[-1] if ids else "", "ended": len(ids) < PAGE}))
    return bool(ids)


def _read(work: Work, name: str) -> Any:
    found = work.bookmark(name, lock=True)
    return None if found is None else loads(found)


def _before_first(entry: Once | Recurring, now: datetime) -> str:
    """A campaign that recurs begins with the first occurrence after it was first seen; one that is once, is never
    late."""
    first = entry.at if isinstance(entry, Once) else now
    return (utc(first) - TICK).isoformat()
