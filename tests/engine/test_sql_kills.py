"""``kill -9`` of workers at random on PostgreSQL loses no message and does nothing twice.

``RETENTION_MESSAGES`` is how many messages; ``make kills`` sends 50,000 with 32 workers, of whom 500 are killed.
"""

import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, text

from tests.engine.crash_provider import Provider, provider
from tests.engine.kills_worker import Ports, sign_up, work

pytestmark = pytest.mark.no_cover

MESSAGES = int(os.environ.get("RETENTION_MESSAGES", "400"))
WORKERS = 4 if MESSAGES < 10_000 else 32
KILLS = MESSAGES // 40 if MESSAGES < 10_000 else MESSAGES // 100
LEASE = timedelta(seconds=5 if MESSAGES < 10_000 else 30)
STATUSES = text("SELECT status, count(*) FROM retention_parcels GROUP BY status")
POINTS = text("SELECT sum(available), count(*) FROM retention_accounts WHERE unit = 'points'")


class Crew:
    """So many workers, each with orders of its own; who is killed has a successor."""

    def __init__(self, url: str, ports: Ports, folder: Path) -> None:
        self.shared = url, ports, LEASE, datetime.now(UTC)
        self.folder = folder
        self.context = get_context("forkserver")
        self.context.set_forkserver_preload(
            ["psycopg", "sqlalchemy.dialects.postgresql", "tests.engine.crash_worker", "tests.engine.kills_worker"]
        )
        self.processes = [self._start(number) for number in range(WORKERS)]

    def _start(self, number: int) -> BaseProcess:
        log, numbers = self.folder / f"{number}.log", range(number, MESSAGES, WORKERS)
        process = self.context.Process(target=work, args=(*self.shared, log, numbers), daemon=True)
        process.start()
        return process

    def replace(self, number: int) -> None:
        self.kill(number)
        self.processes[number] = self._start(number)

    def assert_alive(self) -> None:
        ended = [number for number, process in enumerate(self.processes) if not process.is_alive()]
        assert not ended, f"workers {ended} ended by themselves"

    def kill(self, number: int) -> None:
        process = self.processes[number]
        process.kill()
        process.join()
        process.close()

    def end(self) -> None:
        for number in range(WORKERS):
            self.kill(number)


def kill_at_random(crew: Crew, *providers: Provider) -> None:
    """Between the first message and the last, wherever the workers happen to be."""
    random = Random(0)
    for share in sorted(random.random() for _ in range(KILLS)):
        while sum(len(each.taken) for each in providers) < share * MESSAGES * 0.95:
            crew.assert_alive()
            sleep(0.01)
        sleep(random.uniform(0, 0.05))
        crew.replace(random.randrange(WORKERS))


def statuses(database: Engine) -> Counter[str]:
    with database.connect() as connection:
        return Counter({str(status): int(number) for status, number in connection.execute(STATUSES)})


def test_killing_workers_loses_no_message_and_does_nothing_twice(
    postgres_ledger: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sign_up(postgres_ledger, MESSAGES)
    url, start = postgres_ledger.url.render_as_string(hide_password=False), monotonic()
    with provider() as knowing, provider(idempotent=False) as forgetful:
        crew = Crew(url, (knowing.port, forgetful.port), tmp_path)
        kill_at_random(crew, knowing, forgetful)
        killed_until = monotonic()
        while (ends := statuses(postgres_ledger)).total() < MESSAGES or ends["waiting"] or ends["sending"]:
            assert monotonic() < killed_until + 10 * LEASE.total_seconds() + MESSAGES / 50, f"it does not end: {ends}"
            sleep(0.1)
        crew.assert_alive()
        crew.end()
        seconds = monotonic() - start
    with capfd.disabled():
        sys.stderr.write(
            f"\nengine, kill -9 on postgresql: {KILLS} kills, {WORKERS} workers, {MESSAGES} messages in {seconds:.0f} s"
            f": {dict(ends)}; {knowing.asked.total() - len(knowing.asked)} came twice under a key that was known\n"
        )
    _assert_each_once(ends, knowing, forgetful)
    with postgres_ledger.connect() as connection:
        assert connection.execute(POINTS).one() == (MESSAGES, MESSAGES // 10), "each order gave one point"


def _assert_each_once(ends: Counter[str], knowing: Provider, forgetful: Provider) -> None:
    assert ends.total() == ends["sent"] + ends["held"] == MESSAGES, "each order planned one message, which ended"
    assert len(knowing.taken) == MESSAGES // 2, "every message that may be sent again went out"
    assert max((knowing.taken | forgetful.taken).values()) == 1, "nobody got anything twice"
    assert 0 <= len(forgetful.taken) - (MESSAGES // 2 - ends["held"]) <= ends["held"], "what is held may have gone out"
    held = [key for key in forgetful.taken if key.startswith("shop/hold:")]
    assert len(forgetful.taken) - len(held) == MESSAGES * 4 // 10, "every message that was asked about went out"
