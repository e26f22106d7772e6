"""An account with SOLAPI: requests that it signs, and the reports that come back.

Sources: https://github.com/solapi/documents (authentication/api-key.md, api-reference/messages) and the SDKs beside it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha1, sha256
from hmac import compare_digest, new
from typing import Final, TypeAlias, assert_never

import httpx

from retention.channels.errors import ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.exchange import TIMEOUT, Answer, Wire, require_protected
from retention.channels.korea.answers import MARK, outcomes, receipt, reported
from retention.channels.payloads import fields, header, read_json
from retention.channels.protocol import Outcome, Receipt, Rejected, Unknown
from retention.channels.secrets import require_shared
from retention.permission.messages import Outbound
from retention.spans import utc

BATCH: Final = 10_000
"""The most messages of one request."""

Write: TypeAlias = Callable[[Outbound], Mapping[str, object] | Rejected]
"""A message in SOLAPI's words, or why SOLAPI would refuse it. May raise InvalidAddress."""


class SolapiAccount:
    """What the texts, Alimtalk and brand messages of one account share.

    ``webhook_secret`` is the one given to SOLAPI beside the address that it reports to; without it every webhook is
    refused. Raises ConfigurationError for a secret under 16 characters.
    """

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        *,
        webhook_secret: str | None = None,
        base_url: str = "https://api.solapi.com",
        client: httpx.Client | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._api_key = api_key
        self._api_secret = require_shared(api_secret, "the api_secret of SolapiAccount")
        if webhook_secret is not None:
            require_shared(webhook_secret, "the webhook_secret of SolapiAccount")
        self._webhook_secret = webhook_secret
        self._base_url = require_protected(base_url)
        self._wire = Wire(client, timeout) if client else Wire(timeout=timeout)

    def __repr__(self) -> str:
        return "SolapiAccount()"

    def send(self, batch: Sequence[Outbound], write: Write) -> list[Outcome]:
        """One request for all that can be written; one outcome for each message, in order."""
        written = [_written(each, write) for each in batch]
        fit = [(message, body) for message, body in zip(batch, written, strict=True) if not isinstance(body, Rejected)]
        sent = iter(self._send([message for message, _ in fit], [body for _, body in fit]))
        return [body if isinstance(body, Rejected) else next(sent) for body in written]

    def report(self, provider_id: str, *, now: datetime) -> Receipt | None:
        """What has become of a message so far, for shops that webhooks cannot reach.

        None if SOLAPI has nothing to say of it, or cannot be asked just now.
        """
        url = httpx.URL(f"{self._base_url}/messages/v4/list", params={"messageId": provider_id})
        answer = self._wire.get(str(url), headers=self._signed(now, _hash(provider_id, now.isoformat())))
        match answer:
            case Answer():
                return receipt(fields(fields(answer.fields().get("messageList")).get(provider_id)), provider_id, now)
            case Rejected() | Unknown():
                return None
            case _:
                assert_never(answer)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        """The receipts in a SINGLE-REPORT. SOLAPI shows the SHA-1 of the secret and signs neither body nor time."""
        shown = (header(headers, "X-Solapi-Secret") or "").encode("utf-8", "replace")
        secret = self._webhook_secret
        if secret is None or not compare_digest(shown, sha1(secret.encode()).hexdigest().encode()):
            raise ForgedWebhook("the webhook does not show the secret", hint="Give webhook_secret= as set with SOLAPI")
        reports = read_json(body)
        if not isinstance(reports, list):
            raise MalformedWebhook("the webhook holds no list of reports")
        return [found for each in reports if (found := reported(each, now)) is not None]

    def _send(self, messages: Sequence[Outbound], bodies: Sequence[Mapping[str, object]]) -> list[Outcome]:
        if not messages:
            return []
        marks = [_hash(each.key) for each in messages]
        body = {
            "messages": [
                {**body, "autoTypeDetect": False, "customFields": {MARK: mark}}
                for body, mark in zip(bodies, marks, strict=True)
            ],
            "allowDuplicates": True,  # two messages to one number are two messages
            "showMessageList": True,
        }
        salt = _hash(*(f"{each.key} {each.attempt}" for each in messages))
        answer = self._wire.post(
            f"{self._base_url}/messages/v4/send-many/detail",
            headers={"content-type": "application/json", **self._signed(max(each.sent_at for each in messages), salt)},
            body=json.dumps(body).encode(),
        )
        return outcomes(answer, marks)

    def _signed(self, at: datetime, salt: str) -> dict[str, str]:
        """Holds for 15 minutes around ``at``, and once: the salt differs between requests of one instant."""
        date = utc(at).isoformat(timespec="milliseconds")
        signature = new(self._api_secret.encode(), f"{date}{salt}".encode(), sha256).hexdigest()
        told = f"apiKey={self._api_key}, date={date}, salt={salt}, signature={signature}"
        return {"authorization": f"HMAC-SHA256 {told}"}


def _written(message: Outbound, write: Write) -> Mapping[str, object] | Rejected:
    try:
        return write(message)
    except InvalidAddress:
        return Rejected(reason="not a Korean mobile number")


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
