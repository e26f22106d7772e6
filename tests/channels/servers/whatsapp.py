"""Speaks the Cloud API's protocol: checks the token, lengths, the 24 hours and the templates, keeps messages,
reports."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import new
from typing import Any, Final

from retention.channels.protocol import Receipt
from retention.testing.channels import Trouble, Webhook
from tests.channels.servers.local import HangUp, LocalServer, Reply, Request, Silence

TOKEN: Final = "EAAG-access-token-4711"
APP_SECRET: Final = "app-secret-4711-of-32-hex-digits"
NUMBER: Final = "106540352242922"
LONGEST: Final = 4_096  # of a text, in characters
TEMPLATES: Final[Mapping[tuple[str, str], set[str]]] = {
    ("order_sent", "ko"): {"name", "parcel"},
    ("by_place", "en_US"): {"1", "2"},
}

_TROUBLE: Final[dict[Trouble, tuple[int, int]]] = {
    "refuse": (400, 131026),
    "refuse for now": (429, 130429),
    "answer nonsense": (400, 999_999),
}


class WhatsApp(LocalServer):
    """``windows_shut`` are numbers that wrote more than 24 hours ago. ``whole`` are replies, used up in order."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.messages: dict[str, dict[str, Any]] = {}
        self.windows_shut: set[str] = set()
        self.whole: deque[Reply | HangUp | Silence] = deque()
        self._troubles: dict[str, Trouble] = {}

    @property
    def accepted(self) -> Sequence[str]:
        return [each["to"] for each in self.messages.values()]

    def will(self, trouble: Trouble, address: str) -> None:
        self._troubles[address] = trouble

    def report(self, receipt: Receipt, *, now: datetime) -> Webhook:
        errors = [] if receipt.code is None else [{"code": int(receipt.code), "title": "…"}]
        status = {
            "id": receipt.provider_id,
            "status": receipt.status,
            "timestamp": str(int(receipt.at.timestamp())),
            "recipient_id": "821000000001",
            "errors": errors,
        }
        return signed(about({"statuses": [status]}))

    def nonsense(self, *, now: datetime) -> Webhook:
        return signed({"canary-7f3a": []})

    def _answer(self, request: Request) -> Reply | HangUp | Silence:
        if request.headers.get("authorization") != f"Bearer {TOKEN}" or request.path != f"/{NUMBER}/messages":
            return error(401, 190)
        if self.whole:
            return self.whole.popleft()
        return self._take(json.loads(request.body))

    def _take(self, message: dict[str, Any]) -> Reply | HangUp:
        trouble = self._troubles.pop(message["to"], None)
        if trouble in _TROUBLE:
            return error(*_TROUBLE[trouble])
        if (wrong := self._wrong(message)) is not None:
            return error(400, wrong)
        id = f"wamid.{len(self.messages)}"
        self.messages[id] = message
        if trouble == "lose the answer":
            return HangUp()
        return Reply(body=json.dumps({"messaging_product": "whatsapp", "messages": [{"id": id}]}).encode())

    def _wrong(self, message: dict[str, Any]) -> int | None:
        if message["type"] == "text" and len(message["text"]["body"]) > LONGEST:
            return 100
        if message["type"] == "text":
            return 131047 if message["to"] in self.windows_shut else None
        template = message["template"]
        wanted = TEMPLATES.get((template["name"], template["language"]["code"]))
        if wanted is None:
            return 132001
        [body] = template.get("components", [{"parameters": []}])
        given = {each.get("parameter_name", str(place)) for place, each in enumerate(body["parameters"], start=1)}
        return None if given == wanted else 132000


def error(status: int, code: int, headers: Mapping[str, str] | None = None, date: str | None = None) -> Reply:
    body = {"error": {"message": f"(#{code}) …", "type": "OAuthException", "code": code, "fbtrace_id": "x"}}
    return Reply(status, json.dumps(body).encode(), headers or {}, date)


def about(value: Mapping[str, object], number: str = NUMBER) -> dict[str, object]:
    """The envelope around what happened at one of the shop's numbers."""
    inner = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": inner}]}],
    }


def signed(whole: object) -> Webhook:
    body = json.dumps(whole).encode()
    return Webhook({"X-Hub-Signature-256": f"sha256={new(APP_SECRET.encode(), body, sha256).hexdigest()}"}, body)
