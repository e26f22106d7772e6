"""The benchmark harness judges goals and writes what a program can read."""

import json
import re
from pathlib import Path

import pytest

from bench import run
from bench.figures import Figure, Finding, NotMeasured, at_least, at_most, shown
from bench.progress import now_doing


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (at_most(60, "profile/import", 60.0, "ms"), True),
        (at_most(60, "profile/import", 60.1, "ms"), False),
        (at_least(20, "profile/slower", 20.0, "times"), True),
        (at_least(20, "profile/slower", 19.9, "times"), False),
        (shown("profile/build", 1e9, "µs"), True),
    ],
)
def test_a_goal_holds_up_to_and_with_itself(figure: Figure, holds: bool) -> None:
    assert figure.holds is holds


def test_a_run_prints_a_table_and_writes_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "build" / "bench.json"
    monkeypatch.setattr(run, "FOLDER", tmp_path / "bench")
    monkeypatch.setattr(run, "RESULT", result)
    findings = [at_most(1, "profile/fake", 2.0, "ms"), NotMeasured("profile/lacking", "it needs a moon")]
    monkeypatch.setattr(run, "benchmarks", lambda chosen: [("fake", lambda: findings)])
    assert run.main([]) == 0
    assert run.main(["--strict"]) == 1
    told = capsys.readouterr()
    assert "2 figures, 1 with a goal, 1 goals missed; written to" in told.out
    assert "fake ..." in told.err
    assert json.loads(result.read_text(encoding="utf-8")) == [
        {"name": "profile/fake", "value": 2.0, "unit": "ms", "goal": "<= 1", "holds": False},
        {"name": "profile/lacking", "value": None, "not measured": "it needs a moon"},
    ]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (at_most(60, "a", 59.5, "ms", (58, 61)), "a 59.5 ms at most 60 yes 58 to 61"),
        (at_least(20, "a", 3, "times"), "a 3 times at least 20 MISSED"),
        (shown("a", 1e9, "µs"), "a 1e+09 µs none, shown -"),
        (NotMeasured("a", "it needs a moon"), "a - not measured: it needs a moon"),
    ],
)
def test_every_line_tells_the_goal_what_was_measured_and_whether_it_is_met(finding: Finding, line: str) -> None:
    assert run.row(finding).split() == line.split()


def test_the_progress_tells_the_time_that_has_passed(capsys: pytest.CaptureFixture[str]) -> None:
    now_doing("memory")
    assert re.fullmatch(r"\[ *\d+:\d\d\] memory \.\.\.\n", capsys.readouterr().err)


def test_a_benchmark_is_found_by_name_and_an_unknown_one_is_refused() -> None:
    assert [name for name, _ in run.benchmarks(["import_time"])] == ["import_time"]
    with pytest.raises(SystemExit, match="no benchmark is called nothing"):
        list(run.benchmarks(["nothing"]))
