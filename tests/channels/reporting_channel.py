"""A channel with webhooks that keeps the contract: what the kit is tested on."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from retention.channels.errors import ForgedWebhook, MalformedWebhook
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Receipt
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.testing.channels import Webhook

SECRET = b"of the provider and the shop"
_OFTEN = frozenset({"sent", "delivered", "failed"})


class ReportingChannel(MemoryChannel):
    def __init__(self) -> None:
        capabilities = Capabilities(
            medium=Medium.PUSH, batch=3, idempotent_for=timedelta(days=1), can_query=True, receipts=_OFTEN
        )
        super().__init__("reporting", capabilities)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        given = next((value for name, value in headers.items() if name.lower() == "x-signature"), "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), signature(body).encode()):
            raise ForgedWebhook("the signature is not the provider's")
        return read(body)


def read(body: bytes) -> Sequence[Receipt]:
    try:
        told = json.loads(body)
        at = datetime.fromisoformat(told["at"])
        return [Receipt(provider_id=told["id"], status=told["status"], at=at)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise MalformedWebhook("this is no report") from None


def signature(body: bytes) -> str:
    return hmac.new(SECRET, body, "sha256").hexdigest()


class Signer:
    """The provider's side of it."""

    def report(self, receipt: Receipt, *, now: datetime) -> Webhook:
        told = {"id": receipt.provider_id, "status": receipt.status, "at": receipt.at.isoformat()}
        return _signed(json.dumps(told).encode())

    def nonsense(self, *, now: datetime) -> Webhook:
        return _signed(b'{"canary-7f3a": 1}')


def _signed(body: bytes) -> Webhook:
    return Webhook({"X-Signature": signature(body), "Content-Type": "application/json"}, body)
