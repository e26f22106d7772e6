"""What ``make thorough`` tells of each engine is what the engine was asked; what did not pass is told, too."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from retention import Customer, Profile, Schema
from retention.errors import UnsupportedRule
from retention.rules import customer
from retention.schema import STANDARD
from retention.testing.backends import Answers
from tests.counted import COUNTS, Counted
from tests.property.conftest import pytest_terminal_summary

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KOREAN, JAPANESE = customer.country == "KR", customer.country == "JP"


def refusing_the_second(
    rules: Sequence[Any], profiles: Sequence[Profile], as_of: datetime, schema: Schema
) -> list[Answers]:
    return [UnsupportedRule("it is the second") if place else [False] * len(profiles) for place, _ in enumerate(rules)]


def test_answers_and_refusals_are_counted_as_triples() -> None:
    counted = Counted(refusing_the_second)
    people = [Profile.build(Customer(id)) for id in ("a", "b", "c")]
    first, _ = counted([KOREAN.node, JAPANESE.node], people, NOW, STANDARD)
    counted([KOREAN.node], people, NOW, STANDARD)
    assert first == [False] * 3
    told: list[tuple[str, object]] = []
    counted.tell("an engine", lambda name, value: told.append((name, value)))
    assert told == [(COUNTS, {"engine": "an engine", "cases": 6, "refused": 3, "disagreements": 0})]


def report(test: str, outcome: Any, when: Any = "call", **counts: int) -> pytest.TestReport:
    given = [(COUNTS, {"engine": test, **counts})] if counts else []
    return pytest.TestReport(f"tests/{test}", ("", 0, ""), {}, outcome, None, when, user_properties=given)


class Terminal(SimpleNamespace):
    """Keeps what is written to it."""

    def section(self, title: str) -> None:
        self.written = [title]

    def write_line(self, line: str) -> None:
        self.written.append(line)


PASSED = report("agrees", "passed", cases=20_000, refused=7, disagreements=0)
STATS = {
    "": [report("agrees", "passed", "setup")],
    "passed": [PASSED, report("other", "passed")],
    "failed": [report("wrong", "failed")],
    "skipped": [report("lacking", "skipped", "setup")],
}


def test_every_engine_has_a_line_and_what_did_not_pass_is_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, terminal = tmp_path / "build" / "thorough.json", Terminal(stats=STATS)
    monkeypatch.setenv("RETENTION_THOROUGH", str(path))
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    pytest_terminal_summary(terminal)  # type: ignore[arg-type]
    assert not path.exists(), "a worker leaves it to who started it"
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    pytest_terminal_summary(terminal)  # type: ignore[arg-type]
    assert [" ".join(each.split()) for each in terminal.written] == [
        "cases compared with the reference",
        "agrees 20,000 cases, 0 disagreements; 7 more refused as unsupported",
        "tests/wrong: failed, see above",
        "tests/lacking: skipped, see above",
    ]
    written = json.loads(path.read_text("utf-8"))
    assert written == [
        {"engine": "agrees", "cases": 20_000, "refused": 7, "disagreements": 0},
        {"test": "tests/wrong", "outcome": "failed"},
        {"test": "tests/lacking", "outcome": "skipped"},
    ]
    pytest_terminal_summary(Terminal(stats={"passed": [PASSED]}))  # type: ignore[arg-type]
    assert json.loads(path.read_text("utf-8")) == [*written, written[0]], "a second run adds to the first"


def test_nothing_is_told_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETENTION_THOROUGH", raising=False)
    terminal = Terminal(stats=STATS)
    pytest_terminal_summary(terminal)  # type: ignore[arg-type]
    assert not hasattr(terminal, "written")
