"""What a host's storage has to do for the ledger, and the types that it meets.

``retention.testing.ledger.LedgerStoreContract`` is its test; ``wire`` has JSON forms of all that is kept.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import chain
from typing import Protocol, final

from attrs import evolve, field, frozen

from retention.loyalty.errors import AmountTooLarge
from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.decide import Decision
from retention.loyalty.ledger.entries import Bucket, Entry, Lot
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.records import Claim, Done, EndedHold, OrderRecord, Records
from retention.loyalty.ledger.terms import Refunded
from retention.money import LARGEST

__all__ = [
    "Batch",
    "Change",
    "Claim",
    "Decision",
    "Done",
    "EndedHold",
    "LedgerStore",
    "Loaded",
    "Needs",
    "OrderRecord",
    "Records",
    "carried",
    "check_amounts",
    "joined",
]


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

    @property
    def head(self) -> Head:
        """The account as it is stored: one version on."""
        return evolve(self.decision.head, version=self.expected_version + 1)


@final
@frozen(kw_only=True)
class Batch:
    """Changes that are stored together or not at all, in order of their accounts.

    ``merged`` says that the first account became the second: when the changes are stored, its order records (as
    ``carried``), ended holds and what expired of its lots belong to the second from then on. Where both have one, order
    records are ``joined``, the hold of the second stays, and what expired is added up. Its keys are known to both from
    then on, those of this batch among them, and where the second has one of its own that stays. Claims stay.
    """

    changes: tuple[Change, ...]
    merged: tuple[Account, Account] | None = None


def carried(record: OrderRecord) -> OrderRecord:
    """What another account remembers of an order from then on: its entries are not there, so no ``seq`` means them."""
    return evolve(record, earned=tuple(evolve(part, seq=0) for part in record.earned), seq=0)


def joined(one: OrderRecord, other: OrderRecord) -> OrderRecord:
    """What the account of ``other`` remembers of an order that both earned or spent on, when ``one`` is carried there.

    Both were told of the same refunds and returns, or only the one that they concern, so these do not add up. What was
    spent and came back stands last, where the next return skips it.
    """
    kept, back = zip(_apart(one), _apart(other), strict=True)
    lines = {*one.refunded.lines, *other.refunded.lines}
    most = {line: max(each.refunded.lines.get(line, 0) for each in (one, other)) for line in sorted(lines)}
    return OrderRecord(
        order=one.order,
        earned=(*carried(one).earned, *other.earned),
        refunded=Refunded(max(one.refunded.anywhere, other.refunded.anywhere), most),
        spent=tuple(chain(*kept, *back)),
        share=max(one.share, other.share),
        returned=one.returned + other.returned,
        seq=other.seq,
    )


def _apart(record: OrderRecord) -> tuple[list[Lot], list[Lot]]:
    """What was spent, in the order of spending: what is still spent, and what came back, which is the end of it."""
    left = sum(lot.amount for lot in record.spent) - record.returned
    kept: list[Lot] = []
    back: list[Lot] = []
    for lot in record.spent:
        first = min(left, lot.amount)
        left -= first
        kept += [Lot(lot.validity, first)] if first else []
        back += [Lot(lot.validity, lot.amount - first)] if first < lot.amount else []
    return kept, back


def check_amounts(batch: Batch) -> None:
    """Raises AmountTooLarge unless all the numbers of a batch are of a size that any store can keep."""
    for change in batch.changes:
        for bucket, total in change.decision.head.totals.items():
            if abs(total) > LARGEST:
                raise AmountTooLarge(bucket.value)
        if any(abs(entry.amount) > LARGEST for entry in change.decision.entries):
            raise AmountTooLarge("amount")


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
        (programme, rule, subject) is there already; AmountTooLarge for a number that takes more than 64 bits.
        """
        ...

    def turn(self, accounts: Sequence[Account]) -> AbstractContextManager["LedgerStore"]:
        """This store while nobody else changes these accounts, which come in order: what is committed in it is stored
        when it is left. Accounts that are not stored yet cannot be waited for; a store that knows no waiting gives
        itself."""
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
