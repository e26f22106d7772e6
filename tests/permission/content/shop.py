"""A small Korean shop that writes to its customers: what tests of contents are about."""

from datetime import UTC, datetime
from typing import Any

from retention.permission.capabilities import Capabilities, Length
from retention.permission.content import ContentRules
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Draft
from retention.permission.policy import Policy, Sender

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)  # noon in Seoul
LINK = "https://shop.example/u/abc"

KOREA = ContentRules(
    text_label="(광고)",
    subject_label="(광고)",
    texts=frozenset({"sender name", "contact", "refusal"}),
    email=frozenset({"sender name", "contact", "unsubscribe link"}),
    refusal_words=("무료수신거부", "무료거부"),
    unsubscribe_words="수신거부",
    source="Network Act art. 50(4)",
)
AMERICA = ContentRules(
    texts=frozenset({"sender name"}),
    email=frozenset({"sender name", "postal address", "unsubscribe link"}),
    source="15 U.S.C. 7704(a)(5)",
)
SINGAPORE = ContentRules(subject_label="<ADV> ", email=frozenset({"sender name", "unsubscribe link"}))
NOWHERE = ContentRules()

SENDER = Sender(
    name="봄상점", contact="02-123-4567", postal_address="1 Main Street\nSpringfield", refusal="080-123-4567"
)
POLICY = Policy(sender=SENDER, country="KR")

SMS = Capabilities(medium=Medium.SMS, length=Length(90, "bytes in cp949"), encoding="cp949")
LMS = Capabilities(medium=Medium.SMS, length=Length(2_000, "bytes in cp949"), encoding="cp949")
EMAIL = Capabilities(medium=Medium.EMAIL)
ALIMTALK = Capabilities(medium=Medium.ALIMTALK, needs_template=True, buttons=5)


def a_draft(content: Content, kind: MessageKind = MessageKind.MARKETING, **said: Any) -> Draft:
    return Draft(
        key="k",
        kind=kind,
        channel="c",
        customer="c-1",
        recipient="r-1",
        address="010",
        content=content,
        planned_at=NOW,
        expires_at=NOW,
        **said,
    )
