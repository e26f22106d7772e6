"""Decide on a move between two accounts: both or neither."""

from datetime import datetime

from attrs import evolve

from retention.errors import CurrencyMismatch, FactError
from retention.loyalty.errors import HoldResolved, InsufficientBalance
from retention.loyalty.ledger.books import Said
from retention.loyalty.ledger.commands import Move, Transfer
from retention.loyalty.ledger.desk import Decision, Desk, repeated
from retention.loyalty.ledger.entries import Bucket, EntryKind, Lot, Quota
from retention.loyalty.ledger.head import Account, Head, Hold
from retention.loyalty.ledger.records import Records, Result
from retention.loyalty.ledger.settle import repay, take


def decide_move(
    source: Head, target: Head, records: Records, command: Move, now: datetime
) -> tuple[Decision, Decision]:
    """What the move does to the two accounts at ``now``; ``records`` are those of the source.

    Raises LedgerError as ``decide`` does, FactError for a move to the account itself, CurrencyMismatch for another
    unit.
    """
    known = repeated(source, records, command)
    if known is not None:
        return known, Decision(head=target, result=known.result)
    _fit(source.account, target.account)
    leaving = Desk.open(source, records, command, now)
    arriving = Desk.open(target, Records(), command, now)
    moved = _transfer(leaving, arriving, command) if isinstance(command, Transfer) else _merge(leaving, arriving)
    repay(arriving.books, arriving.books.now)
    result = Result(amount=moved, balance=leaving.books.balance)
    there = arriving.close(command, Result(amount=moved, balance=arriving.books.balance))
    return leaving.close(command, result), evolve(there, done={})


def _fit(source: Account, target: Account) -> None:
    if source == target:
        raise FactError("to", "is the account itself", got=target, hint="Give the other account")
    if source.unit != target.unit:
        raise CurrencyMismatch("to", source.unit, target.unit)


def _transfer(leaving: Desk, arriving: Desk, command: Transfer) -> int:
    available = leaving.books.available
    if command.amount > available:
        raise InsufficientBalance(command.amount, available, leaving.books.head.account.unit)
    for lot in take(leaving.books, command.amount):
        _move(leaving, arriving, EntryKind.TRANSFER, Bucket.AVAILABLE, lot)
    return command.amount


def _move(leaving: Desk, arriving: Desk, kind: EntryKind, bucket: Bucket, lot: Lot, hold: Hold | None = None) -> None:
    held: Said = {} if hold is None else {"hold": hold.id, "until": hold.until, "order": hold.order}
    there: Said = {**held, "lot": lot.validity, "other": _name(arriving)}
    leaving.books.write(kind, bucket, Bucket.MERGED, lot.amount, **there)
    here: Said = {**held, "lot": lot.validity, "other": _name(leaving)}
    arriving.books.write(kind, Bucket.MERGED, bucket, lot.amount, **here)


def _name(desk: Desk) -> str:
    return desk.books.head.account.id


def _merge(leaving: Desk, arriving: Desk) -> int:
    """Lots and holds move one by one, the other buckets as sums: nothing is left behind, and the closed account is at
    0."""
    books = leaving.books
    moved = books.available
    for lot in books.in_spend_order():
        _move(leaving, arriving, EntryKind.MERGE, Bucket.AVAILABLE, lot)
    for lot in list(books.pending.values()):
        _move(leaving, arriving, EntryKind.MERGE, Bucket.PENDING, lot)
    for hold in list(books.holds.values()):
        if hold.id in arriving.books.holds:
            raise HoldResolved(hold.id, "open in both accounts")
        for lot in hold.pinned:
            _move(leaving, arriving, EntryKind.MERGE, Bucket.HELD, lot, hold)
    _carry_over_issued(leaving, arriving)
    for bucket in (Bucket.SPENT, Bucket.EXPIRED, Bucket.REVOKED, Bucket.FORGIVEN, Bucket.DEBT):
        _carry_over(leaving, arriving, bucket)
    books.merged_into = _name(arriving)
    return moved


def _carry_over_issued(leaving: Desk, arriving: Desk) -> None:
    """In layers, of which each says the quotas that it counts for: a limit per customer outlives the merge."""
    counters = [each for each in leaving.books.counters.values() if each.lasts(leaving.books.now)]
    issued, below = -leaving.books.totals[Bucket.ISSUED], 0
    for level in sorted({each.used for each in counters} | {issued}):
        quotas = tuple(Quota(each.key, each.used, each.until) for each in counters if each.used >= level)
        leaving.books.write(EntryKind.MERGE, Bucket.MERGED, Bucket.ISSUED, level - below, other=_name(arriving))
        arriving.books.write(
            EntryKind.MERGE, Bucket.ISSUED, Bucket.MERGED, level - below, other=_name(leaving), quotas=quotas
        )
        below = level


def _carry_over(leaving: Desk, arriving: Desk, bucket: Bucket) -> None:
    sum_here = leaving.books.totals[bucket]
    for desk, other, sign in ((leaving, arriving, 1), (arriving, leaving, -1)):
        source, target = (bucket, Bucket.MERGED) if sum_here * sign > 0 else (Bucket.MERGED, bucket)
        desk.books.write(EntryKind.MERGE, source, target, abs(sum_here), other=_name(other))
