"""The benchmark harness judges goals and writes what a program can read."""

import json
from pathlib import Path

import pytest

from bench import run
from bench.figures import Figure, at_least, at_most, shown


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
    monkeypatch.setattr(run, "benchmarks", lambda chosen: [("fake", lambda: [at_most(1, "profile/fake", 2.0, "ms")])])
    assert run.main([]) == 0
    assert run.main(["--strict"]) == 1
    assert "MISSED" in capsys.readouterr().out
    assert json.loads(result.read_text(encoding="utf-8")) == [
        {"name": "profile/fake", "value": 2.0, "unit": "ms", "goal": "<= 1", "holds": False}
    ]


def test_a_benchmark_is_found_by_name_and_an_unknown_one_is_refused() -> None:
    assert [name for name, _ in run.benchmarks(["import_time"])] == ["import_time"]
    with pytest.raises(SystemExit, match="no benchmark is called nothing"):
        list(run.benchmarks(["nothing"]))
