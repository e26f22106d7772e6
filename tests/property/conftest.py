"""Tells what ``make thorough`` has found: a line for each engine, and the same in the file that it names."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counted import COUNTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing unless RETENTION_THOROUGH names a file; what the file tells of other engines stays.

    A worker that runs a part of the tests has nothing to tell: who started it tells all of them.
    """
    named = os.environ.get("RETENTION_THOROUGH")
    if named is None or "PYTEST_XDIST_WORKER" in os.environ:
        return
    found = list(_found(terminalreporter))
    terminalreporter.section("cases compared with the reference")
    for each in found:
        terminalreporter.write_line(line(each))
    path = Path(named)
    earlier = json.loads(path.read_text("utf-8")) if path.exists() else []
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([*earlier, *found], indent=2) + "\n", encoding="utf-8")


def _found(reporter: pytest.TerminalReporter) -> Iterator[dict[str, Any]]:
    """What the tests that count have counted; of every test that did not pass, that it did not."""
    for report in reporter.stats.get("passed", ()):
        counts = dict(report.user_properties).get(COUNTS)
        if counts and report.when == "call":
            yield counts
    for outcome in ("failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, ()):
            yield {"test": report.nodeid, "outcome": outcome}


def line(found: dict[str, Any]) -> str:
    """One of the lines that are printed."""
    if "outcome" in found:
        return f"{found['test']}: {found['outcome']}, see above"
    told = f"{found['cases']:>9,} cases, {found['disagreements']} disagreements"
    return f"{found['engine']:<28} {told}; {found['refused']:,} more refused as unsupported"
