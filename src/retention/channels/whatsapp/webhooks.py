"""What WhatsApp reports: receipts of messages sent, and what customers write.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, new
from typing import Final, final

from attrs import field, frozen

from retention.channels.errors import ForgedWebhook, MalformedWebhook
from retention.channels.payloads import fields, header, instant, items, read_json, text
from retention.channels.protocol import Receipt, Status
from retention.channels.secrets import require_shared
from retention.channels.whatsapp.codes import FAILURES

_STATUSES: Final[dict[str, Status]] = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}


@final
@frozen(kw_only=True)
class Inbound:
    """A message that a customer wrote. It opens 24 hours in which the shop may write freely. ``text`` is None of a
    picture and the like."""

    id: str
    address: str = field(repr=False)
    at: datetime
    text: str | None = field(repr=False)


def answer_challenge(query: Mapping[str, str], *, verify_token: str) -> str | None:
    """What to answer the GET by which Meta verifies a webhook's address; None if it does not know the token. Raises
    ConfigurationError for a token of the shop's under 16 characters."""
    require_shared(verify_token, "the verify_token")
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    if query.get("hub.mode") != "subscribe" or not compare_digest(given, verify_token.encode()):
        return None
    return query.get("hub.challenge")


def read_inbound(
    app_secret: str, headers: Mapping[str, str], body: bytes, *, phone_number_id: str
) -> Sequence[Inbound]:
    """What customers wrote to that number. Raises ForgedWebhook and MalformedWebhook, and ConfigurationError for a
    secret under 16 characters."""
    return [
        _inbound(fields(each))
        for value in _values(app_secret, headers, body, phone_number_id)
        for each in items(value.get("messages"))
    ]


def read_receipts(
    app_secret: str, headers: Mapping[str, str], body: bytes, *, phone_number_id: str
) -> Sequence[Receipt]:
    """What became of messages from that number. Raises ForgedWebhook and MalformedWebhook."""
    found = (
        _receipt(fields(each))
        for value in _values(app_secret, headers, body, phone_number_id)
        for each in items(value.get("statuses"))
    )
    return [each for each in found if each is not None]


def _values(app_secret: str, headers: Mapping[str, str], body: bytes, number: str) -> Iterator[Mapping[str, object]]:
    """The parts about one number: a webhook may carry several, and an address serve several numbers."""
    _require_signature(require_shared(app_secret, "the app_secret"), headers, body)
    whole = read_json(body)
    if not isinstance(whole, dict) or whole.get("object") != "whatsapp_business_account":
        raise MalformedWebhook("the webhook is not of a WhatsApp Business account")
    for entry in items(whole.get("entry")):
        for change in items(fields(entry).get("changes")):
            value = fields(fields(change).get("value"))
            if text(fields(value.get("metadata")).get("phone_number_id")) == number:
                yield value


def _require_signature(app_secret: str, headers: Mapping[str, str], body: bytes) -> None:
    given = (header(headers, "X-Hub-Signature-256") or "").encode("utf-8", "replace")
    expected = f"sha256={new(app_secret.encode(), body, sha256).hexdigest()}".encode()
    if not compare_digest(given, expected):
        raise ForgedWebhook("the webhook's signature is missing or wrong", hint="Give the body's bytes as they came")


def _receipt(status: Mapping[str, object]) -> Receipt | None:
    """None of a status that is no step of a message's way, such as a voice message's being played."""
    id, at, name = text(status.get("id")), instant(status.get("timestamp")), text(status.get("status"))
    if not id or at is None or not name:
        raise MalformedWebhook("a status without an id, a name or a time")
    if name not in _STATUSES:
        return None
    codes = [text(fields(each).get("code")) for each in items(status.get("errors"))]
    reasons = (FAILURES[each].suppress for each in codes if each in FAILURES)
    suppress = next((each for each in reasons if each is not None), None)
    return Receipt(
        provider_id=id,
        status=_STATUSES[name],
        at=at,
        suppress=suppress is not None,
        suppress_as=suppress or "hard bounce",
        code=codes[0] if codes else None,
    )


def _inbound(message: Mapping[str, object]) -> Inbound:
    id, at, address = text(message.get("id")), instant(message.get("timestamp")), text(message.get("from"))
    if not id or at is None or not address:
        raise MalformedWebhook("a message without an id, a sender or a time")
    written = fields(message.get("text")).get("body")
    return Inbound(id=id, address=address, at=at, text=written if isinstance(written, str) else None)
