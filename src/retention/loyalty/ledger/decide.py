"""Decide on one command: pure, from the account's head, the records that the command names, and ``now``."""

from collections.abc import Mapping
from datetime import datetime
from math import floor
from typing import assert_never, final

from attrs import evolve, field, frozen

from retention.checks import instant
from retention.errors import FactError
from retention.loyalty.errors import (
    AccountClosed,
    ClockWentBackwards,
    HoldResolved,
    InsufficientBalance,
    KeyReused,
    NothingSpent,
    OverReturn,
    UnknownHold,
    UnknownLot,
)
from retention.loyalty.ledger import claw
from retention.loyalty.ledger.books import Books, room
from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Move,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Void,
    payload,
)
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Lot
from retention.loyalty.ledger.head import Head, Hold
from retention.loyalty.ledger.records import Claim, Done, Earned, EndedHold, OrderRecord, Records, Result
from retention.loyalty.ledger.settle import release, repay, settle, take
from retention.loyalty.ledger.terms import Refunded, check_refund, units


@final
@frozen(kw_only=True)
class Decision:
    """What a command does to an account: the next head, the entries that lead there, and what to remember.

    ``orders``, ``holds`` and ``done`` are records that are new or changed, ``claims`` what may not be earned again;
    ``expired`` is what to add to what expired of each lot. Nothing is stored yet.
    """

    head: Head
    entries: tuple[Entry, ...] = ()
    orders: Mapping[str, OrderRecord] = field(factory=dict)
    holds: tuple[EndedHold, ...] = ()
    claims: tuple[Claim, ...] = ()
    expired: Mapping[str, int] = field(factory=dict)
    done: Mapping[str, Done] = field(factory=dict)
    result: Result = field(factory=Result)


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
    return desk.close(command, evolve(result, balance=desk.books.balance))


def settlement(head: Head, now: datetime) -> Decision:
    """What time alone did by ``now``."""
    books = Books.of(head, checked_now(head, now))
    ended = settle(books)
    return Decision(head=books.closed(), entries=tuple(books.entries), holds=tuple(ended), expired=books.expired)


def repeated(head: Head, records: Records, command: Command | Move) -> Decision | None:
    """The first result of a command that came before; None for a new one. Raises KeyReused."""
    done = records.done.get(command.key)
    if done is None:
        return None
    if done.payload != payload(command):
        raise KeyReused(command.key)
    return Decision(head=head, result=evolve(done.result, replayed=True))


def checked_now(head: Head, now: datetime) -> datetime:
    """The instant of a decision in UTC. Raises ClockWentBackwards."""
    now = instant(now, "now")
    if head.at is not None and now < head.at:
        raise ClockWentBackwards(now, head.at)
    return now


@final
@frozen(kw_only=True)
class Desk:
    """One decision under way: settled books, and the records as they change."""

    books: Books
    records: Records
    orders: dict[str, OrderRecord] = field(factory=dict)
    ended: dict[str, EndedHold] = field(factory=dict)
    claims: list[Claim] = field(factory=list)

    @classmethod
    def open(cls, head: Head, records: Records, command: Command | Move, now: datetime) -> "Desk":
        """Settled, with the command's key to stamp what follows. Raises AccountClosed, ClockWentBackwards."""
        if head.merged_into is not None:
            raise AccountClosed(head.account.id, head.merged_into)
        now = checked_now(head, now)
        if command.at is not None and command.at > now:
            raise FactError(
                f"{type(command).__name__}.at", "is later than now", got=command.at, hint="Send it when it has happened"
            )
        books = Books.of(head, now)
        ended = {each.id: each for each in settle(books)}
        books.stamp = {"key": command.key, "reason": command.reason, "actor": command.actor}
        return cls(books=books, records=records, ended=ended)

    def order(self, order: str) -> OrderRecord:
        return self.orders.get(order) or self.records.orders.get(order) or OrderRecord(order=order)

    def hold(self, hold: str) -> Hold:
        """An open hold. Raises HoldResolved, UnknownHold."""
        found = self.books.holds.get(hold)
        if found is None:
            self.never_ended(hold)
            raise UnknownHold(hold)
        return found

    def never_ended(self, hold: str) -> None:
        """Raises HoldResolved if a hold of that id has ended."""
        ended = self.ended.get(hold) or self.records.holds.get(hold)
        if ended is not None:
            raise HoldResolved(hold, ended.how)

    def expired(self, lot: str) -> int:
        """What expired of a lot and was not taken back, by now."""
        return self.records.expired.get(lot, 0) + self.books.expired.get(lot, 0)

    def close(self, command: Command | Move, result: Result) -> Decision:
        return Decision(
            head=self.books.closed(),
            entries=tuple(self.books.entries),
            orders=self.orders,
            holds=tuple(self.ended.values()),
            claims=tuple(self.claims),
            expired={lot: amount for lot, amount in self.books.expired.items() if amount},
            done={command.key: Done(payload(command), result)},
            result=result,
        )


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
            ended = _end(desk, release(desk.books, desk.hold(command.hold), "voided", at=_at(desk, command)))
            return Result(amount=ended.pinned, released=ended.released, expired=ended.expired)
        case Refund():
            return _refund(desk, command)
        case Return():
            return _return(desk, command)
        case Adjust():
            return _adjust(desk, command)
        case Expire():
            return _taken_away(desk, command, EntryKind.EXPIRE, Bucket.EXPIRED)
        case Revoke():
            return _taken_away(desk, command, EntryKind.REVOKE, Bucket.REVOKED)
        case _:
            assert_never(command)


