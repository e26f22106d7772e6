"""What others send, read with care: headers in any case, bodies of a size, JSON of no promised shape."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from retention.channels.errors import MalformedWebhook

_LARGEST: Final = 1_048_576  # bytes of a webhook's body


def header(headers: Mapping[str, str], name: str) -> str | None:
    """The header of that name, in whatever case it was written."""
    wanted = name.lower()
    return next((value for each, value in headers.items() if each.lower() == wanted), None)


def read_json(body: bytes) -> object:
    """A webhook's body, of at most 1 MiB; ask only once its signature has been found right. Raises MalformedWebhook."""
    if len(body) > _LARGEST:
        raise MalformedWebhook(f"a webhook of {len(body):,} bytes", hint=f"At most {_LARGEST:,} are read")
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedWebhook("a webhook that is not JSON") from None  # the cause would show the body
    return found


def fields(value: object) -> Mapping[str, object]:
    """A JSON object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """A JSON array; empty for anything else."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """A JSON string, or a number as one; empty for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant with its zone, or seconds since 1970, in UTC."""
    written = text(value)
    try:
        if written.isascii() and written.isdigit():
            return datetime.fromtimestamp(int(written), UTC)
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        return None
