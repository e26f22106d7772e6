"""The effects of steps, with keys that are the same however often and whenever they are decided."""

from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias, assert_never

from retention.campaigns.campaign import Campaign
from retention.campaigns.case import Case
from retention.campaigns.contents import about
from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Run
from retention.campaigns.steps import AskStaff, Call, GiveCoupon, GivePoints, Send, Tag
from retention.loyalty.keys import joined

Doing: TypeAlias = Send | GiveCoupon | GivePoints | Tag | AskStaff | Call


def effect_key(campaign: Campaign, run: Run, customer: str) -> str:
    """Which effect it is: of campaign and version, step, subject, run and lap, customer; never of a time or attempt."""
    who = nameless(customer)
    return joined(campaign.key, str(campaign.version), run.step, run.subject, str(run.number), str(run.laps), who)


def nameless(customer: str) -> str:
    """A customer in a key: keys outlive erasure, and an id may be an address."""
    return sha256(b"customer\0" + customer.encode()).hexdigest()[:20]


def carried(case: Case, campaign: Campaign, run: Run, step: Doing, at: datetime) -> Effect:
    """What the step wants done at ``at``."""
    key = effect_key(campaign, run, case.profile.customer.id)
    match step:
        case Send():
            return _message(case, campaign, run, step, at, key)
        case GiveCoupon(coupon=coupon, valid_for=span):
            return IssueCoupon(key=key, coupon=coupon, expires_at=None if span is None else case.later(at, span))
        case GivePoints(programme=programme, amount=amount, valid_for=span):
            expires_at = None if span is None else case.later(at, span)
            return GrantPoints(key=key, programme=programme, amount=amount, expires_at=expires_at)
        case Tag(tag=tag, remove=remove):
            return SetTag(key=key, tag=tag, remove=remove)
        case AskStaff(topic=topic, words=words):
            return OpenTicket(key=key, topic=topic, words=words)
        case Call(hook=hook, data=data):
            return CallHook(key=key, hook=hook, data={**_context(case, run, at), **data})
        case _:
            assert_never(step)


def _message(case: Case, campaign: Campaign, run: Run, step: Send, at: datetime, key: str) -> SendMessage:
    return SendMessage(
        key=key,
        campaign=campaign.key,
        version=campaign.version,
        step=step.id,
        kind=step.kind or campaign.kind,
        template=step.template,
        channels=step.channels,
        planned_at=at,
        expires_at=case.later(at, step.expires),
        topic=step.topic or campaign.topic,
        tags=campaign.tags,
        priority=campaign.priority,
        on_unknown=step.on_unknown,
        asked_for=step.asked_for,
        subject=run.subject,
        data={**_context(case, run, at), **step.data},
    )


def _context(case: Case, run: Run, at: datetime) -> dict[str, Any]:
    """What began the run. The step's own data win over it."""
    fact = about(case.profile.until(at), run.fact)
    return {"subject": run.subject, **({"fact": fact} if fact else {})}
