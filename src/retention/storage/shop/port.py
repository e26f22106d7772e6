"""What a host's storage has to do for the engine. ``retention.testing.shop.ShopStoreContract`` is its test."""

from collections.abc import Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from retention.channels.protocol import Receipt
from retention.loyalty.ledger.store import LedgerStore
from retention.permission.person import Consent, Sent, Suppression
from retention.profile import Fact
from retention.storage.shop.records import ChannelState, Parcel, ParcelStatus, Shopper


class Work(Protocol):
    """One transaction. What it reads of customers it has asked ``shoppers`` for, nobody else changes until it ends."""

    # Customers. ------------------------------------------------------------------------------------------------------

    def shoppers(self, ids: Sequence[str]) -> Mapping[str, Shopper]:
        """Those of the customers that are known, locked in order of their ids until the work ends."""
        ...

    def keep(self, shoppers: Sequence[Shopper]) -> None:
        """Store them as they are now. Raises Conflict for one that is new and that somebody else stored meanwhile."""
        ...

    def facts(self, ids: Sequence[str], collections: Set[str] | None = None) -> Mapping[str, Sequence[Fact]]:
        """All facts of these customers that are of these collections, of any if None, each in any order; nothing for
        one without."""
        ...

    def add_facts(self, customer: str, facts: Sequence[Fact]) -> Sequence[Fact]:
        """Store facts; one whose collection and id are there takes the place of the older. Those that changed
        anything."""
        ...

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        """Customers whose ``next_due`` is at or before an instant, earliest first, by an index: locked until the work
        ends, as by ``shoppers``. Those whom somebody else has locked are left out and not waited for."""
        ...

    def put_off(self, customers: Sequence[str], until: datetime) -> None:
        """Of these customers those that are due before an instant are due then. They are not read, since somebody who
        cannot be read is put off as well; who is kept afterwards is due as they say."""
        ...

    def customers(self, after: str, limit: int) -> Sequence[str]:
        """Ids of customers in order, those after one."""
        ...

    def browse(self, after: str, limit: int) -> Sequence[Shopper]:
        """Customers as they are stored, in order of their ids, those after one. None of them is locked."""
        ...

    def members(self, segment: str, after: str, limit: int) -> Sequence[str]:
        """Ids of the customers who are in a segment, in order, those after one."""
        ...

    def forget(self, customer: str) -> None:
        """Delete the customer, their facts and consents; of their parcels, take out who and what, and cancel those not
        yet sent. What is left counts and names nobody."""
        ...

    # Permission. -----------------------------------------------------------------------------------------------------

    def consents(self, ids: Sequence[str]) -> Mapping[str, Sequence[Consent]]:
        """All lines of proof of these customers, in the order they were added."""
        ...

    def add_consent(self, customer: str, consent: Consent) -> bool:
        """Add a line of proof; False if exactly this line is there already."""
        ...

    def suppressions(self, hashes: Sequence[str]) -> Mapping[str, Sequence[Suppression]]:
        """By the keyed hash of an address."""
        ...

    def suppress(self, hashed: str, suppression: Suppression) -> None: ...

    def sent(self, ids: Sequence[str], since: datetime) -> Mapping[str, Sequence[Sent]]:
        """Messages to these customers with ``sent_at`` at or after an instant, those under way among them."""
        ...

    # The outbox. -----------------------------------------------------------------------------------------------------

    def put(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """Store new parcels and leave alone those whose key is there; which were new."""
        ...

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Parcel]:
        """Parcels that are waiting and due, or whose lease is over, earliest first and of those the more important, as
        they are then: ``sending``, with one attempt more and a lease. Two workers never have the same; neither waits
        for the other. Raises UnreadableParcels, with all among them that cannot be read."""
        ...

    def put_off_parcels(self, keys: Sequence[str], until: datetime) -> None:
        """Of these parcels those that could be claimed before an instant can be claimed then; nothing else of them
        changes, and they are not read."""
        ...

    def finish(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """Store parcels that are still under the attempt they were claimed with; which were, as they are stored.

        Key, customer, effect and ``planned_at`` of a parcel never change, and its receipt is left as it is. Of one
        whose customer was forgotten meanwhile only what names nobody is stored."""
        ...

    def reopen(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """Store parcels that have ended, neither ``waiting`` nor ``sending``, as they are said to be now, whatever the
        attempt; which were, as they are stored.

        Key, customer, effect, ``planned_at`` and ``attempt`` of a parcel never change, so that nobody who had it before
        can finish it; its receipt is left as it is. One whose customer was forgotten stays as it is."""
        ...

    def parcels(self, keys: Sequence[str]) -> Mapping[str, Parcel]: ...

    def parcels_of(self, customer: str) -> Sequence[Parcel]:
        """In the order in which they were planned."""
        ...

    def parcels_by_status(self, status: ParcelStatus, after: str, limit: int) -> Sequence[Parcel]:
        """In order of their keys, those after one."""
        ...

    def parcels_between(self, after: str, before: str, limit: int) -> Sequence[Parcel]:
        """Those whose keys lie between two, both outside, in the order of the keys' code points, by an index: the key
        of a campaign's effect begins with the campaign's."""
        ...

    def ended(self, before: datetime, after: str, limit: int) -> Sequence[Parcel]:
        """Those that have ended, are not ``held`` and name somebody, and that were planned, due and sent before an
        instant; in order of their keys, those after one."""
        ...

    def discard(self, keys: Sequence[str]) -> int:
        """Delete those of these parcels that have ended and are not ``held``; how many."""
        ...

    def parcels_by_receipt(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Parcel]:
        """By the name that the channel's provider gave them: nobody else changes them until the work ends."""
        ...

    def add_receipt(self, channel: str, receipt: Receipt) -> bool:
        """Remember a receipt; False if it is there already."""
        ...

    def receipts(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Sequence[Receipt]]:
        """All that are remembered, in the order of their instants."""
        ...

    def discard_receipts(self, before: datetime, after: tuple[str, str], limit: int) -> Mapping[tuple[str, str], int]:
        """Delete the receipts of those names, channel and provider's, of which no parcel is there and no receipt is as
        late as an instant; of at most so many names in order, those after one. How many receipts of each name."""
        ...

    def set_receipt(self, parcel: Parcel) -> None:
        """Store the parcel's ``receipt``, whatever its attempt."""
        ...

    def channel(self, id: str, *, lock: bool = False) -> ChannelState:
        """What is remembered of a channel; with ``lock`` nobody else changes it until the work ends."""
        ...

    def keep_channel(self, id: str, state: ChannelState) -> None: ...

    # The engine's own. -----------------------------------------------------------------------------------------------

    def bookmark(self, name: str, *, lock: bool = False) -> str | None:
        """What the engine noted under a name; with ``lock`` nobody else changes it until the work ends."""
        ...

    def keep_bookmark(self, name: str, text: str) -> None: ...

    @property
    def ledger(self) -> LedgerStore:
        """The store of the ledger inside this transaction."""
        ...


class ShopStore(Protocol):
    """Storage of one shop. All instants are UTC to the microsecond."""

    @property
    def tenant(self) -> str:
        """What the shop is called among those that share a database, a ledger or a provider's account: the keys that
        channels, hooks and the ledger are given begin with it."""
        ...

    def work(self) -> AbstractContextManager[Work]:
        """A transaction that ends with the block: stored if it ends well, undone if it raises.

        Raises Conflict, from any of its calls or as the block ends, when somebody else was first; nothing is stored
        then, and the whole can be tried again.
        """
        ...
