"""Entries: append-only transfers of a positive number from one bucket to another, so that all buckets sum to 0."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final, final

from attrs import field, frozen

from retention.errors import FactError
from retention.loyalty.ledger import fields
from retention.spans import LATEST


@final
class Bucket(StrEnum):
    """Where units are. ``issued`` and ``forgiven`` are sources and go below 0, as does ``debt``, what is owed back."""

    ISSUED = "issued"
    PENDING = "pending"
    AVAILABLE = "available"
    HELD = "held"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGIVEN = "forgiven"
    DEBT = "debt"
    MERGED = "merged"


@final
class EntryKind(StrEnum):
    """What happened."""

    EARN = "earn"
    ACTIVATE = "activate"
    EXPIRE = "expire"
    REDEEM = "redeem"
    HOLD = "hold"
    CAPTURE = "capture"
    VOID = "void"
    TIME_OUT = "time-out"
    CLAW_BACK = "claw-back"
    REPAY = "repay"
    RETURN = "return"
    ADJUST = "adjust"
    REVOKE = "revoke"
    TRANSFER = "transfer"
    MERGE = "merge"


_ZONES_DIFFER: Final = timedelta(days=1)  # by at most a day from that of UTC


@final
@frozen(cache_hash=True)
class Validity:
    """When a lot can be spent: ``available_at <= t < expires_at``. ``expires_at`` is None if it never expires.

    ``day`` is the local day on which it becomes available: all that becomes available on one day and expires at one
    instant is one lot. Raises FactError for a day that it is nowhere at ``available_at``.
    """

    day: date = field(validator=fields.day)
    available_at: datetime = field(validator=fields.instant)
    expires_at: datetime | None = field(default=None, validator=fields.maybe(fields.instant))

    def __attrs_post_init__(self) -> None:
        fields.later(self.available_at, self.expires_at, "Validity.expires_at")
        if abs(self.day - self.available_at.date()) > _ZONES_DIFFER:
            hint = "Give the local day of available_at: available_at.astimezone(zone).date()"
            raise FactError("Validity.day", "is not the day of available_at in any zone", got=self.day, hint=hint)

    @cached_property  # asked for many times in every decision
    def id(self) -> str:
        """The lot's id: the same in every account."""
        until = "never" if self.expires_at is None else self.expires_at.isoformat().replace("+00:00", "Z")
        return f"{self.day.isoformat()}/{until}"

    def alive(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@final
@frozen
class Lot:
    """Units that become available together and expire together; never empty."""

    validity: Validity
    amount: int

    @property
    def id(self) -> str:
        return self.validity.id


def spend_order(lot: Lot) -> tuple[datetime, bool, datetime, str]:
    """What is spent first: what expires first, then what became available first, then by id."""
    expires_at = lot.validity.expires_at
    return (LATEST if expires_at is None else expires_at, expires_at is None, lot.validity.available_at, lot.id)


@final
@frozen
class Quota:
    """A limit on the sum that may be earned under one name, ``most``; forgotten at ``until``, never if None.

    What is earned at or after ``until``, for an event that is told late, is held to ``most`` by itself.
    """

    key: str = field(validator=fields.name)
    most: int = field(validator=fields.count)
    until: datetime | None = field(default=None, validator=fields.maybe(fields.instant))

    def lasts(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@final
@frozen(kw_only=True)
class Entry:
    """One transfer. ``seq`` counts from 1 without gaps in its account; ``amount`` is positive.

    ``recorded_at`` is when it was decided, ``effective_at`` when it happened: an expiry found late is effective at
    the instant of expiry. ``corrects`` is the ``seq`` of the entry it takes back, in whole or in part, None if that
    is in another account, which was merged into this one. ``other`` is the other account of a transfer or merge,
    ``previous`` the hash of the entry before in an account that is chained.
    """

    seq: int
    recorded_at: datetime
    effective_at: datetime
    kind: EntryKind
    source: Bucket
    target: Bucket
    amount: int
    lot: Validity | None = None
    order: str | None = None
    hold: str | None = None
    until: datetime | None = None
    rule: str | None = None
    reason: str | None = None
    actor: str | None = None
    key: str | None = None
    corrects: int | None = None
    other: str | None = None
    quotas: tuple[Quota, ...] = ()
    previous: str | None = None
