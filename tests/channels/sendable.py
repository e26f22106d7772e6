"""Messages as a channel gets them, also such as the gate would stop: a channel has to stand those too."""

from datetime import datetime, timedelta

from retention.permission._seal import Seal
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Draft, Outbound
from retention.testing.messages import NOW


def sendable(
    key: str = "m-1",
    *,
    to: str,
    medium: Medium,
    content: Content | None = None,
    kind: MessageKind = MessageKind.TRANSACTIONAL,
    attempt: int = 1,
    sent_at: datetime = NOW,
) -> Outbound:
    return Outbound(
        key=key,
        recipient=f"r-{key}",
        address=to,
        content=content or Content(text="주문하신 상품이 출발했습니다."),
        kind=kind,
        medium=medium,
        expires_at=NOW + timedelta(days=1),
        sent_at=sent_at,
        attempt=attempt,
        seal=Seal(),
    )


def draft(
    *, to: str, channel: str, content: Content, kind: MessageKind = MessageKind.TRANSACTIONAL, key: str = "m-1"
) -> Draft:
    return Draft(
        key=key,
        kind=kind,
        channel=channel,
        customer="c-1",
        recipient="r-1",
        address=to,
        content=content,
        planned_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
