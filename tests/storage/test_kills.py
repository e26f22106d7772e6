"""``kill -9`` of processes at random loses nothing that was acknowledged and does nothing twice.

``RETENTION_KILL_SECONDS`` is for how long, on each database; ``make kills`` takes a minute.
"""

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine

from retention.loyalty.ledger.commands import (
    Capture,
    Command,
    Earn,
    Merge,
    Move,
    Needs,
    Place,
    Redeem,
    Refund,
    Return,
    Transfer,
)
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.rebuild import rebuild
from retention.storage.sql import SqlLedgerStore
from retention.testing.ledger_scenes import giving, run
from tests.storage.mortals import ACCOUNTS, REFUSED, read_log, send, sent, work

pytestmark = pytest.mark.no_cover

SECONDS = float(os.environ.get("RETENTION_KILL_SECONDS", "5"))
WORKERS = 8
KINDS = (Earn, Redeem, Place, Capture, Refund, Return, Transfer, Merge)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """A process that has imported all that is needed forks the workers, so that they work soon and are killed at it."""
    found = get_context("forkserver")
    found.set_forkserver_preload(["psycopg", "sqlalchemy.dialects.postgresql", "tests.storage.mortals"])
    return found


def _start(context: ForkServerContext, url: str, folder: Path, number: int) -> BaseProcess:
    process = context.Process(target=work, args=(url, folder / f"{number}.log", f"{number}"), daemon=True)
    process.start()
    return process


def _kill(process: BaseProcess) -> None:
    process.kill()
    process.join()
    process.close()


def _kill_at_random(context: ForkServerContext, url: str, folder: Path) -> int:
    """Workers for so many seconds, one of whom is killed and replaced again and again; how many were killed."""
    random, killed = Random(0), 0
    crew = [_start(context, url, folder, number) for number in range(WORKERS)]
    while not all((folder / f"{number}.log").exists() for number in range(WORKERS)):
        sleep(0.01)
    end = monotonic() + SECONDS
    while monotonic() < end:
        sleep(random.uniform(0, 0.3))
        number = random.randrange(WORKERS)
        _kill(crew[number])
        crew[number] = _start(context, url, folder, number)
        killed += 1
    for process in crew:
        _kill(process)
    return killed


def test_killing_workers_loses_nothing_and_does_nothing_twice(
    ledger_engine: Engine, context: ForkServerContext, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = SqlLedgerStore(ledger_engine)
    for account in ACCOUNTS:
        run(store, account, giving(500, "give"))
    killed = _kill_at_random(context, ledger_engine.url.render_as_string(hide_password=False), tmp_path)

    log = {key: came for path in tmp_path.glob("*.log") for key, came in read_log(path).items()}
    unanswered = [key for key, came in log.items() if came is None]
    acknowledged = {key: came for key, came in log.items() if came not in (None, REFUSED)}
    met = Counter(type(sent(key)[0][1]).__name__ for key in acknowledged)
    with capfd.disabled():
        sys.stderr.write(
            f"\nledger, kill -9 on {ledger_engine.dialect.name}: {killed} kills in {SECONDS:g} s, {len(acknowledged)} "
            f"commands acknowledged, {len(unanswered)} unanswered\n"
            f"{', '.join(f'{count} {kind}' for kind, count in sorted(met.items()))}\n"
        )
    _check_acknowledged(store, acknowledged)
    for key in unanswered:
        log[key] = send(Ledger(store=store), key)
    _check_entries(store, {key: came for key, came in log.items() if came != REFUSED})
    assert len(acknowledged) > killed > 0
    assert SECONDS < 60 or met.keys() == {each.__name__ for each in KINDS}


def _check_acknowledged(store: SqlLedgerStore, acknowledged: Mapping[str, int | str | None]) -> None:
    """Nothing is lost: each command is stored, with the result that was told."""
    for key, amount in acknowledged.items():
        for account, _ in sent(key):
            assert store.load(account, Needs(keys=frozenset({key}))).records.done[key].result.amount == amount


def _check_entries(store: SqlLedgerStore, carried_out: Mapping[str, int | str | None]) -> None:
    """Nothing is there twice: the entries are those of the commands, each once, and the heads are those of the
    entries."""
    sums: dict[tuple[str, Account], Counter[EntryKind]] = defaultdict(Counter)
    for account in store.accounts("mileage", limit=1_000_000):
        entries = list(Ledger(store=store).entries(account))
        head = store.load(account).head
        assert [each.seq for each in entries] == list(range(1, head.seq + 1))
        assert rebuild(account, entries, version=head.version) == head
        for each in entries:
            sums[_command(each), account][each.kind] += each.amount
    assert set(store.totals("mileage")) == {"points"}
    assert sum(store.totals("mileage")["points"].values()) == store.totals("mileage")["points"][Bucket.MERGED] == 0
    told = {(key, account): amount for key, amount in carried_out.items() for account in _accounts(key)}
    assert sums.keys() - {("give", account) for account in ACCOUNTS} == told.keys()
    for (key, account), amount in told.items():
        kind, times = _expected(sent(key)[0][1])
        assert (key, account, sums[key, account][kind]) == (key, account, times * int(amount or 0))


def _command(entry: Entry) -> str:
    assert entry.key is not None
    return entry.key


def _accounts(key: str) -> list[Account]:
    """All that a command writes entries of."""
    commands = sent(key)
    return [account for account, _ in commands] + [
        command.to for _, command in commands if isinstance(command, Transfer | Merge)
    ]


def _expected(command: Command | Move) -> tuple[EntryKind, int]:
    """The kind of entries that tell what the command was about, and how often they tell it in each account."""
    match command:
        case Earn():
            return EntryKind.EARN, 1
        case Redeem():
            return EntryKind.REDEEM, 1
        case Place():
            return EntryKind.HOLD, 1
        case Capture():
            return EntryKind.CAPTURE, 1
        case Refund():
            return EntryKind.CLAW_BACK, 1
        case Return():
            return EntryKind.RETURN, 1
        case Transfer():
            return EntryKind.TRANSFER, 1
        case Merge():
            return EntryKind.MERGE, 2  # what is available, and that it was issued
        case other:
            raise AssertionError(other)
