"""What receipts add up to. They come late, twice and in any order; what is known of a message moves only forward.

    queued -> sent -> failed -> delivered -> read

Each receipt says how far a message has come at least, and the farthest counts. ``failed`` stands before ``delivered``
because a message that arrived has arrived, whatever else is reported; so a failure is final unless delivered. The sum
is a greatest element, so neither order nor doubles matter to it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never, final, get_args

from attrs import evolve, frozen

from retention.channels.protocol import Receipt, Status, SuppressAs
from retention.spans import utc

Stage: TypeAlias = Literal["queued", "sent", "failed", "delivered", "read"]
"""How far a message has come, from the nearest to the farthest."""

Mark: TypeAlias = Literal["bounced", "complained", "unsubscribed", "clicked"]
"""What happened besides, which is no stage of its own."""

Identity: TypeAlias = tuple[str, str, Status, datetime]

_RANK: Final = {stage: rank for rank, stage in enumerate(get_args(Stage))}


_LONGEST_NAME: Final = 500


def is_name(given: object) -> bool:
    """Whether a provider's name of a message can be kept: what cannot be printed, NUL and halves of surrogate pairs
    among it, cannot."""
    return isinstance(given, str) and 0 < len(given) <= _LONGEST_NAME and given.isprintable()


@final
@frozen
class Progress:
    """What is known of one message. ``since`` is when it came this far, by its earliest receipt; None while queued.

    ``suppress`` is why this address is not written to again.
    """

    stage: Stage = "queued"
    since: datetime | None = None
    marks: frozenset[Mark] = frozenset()
    suppress: frozenset[SuppressAs] = frozenset()


def after(progress: Progress, receipts: Iterable[Receipt]) -> Progress:
    """What is known when these receipts have come too; the same whatever their order and however often each comes.

    They must be of one message. Raises NaiveInstant.
    """
    for receipt in receipts:
        progress = _joined(progress, receipt)
    return progress


def identity(channel: str, receipt: Receipt) -> Identity:
    """What two reports of the same thing have in common: channel, provider's id, status, instant (UTC)."""
    return channel, receipt.provider_id, receipt.status, utc(receipt.at, "at")


def distinct(channel: str, receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """The receipts of one channel without doubles, in the order in which each came first."""
    found: dict[Identity, Receipt] = {}
    for receipt in receipts:
        found.setdefault(identity(channel, receipt), receipt)
    return tuple(found.values())


def _joined(progress: Progress, receipt: Receipt) -> Progress:
    stage, mark = _meaning(receipt.status)
    at = utc(receipt.at, "at")
    marks = progress.marks | {mark} if mark else progress.marks
    suppress = progress.suppress | {receipt.suppress_as} if receipt.suppress else progress.suppress
    kept = evolve(progress, marks=marks, suppress=suppress)
    if stage is None or _RANK[stage] < _RANK[kept.stage]:
        return kept
    if stage == kept.stage and kept.since is not None:
        at = min(at, kept.since)
    return evolve(kept, stage=stage, since=at)


def _meaning(status: Status) -> tuple[Stage | None, Mark | None]:
    """A complaint is of something that arrived, a click of something that was read. Whoever unsubscribes may have done
    so because of another message."""
    match status:
        case "sent" | "delivered" | "read" | "failed":
            return status, None
        case "bounced":
            return "failed", "bounced"
        case "complained":
            return "delivered", "complained"
        case "clicked":
            return "read", "clicked"
        case "unsubscribed":
            return None, "unsubscribed"
        case _:
            assert_never(status)