def _at(desk: Desk, command: Command) -> datetime:
    return desk.books.now if command.at is None else command.at


def _earn(desk: Desk, command: Earn) -> Result:
    claim = Claim(command.rule, command.order)
    if claim in desk.records.claims:
        return Result(already=True)
    books, whole = desk.books, units(command.terms, Refunded())
    left = room(books, command.quotas)
    terms = command.terms if left is None else evolve(command.terms, cap=min(left, whole))
    earned = units(terms, Refunded())
    at = _at(desk, command)
    seq = books.write(
        EntryKind.EARN, Bucket.ISSUED, Bucket.PENDING, earned,
        at=at, lot=command.validity, order=command.order, rule=command.rule, quotas=command.quotas,
    )  # fmt: skip
    part = Earned(rule=command.rule, terms=terms, units=earned, validity=command.validity, seq=seq)
    record = desk.order(command.order)
    desk.claims.append(claim)
    clawed = claw.Back()
    if record.refunded:  # the refund was seen first
        part, clawed = claw.back(desk, part, record, "debt", at)
    desk.orders[command.order] = evolve(record, earned=(*record.earned, part))
    desk.ended.update({each.id: each for each in settle(books)})
    return evolve(clawed.result(), amount=earned - clawed.total, capped=whole - earned)


def _redeem(desk: Desk, command: Redeem) -> Result:
    _spendable(desk, command.order)
    pieces = _pieces(desk.books, command.amount)
    seqs = [
        desk.books.write(
            EntryKind.REDEEM, Bucket.AVAILABLE, Bucket.SPENT, lot.amount,
            at=_at(desk, command), lot=lot.validity, order=command.order,
        )
        for lot in pieces
    ]  # fmt: skip
    _spent_on(desk, command.order, pieces, seqs[0])
    return Result(amount=command.amount)


def _pieces(books: Books, amount: int) -> list[Lot]:
    if amount > books.available:
        raise InsufficientBalance(amount, books.available, books.head.account.unit)
    return take(books, amount)


def _spendable(desk: Desk, order: str) -> None:
    if desk.order(order).share:
        raise NothingSpent(order, "was returned in part, and nothing more can be spent on it")


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
        _spendable(desk, command.order)
    for lot in _pieces(desk.books, command.amount):
        desk.books.write(
            EntryKind.HOLD, Bucket.AVAILABLE, Bucket.HELD, lot.amount,
            at=_at(desk, command), lot=lot.validity, order=command.order, hold=command.hold, until=command.until,
        )  # fmt: skip
    return Result(amount=command.amount)


def _capture(desk: Desk, command: Capture) -> Result:
    hold, at = desk.hold(command.hold), _at(desk, command)
    amount = hold.amount if command.amount is None else command.amount
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
    for part in record.earned:
        check_refund(part.terms, record.refunded, command.order)
    parts: list[Earned] = []
    whole = claw.Back()
    for part in record.earned:
        left, clawed = claw.back(desk, part, record, command.uncovered, _at(desk, command))
        parts.append(left)
        whole += clawed
    desk.orders[command.order] = evolve(record, earned=tuple(parts))
    return whole.result()


def _return(desk: Desk, command: Return) -> Result:
    record = desk.order(command.order)
    if not record.spent:
        raise NothingSpent(command.order, "has nothing spent on it")
    share = record.share + command.share
    if share > 1:
        raise OverReturn(command.order)
    due = floor(share * sum(lot.amount for lot in record.spent)) - record.returned
    dropped = sum(_put_back(desk, command, record, lot) for lot in _last_consumed(record, due))
    repay(desk.books, desk.books.now)
    desk.orders[command.order] = evolve(record, share=share, returned=record.returned + due)
    return Result(amount=due, dropped=dropped)


def _put_back(desk: Desk, command: Return, record: OrderRecord, lot: Lot) -> int:
    """Give a spent piece back to its lot; how much of it was dropped. What is owed is paid even from a dead lot."""
    books, home = desk.books, lot.validity if lot.validity.alive(desk.books.now) else command.extended
    paid = min(books.debt, lot.amount) if home is None else 0
    dropped = lot.amount - paid if home is None else 0
    for target, amount in (
        (Bucket.DEBT, paid),
        (Bucket.EXPIRED, dropped),
        (Bucket.AVAILABLE, lot.amount - paid - dropped),
    ):
        books.write(
            EntryKind.RETURN, Bucket.SPENT, target, amount,
            at=_at(desk, command), lot=home or lot.validity, order=command.order, corrects=record.seq,
        )  # fmt: skip
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


def _adjust(desk: Desk, command: Adjust) -> Result:
    if command.validity is None:
        for lot in _pieces(desk.books, -command.amount):
            _away(desk, command, EntryKind.ADJUST, Bucket.REVOKED, lot)
    else:
        desk.books.write(
            EntryKind.ADJUST, Bucket.ISSUED, Bucket.PENDING, command.amount, at=_at(desk, command), lot=command.validity
        )
        desk.ended.update({each.id: each for each in settle(desk.books)})
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
    desk.books.write(kind, Bucket.AVAILABLE, bucket, lot.amount, at=_at(desk, command), lot=lot.validity)
