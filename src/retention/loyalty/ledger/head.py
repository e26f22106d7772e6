"""The state of an account: bounded, whatever its history. The history stays in the store."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import final

from attrs import field, frozen

from retention.loyalty.ledger import fields
from retention.loyalty.ledger.entries import Bucket, Lot


@final
@frozen(order=True)
class Account:
    """An account of a programme. ``unit`` is what it counts: "points", "uses", or the ISO 4217 code of a currency.

    ``id`` is the customer's id, or for a gift card the keyed hash of its code.
    """

    programme: str = field(validator=fields.name)
    id: str = field(validator=fields.name)
    unit: str = field(default="points", validator=fields.name)


@final
@frozen(kw_only=True)
class Hold:
    """Units pinned until ``until``, as pieces of the lots they were taken from, in spend order."""

    id: str
    until: datetime
    pinned: tuple[Lot, ...]
    order: str | None = None
    seq: int = 0

    @property
    def amount(self) -> int:
        return sum(lot.amount for lot in self.pinned)


@final
@frozen
class Counter:
    """What was earned so far under a quota's key."""

    key: str
    used: int
    until: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        return self.until is None or now < self.until


def _totals(given: Mapping[Bucket, int]) -> Mapping[Bucket, int]:
    return MappingProxyType({bucket: given.get(bucket, 0) for bucket in Bucket})


@final
@frozen(kw_only=True)
class Head:
    """An account as of its last entry.

    ``open`` lots are in spend order, ``pending`` ones by the instant at which they become available. ``next_due`` is
    the next instant at which something happens by itself, None if nothing will. ``version`` counts commits, 0 for an
    account that was never stored; ``at`` is when the last entry was recorded. ``chain`` is the hash of the last
    entry, "" before the first, None for an account that is not chained.
    """

    account: Account
    version: int = 0
    seq: int = 0
    at: datetime | None = None
    open: tuple[Lot, ...] = ()
    pending: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()
    totals: Mapping[Bucket, int] = field(factory=dict, converter=_totals)
    counters: tuple[Counter, ...] = ()
    next_due: datetime | None = None
    merged_into: str | None = None
    chain: str | None = None

    @property
    def available(self) -> int:
        return self.totals[Bucket.AVAILABLE]

    @property
    def pending_total(self) -> int:
        return self.totals[Bucket.PENDING]

    @property
    def held(self) -> int:
        return self.totals[Bucket.HELD]

    @property
    def debt(self) -> int:
        """What is owed back, 0 or more; never more than 0 while something is available."""
        return -self.totals[Bucket.DEBT]

    @property
    def balance(self) -> int:
        """Available less debt: the only number that may be negative."""
        return self.available - self.debt
