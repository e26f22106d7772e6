"""Speaks SOLAPI's protocol: checks signatures, senders, lengths and templates, keeps messages, reports."""

import json
import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from hmac import new
from typing import Any, Final

from retention.channels.protocol import Receipt
from retention.testing.channels import Trouble, Webhook
from retention.testing.messages import NOW
from tests.channels.servers.local import HangUp, LocalServer, Reply, Request, Silence

API_KEY: Final = "NCSEXAMPLEKEY"
API_SECRET: Final = "api-secret-4711-of-an-account"
WEBHOOK_SECRET: Final = "webhook-secret-4711"
SENDER: Final = "029302266"
TEMPLATE: Final = "KA01TP-sent"
CHANNEL: Final = "KA01PF-shop"

_AUTHORIZATION = re.compile(r"HMAC-SHA256 apiKey=(\S+), date=(\S+), salt=(\S+), signature=([0-9a-f]{64})")
_TROUBLE: Final[dict[Trouble, str]] = {"refuse": "3010", "refuse for now": "2024", "answer nonsense": "9999"}
_STATUS_CODES: Final = {"sent": "3000", "delivered": "4000", "failed": "3041", "bounced": "3032"}


class Solapi(LocalServer):
    """``now`` is what its clock shows. ``whole`` are replies to whole requests, used up in order."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.now = NOW
        self.messages: dict[str, dict[str, Any]] = {}
        self.whole: deque[Reply | HangUp | Silence] = deque()
        self._signatures: set[str] = set()
        self._troubles: dict[str, Trouble] = {}

    @property
    def accepted(self) -> Sequence[str]:
        return [each["to"] for each in self.messages.values()]

    def will(self, trouble: Trouble, address: str) -> None:
        self._troubles[address] = trouble

    def report(self, receipt: Receipt, *, now: datetime) -> Webhook:
        at = receipt.at.isoformat().replace("+00:00", ".000Z")
        data = {"messageId": receipt.provider_id, "statusCode": _STATUS_CODES[receipt.status], "dateReceived": at}
        return signed(json.dumps([{"eventDataId": "e-1", "data": data, "retryCount": 0}]).encode())

    def nonsense(self, *, now: datetime) -> Webhook:
        return signed(b'{"canary-7f3a": "no list"}')

    def _answer(self, request: Request) -> Reply | HangUp | Silence:
        if (wrong := self._distrust(request.headers.get("authorization", ""))) is not None:
            return _error(403, wrong)
        if self.whole:
            return self.whole.popleft()
        if request.method == "GET":
            return self._list(request)
        return self._take(json.loads(request.body)["messages"])

    def _distrust(self, authorization: str) -> str | None:
        found = _AUTHORIZATION.fullmatch(authorization)
        if found is None or found[1] != API_KEY:
            return "InvalidAPIKey"
        _, date, salt, signature = found.groups()
        if (
            new(API_SECRET.encode(), (date + salt).encode(), sha256).hexdigest() != signature
            or not 12 <= len(salt) <= 64
        ):
            return "SignatureDoesNotMatch"
        if abs(datetime.fromisoformat(date) - self.now) > timedelta(minutes=15):
            return "RequestTimeTooSkewed"
        if signature in self._signatures:
            return "DuplicatedSignature"
        self._signatures.add(signature)
        return None

    def _take(self, messages: list[dict[str, Any]]) -> Reply | HangUp:
        told: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        lost = False
        for each in messages:
            trouble = self._troubles.pop(each["to"], None)
            lost = lost or trouble == "lose the answer"
            code = _TROUBLE.get(trouble, "2000") if trouble else _wrong(each) or "2000"
            entry = {"messageId": f"M4V{len(self.messages)}", "statusCode": code, "customFields": each["customFields"]}
            (told if code == "2000" else failed).append(entry)
            if code == "2000":
                self.messages[entry["messageId"]] = {**each, "statusCode": code, "dateUpdated": _iso(self.now)}
        if lost:
            return HangUp()
        return Reply(body=json.dumps({"failedMessageList": failed, "messageList": told, "groupInfo": {}}).encode())

    def _list(self, request: Request) -> Reply:
        id = request.query["messageId"]
        found = {id: self.messages[id]} if id in self.messages else {}
        return Reply(body=json.dumps({"messageList": found, "limit": 20}).encode())


def signed(body: bytes) -> Webhook:
    return Webhook({"X-Solapi-Secret": sha1(WEBHOOK_SECRET.encode()).hexdigest()}, body)


def error(status: int, code: str) -> Reply:
    return _error(status, code)


def _error(status: int, code: str) -> Reply:
    return Reply(status, json.dumps({"errorCode": code, "errorMessage": "설명"}).encode())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wrong(message: dict[str, Any]) -> str | None:
    """The status code of what is wrong with a message, by SOLAPI's table."""
    if not re.fullmatch(r"01[016789][0-9]{7,8}", message["to"]):
        return "3010"
    return _wrong_text(message) if message["type"] in ("SMS", "LMS") else _wrong_kakao(message)


def _wrong_text(message: dict[str, Any]) -> str | None:
    if message["from"] != SENDER:
        return "1062"
    try:
        size = len(message["text"].encode("cp949"))
    except UnicodeEncodeError:
        return "1029"
    if message["type"] == "SMS" and "subject" in message:
        return "1013"
    return "1031" if size > {"SMS": 90, "LMS": 2_000}[message["type"]] else None


def _wrong_kakao(message: dict[str, Any]) -> str | None:
    options = message["kakaoOptions"]
    if options["pfId"] != CHANNEL:
        return "1041"
    if message["type"] == "BMS_FREE":
        return None if options["bms"]["targeting"] in "IMN" and message["text"] else "1010"
    if options["templateId"] != TEMPLATE:
        return "1042"
    return None if set(options["variables"]) == {"#{name}"} and options["disableSms"] is True else "1043"
