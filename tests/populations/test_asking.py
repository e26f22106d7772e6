"""What is asked of the wrong thing is told what to write."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from retention import Segment, SegmentSet
from retention.arrays import Snapshot
from retention.errors import WrongKind
from retention.frames import Frames
from retention.frames import rows as frame_rows
from retention.populations import changed, count
from retention.rules import customer
from retention.sql import Tables, rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KOREAN = Segment("korean", customer.country == "KR")
SEGMENTS = SegmentSet([KOREAN])
USERS = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("land", sa.Text))
TABLES = Tables(customers=rows(USERS, id="id", country="land"))
FRAMES = Frames(customers=frame_rows(pd.DataFrame({"id": ["1", "2"], "land": ["KR", "JP"]}), id="id", country="land"))
SNAPSHOT = Snapshot.of_columns(customers={"id": ["1", "2"], "country": ["KR", "JP"]})


def untyped(value: Any) -> Any:
    return value


Asking = Callable[[], object]


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: KOREAN.select(untyped(USERS), NOW), "select is asked of Tables, not of a Table"),
        (lambda: KOREAN.select(untyped(FRAMES), NOW), "select is asked of Tables, not of a Frames"),
        (lambda: KOREAN.filter(untyped(TABLES), NOW), "filter is asked of Frames, not of a Tables"),
        (lambda: KOREAN.filter(untyped(SNAPSHOT), NOW), "filter is asked of Frames, not of a Snapshot"),
        (lambda: KOREAN.ids(untyped(TABLES), NOW), "ids is asked of Snapshot, not of a Tables"),
        (lambda: SEGMENTS.select(untyped(SNAPSHOT), NOW), "select is asked of Tables, not of a Snapshot"),
        (lambda: SEGMENTS.label(untyped(TABLES), NOW), "label is asked of Frames, not of a Tables"),
        (lambda: SEGMENTS.masks(untyped(FRAMES), NOW), "masks is asked of Snapshot, not of a Frames"),
        (lambda: count(SEGMENTS, untyped(TABLES), NOW), "Tables alone cannot be asked for numbers"),
        (lambda: count(SEGMENTS, untyped(None), NOW), "NoneType alone cannot be asked for numbers"),
        (lambda: count(untyped(KOREAN.rule), SNAPSHOT, NOW), "segments are counted, not a Rule"),
        (lambda: changed(untyped(SEGMENTS), TABLES, NOW, NOW), "asked of one segment, not of a SegmentSet"),
        (lambda: changed(KOREAN, TABLES, NOW, NOW, edited=untyped(KOREAN.rule)), "asked of one segment, not of a Rule"),
        (lambda: changed(KOREAN, untyped(USERS), NOW, NOW), "customers are not selected from a Table"),
    ],
)
def test_asked_of_the_wrong_thing(ask: Asking, problem: str) -> None:
    with pytest.raises(WrongKind) as refusal:
        ask()
    assert problem in str(refusal.value)


@pytest.mark.parametrize("question", ["select(tables", "filter(frames", "ids(snapshot"])
def test_the_repair_names_what_there_is_to_ask(question: str) -> None:
    with pytest.raises(WrongKind) as refusal:
        KOREAN.ids(untyped(TABLES), NOW)
    assert question in refusal.value.hint


def test_who_changed_is_asked_of_tables_without_a_connection() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(WrongKind, match=r"Give the tables themselves, without \.on"):
        changed(KOREAN, untyped(TABLES.on(connection)), NOW - timedelta(days=1), NOW)


def test_one_segment_is_counted() -> None:
    counts = count(KOREAN, SNAPSHOT, NOW)
    assert counts == count(SEGMENTS, SNAPSHOT, NOW)
    assert (counts.total, counts.sizes) == (2, {"korean": 1})
