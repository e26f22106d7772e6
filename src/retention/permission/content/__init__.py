"""What a message says: whether it shows what the law asks for, and whether the platform can carry it."""

from retention.permission.capabilities import Capabilities
from retention.permission.content.approved import filled, mismatch, variables
from retention.permission.content.dressing import dressed
from retention.permission.content.email import automatic_headers, checked_headers, may_answer, one_click_headers
from retention.permission.content.fitting import unapproved, unfit
from retention.permission.content.lengths import (
    KOREAN_LMS,
    KOREAN_SMS,
    Segments,
    UnencodableCharacter,
    mapped,
    measure,
    segments,
    unencodable,
)
from retention.permission.content.rules import ContentRules, Shown
from retention.permission.content.showing import unshown
from retention.permission.media import MessageKind
from retention.permission.messages import Draft
from retention.permission.policy import Policy
from retention.permission.verdicts import Reason

__all__ = [
    "KOREAN_LMS",
    "KOREAN_SMS",
    "ContentRules",
    "Segments",
    "Shown",
    "UnencodableCharacter",
    "automatic_headers",
    "checked_headers",
    "dressed",
    "filled",
    "mapped",
    "may_answer",
    "measure",
    "mismatch",
    "one_click_headers",
    "problems",
    "segments",
    "unencodable",
    "variables",
]


def problems(
    draft: Draft, capabilities: Capabilities, policy: Policy, rules: ContentRules, country: str | None = None
) -> tuple[Reason, ...]:
    """Everything for which the draft may not go out by that channel as it is written, all at once.

    ``rules`` are those of the recipient's ``country`` (None: the policy's own) at the instant of sending.
    """
    found = [*unfit(draft.content, capabilities), *unapproved(draft, capabilities, policy)]
    if draft.kind is MessageKind.MARKETING:
        found += unshown(
            draft.content,
            capabilities.medium,
            rules=rules,
            sender=policy.sender_in(country),
            unsubscribe=draft.unsubscribe,
        )
    return tuple(dict.fromkeys(found))
