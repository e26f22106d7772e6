"""The hash chain of an account whose entries must be seen not to have been changed: each entry carries the hash of
the one before it."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from attrs import asdict

from retention.loyalty.ledger.entries import Entry


def digest(entry: Entry) -> str:
    """The SHA-256 of all that an entry says, in hexadecimal; the same in every process and version."""
    said = {name: value for name, value in asdict(entry, value_serializer=_plain).items() if value not in (None, [])}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def first_break(entries: Iterable[Entry], previous: str = "") -> int | None:
    """The ``seq`` of the first entry that does not follow from the one before it, None if all do. ``previous`` is the
    hash of the entry before the first, "" at the beginning of an account."""
    for entry in entries:
        if entry.previous != previous:
            return entry.seq
        previous = digest(entry)
    return None


def _plain(_: object, __: object, value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value
