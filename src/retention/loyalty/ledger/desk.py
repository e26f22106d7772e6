"""One decision under way: settled books, the records it reads and those it changes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import final

from attrs import evolve, field, frozen

from retention.checks import instant
from retention.errors import FactError
from retention.loyalty.errors import (
    AccountClosed,
    ClockWentBackwards,
    HoldResolved,
    KeyReused,
    NothingSpent,
    UnknownHold,
)
from retention.loyalty.ledger.books import Books
from retention.loyalty.ledger.commands import Command, Move, payload
from retention.loyalty.ledger.entries import Entry
from retention.loyalty.ledger.head import Head, Hold
from retention.loyalty.ledger.records import Claim, Done, EndedHold, OrderRecord, Records, Result
from retention.loyalty.ledger.settle import settle


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

    def at(self, command: Command | Move) -> datetime:
        """When the event happened."""
        return self.books.now if command.at is None else command.at

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

    def spendable(self, order: str) -> None:
        """Raises NothingSpent for an order that was returned in part: what comes back of it is settled by its share."""
        if self.order(order).share:
            raise NothingSpent(order, "was returned in part, and nothing more can be spent on it")

    def ended_meanwhile(self, ended: Iterable[EndedHold]) -> None:
        self.ended.update((each.id, each) for each in ended)

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
