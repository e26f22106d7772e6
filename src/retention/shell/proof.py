"""A line of proof as the facts that rules read."""

from hashlib import sha256

from retention.activity import ConsentEvent
from retention.permission.media import Medium
from retention.permission.person import Consent

_MEDIA = sorted({each.consent for each in Medium})


def facts_of(consent: Consent) -> list[ConsentEvent]:
    """One for its medium; of a withdrawal of all, one for each. None of what waits to be confirmed, nor of a withdrawal
    of one topic, which leaves the medium."""
    if consent.act == "pending" or (consent.act == "withdrawn" and consent.scope == "topic"):
        return []
    media = _MEDIA if consent.scope == "all" else [consent.medium]
    return [_fact(consent, medium) for medium in media]


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
