"""Processes that work on a ledger until they are killed, and what they wrote down before that.

A process writes down each command before it is sent and each result after it came, on disk both times. Who takes its
place sends again what has no result.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeAlias

from retention.loyalty.errors import LedgerBusy, LedgerError
from retention.loyalty.ledger.commands import (
    Capture,
    Command,
    Earn,
    Merge,
    Move,
    Place,
    Redeem,
    Refund,
    Return,
    Transfer,
)
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.terms import ByLines, Line, Refunded
from retention.testing.ledger_scenes import NOW, validity
from tests.storage.openers import open_sql

ACCOUNTS = tuple(Account("mileage", f"customer-{number}") for number in range(6))
REFUSED = "refused"

Log: TypeAlias = dict[str, int | str | None]
"""By key: what came of the command, None for one that was sent and never answered."""

Sent: TypeAlias = tuple[tuple[Account, Command | Move], ...]
"""What is sent under one key: a command, or several on different accounts that are carried out together."""

Story: TypeAlias = dict[str, Sent]
"""What is sent one after another, by key."""


def story(key: str) -> Story:
    """The story that begins with a key: the same whoever tells it, and however often."""
    random = Random(key)
    account, other = random.sample(ACCOUNTS, 2)
    return random.choice(_STORIES)(key, account, other, random.randint(1, 9))


def sent(key: str) -> Sent:
    """What is sent under a key."""
    beginning, _, _ = key.partition(":")
    return story(beginning)[key]


def _earn(key: str, amount: int) -> Earn:
    """Nine times the amount, of which an order that is refunded by a third loses a third."""
    terms = ByLines(lines=(Line("line", 900, Fraction(amount, 100)),), payable=900)
    return Earn(key=key, rule="base", order=key, terms=terms, validity=validity())


def _refund(key: str, order: str) -> Refund:
    return Refund(key=key, order=order, refunded=Refunded(lines={"line": 300}))


def _order_refunded(key: str, account: Account, _: Account, amount: int) -> Story:
    later = f"{key}:refund"
    return {key: ((account, _earn(key, amount)),), later: ((account, _refund(later, key)),)}


def _order_returned(key: str, account: Account, _: Account, amount: int) -> Story:
    later = f"{key}:return"
    back = Return(key=later, order=key, share=Fraction(1, 2))
    return {key: ((account, Redeem(key=key, amount=2 * amount, order=key)),), later: ((account, back),)}


def _hold_captured(key: str, account: Account, _: Account, amount: int) -> Story:
    later = f"{key}:capture"
    place = Place(key=key, hold=key, amount=amount, until=NOW + timedelta(days=1))
    return {key: ((account, place),), later: ((account, Capture(key=later, hold=key)),)}


def _transferred(key: str, account: Account, other: Account, amount: int) -> Story:
    return {key: ((account, Transfer(key=key, amount=amount, to=other)),)}


def _spent_together(key: str, account: Account, other: Account, amount: int) -> Story:
    redeem = Redeem(key=key, amount=amount, order=key)
    return {key: ((account, redeem), (other, redeem))}


def _newcomer_merged(key: str, account: Account, _: Account, amount: int) -> Story:
    """What a newcomer earned is refunded where it went."""
    newcomer, merge, refund = Account("mileage", key), f"{key}:merge", f"{key}:refund"
    return {
        key: ((newcomer, _earn(key, amount)),),
        merge: ((newcomer, Merge(key=merge, to=account)),),
        refund: ((account, _refund(refund, key)),),
    }


_STORIES: tuple[Callable[[str, Account, Account, int], Story], ...] = (
    _order_refunded,
    _order_returned,
    _hold_captured,
    _transferred,
    _spent_together,
    _newcomer_merged,
)


def read_log(path: Path) -> Log:
    """A last line that was cut short by the death of its writer says nothing."""
    log: Log = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            key, outcome = json.loads(line)
        except ValueError:
            continue
        log[key] = outcome
    return log


def send(ledger: Ledger, key: str) -> int | str:
    """What came of the command: the amount it was about, or that it was refused."""
    while True:
        try:
            return _results(ledger, sent(key))[0].amount
        except LedgerBusy:
            continue
        except LedgerError:
            return REFUSED


def _results(ledger: Ledger, commands: Sent) -> Sequence[Result]:
    alone: list[tuple[Account, Command]] = []
    for account, command in commands:
        if isinstance(command, Transfer | Merge):
            return [ledger.move(account, command, now=NOW)]
        alone.append((account, command))
    return ledger.run_together(alone, now=NOW)


def work(url: str, path: Path, worker: str) -> None:
    """Until it is killed."""
    ledger = Ledger(store=open_sql(url))
    with path.open("ab", buffering=0) as log:
        for key in _keys(read_log(path), worker):
            _write(log.fileno(), key, None)
            _write(log.fileno(), key, send(ledger, key))


def _keys(log: Log, worker: str) -> Iterator[str]:
    yield from [key for key, outcome in log.items() if outcome is None]
    for number in count(len(log)):
        yield from story(f"{worker}-{number}")


def _write(file: int, key: str, outcome: int | str | None) -> None:
    os.write(file, f"\n{json.dumps([key, outcome])}\n".encode())  # after a line that was cut short, a new one
    os.fsync(file)
