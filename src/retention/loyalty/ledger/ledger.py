"""The ledger as a host uses it: load, decide, commit, and again when somebody else was first."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar, assert_never, final

from attrs import evolve, frozen

from retention.checks import instant
from retention.errors import RetentionError
from retention.loyalty.errors import Conflict, LedgerBusy, StayedLocked
from retention.loyalty.ledger.asked import (
    check_account,
    check_move,
    check_programme,
    check_together,
)
from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Merge,
    Move,
    Needs,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Void,
)
from retention.loyalty.ledger.decide import decide, settlement
from retention.loyalty.ledger.desk import Decision, checked_now
from retention.loyalty.ledger.entries import Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.moving import decide_move
from retention.loyalty.ledger.records import Claim, OrderRecord, Result
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.store import Batch, Change, LedgerStore, Loaded

_T = TypeVar("_T")

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""How far ``now`` may lie before an account's last entry and still be taken for its instant: the clocks of a shop's
machines differ, and of two commands sent at once the one with the later clock may come first."""


@final
@frozen(kw_only=True)
class Ledger:
    """Accounts in a store. Every call takes ``now``, the present instant; nothing here reads a clock.

    Safe with any number of threads, processes and machines on one store. ``attempts`` is how often a command is decided
    anew because somebody else committed first. With ``chained``, every entry of an account that is new carries the hash
    of the one before it.
    """

    store: LedgerStore
    attempts: int = 100
    chained: bool = False

    def run(self, account: Account, command: Command, *, now: datetime) -> Result:
        """Carry out a command, once however often it is sent. Raises LedgerError, LedgerBusy, and FactError for what is
        no command."""
        return self.run_together([(account, command)], now=now)[0]

    def run_together(self, commands: Sequence[tuple[Account, Command]], *, now: datetime) -> tuple[Result, ...]:
        """Carry out commands on several accounts, all or none. Raises what the first that is refused raises."""
        check_together(commands)
        ordered = sorted(commands, key=lambda each: each[0])

        def attempt(ledger: Ledger) -> tuple[Result, ...]:
            decided = {account: ledger._decided(account, command, now) for account, command in ordered}
            ledger._commit([decided[account] for account, _ in ordered])
            return tuple(decided[account][1].result for account, _ in commands)

        return self._persist([account for account, _ in ordered], attempt)

    def preview(self, account: Account, command: Command, *, now: datetime) -> Decision:
        """The decision that ``run`` would make, with its entries; nothing is stored."""
        check_together([(account, command)])
        return self._decided(account, command, now)[1]

    def move(self, account: Account, command: Move, *, now: datetime) -> Result:
        """Transfer to another account, or merge into it: both accounts change or neither."""
        check_account(account)
        check_move(command)

        def attempt(ledger: Ledger) -> Result:
            source = ledger._load(account, Needs(keys=frozenset({command.key})))
            target = ledger._load(command.to)
            latest = present(target.head, present(source.head, now))
            left, arrived = decide_move(source.head, target.head, source.records, command, latest)
            pairs = sorted([(source.head, left), (target.head, arrived)], key=lambda pair: pair[0].account)
            ledger._commit(pairs, merged=(account, command.to) if isinstance(command, Merge) else None)
            return left.result

        return self._persist(sorted((account, command.to)), attempt)

    def head(self, account: Account, *, now: datetime) -> Head:
        """The account as it is at ``now``. Nothing is stored."""
        check_account(account)
        head = self.store.load(account).head
        return settled(head, checked_now(head, present(head, now)))

    def order(self, account: Account, order: str) -> OrderRecord:
        """What an order earned, what was refunded of it and what was spent on it; empty for one unknown here."""
        check_account(account)
        found = self.store.load(account, Needs(orders=frozenset({order}))).records.orders.get(order)
        return OrderRecord(order=order) if found is None else found

    def settle_due(self, programme: str, *, now: datetime, limit: int = 1000) -> int:
        """Store what time alone has done, for at most ``limit`` accounts; how many there were.

        Balances do not depend on it. It lets reports and queries on the tables see expiries that nobody has looked at.
        """
        check_programme(programme)
        accounts = self.store.due(programme, instant(now, "now"), limit)
        for account in accounts:
            self._persist([account], partial(_settle, account, now))
        return len(accounts)

    def entries(self, account: Account, *, after: int = 0, page: int = 1000) -> Iterator[Entry]:
        """All entries with ``seq > after``, in order, read page by page."""
        while found := self.store.entries(account, after=after, limit=page):
            yield from found
            after = found[-1].seq

    def _load(self, account: Account, asked: Needs = Needs()) -> Loaded:  # noqa: B008 - frozen
        loaded = self.store.load(account, asked)
        if self.chained and loaded.head.version == 0:
            return evolve(loaded, head=evolve(loaded.head, chain=""))
        return loaded

    def _decided(self, account: Account, command: Command, now: datetime) -> tuple[Head, Decision]:
        loaded = self._load(account, needs(command))
        return loaded.head, decide(loaded.head, loaded.records, command, present(loaded.head, now))

    def _commit(self, decided: Sequence[tuple[Head, Decision]], merged: tuple[Account, Account] | None = None) -> None:
        changes = [
            Change(expected_version=head.version, decision=decision)
            for head, decision in decided
            if not decision.result.replayed
        ]
        if changes:
            self.store.commit(Batch(changes=tuple(changes), merged=merged))

    def _persist(self, accounts: Sequence[Account], attempt: "Callable[[Ledger], _T]") -> _T:
        """The first attempt waits for nobody; after that the accounts are waited for, so that it is their turn."""

        def attempted(number: int) -> _T:
            if not number:
                return attempt(self)
            with self.store.turn(accounts) as store:
                return attempt(evolve(self, store=store))

        return persist(self.attempts, attempted, Conflict)


def persist(attempts: int, attempt: Callable[[int], _T], *overtaken: type[RetentionError]) -> _T:
    """What an attempt brings, made again as long as somebody else is faster, which these errors say. Attempts are
    numbered from 0. Raises LedgerBusy."""
    for number in range(attempts):
        try:
            return attempt(number)
        except StayedLocked as problem:
            raise LedgerBusy(number + 1) from problem
        except overtaken:
            continue
    raise LedgerBusy(attempts)


def present(head: Head, now: datetime) -> datetime:
    """``now``, or the instant of the account's last entry if that is only just later. Raises NaiveInstant."""
    now = instant(now, "now")
    return head.at if head.at is not None and now < head.at <= now + CLOCKS_DIFFER else now


def _settle(account: Account, now: datetime, ledger: Ledger) -> None:
    head = ledger.store.load(account).head
    decided = settlement(head, present(head, now))
    if decided.entries:
        ledger._commit([(head, decided)])


def needs(command: Command) -> Needs:
    """The records that a command reads."""
    keys = frozenset({command.key})
    match command:
        case Earn():
            return Needs(
                keys=keys, orders=frozenset({command.order}), claims=frozenset({Claim(command.rule, command.order)})
            )
        case Redeem() | Refund() | Return():
            return Needs(keys=keys, orders=frozenset({command.order}))
        case Place(order=order):
            orders = frozenset[str]() if order is None else frozenset({order})
            return Needs(keys=keys, holds=frozenset({command.hold}), orders=orders)
        case Capture() | Void():
            return Needs(keys=keys, holds=frozenset({command.hold}))
        case Adjust() | Expire() | Revoke():
            return Needs(keys=keys)
        case _:
            assert_never(command)
