"""Everything else that is known to have happened, one class per collection of the standard schema.

The attributes of each class are the columns of its collection. ``id`` is unique within the collection, ``at`` is kept
in UTC, whatever zone it came in. What was not told is None, which a rule sees as missing. Codes are worth money and
searches are private, so neither is in a ``repr``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, final

from attrs import field, frozen

from retention.checks import (
    Number,
    Settled,
    choice,
    given_number,
    identifier,
    instant,
    maybe_number,
    named_values,
    settle,
)
from retention.errors import FactError
from retention.money import Money

MESSAGE_KINDS = ("sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")
COUPON_KINDS = ("issued", "redeemed", "released", "expired", "revoked")
POINTS_KINDS = ("earned", "spent", "expired", "adjusted")
CREDIT_KINDS = ("issued", "spent", "expired", "refunded", "revoked")
TICKET_KINDS = ("opened", "answered", "solved", "reopened")
REFERRAL_KINDS = ("invited", "joined", "ordered")
RESTOCK_STATUSES = ("waiting", "told", "cancelled")


@frozen
class Happening(Settled):
    """What every row of a collection has."""

    id: str
    at: datetime


@final
@frozen(kw_only=True)
class Visit(Happening):
    """A visit to the shop's site or app."""

    collection: ClassVar[str] = "visits"
    page: str | None = None
    channel: str | None = None
    seconds: Number | None = field(default=None, converter=maybe_number)


@final
@frozen(kw_only=True)
class View(Happening):
    """A product or a page looked at."""

    collection: ClassVar[str] = "views"
    page: str | None = None
    product_id: str | None = None
    category: str | None = None
    seconds: Number | None = field(default=None, converter=maybe_number)


@final
@frozen(kw_only=True)
class Search(Happening):
    """A search on the site; ``results`` is how many it found."""

    collection: ClassVar[str] = "searches"
    query: str | None = field(default=None, repr=False)
    results: Number | None = field(default=None, converter=maybe_number)


@final
@frozen(kw_only=True)
class MessageEvent(Happening):
    """Something that happened to a message, from sending to complaint; ``kind`` is one of MESSAGE_KINDS."""

    collection: ClassVar[str] = "messages"
    checks: ClassVar = {"kind": choice("message event", MESSAGE_KINDS)}
    kind: str
    channel: str | None = None
    campaign: str | None = None
    template: str | None = None


@final
@frozen(kw_only=True)
class ConsentEvent(Happening):
    """A consent given or withdrawn; ``wording`` is the text agreed to, or its version."""

    collection: ClassVar[str] = "consents"
    channel: str
    given: bool
    purpose: str = "marketing"
    source: str | None = None
    wording: str | None = field(default=None, repr=False)


@final
@frozen(kw_only=True)
class CouponEvent(Happening):
    """What happened to ``uses`` of a coupon that the customer holds; ``kind`` is one of COUPON_KINDS."""

    collection: ClassVar[str] = "coupons"
    checks: ClassVar = {"kind": choice("coupon event", COUPON_KINDS)}
    kind: str
    code: str | None = field(default=None, repr=False)
    uses: Number = field(default=1, converter=given_number)
    amount: Money | None = None
    available_at: datetime | None = None
    expires_at: datetime | None = None


@final
@frozen(kw_only=True)
class PointsEvent(Happening):
    """What happened to the customer's points; ``kind`` is one of POINTS_KINDS.

    The kind says which way the points went, so only ``adjusted`` may be negative.
    """

    collection: ClassVar[str] = "points"
    checks: ClassVar = {"kind": choice("points event", POINTS_KINDS)}
    kind: str
    amount: Number = field(converter=given_number)
    code: str | None = field(default=None, repr=False)
    available_at: datetime | None = None
    expires_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        settle(self)
        if self.amount < 0 and self.kind != "adjusted":
            hint = 'Give the points, and the kind that says which way; only kind="adjusted" has a sign'
            raise FactError("PointsEvent.amount", "is negative", got=self.amount, hint=hint)


@final
@frozen(kw_only=True)
class CreditEvent(Happening):
    """What happened to the customer's store credit; ``kind``, one of CREDIT_KINDS, says which way it went."""

    collection: ClassVar[str] = "credits"
    checks: ClassVar = {"kind": choice("credit event", CREDIT_KINDS)}
    kind: str
    amount: Money | None = None
    code: str | None = field(default=None, repr=False)
    available_at: datetime | None = None
    expires_at: datetime | None = None


@final
@frozen(kw_only=True)
class Review(Happening):
    """A review written; ``rating`` is 1 to 5."""

    collection: ClassVar[str] = "reviews"
    product_id: str | None = None
    rating: Number | None = field(default=None, converter=maybe_number)
    has_photo: bool | None = None
    status: str | None = None

    def __attrs_post_init__(self) -> None:
        settle(self)
        if self.rating is not None and not 1 <= self.rating <= 5:
            hint = "Bring the shop's scale to 1 to 5 before it comes in"
            raise FactError("Review.rating", "is outside 1 to 5", got=self.rating, hint=hint)


@final
@frozen(kw_only=True)
class SurveyAnswer(Happening):
    """An answer to a survey; ``kind`` names it: nps, csat, one of the shop's own. ``score`` is on its own scale."""

    collection: ClassVar[str] = "surveys"
    kind: str | None = None
    score: Number | None = field(default=None, converter=maybe_number)


@final
@frozen(kw_only=True)
class TicketEvent(Happening):
    """Something that happened to a service request; ``kind`` is one of TICKET_KINDS."""

    collection: ClassVar[str] = "tickets"
    checks: ClassVar = {"kind": choice("ticket event", TICKET_KINDS)}
    kind: str = "opened"
    ticket_id: str | None = None
    channel: str | None = None
    status: str | None = None
    topic: str | None = None


@final
@frozen(kw_only=True)
class Referral(Happening):
    """Somebody whom this customer referred was invited, joined or ordered."""

    collection: ClassVar[str] = "referrals"
    checks: ClassVar = {"kind": choice("referral event", REFERRAL_KINDS)}
    kind: str
    code: str | None = field(default=None, repr=False)


@final
@frozen(kw_only=True)
class RestockRequest(Happening):
    """A wish to be told when a product is back; ``status`` is one of RESTOCK_STATUSES."""

    collection: ClassVar[str] = "restock_requests"
    checks: ClassVar = {"status": choice("state of a restock request", RESTOCK_STATUSES)}
    product_id: str
    status: str = "waiting"


Activity: TypeAlias = (
    Visit
    | View
    | Search
    | MessageEvent
    | ConsentEvent
    | CouponEvent
    | PointsEvent
    | CreditEvent
    | Review
    | SurveyAnswer
    | TicketEvent
    | Referral
    | RestockRequest
)


@final
@frozen
class Event:
    """A row of a collection that the host declared in its schema; ``data`` is held to it when a profile is built."""

    collection: str
    id: str
    at: datetime
    data: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        for name, check in (("collection", identifier), ("id", identifier), ("at", instant), ("data", named_values)):
            object.__setattr__(self, name, check(getattr(self, name), f"Event.{name}"))
