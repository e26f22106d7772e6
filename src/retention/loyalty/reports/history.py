"""What an account's entries say, when it became known, and what is due and not yet stored."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from retention.loyalty.ledger.asked import check_programme
from retention.loyalty.ledger.decide import settlement
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger, present
from retention.money import Money
from retention.spans import utc

Histories: TypeAlias = Iterable[tuple[Account, Iterable[Entry]]]
"""Accounts, each with all its entries in order of ``seq``."""

HAD: Final = frozenset({Bucket.AVAILABLE, Bucket.HELD, Bucket.DEBT})
"""Whose units the customer has, held for an order or not, less what is owed."""


def history(ledger: Ledger, account: Account, *, now: datetime) -> Iterator[Entry]:
    """All entries of the account, those included that time alone has brought about by ``now``. Nothing is stored."""
    head = ledger.store.load(account).head
    for entry in ledger.entries(account):
        if entry.seq > head.seq:  # came while this was read
            break
        yield entry
    yield from settlement(head, present(head, now)).entries


def histories(
    ledger: Ledger, programme: str, *, now: datetime, page: int = 1000
) -> Iterator[tuple[Account, Iterator[Entry]]]:
    """Every account of a programme, by its name, with its entries, read page by page."""
    check_programme(programme)
    return _each_history(ledger, programme, now, page)


def _each_history(
    ledger: Ledger, programme: str, now: datetime, page: int
) -> Iterator[tuple[Account, Iterator[Entry]]]:
    after = ""
    while found := ledger.store.accounts(programme, after=after, limit=page):
        for account in found:
            yield account, history(ledger, account, now=now)
        after = found[-1].id


def known_at(entry: Entry) -> datetime:
    """When it became known: what a command did when it was recorded, what time alone did when it happened.

    Settlement writes down late what was certain at its instant, so it is not news when it is recorded.
    """
    return entry.effective_at if entry.key is None else entry.recorded_at


def until(entries: Iterable[Entry], instant: datetime) -> Iterator[Entry]:
    """The entries that were known at an instant: the account as it was then."""
    last = utc(instant)
    return (entry for entry in entries if known_at(entry) <= last)


def change(entry: Entry, buckets: frozenset[Bucket]) -> int:
    """What the entry adds to these buckets together; below 0 if it takes from them."""
    return entry.amount * ((entry.target in buckets) - (entry.source in buckets))


def written(amount: int, unit: str) -> str:
    """An amount for people: money of a currency as it is written there, other units as a number."""
    return Money(amount, unit).format() if unit.isupper() else f"{amount:,}"
