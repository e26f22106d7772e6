"""Signatures of webhooks, as Standard Webhooks 1.0 defines them (https://www.standardwebhooks.com).

Signed is ``id.timestamp.body`` with HMAC-SHA-256. Needs no extra, so that a receiver can verify with the core alone.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, new
from typing import Final

from retention.channels.errors import ForgedWebhook
from retention.channels.payloads import header
from retention.errors import ConfigurationError
from retention.spans import utc

TOLERANCE: Final = timedelta(minutes=5)
"""How far a receiver's clock and a signature's time may be apart."""

_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24  # bytes of a secret; the standard's least
_MOST: Final = 8  # signatures of one request that are looked at; two secrets need two


def sign(secrets: Sequence[str], *, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers. Two secrets sign twice, so that either will do for a receiver while one replaces the other."""
    seconds = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_signature(_key(each), id, seconds, body)}" for each in secrets)
    return {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures}


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of a webhook that one of ``secrets`` signed; ``body`` is the bytes as they came.

    Takes the same time whichever signature is right. The time may be off by ``tolerance`` either way, that much
    included. Within it a webhook can come twice, so remember the id for twice as long. Raises ForgedWebhook.
    """
    id, seconds = header(headers, "webhook-id") or "", header(headers, "webhook-timestamp") or ""
    given = [
        each.removeprefix("v1,").encode("utf-8", "replace")
        for each in (header(headers, "webhook-signature") or "").split(" ")[:_MOST]
        if each.startswith("v1,")
    ]
    expected = [_signature(_key(each), id, seconds, body).encode() for each in secrets]
    matches = [compare_digest(one, other) for one in expected for other in given]  # all, so that time tells nothing
    if not any(matches) or not id:
        raise ForgedWebhook("the webhook's signature is missing or wrong", hint="Verify the body's bytes as they came")
    if not _is_near(seconds, now, tolerance):
        raise ForgedWebhook("the webhook was signed too long ago, or ahead of its time", hint="Check both clocks")
    return id


def require_secret(secret: str) -> str:
    """A secret as the standard writes it: ``whsec_`` and 24 or more bytes in base64. Raises ConfigurationError."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) < _SHORTEST:
        raise ConfigurationError(
            "a secret for signing is not 24 or more bytes in base64",
            hint="Make one: 'whsec_' + base64.b64encode(secrets.token_bytes(32)).decode()",
        )
    return secret


def _key(secret: str) -> bytes:
    return b64decode(require_secret(secret).removeprefix(_PREFIX))


def _signature(key: bytes, id: str, seconds: str, body: bytes) -> str:
    signed = f"{id}.{seconds}.".encode("utf-8", "replace") + body
    return b64encode(new(key, signed, sha256).digest()).decode()


def _is_near(seconds: str, now: datetime, tolerance: timedelta) -> bool:
    try:
        at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return abs(utc(now) - at) <= tolerance
