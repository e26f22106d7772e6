"""A shop in memory: for tests, examples and rehearsals. It ends with the process."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, final

from attrs import evolve

from retention.channels.protocol import Receipt
from retention.checks import identifier
from retention.loyalty.ledger.store import LedgerStore
from retention.permission.person import Consent, Sent, Suppression
from retention.profile import Fact
from retention.storage.memory import MemoryLedgerStore
from retention.storage.shop.records import CLEARABLE, ChannelState, Parcel, ParcelStatus, Shopper

_Undo = Callable[[], None]


@final
class MemoryShopStore:
    """Safe with threads: one works at a time. ``due`` and ``claim`` look at every row."""

    def __init__(self, tenant: str = "shop") -> None:
        self.tenant = identifier(tenant, "tenant")
        self._lock = RLock()
        self._rows = _Rows()

    @contextmanager
    def work(self) -> Iterator["_Work"]:
        with self._lock:
            undo: list[_Undo] = []
            try:
                yield _Work(self._rows, undo)
            except BaseException:
                for each in reversed(undo):
                    each()
                raise

    def next_due(self) -> datetime | None:
        """When something is to be done if nothing happens: for a customer, or with the outbox. Looks at every row."""
        with self._lock:
            moments = [each.next_due for each in self._rows.shoppers.values()]
            moments += [each.due_at for each in self._rows.parcels.values() if each.status in ("waiting", "sending")]
            return min((each for each in moments if each is not None), default=None)


class _Rows:
    """All tables."""

    def __init__(self) -> None:
        self.shoppers: dict[str, Shopper] = {}
        self.facts: dict[str, dict[tuple[str, str], Fact]] = defaultdict(dict)
        self.consents: dict[str, tuple[Consent, ...]] = {}
        self.suppressions: dict[str, tuple[Suppression, ...]] = {}
        self.parcels: dict[str, Parcel] = {}
        self.receipts: dict[tuple[str, str], tuple[Receipt, ...]] = {}
        self.channels: dict[str, ChannelState] = {}
        self.bookmarks: dict[str, str] = {}
        self.ledger = MemoryLedgerStore()


class _Work:
    """Changes the tables at once and remembers how to undo it."""

    def __init__(self, rows: _Rows, undo: list[_Undo]) -> None:
        self._rows = rows
        self._undo = undo

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        if key in table:
            before = table[key]
            self._undo.append(lambda: table.__setitem__(key, before))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def _drop(self, table: dict[Any, Any], key: Any) -> None:
        if key in table:
            before = table.pop(key)
            self._undo.append(lambda: table.__setitem__(key, before))

    # Customers. ------------------------------------------------------------------------------------------------------

    def shoppers(self, ids: Sequence[str]) -> Mapping[str, Shopper]:
        return {each: self._rows.shoppers[each] for each in sorted(set(ids)) if each in self._rows.shoppers}

    def keep(self, shoppers: Sequence[Shopper]) -> None:
        for each in shoppers:
            self._set(self._rows.shoppers, each.customer.id, each)

    def facts(self, ids: Sequence[str], collections: Set[str] | None = None) -> Mapping[str, Sequence[Fact]]:
        known = ((id, self._rows.facts.get(id, {}).values()) for id in ids)
        found = ((id, [each for each in several if _is_of(each, collections)]) for id, several in known)
        return {id: several for id, several in found if several}

    def add_facts(self, customer: str, facts: Sequence[Fact]) -> Sequence[Fact]:
        table = self._rows.facts[customer]
        changed: list[Fact] = []
        for each in facts:
            if table.get((each.collection, each.id)) != each:
                self._set(table, (each.collection, each.id), each)
                changed.append(each)
        return changed

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        moments = ((each.next_due, id) for id, each in self._rows.shoppers.items())
        found = sorted((due, id) for due, id in moments if due is not None and due <= until)
        return [id for _, id in found[:limit]]

    def put_off(self, customers: Sequence[str], until: datetime) -> None:
        for each in self.shoppers(customers).values():
            if each.next_due is not None and each.next_due < until:
                self._set(self._rows.shoppers, each.customer.id, evolve(each, not_before=until))

    def customers(self, after: str, limit: int) -> Sequence[str]:
        return sorted(id for id in self._rows.shoppers if id > after)[:limit]

    def browse(self, after: str, limit: int) -> Sequence[Shopper]:
        return [self._rows.shoppers[id] for id in self.customers(after, limit)]

    def members(self, segment: str, after: str, limit: int) -> Sequence[str]:
        inside = (id for id, each in self._rows.shoppers.items() if segment in each.segments and id > after)
        return sorted(inside)[:limit]

    def forget(self, customer: str) -> None:
        self._drop(self._rows.shoppers, customer)
        self._drop(self._rows.facts, customer)
        self._drop(self._rows.consents, customer)
        for parcel in self.parcels_of(customer):
            self._set(self._rows.parcels, parcel.key, parcel.without_person())

    # Permission. -----------------------------------------------------------------------------------------------------

    def consents(self, ids: Sequence[str]) -> Mapping[str, Sequence[Consent]]:
        return {each: self._rows.consents[each] for each in ids if each in self._rows.consents}

    def add_consent(self, customer: str, consent: Consent) -> bool:
        there = self._rows.consents.get(customer, ())
        if consent in there:
            return False
        self._set(self._rows.consents, customer, (*there, consent))
        return True

    def suppressions(self, hashes: Sequence[str]) -> Mapping[str, Sequence[Suppression]]:
        return {each: self._rows.suppressions[each] for each in hashes if each in self._rows.suppressions}

    def suppress(self, hashed: str, suppression: Suppression) -> None:
        there = self._rows.suppressions.get(hashed, ())
        if suppression not in there:
            self._set(self._rows.suppressions, hashed, (*there, suppression))

    def sent(self, ids: Sequence[str], since: datetime) -> Mapping[str, Sequence[Sent]]:
        found: dict[str, list[Sent]] = defaultdict(list)
        wanted = set(ids)
        for parcel in self._rows.parcels.values():
            sent = parcel.as_sent
            if parcel.customer in wanted and sent is not None and sent.at >= since:
                found[parcel.customer].append(sent)
        return found

    # The outbox. -----------------------------------------------------------------------------------------------------

    def put(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        new: list[Parcel] = []
        for each in parcels:
            if each.key not in self._rows.parcels:
                self._set(self._rows.parcels, each.key, each)
                new.append(each)
        return new

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Parcel]:
        free = [each for each in self._rows.parcels.values() if _is_free(each, now)]
        found = sorted(free, key=lambda each: (each.due_at, -each.priority, each.key))[:limit]
        claimed = [each.claimed(now + lease) for each in found]
        for each in claimed:
            self._set(self._rows.parcels, each.key, each)
        return claimed

    def put_off_parcels(self, keys: Sequence[str], until: datetime) -> None:
        for each in self.parcels(keys).values():
            if _is_free(each, until):
                self._set(self._rows.parcels, each.key, evolve(each, due_at=until))

    def finish(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        done = [found for each in parcels if (found := self._ended(each)) is not None]
        for each in done:
            self._set(self._rows.parcels, each.key, each)
        return done

    def _ended(self, parcel: Parcel) -> Parcel | None:
        """As it is stored: with the receipt that came meanwhile, without a person who was erased meanwhile."""
        there = self._rows.parcels.get(parcel.key)
        if there is None or (there.status, there.attempt) != ("sending", parcel.attempt):
            return None
        kept = parcel.without_person() if there.customer is None else parcel
        return evolve(kept, receipt=there.receipt)

    def reopen(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        done = [found for each in parcels if (found := self._reopened(each)) is not None]
        for each in done:
            self._set(self._rows.parcels, each.key, each)
        return done

    def _reopened(self, parcel: Parcel) -> Parcel | None:
        """As it is stored: no attempt is counted anew, and nobody is brought back."""
        there = self._rows.parcels.get(parcel.key)
        if there is None or there.customer is None or there.status in ("waiting", "sending"):
            return None
        return evolve(parcel, attempt=there.attempt, receipt=there.receipt)

    def parcels(self, keys: Sequence[str]) -> Mapping[str, Parcel]:
        return {each: self._rows.parcels[each] for each in keys if each in self._rows.parcels}

    def parcels_of(self, customer: str) -> Sequence[Parcel]:
        found = [each for each in self._rows.parcels.values() if each.customer == customer]
        return sorted(found, key=lambda each: (each.planned_at, each.key))

    def parcels_by_status(self, status: ParcelStatus, after: str, limit: int) -> Sequence[Parcel]:
        found = [each for each in self._rows.parcels.values() if each.status == status and each.key > after]
        return sorted(found, key=lambda each: each.key)[:limit]

    def parcels_between(self, after: str, before: str, limit: int) -> Sequence[Parcel]:
        found = sorted(key for key in self._rows.parcels if after < key < before)
        return [self._rows.parcels[key] for key in found[:limit]]

    def ended(self, before: datetime, after: str, limit: int) -> Sequence[Parcel]:
        found = sorted(key for key, each in self._rows.parcels.items() if key > after and _is_past(each, before))
        return [self._rows.parcels[key] for key in found[:limit]]

    def discard(self, keys: Sequence[str]) -> int:
        found = [key for key, each in self.parcels(keys).items() if each.status in CLEARABLE]
        for key in found:
            self._drop(self._rows.parcels, key)
        return len(found)

    def parcels_by_receipt(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Parcel]:
        wanted = set(provider_ids)
        return {
            each.provider_id: each
            for each in self._rows.parcels.values()
            if each.channel == channel and each.provider_id is not None and each.provider_id in wanted
        }

    def add_receipt(self, channel: str, receipt: Receipt) -> bool:
        there = self._rows.receipts.get((channel, receipt.provider_id), ())
        if any((each.status, each.at) == (receipt.status, receipt.at) for each in there):
            return False
        ordered = tuple(sorted((*there, receipt), key=lambda each: each.at))
        self._set(self._rows.receipts, (channel, receipt.provider_id), ordered)
        return True

    def receipts(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Sequence[Receipt]]:
        return {
            each: self._rows.receipts[channel, each] for each in provider_ids if (channel, each) in self._rows.receipts
        }

    def discard_receipts(self, before: datetime, after: tuple[str, str], limit: int) -> Mapping[tuple[str, str], int]:
        known = {(each.channel, each.provider_id) for each in self._rows.parcels.values()}
        past = (name for name, several in self._rows.receipts.items() if all(each.at < before for each in several))
        found = sorted(name for name in past if name > after and name not in known)[:limit]
        counts = {name: len(self._rows.receipts[name]) for name in found}
        for name in found:
            self._drop(self._rows.receipts, name)
        return counts

    def set_receipt(self, parcel: Parcel) -> None:
        there = self._rows.parcels[parcel.key]
        self._set(self._rows.parcels, parcel.key, evolve(there, receipt=parcel.receipt))

    def channel(self, id: str, *, lock: bool = False) -> ChannelState:
        return self._rows.channels.get(id, ChannelState())

    def keep_channel(self, id: str, state: ChannelState) -> None:
        self._set(self._rows.channels, id, state)

    # The engine's own. -----------------------------------------------------------------------------------------------

    def bookmark(self, name: str, *, lock: bool = False) -> str | None:
        return self._rows.bookmarks.get(name)

    def keep_bookmark(self, name: str, text: str) -> None:
        self._set(self._rows.bookmarks, name, text)

    @property
    def ledger(self) -> LedgerStore:
        """Its commands are not undone with the work; their keys see to it that they are not done twice."""
        return self._rows.ledger


def _is_of(fact: Fact, collections: Set[str] | None) -> bool:
    return collections is None or fact.collection in collections


def _is_free(parcel: Parcel, now: datetime) -> bool:
    """Waiting and due, or left behind by somebody whose lease is over: ``due_at`` is the end of the lease then."""
    return parcel.status in ("waiting", "sending") and parcel.due_at <= now


def _is_past(parcel: Parcel, before: datetime) -> bool:
    """Ended, with somebody's name, and nothing of it as late as that."""
    moments = [each for each in (parcel.planned_at, parcel.due_at, parcel.sent_at) if each is not None]
    return parcel.status in CLEARABLE and parcel.customer is not None and max(moments) < before
