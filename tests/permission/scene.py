"""A shop, its customers and its messages, lawful unless a test says otherwise."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from retention.permission import (
    Allowed,
    ApprovedTemplate,
    Capabilities,
    Consent,
    Content,
    Deferred,
    Draft,
    Medium,
    MessageKind,
    Person,
    Policy,
    Refused,
    Sender,
    Sent,
    Trade,
    Verdict,
    permit,
)

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 23, 12, tzinfo=SEOUL)
"""A Monday at noon in Korea."""

SENDER = Sender(name="Haneul", contact="02-555-0100", postal_address="1 Sejong-daero, Seoul", refusal="080-123-4567")
POLICY = Policy(
    sender=SENDER,
    country="KR",
    templates=(ApprovedTemplate("T1", "#{name}님, 주문하신 상품이 출발했습니다."),),
)
UNSUBSCRIBE = "https://shop.example/u/token"

TEXT = "(광고)Haneul 겨울 할인 02-555-0100\n무료수신거부 080-123-4567"
"""Lawful in Korea."""

EVERYWHERE = f"(광고)Haneul sale, 02-555-0100, 1 Sejong-daero, Seoul\n{UNSUBSCRIBE}\n무료수신거부 080-123-4567"
"""Lawful in every country."""

CONTENTS = {
    Medium.EMAIL: Content(text=EVERYWHERE, subject="(광고) Haneul sale"),
    Medium.ALIMTALK: Content(text="미나님, 주문하신 상품이 출발했습니다.", template="T1", variables={"name": "미나"}),
}


def capabilities(medium: Medium, **changed: Any) -> Capabilities:
    return Capabilities(**{"medium": medium, **changed})


def draft(medium: Medium = Medium.SMS, kind: MessageKind = MessageKind.MARKETING, **changed: Any) -> Draft:
    parts: dict[str, Any] = {
        "key": "m-1",
        "kind": kind,
        "channel": medium.value,
        "customer": "c-1",
        "recipient": "r-1",
        "address": "+821012345678",
        "content": CONTENTS.get(medium, Content(text=EVERYWHERE)),
        "planned_at": datetime(2000, 1, 1, tzinfo=UTC),
        "expires_at": datetime(2100, 1, 1, tzinfo=UTC),
        "unsubscribe": UNSUBSCRIBE,
    }
    return Draft(**(parts | changed))


def consent(
    medium: str = "sms", act: str = "given", at: datetime = NOON - timedelta(days=90), **changed: Any
) -> Consent:
    parts: dict[str, Any] = {"medium": medium, "act": act, "at": at, "source": "sign-up form", "method": "checkbox"}
    return Consent(**(parts | changed))


CONSENTS = tuple(
    consent(medium, at=datetime(2001, 1, 1, tzinfo=UTC)) for medium in sorted({each.consent for each in Medium})
)
"""To marketing by every medium, not to the night."""


def person(**changed: Any) -> Person:
    parts: dict[str, Any] = {"country": "KR", "zone": "Asia/Seoul", "consents": CONSENTS}
    return Person(**(parts | changed))


def trade(ended_at: datetime, **changed: Any) -> Trade:
    parts: dict[str, Any] = {"collected_directly": True, "topics": None, "could_refuse": True}
    return Trade(ended_at=ended_at, **(parts | changed))


def sent(at: datetime, medium: Medium = Medium.SMS, **changed: Any) -> Sent:
    parts: dict[str, Any] = {"channel": medium.value, "kind": MessageKind.MARKETING}
    return Sent(at=at, medium=medium, **(parts | changed))


def ask(
    message: Draft | None = None,
    to: Person | None = None,
    *,
    by: Capabilities | None = None,
    now: datetime = NOON,
    policy: Policy = POLICY,
    **more: Any,
) -> Verdict:
    """The gate's answer about a message, by a channel of the medium it is named for."""
    message = message or draft()
    channel = by or capabilities(Medium(message.channel))
    return permit(message, channel, to or person(), policy=policy, now=now, **more)


def codes(verdict: Verdict) -> tuple[str, ...]:
    """Why not; nothing for what may go."""
    return () if isinstance(verdict, Allowed) else tuple(each.code for each in verdict.reasons)


def refused(verdict: Verdict) -> tuple[str, ...]:
    assert isinstance(verdict, Refused)
    return codes(verdict)


def until(verdict: Verdict) -> datetime:
    assert isinstance(verdict, Deferred)
    return verdict.until


def sources(verdict: Verdict) -> str:
    reasons: Iterable[Any] = () if isinstance(verdict, Allowed) else verdict.reasons
    return "; ".join(each.source or "" for each in reasons)
