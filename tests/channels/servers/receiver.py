"""A shop's own system that takes signed webhooks, each once, and signs receipts in return."""

import json
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from retention.channels.errors import ForgedWebhook
from retention.channels.protocol import Receipt
from retention.channels.signatures import sign, verify
from retention.testing.channels import Trouble, Webhook
from retention.testing.messages import NOW
from tests.channels.servers.local import HangUp, LocalServer, Reply, Request, Silence

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT_SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
REMEMBERS: Final = timedelta(days=1)

_TROUBLE: Final[dict[Trouble, int]] = {"refuse": 422, "refuse for now": 429, "answer nonsense": 500}


class Receiver(LocalServer):
    """``secret`` is the one it knows. ``whole`` are replies, used up in order."""

    def __init__(self, secret: str = SECRET) -> None:
        super().__init__(self._answer)
        self.secret = secret
        self.taken: dict[str, str] = {}
        self.whole: deque[Reply | HangUp | Silence] = deque()
        self._troubles: dict[str, Trouble] = {}

    @property
    def accepted(self) -> Sequence[str]:
        return list(self.taken.values())

    def will(self, trouble: Trouble, address: str) -> None:
        self._troubles[address] = trouble

    def report(self, receipt: Receipt, *, now: datetime) -> Webhook:
        told = {
            "id": receipt.provider_id,
            "status": receipt.status,
            "at": receipt.at.isoformat(),
            "suppress": receipt.suppress,
            "suppress_as": receipt.suppress_as,
        }
        return self._signed({"receipts": [told]}, now)

    def nonsense(self, *, now: datetime) -> Webhook:
        return self._signed({"receipts": [{"canary-7f3a": 1}]}, now)

    def _signed(self, whole: object, now: datetime) -> Webhook:
        body = json.dumps(whole).encode()
        return Webhook(sign([self.secret], id="r-1", at=now, body=body), body)

    def _answer(self, request: Request) -> Reply | HangUp | Silence:
        try:
            id = verify([self.secret], request.headers, request.body, now=NOW)
        except ForgedWebhook:
            return Reply(401)
        if self.whole:
            return self.whole.popleft()
        address = self.url + request.path
        trouble = self._troubles.pop(address, None)
        if trouble in _TROUBLE:
            return Reply(_TROUBLE[trouble])
        self.taken.setdefault(id, address)
        return HangUp() if trouble == "lose the answer" else Reply(204)
