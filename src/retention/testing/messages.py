"""Messages for the tests of channels, let through by the gate as the engine's are."""

from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from attrs import evolve

from retention.errors import ConfigurationError
from retention.permission.capabilities import Capabilities
from retention.permission.content import dressed
from retention.permission.gate import permit
from retention.permission.jurisdictions import SHIPPED
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Draft, Outbound
from retention.permission.person import Consent, Person
from retention.permission.policy import ApprovedTemplate, Policy, Sender
from retention.permission.verdicts import Allowed, Deferred, Refused

NOW: Final = datetime(2026, 3, 3, 3, tzinfo=UTC)
"""Noon of a Tuesday in Seoul."""

_SENDER: Final = Sender(name="Shop", contact="02-123-4567", postal_address="1 Road, Seoul", refusal="080-123-4567")


def outbound(
    key: str = "m-1",
    *,
    to: str = "anna@example.com",
    medium: Medium = Medium.EMAIL,
    capabilities: Capabilities | None = None,
    kind: MessageKind = MessageKind.TRANSACTIONAL,
    content: Content | None = None,
    attempt: int = 1,
) -> Outbound:
    """A message of a Korean shop that may be sent now, by ``medium`` or by a channel of these ``capabilities``.

    The customer has consented to everything, and a template that the content names is approved. Marketing gets its
    label and footer. Raises ConfigurationError, with the gate's reasons, for what the gate refuses all the same.
    """
    capable = capabilities or Capabilities(medium=medium)
    given = content or Content(text="Your order is on its way.", subject="Your order")
    return _permitted(_draft(key, to, kind, _dressed(given, kind, capable.medium)), capable, attempt, NOW)


def _permitted(draft: Draft, capabilities: Capabilities, attempt: int, now: datetime) -> Outbound:
    """By the gate, as soon as it opens."""
    person = _willing(capabilities.medium, draft.channel, now)
    verdict = permit(draft, capabilities, person, policy=_policy(draft.content), now=now, attempt=attempt)
    match verdict:
        case Allowed(message):
            return message
        case Deferred(until):
            return _permitted(evolve(draft, expires_at=until + timedelta(days=1)), capabilities, attempt, until)
        case Refused(reasons):
            raise ConfigurationError(
                f"the gate refuses this message: {', '.join(each.code for each in reasons)}",
                hint="Give a kind and a content that fit the channel's capabilities",
            )
        case _:
            assert_never(verdict)


def _draft(key: str, to: str, kind: MessageKind, content: Content) -> Draft:
    return Draft(
        key=key,
        kind=kind,
        channel="under-test",
        customer="c-1",
        recipient=f"r-{key}",
        address=to,
        content=content,
        planned_at=NOW,
        expires_at=NOW + timedelta(days=1),
        unsubscribe="https://shop.example/unsubscribe/7f3a",
    )


def _dressed(content: Content, kind: MessageKind, medium: Medium) -> Content:
    rules = SHIPPED.of("KR").content(NOW.date())
    link = "https://shop.example/unsubscribe/7f3a"
    return dressed(content, kind, medium, rules=rules, sender=_SENDER, unsubscribe=link)


def _policy(content: Content) -> Policy:
    if content.template is None:
        return Policy(sender=_SENDER, country="KR")
    approved = ApprovedTemplate(content.template, content.text, frozenset(MessageKind), content.buttons)
    return Policy(sender=_SENDER, country="KR", templates=(approved,))


def _willing(medium: Medium, channel: str, now: datetime) -> Person:
    """A customer who consented to everything by this medium, by day and by night, and wrote to the shop just now."""
    given = (
        Consent(medium=medium.consent, purpose=purpose, act="given", at=now, source="a form", method="a box ticked")
        for purpose in ("marketing", "night")
    )
    return Person(
        country="KR",
        zone="Asia/Seoul",
        consents=tuple(given),
        wrote={medium: now},
        friend_of=frozenset({channel}),
    )
