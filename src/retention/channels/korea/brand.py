"""Brand messages: advertising by KakaoTalk, to friends of the shop's channel or to those who consented."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Literal

from retention.channels.batches import require_batch
from retention.channels.korea.account import BATCH, SolapiAccount
from retention.channels.korea.alimtalk import unfit_buttons
from retention.channels.korea.numbers import mobile
from retention.channels.protocol import Outcome, Receipt
from retention.permission.capabilities import Capabilities, Length, SendWindow
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Draft, Outbound
from retention.permission.verdicts import Reason


class SolapiBrandMessage:
    """``channel`` is the pfId of the shop's KakaoTalk channel.

    ``targeting``: I reaches those who are friends of the channel; M those who consented to the shop's advertising, N
    those of them who are no friends. M and N need Kakao's approval of the channel.
    """

    def __init__(
        self,
        account: SolapiAccount,
        *,
        channel: str,
        targeting: Literal["I", "M", "N"] = "I",
        id: str = "brand-message",
        fallback: tuple[str, ...] = ("sms",),
    ) -> None:
        kinds = frozenset({MessageKind.MARKETING})
        self.id = id
        self.capabilities = Capabilities(
            medium=Medium.BRAND_MESSAGE,
            kinds=kinds,
            length=Length(1_300, "characters"),
            buttons=5,
            window=SendWindow(time(8), time(20, 50), "Asia/Seoul", kinds),
            receipts=frozenset({"sent", "delivered", "failed", "bounced"}),
            batch=BATCH,
            fallback=fallback,
            friends_only=targeting == "I",
        )
        self._account = account
        self._channel = channel
        self._targeting = targeting

    def __repr__(self) -> str:
        return f"SolapiBrandMessage(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return mobile(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return unfit_buttons(draft.content.buttons)

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return self._account.send(batch, self._written)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return self._account.parse_webhook(headers, body, now=now)

    def _written(self, message: Outbound) -> dict[str, object]:
        bms: dict[str, object] = {"targeting": self._targeting, "chatBubbleType": "TEXT"}
        if message.content.buttons:
            bms["buttons"] = [_button(each) for each in message.content.buttons]
        return {
            "to": mobile(message.address),
            "type": "BMS_FREE",
            "text": message.content.text,
            "kakaoOptions": {"pfId": self._channel, "bms": bms, "disableSms": True},
        }


def _button(button: Button) -> dict[str, str | None]:
    parts: dict[str, str | None] = {"name": button.label, "linkType": button.kind}
    match button.kind:
        case "WL":
            return parts | {"linkMobile": button.url, "linkPc": button.url}
        case "AL":
            return parts | {"linkAndroid": button.url, "linkIos": button.url}
        case _:
            return parts
