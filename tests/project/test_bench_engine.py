"""The benchmarks of the engine, on a small shop: both sides do the same work, and nobody is missed."""

import pytest

from bench.engine import measured
from bench.figures import Figure

pytestmark = pytest.mark.no_cover


def test_the_engine_is_measured(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_POSTGRES", postgres_url)
    found = {each.name: each for each in measured.figures(people=12, messages=20, rounds=1, population=400)}
    assert all(isinstance(each, Figure) and each.name.startswith("engine/") for each in found.values())
    exact = {name: found[name] for name in ("engine/day, missed", "engine/day, touched")}
    assert all(isinstance(each, Figure) and each.holds for each in exact.values()), exact
