"""What a host's storage has to do for the ledger. ``retention.testing.LedgerStoreContract`` tells whether it does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, final

from attrs import field, frozen

from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.decide import Decision
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.records import Records


@final
@frozen(kw_only=True)
class Loaded:
    """An account as it is stored, and the records that were asked for. A new account is version 0."""

    head: Head
    records: Records = field(factory=Records)


@final
@frozen(kw_only=True)
class Change:
    """What one account becomes: stored only if its version is still ``expected_version``."""

    expected_version: int
    decision: Decision

    @property
    def account(self) -> Account:
        return self.decision.head.account


@final
@frozen(kw_only=True)
class Batch:
    """Changes that are stored together or not at all, in order of their accounts.

    ``merged`` says that the first account became the second: its order records, ended holds and what expired of its
    lots belong to the second from then on.
    """

    changes: tuple[Change, ...]
    merged: tuple[Account, Account] | None = None


class LedgerStore(Protocol):
    """Storage of accounts. All instants are UTC to the microsecond."""

    def load(self, account: Account, needs: Needs = Needs()) -> Loaded:  # noqa: B008 - frozen
        """The account and, of what is needed, what there is.

        ``records.orders`` has the orders that are named and those of the open holds that are named; ``records.expired``
        what expired of the lots that these orders earned into; ``records.claims`` those of the asked that are taken.

        Raises CurrencyMismatch if the account is stored with another unit.
        """
        ...

    def commit(self, batch: Batch) -> None:
        """Store all of it or nothing; each head's version becomes ``expected_version + 1``.

        Raises Conflict if a version is not what was expected (a new account can be raced for), if a (account, key) or a
        (programme, rule, subject) is there already.
        """
        ...

    def entries(self, account: Account, *, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """Entries with ``seq > after``, in order of ``seq``, at most ``limit``."""
        ...

    def due(self, programme: str, before: datetime, limit: int = 1000) -> Sequence[Account]:
        """Accounts whose ``next_due`` is at or before an instant, earliest first, by an index."""
        ...

    def accounts(self, programme: str, *, after: str = "", limit: int = 1000) -> Sequence[Account]:
        """Accounts of a programme in order of their ids, those with ``id > after``."""
        ...

    def totals(self, programme: str) -> Mapping[str, Mapping[Bucket, int]]:
        """The sums of all buckets over the accounts of a programme, by unit."""
        ...
