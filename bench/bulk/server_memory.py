"""How much more memory a PostgreSQL server takes at its worst while a statement runs."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import sqlalchemy as sa

_PROC = Path("/proc")
_SHARED = Path("/dev/shm")
_EVERY = 0.002  # seconds


def peak_of(connection: sa.Connection, work: Callable[[], object]) -> float:
    """MB above what was held before ``work``, which uses the connection; no other statement may run.

    Looked at every 2 ms and added up over the connection's process and the workers that help it. The peak that the
    kernel keeps for each process would leave the workers out, and would count every page of the shared buffers that the
    process has touched: those are the tables, not what a statement takes.
    """
    backend: int = connection.scalar(sa.text("select pg_backend_pid()"))
    server = _field(backend, "PPid")
    before = most = _held(backend, server)
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(work)
        while not running.done():
            most = max(most, _held(backend, server))
            sleep(_EVERY)
        running.result()
    return (most - before) / 1024


def _held(backend: int, server: int) -> int:
    """KB that the processes have for themselves, and that they share to work together: the tables of hash joins."""
    worker = f"postgres: parallel worker for PID {backend}"
    at_work = (backend, *(each for each in _children(server) if _title(each) == worker))
    return sum(_field(each, "RssAnon") for each in at_work) + sum(_segments())


def _segments() -> Iterator[int]:
    for each in _SHARED.glob("PostgreSQL.*"):
        try:
            yield each.stat().st_blocks // 2
        except FileNotFoundError:  # its statement is over
            continue


def _children(pid: int) -> list[int]:
    listed = (_PROC / str(pid) / "task" / str(pid) / "children").read_text(encoding="ascii")
    return [int(each) for each in listed.split()]


def _title(pid: int) -> str:
    return _account(pid, "cmdline").rstrip("\0 ")


def _field(pid: int, name: str) -> int:
    lines = _account(pid, "status").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def _account(pid: int, of: str) -> str:
    """What the kernel tells of a process; nothing when it is over."""
    try:
        return (_PROC / str(pid) / of).read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
