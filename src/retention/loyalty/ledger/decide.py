"""Decide on one command: pure, from the account's head, the records that the command names, and ``now``."""

from datetime import datetime
from typing import assert_never

from attrs import evolve

from retention.errors import FactError
from retention.loyalty.errors import HoldResolved, InsufficientBalance, UnknownLot
from retention.loyalty.ledger import claw, returns
from retention.loyalty.ledger.books import Books, room
from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Void,
)
from retention.loyalty.ledger.desk import Decision, Desk, checked_now, repeated
from retention.loyalty.ledger.entries import Bucket, EntryKind, Lot
from retention.loyalty.ledger.head import Head
from retention.loyalty.ledger.records import Claim, Earned, EndedHold, Records, Result
from retention.loyalty.ledger.settle import release, settle, take
from retention.loyalty.ledger.terms import Refunded, check_refund, units

__all__ = ["Decision", "Desk", "checked_now", "decide", "repeated", "settlement"]


def decide(head: Head, records: Records, command: Command, now: datetime) -> Decision:
    """What the command does at ``now``. Settlement comes first.

    A command whose key came before does nothing and gives its first result. Raises LedgerError of the kind that says
    what is wrong, and then nothing has happened but settlement, which will happen again. Costs O(lots and holds that
    are open).
    """
    known = repeated(head, records, command)
    if known is not None:
        return known
    desk = Desk.open(head, records, command, now)
    result = _carried_out(desk, command)
    desk.ended_meanwhile(settle(desk.books))  # what began at once, or came back to a lot that died since
    return desk.close(command, evolve(result, balance=desk.books.balance))


def settlement(head: Head, now: datetime) -> Decision:
    """What time alone did by ``now``."""
    books = Books.of(head, checked_now(head, now))
    ended = settle(books)
    return Decision(head=books.closed(), entries=tuple(books.entries), holds=tuple(ended), expired=books.expired)


def _carried_out(desk: Desk, command: Command) -> Result:
    match command:
        case Earn():
            return _earn(desk, command)
        case Redeem():
            return _redeem(desk, command)
        case Place():
            return _place(desk, command)
        case Capture():
            return _capture(desk, command)
        case Void():
            ended = _end(desk, release(desk.books, desk.hold(command.hold), "voided", at=desk.at(command)))
            return Result(amount=ended.pinned, released=ended.released, expired=ended.expired)
        case Refund():
            return _refund(desk, command)
        case Return():
            return returns.put_back(desk, command)
        case Adjust():
            return _adjust(desk, command)
        case Expire():
            return _taken_away(desk, command, EntryKind.EXPIRE, Bucket.EXPIRED)
        case Revoke():
            return _taken_away(desk, command, EntryKind.REVOKE, Bucket.REVOKED)
        case _:
            assert_never(command)


def _earn(desk: Desk, command: Earn) -> Result:
    claim = Claim(command.rule, command.order)
    if claim in desk.records.claims:
        return Result(already=True)
    record = desk.order(command.order)
    check_refund((*(part.terms for part in record.earned), command.terms), record.refunded, command.order)
    books, whole = desk.books, units(command.terms, Refunded())
    left = room(books, command.quotas)
    terms = command.terms if left is None else evolve(command.terms, cap=min(left, whole))
    earned = units(terms, Refunded())
    seq = books.write(
        EntryKind.EARN, Bucket.ISSUED, Bucket.PENDING, earned,
        at=desk.at(command), lot=command.validity, order=command.order, rule=command.rule, quotas=command.quotas,
    )  # fmt: skip
    part = Earned(rule=command.rule, terms=terms, units=earned, validity=command.validity, seq=seq)
    part, undone = claw.undo(desk, part, record, desk.at(command))
    desk.claims.append(claim)
    desk.orders[command.order] = evolve(record, earned=(*record.earned, part))
    return Result(amount=earned - undone, own=undone, capped=whole - earned)


def _redeem(desk: Desk, command: Redeem) -> Result:
    desk.spendable(command.order)
    pieces = _pieces(desk.books, command.amount)
    seqs = [
        desk.books.write(
            EntryKind.REDEEM, Bucket.AVAILABLE, Bucket.SPENT, lot.amount,
            at=desk.at(command), lot=lot.validity, order=command.order,
        )
        for lot in pieces
    ]  # fmt: skip
    _spent_on(desk, command.order, pieces, seqs[0])
    return Result(amount=command.amount)


