"""What a customer's consents come to at an instant: a fold over the lines of proof, in whatever order they come.

- A consent is to a medium and a purpose, of one topic or of all (None).
- A withdrawal ends all that was given before it or at the same instant, as far as its scope goes: its medium; its
  topic, by every medium; all. That of marketing ends consents to the night too.
- A topic that was withdrawn comes back only by a consent to that topic.
- A consent to be confirmed counts once it was confirmed, in less than 7 days. With double opt-in every one is to be
  confirmed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, assert_never, final

from attrs import astuple, frozen

from retention.activity import ConsentEvent
from retention.permission.person import CONSENT_MEDIUM, PURPOSE, Consent, Purpose
from retention.spans import utc

CONFIRMED_WITHIN: Final = timedelta(days=7)

State: TypeAlias = Literal["none", "pending", "lapsed", "given", "confirmed", "withdrawn"]
Key: TypeAlias = tuple[str, Purpose, str | None]
"""Medium, purpose and topic."""


@final
@frozen
class Standing:
    """Where a consent stands. ``line`` is the proof of it, the latest line that decides; ``refusal`` the withdrawal
    that nothing has lifted since, whatever waits to be confirmed; ``lapses_at`` the instant at which a pending one
    lapses."""

    state: State
    line: Consent | None = None
    refusal: Consent | None = None
    lapses_at: datetime | None = None

    @property
    def holds(self) -> bool:
        return self.state in ("given", "confirmed")


def standing(
    consents: Iterable[Consent],
    *,
    medium: str,
    purpose: Purpose = "marketing",
    topic: str | None = None,
    now: datetime,
    double_opt_in: bool = False,
) -> Standing:
    """Where consent to messages of that topic stands at ``now``; lines later than it are not read.

    ``medium`` is the customer's word for it (``Medium.consent``), a topic of None one that no topic was given for.
    """
    at = utc(now)
    past = [each for each in consents if utc(each.at) <= at]
    refusals = [each for each in past if each.act == "withdrawn" and _reaches(each, medium, purpose, topic)]
    lines = [each for each in past if _speaks_of(each, medium, purpose, topic)]
    alive = [each for each in lines if not any(_ends(refusal, each, topic) for refusal in refusals)]
    return _decided(alive, _latest(refusals), at, double_opt_in)


def fold(consents: Iterable[Consent], *, now: datetime, double_opt_in: bool = False) -> Mapping[Key, Standing]:
    """Where everything stands that the lines name, in the order of the words: what a preference page shows."""
    lines = tuple(consents)
    keys = {(each.medium, each.purpose, each.topic) for each in lines}
    return {
        (medium, purpose, topic): standing(
            lines, medium=medium, purpose=purpose, topic=topic, now=now, double_opt_in=double_opt_in
        )
        for medium, purpose, topic in sorted(keys, key=lambda key: (key[0], key[1], key[2] or ""))
    }


def from_events(events: Iterable[ConsentEvent]) -> tuple[Consent, ...]:
    """The facts of a profile as lines of proof: each gives or withdraws a whole medium.

    Facts know no method (it is ``fact``), no version of the wording, no topic. Raises UnknownChoice for another
    purpose, or a channel that is no medium.
    """
    return tuple(map(_line, events))


def _line(event: ConsentEvent) -> Consent:
    return Consent(
        medium=CONSENT_MEDIUM(event.channel, "ConsentEvent.channel"),
        purpose=PURPOSE(event.purpose, "ConsentEvent.purpose"),
        act="given" if event.given else "withdrawn",
        at=event.at,
        source=event.source or "",
        method="fact",
        wording=event.wording,
    )


def _decided(alive: list[Consent], refusal: Consent | None, at: datetime, double_opt_in: bool) -> Standing:
    if (line := _latest(_confirmed(alive))) is not None:
        return Standing("confirmed", line)
    if not double_opt_in and (line := _latest(each for each in alive if each.act == "given")) is not None:
        return Standing("given", line)
    asked = _latest(each for each in alive if each.act in ("given", "pending"))
    if asked is not None and at < (lapses_at := utc(asked.at) + CONFIRMED_WITHIN):
        return Standing("pending", asked, refusal, lapses_at)
    if refusal is not None:
        return Standing("withdrawn", refusal, refusal)
    return Standing("none") if asked is None else Standing("lapsed", asked)


def _confirmed(alive: list[Consent]) -> Iterator[Consent]:
    """The confirmations that came less than 7 days after they were asked for, with no withdrawal in between."""
    for line in alive:
        if line.act == "confirmed" and any(_confirms(line, asked) for asked in alive):
            yield line


def _confirms(line: Consent, asked: Consent) -> bool:
    waited = utc(line.at) - utc(asked.at)
    same = asked.act in ("given", "pending") and asked.topic == line.topic
    return same and timedelta() <= waited < CONFIRMED_WITHIN


def _speaks_of(line: Consent, medium: str, purpose: Purpose, topic: str | None) -> bool:
    named = line.medium == medium and line.purpose == purpose and line.topic in (None, topic)
    return named and line.act != "withdrawn"


def _reaches(refusal: Consent, medium: str, purpose: Purpose, topic: str | None) -> bool:
    """Whether a withdrawal reaches that far."""
    if refusal.purpose not in ("marketing", purpose):
        return False
    match refusal.scope:
        case "all":
            return True
        case "medium":
            return refusal.medium == medium
        case "topic":
            return refusal.topic == topic
        case _:
            assert_never(refusal.scope)


def _ends(refusal: Consent, line: Consent, topic: str | None) -> bool:
    return utc(line.at) <= utc(refusal.at) or (refusal.scope == "topic" and line.topic != topic)


def _latest(lines: Iterable[Consent]) -> Consent | None:
    """The latest line; of several at one instant always the same one."""
    several = [*lines]
    if len(several) < 2:  # as with most customers
        return several[0] if several else None
    return max(several, key=lambda each: (utc(each.at), str(astuple(each))))
