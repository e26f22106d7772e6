"""Audiences that come in at an instant, and members who were there before a campaign: page by page, once.

How far each has come is a bookmark of the store, so that workers share the pages and a crash repeats at most one of
them, in which the keys of effects see to it that nothing is done twice.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from json import dumps, loads
from typing import Any, Final

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Once, Recurring
from retention.campaigns.schedule import BACKFILL, Occurrence, occurrences
from retention.campaigns.triggers import Chosen
from retention.shell.handling import Handled, Handling
from retention.shell.living import Life
from retention.shell.shop import Shop
from retention.spans import TICK, utc
from retention.storage.shop.port import Work

PAGE: Final = 100

_ANNOUNCED: Final = "announced"
"""The bookmark of the definitions that were announced last."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def announce(work: Work, shop: Shop) -> None:
    """Note what these definitions are, so that later ones can tell what has changed since. Where others were announced
    last, everybody is judged by these: once more, if they were here before."""
    if work.bookmark(_ANNOUNCED) != shop.definitions:
        work.keep_bookmark(f"definitions/{shop.definitions}", dumps(dict(shop.digests)))
        work.keep_bookmark(_defined_by(shop), dumps({"after": "", "ended": False}))
        work.keep_bookmark(_ANNOUNCED, shop.definitions)


def note_first_seen(work: Work, handling: Handling) -> None:
    """From when on a campaign that recurs is heeded, whatever else there is to do."""
    for campaign in handling.shop.newest:
        entry = campaign.entry
        if isinstance(entry, Once | Recurring) and work.bookmark(_audience(campaign)) is None:
            note_turned(work, campaign, _before_first(entry, handling.now))


def note_turned(work: Work, campaign: Campaign, until: datetime) -> None:
    """The audiences of a campaign have come in up to an instant, included, or were not meant to."""
    work.keep_bookmark(_audience(campaign), dumps({"done": utc(until).isoformat(), "after": ""}))


def turn_page(work: Work, handling: Handling) -> Sequence[Handled] | None:
    """One page of what is under way, and what followed; None if nothing is. Raises CustomerFailed."""
    newest = handling.shop.newest
    turns: list[Callable[[Work, Handling], Sequence[Handled] | None]] = [
        *(partial(_occurrence, campaign=each) for each in newest),
        _defined,
        *(partial(_members, campaign=each) for each in newest),
    ]
    return next((page for turn in turns if (page := turn(work, handling)) is not None), None)


def _defined(work: Work, handling: Handling) -> Sequence[Handled] | None:
    """Judge everybody by definitions that are others than the last ones, so that time finds them. Each process does so
    by its own: while a release replaces another, both are at work."""
    name = _defined_by(handling.shop)
    begun = _read(work, name) or {"after": "", "ended": False}
    if begun["ended"]:
        return None
    ids = work.customers(begun["after"], PAGE)
    lived = handling.live_all(work, ids)
    ended = len(ids) < PAGE
    work.keep_bookmark(name, dumps({"after": "" if ended else ids[-1], "ended": ended}))
    return lived if ids else None


def _defined_by(shop: Shop) -> str:
    return f"defined/{shop.definitions}"


def _occurrence(work: Work, handling: Handling, campaign: Campaign) -> Sequence[Handled] | None:
    entry = campaign.entry
    if not isinstance(entry, Once | Recurring):
        return None
    begun = _read(work, _audience(campaign))
    if begun is None:
        begun = {"done": _before_first(entry, handling.now).isoformat(), "after": ""}
    due = occurrences(campaign, datetime.fromisoformat(begun["done"]), handling.now)
    if not due:
        return None
    occurrence = due[-1] if begun["after"] == "" else _under_way(due, begun)  # of those missed, the last alone
    ids = work.customers(begun["after"], PAGE)
    lived = handling.live_all(work, ids, partial(_choose, handling, entry, occurrence))
    ended = len(ids) < PAGE
    at = occurrence.at.isoformat()
    done = {"done": at, "after": ""} if ended else {**begun, "after": ids[-1], "at": at}
    work.keep_bookmark(_audience(campaign), dumps(done))
    return lived


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
        life.pass_time(handling.now)  # they came in at the occurrence, whenever somebody gets round to it


def _members(work: Work, handling: Handling, campaign: Campaign) -> Sequence[Handled] | None:
    entry = campaign.entry
    if not isinstance(entry, Enters) or not entry.backfill:
        return None
    name = f"{BACKFILL}/{campaign.key}/{campaign.version}"
    begun = _read(work, name) or {"after": "", "ended": False}
    if begun["ended"]:
        return None
    ids = work.members(entry.segment, begun["after"], PAGE)
    lived = handling.live_all(work, ids, lambda life: life.tell([Chosen(BACKFILL)], handling.now))
    ended = len(ids) < PAGE  # what has ended keeps nobody's name
    work.keep_bookmark(name, dumps({"after": "" if ended else ids[-1], "ended": ended}))
    return lived if ids else None


def _read(work: Work, name: str) -> Any:
    found = work.bookmark(name, lock=True)
    return None if found is None else loads(found)


def _before_first(entry: Once | Recurring, now: datetime) -> datetime:
    """A campaign that recurs begins with the first occurrence after it was first seen; one that is once is never late,
    not even when it is moved to an earlier day."""
    return _LONG_AGO if isinstance(entry, Once) else utc(now) - TICK
