"""A line of proof as the facts that rules read."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import assert_never

from attrs import evolve

from retention.activity import ConsentEvent
from retention.permission.media import Medium
from retention.permission.person import Consent
from retention.spans import utc

_MEDIA = sorted({each.consent for each in Medium})


def facts_of(consent: Consent) -> list[ConsentEvent]:
    """One for its medium; of a withdrawal of all, one for each. None of what waits to be confirmed, nor of a withdrawal
    of one topic, which leaves the medium."""
    if consent.act == "pending" or (consent.act == "withdrawn" and consent.scope == "topic"):
        return []
    media = _MEDIA if consent.scope == "all" else [consent.medium]
    return [_fact(consent, medium) for medium in media]


def stands(consents: Iterable[Consent], line: Consent) -> bool:
    """Whether that withdrawal was made before and nothing that it would end was agreed to since."""
    lines = [*consents]
    made = [utc(each.at) for each in lines if _says_the_same(each, line)]
    return bool(made) and not any(utc(each.at) > max(made) and _is_ended_by(line, each) for each in lines)


def _says_the_same(one: Consent, other: Consent) -> bool:
    same = ("act", "scope", "purpose", "topic", *(["medium"] if other.scope == "medium" else []))
    return all(getattr(one, name) == getattr(other, name) for name in same)


def _is_ended_by(refusal: Consent, line: Consent) -> bool:
    if line.act == "withdrawn":
        return False
    match refusal.scope:
        case "all":
            return True
        case "medium":
            return line.medium == refusal.medium
        case "topic":
            return line.topic == refusal.topic
        case _:
            assert_never(refusal.scope)


def confirmation(asked: Consent, at: datetime, *, source: str, method: str) -> Consent:
    """That the customer meant it: of the very words that they were asked to agree to."""
    return evolve(asked, act="confirmed", at=max(utc(at), utc(asked.at)), source=source, method=method, by=None)


def not_before(consents: Iterable[Consent], line: Consent) -> Consent:
    """A withdrawal that comes after all that is known, whatever clock noted that: it may be ahead of ours."""
    return evolve(line, at=max([utc(line.at), *(utc(each.at) for each in consents)]))


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
