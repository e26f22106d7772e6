"""Audiences that come in at an instant, and members who were there before a campaign: page by page, once.

How far each has come is a bookmark of the store, so that workers share the pages and a crash repeats at most one of
them, in which the keys of effects see to it that nothing is done twice.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from json import dumps, loads
from typing import Any, Final

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Once, Recurring
from retention.campaigns.schedule import BACKFILL, Occurrence, occurrences
from retention.campaigns.triggers import Chosen
from retention.shell.handling import Handling
from retention.shell.living import Life
from retention.spans import TICK, utc
from retention.storage.shop.port import Work

PAGE: Final = 100
_DEFINED: Final = "defined"


def note_first_seen(work: Work, handling: Handling) -> None:
    """From when on a campaign that recurs is heeded, whatever else there is to do."""
    for campaign in handling.shop.newest:
        entry = campaign.entry
        if isinstance(entry, Once | Recurring) and work.bookmark(_audience(campaign)) is None:
            work.keep_bookmark(_audience(campaign), dumps({"done": _before_first(entry, handling.now), "after": ""}))


def turn_page(work: Work, handling: Handling) -> bool:
    """One page of what is under way; False if nothing is. Raises CustomerFailed."""
    newest = handling.shop.newest
    return (
        any(_occurrence(work, handling, each) for each in newest)
        or _defined(work, handling)
        or any(_members(work, handling, each) for each in newest)
    )


def _defined(work: Work, handling: Handling) -> bool:
    """Judge everybody by definitions that are others than the last ones, so that time finds them."""
    digest = handling.shop.definitions
    begun = _read(work, _DEFINED)
    if begun is None or begun["digest"] != digest:
        begun = {"digest": digest, "after": "", "ended": False}
    if begun["ended"]:
        return False
    ids = work.customers(begun["after"], PAGE)
    handling.live_all(work, ids)
    ended = len(ids) < PAGE
    work.keep_bookmark(_DEFINED, dumps({"digest": digest, "after": ids[-1] if ids else "", "ended": ended}))
    return bool(ids)


def _occurrence(work: Work, handling: Handling, campaign: Campaign) -> bool:
    entry = campaign.entry
    if not isinstance(entry, Once | Recurring):
        return False
    begun = _read(work, _audience(campaign))
    if begun is None:
        begun = {"done": _before_first(entry, handling.now), "after": ""}
    due = occurrences(campaign, datetime.fromisoformat(begun["done"]), handling.now)
    if not due:
        return False
    occurrence = due[-1] if begun["after"] == "" else _under_way(due, begun)  # of those missed, the last alone
    ids = work.customers(begun["after"], PAGE)
    handling.live_all(work, ids, partial(_choose, handling, entry, occurrence))
    ended = len(ids) < PAGE
    at = occurrence.at.isoformat()
    done = {"done": at, "after": ""} if ended else {**begun, "after": ids[-1], "at": at}
    work.keep_bookmark(_audience(campaign), dumps(done))
    return True


def _under_way(due: Sequence[Occurrence], begun: dict[str, str]) -> Occurrence:
    return next((each for each in due if each.at.isoformat() == begun.get("at")), due[-1])


def _audience(campaign: Campaign) -> str:
    """A new version goes on where the old one was."""
    return f"audience/{campaign.key}"


def _choose(handling: Handling, entry: Once | Recurring, occurrence: Occurrence, life: Life) -> None:
    """The customer comes in if they are in the audience: as it was at the occurrence, or as it is now."""
    fixed = isinstance(entry, Recurring) or entry.fixed == "launch"
    if life.holds(entry.audience, occurrence.at if fixed else handling.now):
        life.tell([Chosen(occurrence.name)], handling.now)


def _members(work: Work, handling: Handling, campaign: Campaign) -> bool:
    entry = campaign.entry
    if not isinstance(entry, Enters) or not entry.backfill:
        return False
    name = f"{BACKFILL}/{campaign.key}/{campaign.version}"
    begun = _read(work, name) or {"after": "", "ended": False}
    if begun["ended"]:
        return False
    ids = work.members(entry.segment, begun["after"], PAGE)
    handling.live_all(work, ids, lambda life: life.tell([Chosen(BACKFILL)], handling.now))
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
