"""Accounts in memory: for tests, examples and rehearsals. They end with the process."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Lock
from typing import Any, TypeAlias, TypeVar, final

from attrs import define, field

from retention.errors import CurrencyMismatch
from retention.loyalty.errors import Conflict
from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.records import Claim, Done, EndedHold, OrderRecord, Records
from retention.loyalty.ledger.store import Batch, Change, Loaded, carried, check_amounts, joined

_T = TypeVar("_T")
_Address: TypeAlias = tuple[str, str]  # programme and id


@final
@define
class _Kept:
    """All that is kept of one account."""

    head: Head
    entries: list[Entry] = field(factory=list)
    orders: dict[str, OrderRecord] = field(factory=dict)
    holds: dict[str, EndedHold] = field(factory=dict)
    expired: dict[str, int] = field(factory=dict)
    done: dict[str, Done] = field(factory=dict)


@final
class MemoryLedgerStore:
    """Safe with threads. ``due``, ``accounts`` and ``totals`` look at every account."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accounts: dict[_Address, _Kept] = {}
        self._claims: set[tuple[str, Claim]] = set()

    def load(self, account: Account, needs: Needs = Needs()) -> Loaded:  # noqa: B008 - frozen
        with self._lock:
            kept = self._accounts.get(_address(account)) or _Kept(Head(account=account))
            if kept.head.account != account:
                raise CurrencyMismatch("account", kept.head.account.unit, account.unit)
            held = {hold.order for hold in kept.head.holds if hold.id in needs.holds and hold.order is not None}
            orders = _named(kept.orders, needs.orders | held)
            lots = {part.validity.id for record in orders.values() for part in record.earned}
            claims = frozenset(each for each in needs.claims if (account.programme, each) in self._claims)
            records = Records(
                orders=orders,
                holds=_named(kept.holds, needs.holds),
                expired=_named(kept.expired, lots),
                claims=claims,
                done=_named(kept.done, needs.keys),
            )
            return Loaded(head=kept.head, records=records)

    def turn(self, accounts: Sequence[Account]) -> AbstractContextManager["MemoryLedgerStore"]:
        """Itself: the lock is never held for long enough to be worth waiting for a turn."""
        return nullcontext(self)

    def commit(self, batch: Batch) -> None:
        check_amounts(batch)
        with self._lock:
            self._check(batch)
            for change in batch.changes:
                self._store(change)
            if batch.merged is not None:
                self._readdress(*batch.merged)

    def _check(self, batch: Batch) -> None:
        claims = [(each.account.programme, claim) for each in batch.changes for claim in each.decision.claims]
        if not self._claims.isdisjoint(claims) or len(set(claims)) < len(claims):
            raise Conflict("a claim is taken")
        for change in batch.changes:
            kept = self._accounts.get(_address(change.account))
            there = (change.account, 0) if kept is None else (kept.head.account, kept.head.version)
            if there != (change.account, change.expected_version):
                raise Conflict("the account has another version")
            if kept is not None and not kept.done.keys().isdisjoint(change.decision.done):
                raise Conflict("a key is there already")

    def _store(self, change: Change) -> None:
        decision = change.decision
        kept = self._accounts.setdefault(_address(change.account), _Kept(change.head))
        kept.head = change.head
        kept.entries.extend(decision.entries)
        kept.orders.update(decision.orders)
        kept.holds.update({each.id: each for each in decision.holds})
        kept.done.update(decision.done)
        _add(kept.expired, decision.expired)
        self._claims.update((change.account.programme, claim) for claim in decision.claims)

    def _readdress(self, source: Account, target: Account) -> None:
        left, arrived = (self._accounts[_address(each)] for each in (source, target))
        for order, record in left.orders.items():
            there = arrived.orders.get(order)
            arrived.orders[order] = carried(record) if there is None else joined(record, there)
        arrived.holds = {**left.holds, **arrived.holds}
        arrived.done = {**left.done, **arrived.done}
        _add(arrived.expired, left.expired)
        left.orders, left.holds, left.expired = {}, {}, {}

    def entries(self, account: Account, *, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        with self._lock:
            kept = self._accounts.get(_address(account))
            return [] if kept is None else kept.entries[after : after + limit]

    def due(self, programme: str, before: datetime, limit: int = 1000) -> Sequence[Account]:
        found = [
            (head.next_due, head.account)
            for head in self._heads(programme)
            if head.next_due is not None and head.next_due <= before
        ]
        return [account for _, account in sorted(found)[:limit]]

    def accounts(self, programme: str, *, after: str = "", limit: int = 1000) -> Sequence[Account]:
        return sorted(head.account for head in self._heads(programme) if head.account.id > after)[:limit]

    def totals(self, programme: str) -> Mapping[str, Mapping[Bucket, int]]:
        sums: dict[str, dict[Bucket, int]] = {}
        for head in self._heads(programme):
            _add(sums.setdefault(head.account.unit, dict.fromkeys(Bucket, 0)), head.totals)
        return sums

    def _heads(self, programme: str) -> list[Head]:
        with self._lock:
            return [kept.head for (where, _), kept in self._accounts.items() if where == programme]


def _address(account: Account) -> _Address:
    return account.programme, account.id


def _named(records: Mapping[str, _T], names: Iterable[str]) -> dict[str, _T]:
    return {name: records[name] for name in names if name in records}


def _add(sums: dict[Any, int], more: Mapping[Any, int]) -> None:
    for name, amount in more.items():
        sums[name] = sums.get(name, 0) + amount
