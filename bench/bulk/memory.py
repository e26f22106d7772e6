"""``python -m bench.bulk.memory ENGINE SIDE SIZE``: how much more memory one side takes at its worst, in MB.

Each side has a process of its own, in which nothing else happens after the shop is loaded. Of PostgreSQL this would
tell nothing: its memory is the server's.
"""

import gc
import subprocess
import sys
from pathlib import Path

from bench.bulk.library import EIGHT
from bench.bulk.sides import ENGINES
from bench.bulk.turns import Spread

_SELF = Path("/proc/self")


def peak(engine: str, side: str, size: int, rounds: int) -> Spread:
    """The side's peak in MB above what the process held before it."""
    command = [sys.executable, "-m", "bench.bulk.memory", engine, side, str(size)]
    runs = (subprocess.run(command, check=True, capture_output=True, encoding="utf-8") for _ in range(rounds))
    return Spread([float(run.stdout.split()[-1]) for run in runs])


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
