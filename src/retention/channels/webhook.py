"""Messages to a shop's own systems, as signed webhooks over HTTP. Needs the extra ``http``.

The protocol is Standard Webhooks 1.0. A receiver answers 2xx for a message that it has taken, now or before, and knows
it by its ``webhook-id``.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.util import find_spec
from typing import assert_never, get_args

from retention.channels.batches import require_batch
from retention.channels.errors import InvalidAddress, MalformedWebhook
from retention.channels.payloads import fields, instant, items, read_json, text
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Status, SuppressAs, Unknown
from retention.channels.signatures import require_secret, sign, verify
from retention.errors import ConfigurationError, MissingExtra
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason

if find_spec("httpx") is None:
    raise MissingExtra("retention.channels.webhook", "httpx", "http")

import httpx

from retention.channels.exchange import TIMEOUT, Answer, Wire, by_status, is_protected, retry_after


class WebhookChannel:
    """Posts each message to the https address that it is for.

    ``secrets`` are one, or two while the second replaces the first; each as ``whsec_`` and base64. ``remembers`` is how
    long the receivers keep the ids that they have taken, if they do.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        id: str = "webhook",
        medium: Medium = Medium.WEBHOOK,
        remembers: timedelta | None = None,
        client: httpx.Client | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        if isinstance(secrets, str) or not 1 <= len(secrets) <= 2:
            raise ConfigurationError("a webhook is signed with one secret, or with two", hint="Give secrets=[...]")
        self.id = id
        self.capabilities = Capabilities(medium=medium, idempotent_for=remembers, receipts=frozenset(get_args(Status)))
        self._secrets = tuple(map(require_secret, secrets))
        self._wire = Wire(client, timeout) if client else Wire(timeout=timeout)

    def __repr__(self) -> str:
        return f"WebhookChannel(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        try:
            url = httpx.URL(address)
            host = url.host  # decoded here
        except (httpx.InvalidURL, UnicodeError):
            raise _unfit() from None  # the cause would show the address
        if not host or not is_protected(url) or url.userinfo or url.fragment:
            raise _unfit()
        return str(url)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._send(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        """Receipts that a receiver sends, signed with the same secrets: ``{"receipts": [{"id", "status", "at"}]}``."""
        verify(self._secrets, headers, body, now=now)
        receipts = fields(read_json(body)).get("receipts")
        if not isinstance(receipts, list):
            raise MalformedWebhook("the webhook holds no list of receipts", hint="Send {'receipts': [...]}")
        return [_receipt(each) for each in items(receipts)]

    def _send(self, message: Outbound) -> Outcome:
        try:
            url = self.validate_address(message.address)
        except InvalidAddress:
            return Rejected(reason="not an https address that a webhook can go to")
        id = webhook_id(message.key)
        body = _body(message, id)
        headers = {
            "content-type": "application/json",
            "idempotency-key": id,
            **sign(self._secrets, id=id, at=message.sent_at, body=body),
        }
        answer = self._wire.post(url, headers=headers, body=body)
        match answer:
            case Answer():
                return _outcome(answer, id)
            case Rejected() | Unknown():
                return answer
            case _:
                assert_never(answer)


def webhook_id(key: str) -> str:
    """What receivers know a message by: the same for each attempt, and nothing can be read from it."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _outcome(answer: Answer, id: str) -> Outcome:
    """By the protocol, what is not 2xx was not taken; what a server or gateway says in distress may be either."""
    status = answer.status
    if 200 <= status < 300:
        return Accepted(id)
    if status in (408, 425):
        return Rejected(reason="asked to come again", retry_after=retry_after(answer), code=str(status))
    if status == 410:
        return Rejected(reason="the receiver is gone", suppress=True, code="410")
    if 300 <= status < 500 and status != 429:
        return Rejected(reason="not taken", code=str(status))
    return by_status(answer)


def _body(message: Outbound, id: str) -> bytes:
    """The same bytes at each attempt, so that receivers may compare them."""
    content = message.content
    data = {
        "recipient": message.recipient,
        "kind": message.kind.value,
        "medium": message.medium.value,
        "expires_at": message.expires_at.isoformat(),
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "template": content.template,
        "variables": dict(content.variables),
        "buttons": [{"label": each.label, "kind": each.kind, "url": each.url} for each in content.buttons],
    }
    return json.dumps({"type": "message", "id": id, "data": data}, separators=(",", ":")).encode()


def _receipt(given: object) -> Receipt:
    parts = fields(given)
    id, at = text(parts.get("id")), instant(parts.get("at"))
    status = next((each for each in get_args(Status) if each == parts.get("status")), None)
    if not id or at is None or status is None:
        raise MalformedWebhook(
            "a receipt without an id, a known status or an instant",
            hint=f"status is one of {', '.join(get_args(Status))}",
        )
    suppress, reason = parts.get("suppress") is True, parts.get("suppress_as", "hard bounce")
    suppress_as = next((each for each in get_args(SuppressAs) if each == reason), None)
    if suppress_as is None:
        raise MalformedWebhook(
            "a receipt that suppresses for no known reason",
            hint=f"suppress_as is one of {', '.join(get_args(SuppressAs))}",
        )
    return Receipt(provider_id=id, status=status, at=at, suppress=suppress, suppress_as=suppress_as)


def _unfit() -> InvalidAddress:
    return InvalidAddress(
        "this is not an address that a webhook can go to",
        hint="Give https://host/path, without a user's name, password or #",
    )
