"""``python -m bench.bulk.memory ENGINE SIDE SIZE``: how much more memory one side takes at its worst, in MB.

Each side has a process of its own, in which nothing else happens after the shop is loaded. On PostgreSQL each has a
connection of its own, and what counts is the server's memory.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.bulk.by_hand import POSTGRES
from bench.bulk.library import EIGHT
from bench.bulk.server_memory import peak_of
from bench.bulk.sides import ENGINES, Sides, on_postgres, statements
from bench.bulk.turns import Side, Spread
from bench.figures import Figure, at_most, shown
from bench.progress import now_doing

SIZE = 1_000_000
ROUNDS = 3
GOAL = 1.1
HERE = ("frames on polars", "frames on duckdb", "sql on duckdb")
"""The engines whose memory is that of the process which asks them."""

_SELF = Path("/proc/self")
_AT_ONCE = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0"}
"""Polars gives freed memory back at once; otherwise what loading has left behind would hide what a query takes."""


def figures() -> Iterator[Figure]:
    """Our peak divided by that of the query by hand; of arrays, which nobody has by hand, only our own."""
    for engine in HERE:
        now_doing(f"memory of {engine}")
        yield from _compared(engine, *(peak(engine, side, SIZE, ROUNDS) for side in ("ours", "by hand")))
    now_doing("memory of arrays")
    ours = peak("arrays", "ours", SIZE, ROUNDS)
    yield shown("bulk/memory/arrays", ours.middle, "MB", ours.ends)
    now_doing("memory of sql on postgresql")
    yield from _compared("sql on postgresql", *peaks_on_postgres(SIZE, ROUNDS))


def _compared(engine: str, ours: Spread, theirs: Spread) -> Iterator[Figure]:
    yield at_most(GOAL, f"bulk/memory/{engine}", ours.middle / theirs.middle, "x by hand")
    yield shown(f"bulk/memory/{engine}, ours", ours.middle, "MB", ours.ends)
    yield shown(f"bulk/memory/{engine}, by hand", theirs.middle, "MB", theirs.ends)


def peaks_on_postgres(size: int, rounds: int) -> tuple[Spread, Spread]:
    """Our peaks and those of the query by hand, in MB above what the server held before it."""
    with on_postgres(size) as engine:

        def run(side: str) -> float:
            with engine.connect() as connection:
                return peak_of(connection, _work(statements(connection, POSTGRES), side))

        found = [(run("ours"), run("by hand")) for _ in range(rounds)]
    return Spread([ours for ours, _ in found]), Spread([theirs for _, theirs in found])


def peak(engine: str, side: str, size: int, rounds: int) -> Spread:
    """The side's peak in MB above what the process held before it."""
    command = [sys.executable, "-m", "bench.bulk.memory", engine, side, str(size)]
    environment = {**os.environ, **_AT_ONCE}

    def run() -> float:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", env=environment)
        return float(done.stdout.split()[-1])

    return Spread([run() for _ in range(rounds)])


def _measured(engine: str, side: str, size: int) -> float:
    with ENGINES[engine](size) as sides:
        work = _work(sides, side)
        gc.collect()
        (_SELF / "clear_refs").write_text("5")  # the peak so far, that of loading, is forgotten
        before = _resident("VmRSS")
        work()
        return (_resident("VmHWM") - before) / 1024


def _work(sides: Sides, side: str) -> Side:
    return sides.ours(EIGHT) if side == "ours" else sides.by_hand


def _resident(field: str) -> int:
    """A line of the kernel's account of this process, in KB."""
    lines = (_SELF / "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


if __name__ == "__main__":
    print(_measured(sys.argv[1], sys.argv[2], int(sys.argv[3])))
