"""Texts to Korean mobile telephones: SMS up to 90 bytes, LMS up to 2,000, counted in CP949."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from retention.channels.batches import require_batch
from retention.channels.korea.account import BATCH, SolapiAccount
from retention.channels.korea.numbers import mobile, sender
from retention.channels.protocol import Outcome, Receipt, Rejected
from retention.permission.capabilities import Capabilities, Length
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason

_SHORT: Final = 90  # bytes of an SMS


class SolapiSms:
    """``sender_number`` is one that the account has registered.

    ``certified`` says whether SOLAPI, or whoever sends for it, holds the certificate for mass texts (Network Act art.
    50-3, in force since 1 October 2026); ask them.
    """

    def __init__(self, account: SolapiAccount, *, sender_number: str, certified: bool, id: str = "sms") -> None:
        self.id = id
        self.capabilities = Capabilities(
            medium=Medium.SMS,
            length=Length(2_000, "bytes in cp949"),
            subject_length=Length(40, "bytes in cp949"),
            encoding="cp949",
            receipts=frozenset({"sent", "delivered", "failed", "bounced"}),
            batch=BATCH,
            certified=certified,
        )
        self._account = account
        self._sender = sender(sender_number)

    def __repr__(self) -> str:
        return f"SolapiSms(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return mobile(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()  # its length and its characters are in the capabilities

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return self._account.send(batch, self._written)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return self._account.parse_webhook(headers, body, now=now)

    def _written(self, message: Outbound) -> dict[str, object] | Rejected:
        content = message.content
        try:
            size = len(content.text.encode("cp949"))
        except UnicodeEncodeError:
            return Rejected(reason="a character that CP949 does not have")
        body: dict[str, object] = {"to": mobile(message.address), "from": self._sender, "text": content.text}
        if content.subject is not None:  # only an LMS has one
            return body | {"type": "LMS", "subject": content.subject}
        return body | {"type": "SMS" if size <= _SHORT else "LMS"}
