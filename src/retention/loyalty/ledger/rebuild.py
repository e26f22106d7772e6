"""A head from its entries: the same as the stored one, but for the version, which counts commits."""

from collections.abc import Iterable
from datetime import UTC, datetime

from retention.loyalty.ledger.books import Books
from retention.loyalty.ledger.entries import Entry, EntryKind
from retention.loyalty.ledger.head import Account, Head


def rebuild(account: Account, entries: Iterable[Entry], *, chained: bool = False, version: int = 0) -> Head:
    """The head to which these entries, all of an account in order of ``seq``, lead. Costs O(entries).

    A merge of an account without entries leaves none, so ``merged_into`` is not rebuilt for it.
    """
    head = Head(account=account, version=version, chain="" if chained else None)
    books = Books.of(head, datetime.min.replace(tzinfo=UTC))
    for entry in entries:
        books.post(entry)
    last = books.entries[-1] if books.entries else None
    if last is not None and last.kind is EntryKind.MERGE and not any(books.totals.values()):
        books.merged_into = last.other  # nothing is left in an account that was merged, and only there
    return books.closed()
