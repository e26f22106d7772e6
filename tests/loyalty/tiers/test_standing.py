"""A standing as a host keeps it between two evaluations."""

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.loyalty.tiers import Standing

INSTANTS = st.datetimes(timezones=st.just(UTC))
SAID: dict[str, Any] = {
    "v": 1,
    "tier": "gold",
    "since": "2026-01-01T00:00:00+00:00",
    "evaluated_at": "2026-02-01T00:00:00+00:00",
}


@given(st.builds(Standing, st.text("abc", min_size=1), INSTANTS, INSTANTS, st.none() | INSTANTS))
def test_it_comes_back_as_it_was(standing: Standing) -> None:
    assert Standing.from_json(json.loads(json.dumps(standing.to_json()))) == standing


def test_what_is_written_today_is_read_for_ever() -> None:
    read = Standing.from_json(SAID)
    assert (read.tier, read.failing_since, read.to_json()) == ("gold", None, SAID)


def test_a_later_form_is_not_guessed_at() -> None:
    with pytest.raises(NewerRecord):
        Standing.from_json({**SAID, "v": 2, "house": "north"})


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 0},
        {"v": "1"},
        {"tier": ""},
        {"tier": 3},
        {"since": "2026-01-01T00:00:00"},
        {"since": "yesterday"},
        {"evaluated_at": 1_767_225_600},
        {"failing_since": None},
        {"failing": "2026-01-01T00:00:00+00:00"},
    ],
    ids=str,
)
def test_what_is_no_standing_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(DamagedRecord):
        Standing.from_json({**SAID, **changed})


@pytest.mark.parametrize("missing", SAID)
def test_nothing_may_be_left_out(missing: str) -> None:
    with pytest.raises(DamagedRecord):
        Standing.from_json({name: value for name, value in SAID.items() if name != missing})


def test_a_text_is_no_standing() -> None:
    said: Any = json.dumps(SAID)
    with pytest.raises(DamagedRecord):
        Standing.from_json(said)
