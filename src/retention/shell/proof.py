"""A line of proof as the facts that rules read."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from attrs import evolve

from retention.activity import ConsentEvent
from retention.permission.media import Medium
from retention.permission.person import Consent
from retention.shell.tokens import Claim
from retention.spans import utc
from retention.storage.shop.port import Work

_MEDIA = sorted({each.consent for each in Medium})


def facts_of(consent: Consent) -> list[ConsentEvent]:
    """One for its medium; of a withdrawal of all, one for each. None of what waits to be confirmed, nor of a withdrawal
    of one topic, which leaves the medium."""
    if consent.act == "pending" or (consent.act == "withdrawn" and consent.scope == "topic"):
        return []
    media = _MEDIA if consent.scope == "all" else [consent.medium]
    return [_fact(consent, medium) for medium in media]


def stands(consents: Iterable[Consent], line: Consent) -> bool:
    """Whether that very withdrawal was made before and nothing was agreed to since."""
    ordered = sorted(consents, key=lambda each: utc(each.at))  # of one instant, what was told last is the latest
    same = ("medium", "act", "scope", "topic", "purpose")
    return bool(ordered) and all(getattr(ordered[-1], name) == getattr(line, name) for name in same)


def withdrawal(medium: Medium, topic: str | None, at: datetime, *, source: str) -> Consent:
    """No more of that topic by any medium, or of anything by that medium if there is none."""
    return Consent(
        medium=medium.consent,
        act="withdrawn",
        at=at,
        source=source,
        method="one-click",
        scope="medium" if topic is None else "topic",
        topic=topic,
    )


def unsubscribed(work: Work, claim: Claim, at: datetime) -> Consent | None:
    """The withdrawal that a token means; None if it stands already, or the customer was erased meanwhile: nobody is
    written to then, and nobody is made anew."""
    line = withdrawal(claim.medium, claim.topic, at, source="message")
    if not work.shoppers([claim.customer]):  # and locked: what is read next does not change
        return None
    known = work.consents([claim.customer]).get(claim.customer, ())
    if stands(known, line):
        return None
    latest = max((utc(each.at) for each in known), default=at)  # noted by a clock that is ahead of ours
    return evolve(line, at=max(at, latest))


def _fact(consent: Consent, medium: str) -> ConsentEvent:
    said = (medium, consent.purpose, consent.act, consent.at.isoformat(), consent.source, consent.topic or "")
    digest = sha256("\0".join(said).encode()).hexdigest()
    return ConsentEvent(
        f"consent-{digest[:16]}",
        consent.at,
        channel=medium,
        given=consent.act != "withdrawn",
        purpose=consent.purpose,
        source=consent.source,
        wording=consent.wording_version or consent.wording,
    )
