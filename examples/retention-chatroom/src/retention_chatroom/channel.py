"""A channel that posts to incoming webhooks: ``POST /hooks/<token>`` with ``{"text": …}``, answered by ``ok``."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from retention.channels import Accepted, ForgedWebhook, InvalidAddress, Outcome, Receipt, Rejected, Unknown
from retention.channels.batches import require_batch
from retention.permission import Capabilities, Draft, Length, Medium, Outbound, Reason

TOKEN = re.compile(r"[a-z0-9]{26}")
EVERYBODY = re.compile(r"@(all|channel|here)\b")


def refusal(status: int, retry_after: str | None) -> Outcome:
    """What an answer other than 200 means."""
    if status in (404, 410):
        return Rejected(reason="the room is gone", suppress=True, code=str(status))
    if status in (400, 403, 413):
        return Rejected(reason="the chat server refused the message", code=str(status))
    if status in (429, 503):
        seconds = int(retry_after) if retry_after is not None and re.fullmatch(r"\d{1,5}", retry_after) else 60
        return Rejected(reason="the chat server is busy", retry_after=timedelta(seconds=seconds), code=str(status))
    return Unknown(f"the chat server answered {status}")


class NoRedirects(HTTPRedirectHandler):
    """The token is in the address: nobody else gets it."""

    def redirect_request(self, *_: Any) -> None:
        return None


class ChatroomChannel:
    """Posts to the customer's room on one chat server; ``address`` is the token of the room's webhook."""

    def __init__(self, server: str, *, id: str = "chatroom", timeout: timedelta = timedelta(seconds=10)) -> None:
        self.id = id
        self.capabilities = Capabilities(medium=Medium.WEBHOOK, length=Length(16_383, "characters"))
        self._server = server.rstrip("/")
        self._timeout = timeout.total_seconds()
        self._opener = build_opener(NoRedirects)

    def validate_address(self, address: str) -> str:
        if not TOKEN.fullmatch(address):
            raise InvalidAddress("this is not a room's token", hint="Give the 26 characters after /hooks/")
        return address

    def check(self, draft: Draft) -> Sequence[Reason]:
        if EVERYBODY.search(draft.content.text):
            return [Reason("mentions-everybody", "the text calls everybody in the room")]
        return []

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._post(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        raise ForgedWebhook("chat servers report nothing, so nobody signs for them")

    def _post(self, message: Outbound) -> Outcome:
        body = json.dumps({"text": message.content.text}).encode()
        url = f"{self._server}/hooks/{self.validate_address(message.address)}"
        request = Request(url, body, {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Accepted(message.key) if answer.status == 200 else refusal(answer.status, None)
        except HTTPError as error:
            with error:
                return refusal(error.code, error.headers.get("Retry-After"))
        except URLError:  # raised while the request is written, so it did not leave
            return Rejected(reason="the chat server cannot be reached", retry_after=timedelta(minutes=1))
        except (OSError, HTTPException):  # raised while the answer is read
            return Unknown("the chat server did not answer")
