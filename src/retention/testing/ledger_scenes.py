"""Accounts, commands and decisions that the contract of a store is tested with, and what a store is seen to hold."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from retention.loyalty.errors import InsufficientBalance
from retention.loyalty.ledger.commands import Adjust, Command, Earn, Needs, Redeem
from retention.loyalty.ledger.decide import decide
from retention.loyalty.ledger.entries import Entry, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger, needs
from retention.loyalty.ledger.store import Batch, Change, LedgerStore, Loaded
from retention.loyalty.ledger.terms import Fixed

NOW = datetime(2026, 3, 1, 0, 0, 0, 1, UTC)  # a microsecond, so that a store that drops it is found
ANNA, BEN = Account("mileage", "anna"), Account("mileage", "ben")

Stored: TypeAlias = tuple[Loaded, Sequence[Entry]]


def validity(days: int | None = 365, *, start: datetime = NOW) -> Validity:
    """A lot that is available at once, for so many days; for ever if None."""
    return Validity(start.date(), start, None if days is None else start + timedelta(days=days))


def earning(amount: int, key: str = "earn", *, order: str | None = None, lot: Validity | None = None) -> Earn:
    """Of an order that is named as the key if no other name is given."""
    return Earn(key=key, rule="base", order=order or key, terms=Fixed(units=amount), validity=lot or validity())


def redeeming(amount: int, key: str) -> Redeem:
    """On an order that is named as the key."""
    return Redeem(key=key, amount=amount, order=key)


def giving(amount: int, key: str) -> Adjust:
    return Adjust(key=key, amount=amount, reason="made good", actor="staff", validity=validity(None))


def changing(store: LedgerStore, account: Account, command: Command, now: datetime = NOW) -> Change:
    """What the command changes, on the account as it is stored now. Nothing is stored."""
    loaded = store.load(account, needs(command))
    return Change(expected_version=loaded.head.version, decision=decide(loaded.head, loaded.records, command, now))


def commit(store: LedgerStore, *changes: Change) -> None:
    """In one batch."""
    store.commit(Batch(changes=tuple(sorted(changes, key=lambda each: each.account))))


def run(store: LedgerStore, account: Account, *commands: Command, now: datetime = NOW) -> None:
    """One after another, each stored by itself."""
    for command in commands:
        Ledger(store=store).run(account, command, now=now)


def everything(store: LedgerStore, accounts: Iterable[Account], asked: Needs) -> list[Stored]:
    """All that the store says of these accounts."""
    return [(store.load(each, asked), store.entries(each)) for each in accounts]


def spend(store: LedgerStore, number: int, *, times: int, account: Account = ANNA) -> int:
    """How many of so many redemptions of 1 succeed; their keys begin with ``number``."""
    ledger = Ledger(store=store)
    spent = 0
    for each in range(times):
        try:
            spent += ledger.run(account, redeeming(1, f"{number}-{each}"), now=NOW).amount
        except InsufficientBalance:
            continue
    return spent


def spend_ten(store: LedgerStore, number: int) -> int:
    """``spend`` ten times; a function of a module, which can be sent to another process."""
    return spend(store, number, times=10)
