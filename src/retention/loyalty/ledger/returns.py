"""The return: what was spent on an order comes back with the goods, into the lots it came from."""

from math import floor

from attrs import evolve

from retention.errors import FactError
from retention.loyalty.errors import NothingSpent, OverReturn
from retention.loyalty.ledger import fields
from retention.loyalty.ledger.commands import Return
from retention.loyalty.ledger.desk import Desk
from retention.loyalty.ledger.entries import Bucket, EntryKind, Lot, Validity
from retention.loyalty.ledger.records import OrderRecord, Result
from retention.loyalty.ledger.settle import repay


def put_back(desk: Desk, command: Return) -> Result:
    """Give back the share of what was spent that has not come back yet: in parts as much as at once."""
    record = desk.order(command.order)
    if not record.spent:
        raise NothingSpent(command.order, "has nothing spent on it")
    share = record.share + command.share
    if share > 1:
        raise OverReturn(command.order)
    fields.short(share, "Return.share")  # the sum of many that have nothing in common
    _fit(desk, command.extended)
    due = floor(share * sum(lot.amount for lot in record.spent)) - record.returned
    dropped = sum(_put_back(desk, command, record, lot) for lot in _last_consumed(record, due))
    desk.orders[command.order] = evolve(record, share=share, returned=record.returned + due)
    return Result(amount=due, dropped=dropped)


def _fit(desk: Desk, extended: Validity | None) -> None:
    if extended is not None and extended.available_at > desk.books.now:
        hint = "What comes back can be spent at once: give available_at=now"
        raise FactError("Return.extended", "is not available yet", got=extended, hint=hint)


def _put_back(desk: Desk, command: Return, record: OrderRecord, lot: Lot) -> int:
    """Give a spent piece back to its lot; how much of it was dropped. What is owed is paid even from a dead lot."""
    books = desk.books
    home = next((each for each in (lot.validity, command.extended) if each is not None and each.alive(books.now)), None)
    paid = min(books.debt, lot.amount) if home is None else 0
    dropped = lot.amount - paid if home is None else 0
    for target, amount in (
        (Bucket.DEBT, paid),
        (Bucket.EXPIRED, dropped),
        (Bucket.AVAILABLE, lot.amount - paid - dropped),
    ):
        books.write(
            EntryKind.RETURN, Bucket.SPENT, target, amount,
            at=desk.at(command), lot=home or lot.validity, order=command.order, corrects=record.seq or None,
        )  # fmt: skip
    repay(books, books.now)
    return dropped


def _last_consumed(record: OrderRecord, amount: int) -> list[Lot]:
    """The pieces that come back next: from the last one consumed, after those that came back before."""
    skip, pieces = record.returned, []
    for lot in reversed(record.spent):
        skipped = min(skip, lot.amount)
        back = min(lot.amount - skipped, amount)
        skip, amount = skip - skipped, amount - back
        if back:
            pieces.append(Lot(lot.validity, back))
    return pieces
