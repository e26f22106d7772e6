"""The claw-back: what an order no longer earns is taken back, from where it can be had."""

from datetime import datetime
from typing import Final, assert_never

from attrs import evolve

from retention.loyalty.ledger.books import start
from retention.loyalty.ledger.commands import Uncovered
from retention.loyalty.ledger.desk import Desk
from retention.loyalty.ledger.entries import Bucket, EntryKind, Validity
from retention.loyalty.ledger.records import Earned, OrderRecord, Result
from retention.loyalty.ledger.settle import take
from retention.loyalty.ledger.terms import units

_SUMS: Final = ("amount", "recovered", "own", "others", "debt", "forgiven", "charged")


def added(one: Result, other: Result) -> Result:
    """What two claw-backs took together, and where from."""
    return Result(**{name: getattr(one, name) + getattr(other, name) for name in _SUMS})


def back(desk: Desk, part: Earned, record: OrderRecord, uncovered: Uncovered, at: datetime) -> tuple[Earned, Result]:
    """Take back what a rule gave for the order and what is left of the order does not earn.

    First what has expired of its lot, then its lot, then other lots in spend order; what is held is left alone; the
    rest as ``uncovered`` says.
    """
    due = part.units - part.clawed_back - units(part.terms, record.refunded)
    books, lot = desk.books, part.validity.id
    left = due

    def revoke(source: Bucket, most: int, validity: Validity | None) -> int:
        nonlocal left
        amount = min(left, most)
        books.write(
            EntryKind.CLAW_BACK, source, Bucket.REVOKED, amount,
            at=at, lot=validity, order=record.order, rule=part.rule, corrects=part.seq or None,
        )  # fmt: skip
        left -= amount
        return amount

    recovered = revoke(Bucket.EXPIRED, desk.expired(lot), part.validity)
    own = sum(
        revoke(bucket, piece.amount, piece.validity)
        for bucket, piece in (
            (Bucket.PENDING, books.pending.get(start(part.validity))),
            (Bucket.AVAILABLE, books.open.get(lot)),
        )
        if piece is not None
    )
    others = sum(revoke(Bucket.AVAILABLE, piece.amount, piece.validity) for piece in take(books, left))
    short = revoke(_source(uncovered), left, None)
    taken = Result(
        amount=due,
        recovered=recovered,
        own=own,
        others=others,
        debt=short if uncovered == "debt" else 0,
        forgiven=short if uncovered == "forgive" else 0,
        charged=short if uncovered == "charge" else 0,
    )
    return evolve(part, clawed_back=part.clawed_back + due), taken


def undo(desk: Desk, part: Earned, record: OrderRecord, at: datetime) -> tuple[Earned, int]:
    """Take back, of what has just been earned and is still pending, what was refunded before; how much that was."""
    due = part.units - units(part.terms, record.refunded)
    desk.books.write(
        EntryKind.CLAW_BACK, Bucket.PENDING, Bucket.REVOKED, due,
        at=at, lot=part.validity, order=record.order, rule=part.rule, corrects=part.seq,
    )  # fmt: skip
    return evolve(part, clawed_back=due), due


def _source(uncovered: Uncovered) -> Bucket:
    match uncovered:
        case "debt":
            return Bucket.DEBT
        case "forgive":
            return Bucket.FORGIVEN
        case "charge":
            return Bucket.ISSUED  # paid for with money, as if it had been bought
        case _:
            assert_never(uncovered)
