"""Messages by WhatsApp: free text within 24 hours of the customer's last message, approved templates at any time.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, assert_never

import httpx

from retention.channels.batches import require_batch
from retention.channels.errors import InvalidAddress
from retention.channels.exchange import TIMEOUT, Answer, Wire, require_protected
from retention.channels.payloads import fields, items, text
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.channels.secrets import require_shared
from retention.channels.whatsapp.codes import refused
from retention.channels.whatsapp.numbers import international, is_north_american
from retention.channels.whatsapp.webhooks import Inbound, read_inbound, read_receipts
from retention.permission.capabilities import Capabilities, Length
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Draft, Outbound
from retention.permission.verdicts import Reason

_NOT_TO_AMERICA: Final = "WhatsApp delivers no marketing templates to numbers of the United States"
_SOURCE: Final = "https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-features-whatsapp-templates.md"
_TEMPLATE_CODE: Final = "the template's code is its name and its language, such as order_sent/ko"


class WhatsAppChannel:
    """``phone_number_id`` is Meta's id of the shop's number, ``app_secret`` signs its webhooks.

    A template's code is its name and its language, as Meta approves them: ``order_sent/ko``. Raises ConfigurationError
    for a secret under 16 characters.
    """

    def __init__(
        self,
        *,
        phone_number_id: str,
        access_token: str,
        app_secret: str,
        id: str = "whatsapp",
        base_url: str = "https://graph.facebook.com/v23.0",
        client: httpx.Client | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self.id = id
        self.capabilities = Capabilities(
            medium=Medium.WHATSAPP,
            length=Length(4_096, "characters"),
            receipts=frozenset({"sent", "delivered", "read", "failed"}),
            per_second=80.0,  # Meta's throughput of a number that it has not raised
        )
        self._number = phone_number_id
        self._token = access_token
        self._app_secret = require_shared(app_secret, "the app_secret of WhatsAppChannel")
        self._url = f"{require_protected(base_url)}/{phone_number_id}/messages"
        self._wire = Wire(client, timeout) if client else Wire(timeout=timeout)

    def __repr__(self) -> str:
        return f"WhatsAppChannel(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return international(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        found = []
        if draft.content.template is not None and _template(draft.content) is None:
            found.append(Reason("whatsapp-template-code", _TEMPLATE_CODE))
        if _is_marketing_to_america(draft):
            found.append(Reason("whatsapp-no-marketing-to-us", _NOT_TO_AMERICA, _SOURCE))
        return found

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._send(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return read_receipts(self._app_secret, headers, body, phone_number_id=self._number)

    def parse_inbound(self, headers: Mapping[str, str], body: bytes) -> Sequence[Inbound]:
        """What customers wrote; the same webhooks bring both. Raises as ``parse_webhook`` does."""
        return read_inbound(self._app_secret, headers, body, phone_number_id=self._number)

    def _send(self, message: Outbound) -> Outcome:
        body = _written(message)
        if isinstance(body, Rejected):
            return body
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        answer = self._wire.post(self._url, headers=headers, body=json.dumps(body).encode())
        match answer:
            case Answer():
                return _outcome(answer)
            case Rejected() | Unknown():
                return answer
            case _:
                assert_never(answer)


def _outcome(answer: Answer) -> Outcome:
    if answer.status != 200:
        return refused(answer)
    taken = items(answer.fields().get("messages"))
    id = text(fields(taken[0]).get("id")) if taken else ""
    return Accepted(id) if id else Unknown("WhatsApp took the request and named no message")


def _written(message: Outbound) -> dict[str, object] | Rejected:
    try:
        to = international(message.address)
    except InvalidAddress:
        return Rejected(reason="not a telephone number with a country's code")
    if _is_marketing_to_america(message):
        return Rejected(reason=_NOT_TO_AMERICA)
    body: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "biz_opaque_callback_data": sha256(message.key.encode("utf-8", "surrogatepass")).hexdigest(),
    }
    if message.content.template is None:
        return body | {"type": "text", "text": {"body": message.content.text, "preview_url": False}}
    template = _template(message.content)
    return Rejected(reason=_TEMPLATE_CODE) if template is None else body | {"type": "template", "template": template}


def _template(content: Content) -> dict[str, object] | None:
    """None if the code has no language. Variables called 1, 2, … are given by place, others by name."""
    name, _, language = (content.template or "").partition("/")
    if not name or not language:
        return None
    template: dict[str, object] = {"name": name, "language": {"code": language}}
    if content.variables:
        template["components"] = [{"type": "body", "parameters": _parameters(content.variables)}]
    return template


def _parameters(variables: Mapping[str, str]) -> list[dict[str, str]]:
    if all(each.isdecimal() for each in variables):
        return [{"type": "text", "text": variables[each]} for each in sorted(variables, key=int)]
    return [{"type": "text", "parameter_name": name, "text": value} for name, value in variables.items()]


def _is_marketing_to_america(message: Draft | Outbound) -> bool:
    if message.kind is not MessageKind.MARKETING or message.content.template is None:
        return False
    try:
        return is_north_american(international(message.address))
    except InvalidAddress:
        return False
