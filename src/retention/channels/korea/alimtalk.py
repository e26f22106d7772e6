"""Alimtalk: information by KakaoTalk, in templates that Kakao has approved."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.channels.batches import require_batch
from retention.channels.korea.account import BATCH, SolapiAccount
from retention.channels.korea.numbers import mobile
from retention.channels.protocol import Outcome, Receipt, Rejected
from retention.permission.capabilities import Capabilities, Length
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Draft, Outbound
from retention.permission.verdicts import Reason


class SolapiAlimtalk:
    """``channel`` is the pfId of the shop's KakaoTalk channel. A message names its template and gives the variables.

    SOLAPI could send an SMS in the place of a failed message by itself. It is told not to: a text in another medium has
    to pass the gate. ``fallback`` names the channels that may take its place instead.
    """

    def __init__(
        self, account: SolapiAccount, *, channel: str, id: str = "alimtalk", fallback: tuple[str, ...] = ("sms",)
    ) -> None:
        self.id = id
        self.capabilities = Capabilities(
            medium=Medium.ALIMTALK,
            kinds=frozenset(MessageKind) - {MessageKind.MARKETING},
            needs_template=True,
            length=Length(1_000, "characters"),
            buttons=5,
            receipts=frozenset({"sent", "delivered", "failed", "bounced"}),
            batch=BATCH,
            fallback=fallback,
        )
        self._account = account
        self._channel = channel

    def __repr__(self) -> str:
        return f"SolapiAlimtalk(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return mobile(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return unfit_buttons(draft.content.buttons)

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return self._account.send(batch, self._written)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return self._account.parse_webhook(headers, body, now=now)

    def _written(self, message: Outbound) -> dict[str, object] | Rejected:
        content = message.content
        if content.template is None:
            return Rejected(reason="Alimtalk takes approved templates only")
        options: dict[str, object] = {
            "pfId": self._channel,
            "templateId": content.template,
            "variables": {_marked(name): value for name, value in content.variables.items()},
            "disableSms": True,
        }
        if content.buttons:
            options["buttons"] = [_button(each) for each in content.buttons]
        return {"to": mobile(message.address), "type": "ATA", "kakaoOptions": options}


def unfit_buttons(buttons: Sequence[Button]) -> list[Reason]:
    """Kakao's limits of a button: at most 14 characters on it, and an address where its kind opens one."""
    source = "https://github.com/solapi/documents, api-reference/message-status-codes.md, 1044 and 1049"
    return [
        Reason("kakao-button", f"button {place} {words}", source)
        for place, each in enumerate(buttons, start=1)
        for words, wrong in (
            ("says more than 14 characters", len(each.label) > 14),
            ("opens no address", each.kind in ("WL", "AL") and not each.url),
        )
        if wrong
    ]


def _marked(name: str) -> str:
    return name if name.startswith("#{") else f"#{{{name}}}"


def _button(button: Button) -> dict[str, str | None]:
    parts: dict[str, str | None] = {"buttonName": button.label, "buttonType": button.kind}
    match button.kind:
        case "WL":
            return parts | {"linkMo": button.url, "linkPc": button.url}
        case "AL":
            return parts | {"linkAnd": button.url, "linkIos": button.url}
        case _:
            return parts
