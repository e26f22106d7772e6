"""The books of one decision: lots and holds as entries move them. What an entry does is said here once, for decisions
and for rebuilding a head from its entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias, TypedDict, TypeVar, Unpack, final

from attrs import define, evolve, field

from retention.loyalty.errors import AmountTooLarge
from retention.loyalty.ledger.chain import digest
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Lot, Quota, Validity, spend_order
from retention.loyalty.ledger.head import Counter, Head, Hold
from retention.money import LARGEST

_AVAILABLE = Bucket.AVAILABLE
_K = TypeVar("_K")

Start: TypeAlias = tuple[datetime, str]
"""When what is pending becomes available, and in which lot."""


def start(validity: Validity) -> Start:
    """Parts of one lot wait for their own instants of its day: none is available before it was promised."""
    return validity.available_at, validity.id


class Said(TypedDict, total=False):
    """What an entry says besides the transfer itself."""

    lot: Validity | None
    order: str | None
    hold: str | None
    until: datetime | None
    rule: str | None
    reason: str | None
    actor: str | None
    key: str | None
    corrects: int | None
    other: str | None
    quotas: tuple[Quota, ...]


@final
@define(kw_only=True)
class Books:
    """An account while it is being decided on. ``stamp`` is what every new entry says: key, reason, actor."""

    head: Head
    now: datetime
    open: dict[str, Lot]
    pending: dict[Start, Lot]
    holds: dict[str, Hold]
    totals: dict[Bucket, int]
    counters: dict[str, Counter]
    chain: str | None
    merged_into: str | None
    entries: list[Entry] = field(factory=list)
    expired: dict[str, int] = field(factory=dict)
    stamp: Said = field(factory=Said)

    @classmethod
    def of(cls, head: Head, now: datetime) -> "Books":
        return cls(
            head=head,
            now=now,
            open={lot.id: lot for lot in head.open},
            pending={start(lot.validity): lot for lot in head.pending},
            holds={hold.id: hold for hold in head.holds},
            totals=dict(head.totals),
            counters={each.key: each for each in head.counters},
            chain=head.chain,
            merged_into=head.merged_into,
        )

    def write(
        self,
        kind: EntryKind,
        source: Bucket,
        target: Bucket,
        amount: int,
        *,
        at: datetime | None = None,
        **said: Unpack[Said],
    ) -> int:
        """Enter a transfer and carry it out; its ``seq``. 0, and nothing is entered, for an amount of 0."""
        if not amount:
            return 0
        whole: Said = {**self.stamp, **said}
        entry = Entry(
            seq=self.head.seq + len(self.entries) + 1,
            recorded_at=self.now,
            effective_at=self.now if at is None else at,
            kind=kind,
            source=source,
            target=target,
            amount=amount,
            previous=self.chain,
            **whole,
        )
        self.post(entry)
        return entry.seq

    def post(self, entry: Entry) -> None:
        """Carry out an entry."""
        self.entries.append(entry)
        if self.chain is not None:
            self.chain = digest(entry)
        self._count(entry.source, -entry.amount, entry)
        self._count(entry.target, entry.amount, entry)
        if entry.quotas:
            self._use(entry)

    def _use(self, entry: Entry) -> None:
        """Count what was earned, and forget what is over. Only here, so that reading in between changes nothing."""
        now = entry.recorded_at
        self.counters = {key: each for key, each in self.counters.items() if each.lasts(now)}
        for quota in entry.quotas:
            if quota.lasts(now):
                self.counters[quota.key] = Counter(quota.key, self.used(quota.key) + entry.amount, quota.until)

    def used(self, quota: str) -> int:
        """How much was earned so far under a quota's key."""
        counter = self.counters.get(quota)
        return counter.used if counter is not None and counter.lasts(self.now) else 0

    def _count(self, bucket: Bucket, amount: int, entry: Entry) -> None:
        self.totals[bucket] += amount
        if not -LARGEST <= self.totals[bucket] <= LARGEST:
            raise AmountTooLarge(bucket.value)
        lot = entry.lot
        if lot is None:
            return
        match bucket:
            case Bucket.AVAILABLE:
                _add(self.open, lot.id, lot, amount)
            case Bucket.PENDING:
                _add(self.pending, start(lot), lot, amount)
            case Bucket.HELD:
                self._pin(entry, lot, amount)
            case Bucket.EXPIRED:
                self.expired[lot.id] = self.expired.get(lot.id, 0) + amount
            case _:  # the other buckets keep no lots
                return

    def _pin(self, entry: Entry, lot: Validity, amount: int) -> None:
        assert entry.hold is not None, "what is held has a hold"
        hold = self.holds.get(entry.hold)
        if hold is None:
            assert entry.until is not None, "the first entry of a hold says how long it lasts"
            hold = Hold(id=entry.hold, until=entry.until, pinned=(), order=entry.order, seq=entry.seq)
        pinned = {each.id: each for each in hold.pinned}
        _add(pinned, lot.id, lot, amount)
        if pinned:
            self.holds[hold.id] = evolve(hold, pinned=tuple(pinned.values()))
        else:
            del self.holds[hold.id]

    def in_spend_order(self) -> list[Lot]:
        return sorted(self.open.values(), key=spend_order)

    @property
    def available(self) -> int:
        return self.totals[_AVAILABLE]

    @property
    def debt(self) -> int:
        return -self.totals[Bucket.DEBT]

    @property
    def balance(self) -> int:
        return self.available - self.debt

    def closed(self) -> Head:
        """The head after the last entry; the one there was if nothing was entered."""
        if not self.entries:
            return evolve(self.head, merged_into=self.merged_into)
        open_lots = tuple(self.in_spend_order())
        pending = tuple(lot for _, lot in sorted(self.pending.items()))
        holds = tuple(sorted(self.holds.values(), key=lambda hold: (hold.until, hold.id)))
        last = self.entries[-1]
        return evolve(
            self.head,
            seq=last.seq,
            at=last.recorded_at,
            open=open_lots,
            pending=pending,
            holds=holds,
            totals=self.totals,
            counters=tuple(sorted(self.counters.values(), key=lambda each: each.key)),
            next_due=_next_due(open_lots, pending, holds),
            merged_into=self.merged_into,
            chain=self.chain,
        )


def _add(lots: dict[_K, Lot], key: _K, validity: Validity, amount: int) -> None:
    """Add to a lot, which is as early as its earliest part; a lot that is used up goes."""
    known = lots.get(key)
    if known is None:
        lots[key] = Lot(validity, amount)
        return
    left = known.amount + amount
    if not left:
        del lots[key]
        return
    early = min(known.validity, validity, key=lambda each: each.available_at)
    lots[key] = Lot(early, left)


def _next_due(open_lots: Sequence[Lot], pending: Sequence[Lot], holds: Sequence[Hold]) -> datetime | None:
    expiries = (lot.validity.expires_at for lot in open_lots if lot.validity.expires_at is not None)
    return min(
        (*expiries, *(lot.validity.available_at for lot in pending), *(hold.until for hold in holds)), default=None
    )


def room(books: Books, quotas: Sequence[Quota]) -> int | None:
    """How much may still be earned under these quotas, None if there are none."""
    left = [quota.most - books.used(quota.key) for quota in quotas]
    return max(0, min(left)) if left else None
