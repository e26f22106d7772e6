"""What the gate is told of a customer: consents, suppressions, what was sent, where and how they live."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias, final

from attrs import field, frozen

from retention.checks import choice, identifier, instant, plain_text
from retention.errors import FactError
from retention.permission._checked import Checked, maybe, member, set_of, word_of
from retention.permission.media import Medium, MessageKind
from retention.permission.policy import Cap

Purpose: TypeAlias = Literal["marketing", "night"]
"""Two consents, not one: to advertising, and to advertising at night."""

Scope: TypeAlias = Literal["medium", "topic", "all"]
"""How far a withdrawal goes."""

Act: TypeAlias = Literal["given", "pending", "confirmed", "withdrawn"]
Suppressed: TypeAlias = Literal["hard bounce", "complaint", "opt-out", "erased", "readmitted"]
"""Why an address is not written to; or that staff have ``readmitted`` it."""


def _frozen(given: Mapping[Medium, datetime]) -> Mapping[Medium, datetime]:
    return MappingProxyType(dict(given))


CONSENT_MEDIUM = choice("medium of consent", {each.consent for each in Medium})
PURPOSE = word_of("purpose", Purpose)


@final
@frozen(kw_only=True)
class Consent(Checked):
    """A consent given, asked to be confirmed, confirmed or withdrawn: one line of the proof, never changed.

    ``medium`` is the customer's word (``Medium.consent``): email, sms, kakao, push, whatsapp, webhook. ``at`` is kept
    in UTC. ``wording`` is the exact text agreed to, ``wording_version`` its version, ``source`` where (a form, a till),
    ``method`` how, ``by`` who recorded it if not the customer. ``scope`` is how far a withdrawal goes; ``topic`` which
    topic it is of. Raises FactError for a field that cannot be right, UnknownChoice with the nearest word.
    """

    checks: ClassVar = {
        "medium": CONSENT_MEDIUM,
        "purpose": PURPOSE,
        "act": word_of("act of consent", Act),
        "at": instant,
        "source": plain_text,
        "method": plain_text,
        "wording": maybe(plain_text),
        "wording_version": maybe(plain_text),
        "by": maybe(plain_text),
        "scope": word_of("scope", Scope),
        "topic": maybe(identifier),
    }

    medium: str
    purpose: Purpose = "marketing"
    act: Act
    at: datetime
    source: str
    method: str
    wording: str | None = field(default=None, repr=False)
    wording_version: str | None = None
    by: str | None = None
    scope: Scope = "medium"
    topic: str | None = None

    def __attrs_post_init__(self) -> None:
        Checked.__attrs_post_init__(self)
        if self.scope == "topic" and self.topic is None:
            raise FactError("Consent.topic", "is missing", hint='Give the topic, or scope="medium" for all of them')


@final
@frozen(kw_only=True)
class Suppression(Checked):
    """An address that is not written to any more, by messages of the kinds that ``suppression.STOPS`` says, whatever is
    consented to; but an ``opt-out`` counts no more for a customer who consents to the medium after it, a hard bounce
    and an erasure not after the address was ``readmitted`` by staff. The address itself is not kept. Raises FactError,
    as Consent."""

    checks: ClassVar = {
        "medium": member("medium", Medium),
        "reason": word_of("reason of suppression", Suppressed),
        "at": instant,
    }

    medium: Medium
    reason: Suppressed
    at: datetime


@final
@frozen(kw_only=True)
class Sent:
    """One message that went out, or has a slot taken: what caps count. ``key`` is the draft's, so that a message that
    is tried again does not stand in its own way."""

    key: str | None = None
    at: datetime
    medium: Medium
    channel: str
    kind: MessageKind
    tags: frozenset[str] = frozenset()
    priority: int = 0


@final
@frozen(kw_only=True)
class Trade(Checked):
    """A trade that may stand in for consent (KR K2, EU soft opt-in, CA implied consent), as the shop can prove it.

    ``ended_at`` is the instant at which it ended; one that has not ended by now stands in for nothing.
    ``collected_directly`` says that the address was got in it from the customer, ``could_refuse`` that refusing was
    offered then. ``topics`` are those of the messages that advertise the same kind of own goods as were traded (None:
    all that the shop advertises is of that kind). ``enquiry``: no purchase, only an inquiry.
    """

    ended_at: datetime
    collected_directly: bool
    topics: frozenset[str] | None
    could_refuse: bool
    enquiry: bool = False

    checks: ClassVar = {"ended_at": instant, "topics": maybe(set_of(identifier))}

    def is_of(self, topic: str | None) -> bool:
        """Whether a message of the topic advertises the same kind of goods. One of no topic advertises anything."""
        return self.topics is None or topic in self.topics


@final
@frozen(kw_only=True, hash=False)
class Person:
    """One customer, as the gate sees them. Unknown is None.

    ``zone`` is an IANA name. ``trades`` are those that may stand in for consent. ``wrote`` says by medium when they
    last wrote to the shop. ``preferred`` is the media they would rather have, the best first; ``topics`` what they
    want to hear of (None: all). ``at_most`` is how often they want to hear from the shop, held like the shop's own
    caps. ``friend_of`` are the ids of the channels that they added as a friend.
    """

    country: str | None
    region: str | None = field(default=None, repr=False)
    zone: str | None = None
    consents: tuple[Consent, ...] = field(default=(), repr=False)
    suppressions: tuple[Suppression, ...] = ()
    sent: tuple[Sent, ...] = field(default=(), repr=False)
    trades: tuple[Trade, ...] = field(default=(), repr=False)
    wrote: Mapping[Medium, datetime] = field(factory=dict, converter=_frozen)
    preferred: tuple[Medium, ...] = ()
    topics: frozenset[str] | None = None
    at_most: Cap | None = None
    friend_of: frozenset[str] = frozenset()
