"""Settlement: all that fell due by ``now`` happens, in the order of its instants, before anything else is decided.

So it does not matter whether an account was read in between, or whether any job ran.
"""

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from attrs import evolve

from retention.loyalty.ledger.books import Books, Said
from retention.loyalty.ledger.entries import Bucket, EntryKind, Lot
from retention.loyalty.ledger.head import Head, Hold
from retention.loyalty.ledger.records import EndedHold, Ending

_ACTIVATION, _TIME_OUT, _EXPIRY = range(3)  # at one instant in this order, then by id

_Due: TypeAlias = tuple[datetime, int, str]


def settle(books: Books) -> list[EndedHold]:
    """Carry out what is due by the books' ``now``; the holds that timed out."""
    ended: list[EndedHold] = []
    due = _agenda(books)
    while due:
        at, what, name = heappop(due)
        if what == _ACTIVATION:
            lot = books.pending[at, name]
            books.write(EntryKind.ACTIVATE, Bucket.PENDING, Bucket.AVAILABLE, lot.amount, at=at, lot=lot.validity)
            repay(books, at)
            _watch(books, due, [lot])
        elif what == _TIME_OUT:
            hold = books.holds[name]
            ended.append(release(books, hold, "timed out", at=at))
            _watch(books, due, hold.pinned)
        elif name in books.open:
            lot = books.open[name]
            books.write(EntryKind.EXPIRE, Bucket.AVAILABLE, Bucket.EXPIRED, lot.amount, at=at, lot=lot.validity)
    return ended


def settled(head: Head, now: datetime) -> Head:
    """The account as it is at ``now``: the head itself if nothing fell due since its last entry."""
    if head.next_due is None or now < head.next_due:
        return head
    books = Books.of(head, now)
    settle(books)
    return evolve(books.closed(), at=head.at)


def _agenda(books: Books) -> list[_Due]:
    """What is due by now, as far as it can be told before any of it has happened; a heap."""
    due: list[_Due] = [
        (lot.validity.available_at, _ACTIVATION, lot.id)
        for lot in books.pending.values()
        if lot.validity.available_at <= books.now
    ]
    due += [(hold.until, _TIME_OUT, hold.id) for hold in books.holds.values() if hold.until <= books.now]
    heapify(due)
    _watch(books, due, books.open.values())
    return due


def _watch(books: Books, due: list[_Due], lots: Iterable[Lot]) -> None:
    for lot in lots:
        if not lot.validity.alive(books.now) and lot.validity.expires_at is not None:
            heappush(due, (lot.validity.expires_at, _EXPIRY, lot.id))


def repay(books: Books, at: datetime) -> None:
    """What is available pays what is owed, in spend order: the two never coexist."""
    owed = min(books.debt, books.available)
    for lot in take(books, owed) if owed else ():
        books.write(EntryKind.REPAY, Bucket.AVAILABLE, Bucket.DEBT, lot.amount, at=at, lot=lot.validity)


def take(books: Books, amount: int, lots: Iterable[Lot] | None = None) -> list[Lot]:
    """The pieces that make up ``amount``, in spend order; less if there is not as much. Nothing is moved."""
    pieces: list[Lot] = []
    for lot in books.in_spend_order() if lots is None else lots:
        if amount <= 0:
            break
        piece = Lot(lot.validity, min(lot.amount, amount))
        pieces.append(piece)
        amount -= piece.amount
    return pieces


def release(books: Books, hold: Hold, how: Ending, *, at: datetime, captured: int = 0) -> EndedHold:
    """Let go of what is left of a hold: back into lots that live, and what belongs to a dead one expires now."""
    kind = EntryKind.TIME_OUT if how == "timed out" else EntryKind.VOID
    back = dead = 0
    for lot in hold.pinned:
        moved: Said = {"lot": lot.validity, "hold": hold.id, "order": hold.order, "corrects": hold.seq}
        if lot.validity.alive(at):
            books.write(kind, Bucket.HELD, Bucket.AVAILABLE, lot.amount, at=at, **moved)
            back += lot.amount
        else:
            books.write(EntryKind.EXPIRE, Bucket.HELD, Bucket.EXPIRED, lot.amount, at=at, **moved)
            dead += lot.amount
    repay(books, at)
    return EndedHold(hold.id, how, back + dead + captured, captured, back, dead)
