"""Mail that comes back: delivery status notifications (RFC 3464), read as receipts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser, Parser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

from retention.channels.protocol import Receipt, Status
from retention.channels.secrets import require_key
from retention.channels.smtp.names import is_own
from retention.channels.smtp.replies import NO_SUCH_MAILBOX
from retention.spans import utc

_Mail: TypeAlias = "Message[str, str]"

_READ: Final = 256 * 1024  # bytes: the report and the headers of what came back stand at the beginning
_RETURNED: Final = frozenset({"message/rfc822", "message/global"})
_RETURNED_HEADERS: Final = frozenset({"text/rfc822-headers", "message/global-headers"})
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ID: Final = re.compile(r"\s*<([!-;=?-~]{1,500})>\s*")
_ACTIONS: Final[dict[str, Status]] = {
    "failed": "bounced",
    "delivered": "delivered",
    "relayed": "sent",
    "expanded": "sent",
}


def read_bounces(mail: bytes, *, secret: bytes, now: datetime) -> tuple[Receipt, ...]:
    """What a mail from the bounce mailbox reports; nothing if it is any other mail, a warning of a delay, cannot be
    read, or says that a mail came back that a channel with this ``secret`` never wrote.

    ``provider_id`` is the Message-ID of what came back. ``at`` is when the server last tried, ``now`` if it does not
    say or says later. Who has seen a mail's Message-ID can write such a report of that mail, and of no other. Raises
    NaiveInstant, and ConfigurationError for a secret under 32 bytes.
    """
    require_key(secret, "the secret of read_bounces")
    at = utc(now, "now")
    try:
        report = BytesParser(policy=compat32).parsebytes(mail[:_READ])
    except RecursionError:  # parts within parts within parts
        return ()
    if report.get_content_type() != "multipart/report":
        return ()
    parts = _inner(report)
    id = next(filter(None, map(_returned_id, parts)), None)
    blocks = (block for part in parts for block in _recipients(part))
    return tuple(_receipts(id, blocks, at)) if id and is_own(id, secret) else ()


def _returned_id(part: _Mail) -> str | None:
    """The Message-ID of the mail that came back, if this part has it."""
    kind = part.get_content_type()
    if kind in _RETURNED:
        returned = _inner(part)
    elif kind in _RETURNED_HEADERS:
        returned = [Parser(policy=compat32).parsestr(_text(part), headersonly=True)]
    else:
        returned = []
    found = [_ID.fullmatch(_field(each, "Message-ID")) for each in returned]
    return found[0][1] if found and found[0] else None


def _recipients(part: _Mail) -> Iterator[_Mail]:
    """The blocks of a report that are of one recipient each; the first is of the whole message."""
    if part.get_content_type() == "message/delivery-status":
        yield from _inner(part)[1:]


def _receipts(id: str, blocks: Iterator[_Mail], now: datetime) -> Iterator[Receipt]:
    for block in blocks:
        status = _ACTIONS.get(_field(block, "Action").strip().lower())
        if status is not None:
            found = _STATUS.search(_field(block, "Status"))
            code = found[0] if found else None
            at = min(now, _instant(_field(block, "Last-Attempt-Date"), now))
            gone = status == "bounced" and code in NO_SUCH_MAILBOX
            yield Receipt(provider_id=id, status=status, at=at, suppress=gone, code=code)


def _instant(date: str, otherwise: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(date)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return otherwise


def _inner(mail: _Mail) -> list[_Mail]:
    """The parts of it, if it has any."""
    parts = mail.get_payload()
    return [each for each in parts if isinstance(each, Message)] if isinstance(parts, list) else []


def _field(mail: _Mail, name: str) -> str:
    return str(mail.get(name, ""))


def _text(part: _Mail) -> str:
    """The decoded text of a part; of one that is a message, the headers that it begins with."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload.decode("utf-8", "replace")
    return "".join(map(str, _inner(part)))
