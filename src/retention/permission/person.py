"""What the gate is told of a customer: consents, suppressions, what was sent, where and how they live."""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias, final

from attrs import field, frozen

from retention.checks import choice, identifier, instant, plain_text
from retention.errors import FactError
from retention.permission._checked import Checked, maybe, member, word_of
from retention.permission.media import Medium, MessageKind
from retention.permission.policy import Cap

Purpose: TypeAlias = Literal["marketing", "night"]
"""Two consents, not one: to advertising, and to advertising at night."""

Scope: TypeAlias = Literal["medium", "topic", "all"]
"""How far a withdrawal goes."""

Act: TypeAlias = Literal["given", "pending", "confirmed", "withdrawn"]
Suppressed: TypeAlias = Literal["hard bounce", "complaint", "opt-out", "erased", "readmitted"]
"""Why an address is not written to; or that staff have ``readmitted`` it."""

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
class Trade:
    """A trade that may stand in for consent (KR K2, EU soft opt-in, CA implied consent), as the shop can prove it.

    ``ended_at`` is the instant at which it ended; one that has not ended by now stands in for nothing.
    ``collected_directly`` says that the address was got in it from the
    customer, ``same_kind`` that the message advertises the same kind of own goods, ``could_refuse`` that refusing was
    offered when the address was got. ``enquiry``: no purchase, only an inquiry.
    """

    ended_at: datetime
    collected_directly: bool
    same_kind: bool
    could_refuse: bool
    enquiry: bool = False


@final
@frozen(kw_only=True)
class Person:
    """One customer, as the gate sees them. Unknown is None.

    ``zone`` is an IANA name. ``last_inbound_at`` is when they last wrote to the shop by the message's medium.
    ``preferred`` is the media they would rather have, the best first; ``topics`` what they want to hear of (None: all).
    ``at_most`` is how often they want to hear from the shop, held like the shop's own caps. ``channel_friend``: they
    added the shop's Kakao channel.
    """

    country: str | None
    region: str | None = field(default=None, repr=False)
    zone: str | None = None
    consents: tuple[Consent, ...] = field(default=(), repr=False)
    suppressions: tuple[Suppression, ...] = ()
    sent: tuple[Sent, ...] = field(default=(), repr=False)
    trade: Trade | None = field(default=None, repr=False)
    last_inbound_at: datetime | None = None
    preferred: tuple[Medium, ...] = ()
    topics: frozenset[str] | None = None
    at_most: Cap | None = None
    channel_friend: bool = False