def _pieces(books: Books, amount: int) -> list[Lot]:
    if amount > books.available:
        raise InsufficientBalance(amount, books.available, books.head.account.unit)
    return take(books, amount)


def _spent_on(desk: Desk, order: str, pieces: list[Lot], seq: int) -> None:
    record = desk.order(order)
    desk.orders[order] = evolve(record, spent=(*record.spent, *pieces), seq=record.seq or seq)


def _place(desk: Desk, command: Place) -> Result:
    if command.until <= desk.books.now:
        raise FactError(
            "Place.until", "is not later than now", got=command.until, hint="Give the instant of the time-out"
        )
    if command.hold in desk.books.holds:
        raise HoldResolved(command.hold, "open already")
    desk.never_ended(command.hold)
    if command.order is not None:
        desk.spendable(command.order)
    for lot in _pieces(desk.books, command.amount):
        desk.books.write(
            EntryKind.HOLD, Bucket.AVAILABLE, Bucket.HELD, lot.amount,
            at=desk.at(command), lot=lot.validity, order=command.order, hold=command.hold, until=command.until,
        )  # fmt: skip
    return Result(amount=command.amount)


def _capture(desk: Desk, command: Capture) -> Result:
    hold, at = desk.hold(command.hold), desk.at(command)
    amount = hold.amount if command.amount is None else command.amount
    if hold.order is not None:
        desk.spendable(hold.order)
    if amount > hold.amount:
        raise InsufficientBalance(amount, hold.amount, f"held {desk.books.head.account.unit}")
    pieces = take(desk.books, amount, hold.pinned)
    seqs = [
        desk.books.write(
            EntryKind.CAPTURE, Bucket.HELD, Bucket.SPENT, lot.amount,
            at=at, lot=lot.validity, order=hold.order, hold=hold.id, corrects=hold.seq,
        )
        for lot in pieces
    ]  # fmt: skip
    if hold.order is not None:
        _spent_on(desk, hold.order, pieces, seqs[0])
    rest = desk.books.holds.get(hold.id, evolve(hold, pinned=()))
    ended = _end(desk, release(desk.books, rest, "captured", at=at, captured=amount))
    return Result(amount=amount, released=ended.released, expired=ended.expired)


def _end(desk: Desk, ended: EndedHold) -> EndedHold:
    desk.ended[ended.id] = ended
    return ended


def _refund(desk: Desk, command: Refund) -> Result:
    record = desk.order(command.order)
    record = evolve(record, refunded=record.refunded + command.refunded)
    check_refund((part.terms for part in record.earned), record.refunded, command.order)
    parts: list[Earned] = []
    whole = Result()
    for part in record.earned:
        left, clawed = claw.back(desk, part, record, command.uncovered, desk.at(command))
        parts.append(left)
        whole = claw.added(whole, clawed)
    desk.orders[command.order] = evolve(record, earned=tuple(parts))
    return whole


def _adjust(desk: Desk, command: Adjust) -> Result:
    if command.validity is None:
        for lot in _pieces(desk.books, -command.amount):
            _away(desk, command, EntryKind.ADJUST, Bucket.REVOKED, lot)
    else:
        desk.books.write(
            EntryKind.ADJUST, Bucket.ISSUED, Bucket.PENDING, command.amount, at=desk.at(command), lot=command.validity
        )
    return Result(amount=abs(command.amount))


def _taken_away(desk: Desk, command: Expire | Revoke, kind: EntryKind, bucket: Bucket) -> Result:
    if command.lot is None:
        pieces = _pieces(desk.books, command.amount)
    else:
        pieces = [_piece_of(desk.books, command.lot, command.amount)]
    for lot in pieces:
        _away(desk, command, kind, bucket, lot)
    return Result(amount=command.amount)


def _piece_of(books: Books, lot: str, amount: int) -> Lot:
    found = books.open.get(lot)
    if found is None:
        raise UnknownLot(lot)
    if amount > found.amount:
        raise InsufficientBalance(amount, found.amount, f"{books.head.account.unit} of the lot {lot}")
    return Lot(found.validity, amount)


def _away(desk: Desk, command: Command, kind: EntryKind, bucket: Bucket, lot: Lot) -> None:
    desk.books.write(kind, Bucket.AVAILABLE, bucket, lot.amount, at=desk.at(command), lot=lot.validity)
