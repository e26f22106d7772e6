"""The hash chain of an account whose entries must be seen not to have been changed: each entry carries the hash of
the one before it."""

from collections.abc import Iterable

from retention.loyalty.ledger.digests import digest
from retention.loyalty.ledger.entries import Entry

__all__ = ["digest", "first_break"]


def first_break(entries: Iterable[Entry], previous: str = "") -> int | None:
    """The ``seq`` of the first entry that does not follow from the one before it, None if all do. ``previous`` is the
    hash of the entry before the first, "" at the beginning of an account."""
    for entry in entries:
        if entry.previous != previous:
            return entry.seq
        previous = digest(entry)
    return None
