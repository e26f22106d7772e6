"""Processes that work on a ledger until they are killed, and what they wrote down before that.

A process writes down each command before it is sent and each result after it came, on disk both times. Who takes its
place sends again what has no result.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeAlias

from retention.loyalty.errors import LedgerBusy, LedgerError
from retention.loyalty.ledger.commands import Capture, Command, Earn, Merge, Move, Place, Redeem, Transfer
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.terms import Fixed
from retention.testing.ledger_scenes import NOW, validity
from tests.storage.openers import open_sql

ACCOUNTS = tuple(Account("mileage", f"customer-{number}") for number in range(6))
REFUSED = "refused"

Log: TypeAlias = dict[str, int | str | None]
"""By key: what came of the command, None for one that was sent and never answered."""


def command_of(key: str) -> tuple[Account, Command | Move]:
    """The command of a key: the same whoever sends it, and however often."""
    if key.endswith(":capture"):
        hold = key.removesuffix(":capture")
        return command_of(hold)[0], Capture(key=key, hold=hold)
    random = Random(key)
    account, other = random.sample(ACCOUNTS, 2)
    amount = random.randint(1, 9)
    match random.randrange(4):
        case 0:
            earn = Earn(key=key, rule="base", order=key, terms=Fixed(units=3 * amount), validity=validity())
            return account, earn
        case 1:
            return account, Redeem(key=key, amount=amount, order=key)
        case 2:
            return account, Place(key=key, hold=key, amount=amount, until=NOW + timedelta(days=1))
        case _:
            return account, Transfer(key=key, amount=amount, to=other)


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
    account, command = command_of(key)
    while True:
        try:
            return _result(ledger, account, command).amount
        except LedgerBusy:
            continue
        except LedgerError:
            return REFUSED


def _result(ledger: Ledger, account: Account, command: Command | Move) -> Result:
    if isinstance(command, Transfer):
        return ledger.move(account, command, now=NOW)
    assert not isinstance(command, Merge)
    return ledger.run(account, command, now=NOW)


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
        key = f"{worker}-{number}"
        yield key
        if isinstance(command_of(key)[1], Place):
            yield f"{key}:capture"


def _write(file: int, key: str, outcome: int | str | None) -> None:
    os.write(file, f"\n{json.dumps([key, outcome])}\n".encode())  # after a line that was cut short, a new one
    os.fsync(file)
