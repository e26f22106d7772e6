"""What is kept, as values."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, final

from attrs import evolve, field, frozen

from retention.campaigns.effects import CallHook, SendMessage
from retention.campaigns.state import State
from retention.channels.receipts import Stage
from retention.customer import Customer
from retention.permission.media import Medium
from retention.permission.messages import Draft
from retention.permission.person import Sent
from retention.permission.verdicts import Reason


def _frozen(given: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True, hash=False)
class Shopper:
    """One customer as the engine remembers them.

    ``segments`` says since when they are in each segment they are in, ``next_changes`` when each answer next differs if
    nothing happens; both were found with the segments of ``definitions``, a digest. ``states`` are those of campaigns,
    by key. ``known_at`` is the first instant at which something given in advance becomes known. What is due is left
    alone until ``not_before``: another process knows what to do with it, or it failed. ``tagged`` are tags that
    campaigns gave (True) or took away (False), whatever the host says of the customer. ``wrote`` says by medium when
    a message of theirs last came.
    """

    customer: Customer
    segments: Mapping[str, datetime] = field(factory=dict, converter=_frozen)
    next_changes: Mapping[str, datetime] = field(factory=dict, converter=_frozen)
    states: Mapping[str, State] = field(factory=dict, converter=_frozen)
    definitions: str = ""
    known_at: datetime | None = None
    not_before: datetime | None = None
    tagged: Mapping[str, bool] = field(factory=dict, converter=_frozen)
    wrote: Mapping[Medium, datetime] = field(factory=dict, converter=_frozen)

    @property
    def next_due(self) -> datetime | None:
        """When time alone has something to do with this customer; None if never."""
        moments = [*self.next_changes.values(), *([] if self.known_at is None else [self.known_at])]
        moments += [due for state in self.states.values() if (due := state.next_due) is not None]
        due = min(moments, default=None)
        return due if due is None or self.not_before is None else max(due, self.not_before)


ParcelStatus: TypeAlias = Literal["waiting", "sending", "sent", "refused", "expired", "cancelled", "dead", "held"]
"""``waiting`` for its hour or its next attempt; ``sending`` under a lease; ``held`` for staff, since nobody knows
whether it went out. All others but ``sent`` are ends, and ``sent`` has receipts to come."""


CLEARABLE: Final[tuple[ParcelStatus, ...]] = ("sent", "refused", "expired", "cancelled", "dead")
"""Of what has ended that which waits for nobody."""


@final
@frozen(kw_only=True, hash=False)
class Parcel:
    """One row of the outbox: a message or a call of a hook, from planning to its end.

    ``key`` is the effect's; the draft's is that and the channel's. ``medium`` is None for a hook's call. ``draft`` is
    the message as it was rendered, None for a hook's call, where every channel refused, and after erasure. ``attempt``
    counts from 1 once it was claimed and fences whoever finishes it. ``due_at`` is when it may next be claimed: while
    it is ``sending``, the end of the lease. ``doubtful``: it may have gone out, since whoever had it before never
    finished or the channel could not say. ``tries`` is how often a channel was given it; ``tried`` are the channels
    that did not take it.
    """

    key: str
    customer: str | None
    effect: SendMessage | CallHook
    channel: str
    medium: Medium | None
    draft: Draft | None
    status: ParcelStatus
    planned_at: datetime
    due_at: datetime
    attempt: int = 0
    doubtful: bool = False
    tries: int = 0
    sent_at: datetime | None = None
    provider_id: str | None = None
    receipt: Stage | None = None
    reasons: tuple[Reason, ...] = ()
    tried: tuple[str, ...] = ()

    @property
    def priority(self) -> int:
        """Of what is due together, the more important comes first."""
        return self.effect.priority if isinstance(self.effect, SendMessage) else 0

    @property
    def passed_over(self) -> tuple[Reason, ...]:
        """Why channels that come before its own did not take it."""
        return tuple([each for each in self.reasons if each.channel not in (None, self.channel)])

    @property
    def as_sent(self) -> Sent | None:
        """What caps count of it; None for what did not go out and is not under way."""
        if self.sent_at is None or self.medium is None or not isinstance(self.effect, SendMessage):
            return None
        effect = self.effect
        return Sent(
            key=f"{self.key}/{self.channel}" if self.draft is None else self.draft.key,
            at=self.sent_at,
            medium=self.medium,
            channel=self.channel,
            kind=effect.kind,
            tags=effect.tags,
            priority=effect.priority,
        )

    def claimed(self, until: datetime) -> "Parcel":
        """Under a lease, for one attempt more."""
        doubtful = self.doubtful or self.status == "sending"
        return evolve(self, status="sending", attempt=self.attempt + 1, due_at=until, doubtful=doubtful)

    def without_person(self) -> "Parcel":
        """What is left after erasure: that something was sent, not to whom nor what; of the reasons what a program
        reads, not the words of providers. What waits is cancelled."""
        ended = "cancelled" if self.status in ("waiting", "held") else self.status
        effect = evolve(self.effect, data={})
        if isinstance(effect, SendMessage):
            effect = evolve(effect, subject="")
        reasons = tuple([evolve(each, words="") for each in self.reasons])
        return evolve(self, customer=None, draft=None, effect=effect, status=ended, reasons=reasons)


@final
@frozen(kw_only=True)
class ChannelState:
    """What is remembered of a channel: failures in a row, until when it is left alone, and its token bucket at
    ``at``."""

    failures: int = 0
    open_until: datetime | None = None
    tokens: float = 0
    at: datetime | None = None
