"""``python -m bench.bulk.memory ENGINE SIDE SIZE``: how much more memory one side takes at its worst, in MB.

Each side has a process of its own, in which nothing else happens after the shop is loaded. Of PostgreSQL this would
tell nothing: its memory is the server's.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.bulk.library import EIGHT
from bench.bulk.sides import ENGINES
from bench.bulk.turns import Spread
from bench.figures import Figure, at_most, shown

SIZE = 1_000_000
ROUNDS = 3

_SELF = Path("/proc/self")
_AT_ONCE = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0"}
"""Polars gives freed memory back at once; otherwise what loading has left behind would hide what a query takes."""


def figures() -> Iterator[Figure]:
    """Our peak divided by that of the query by hand, on each engine that has its memory in this process."""
    for engine in ("frames on polars", "frames on duckdb", "sql on duckdb"):
        ours, theirs = peak(engine, "ours", SIZE, ROUNDS), peak(engine, "by hand", SIZE, ROUNDS)
        yield at_most(1.1, f"bulk/memory/{engine}", ours.middle / theirs.middle, "x by hand")
        yield shown(f"bulk/memory/{engine}, ours", ours.middle, "MB", ours.ends)
        yield shown(f"bulk/memory/{engine}, by hand", theirs.middle, "MB", theirs.ends)


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
        work = sides.ours(EIGHT) if side == "ours" else sides.by_hand
        gc.collect()
        (_SELF / "clear_refs").write_text("5")  # the peak so far, that of loading, is forgotten
        before = _resident("VmRSS")
        work()
        return (_resident("VmHWM") - before) / 1024


def _resident(field: str) -> int:
    """A line of the kernel's account of this process, in KB."""
    lines = (_SELF / "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


if __name__ == "__main__":
    print(_measured(sys.argv[1], sys.argv[2], int(sys.argv[3])))
