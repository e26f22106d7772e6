"""Flags and dates as hosts keep them: in letters, in numbers, with a time of day, with a zone."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Segment, sql
from retention.arrays import Naive, Snapshot, Stored
from retention.errors import ConfigurationError, FactError
from retention.frames import Frames, rows
from retention.rules import Rule, consents, customer
from tests.frames.shop import LIBRARIES
from tests.sets.one_attribute import AS_OF, ENGINES, Attribute, asker, in_database

MAY = date(1990, 5, 1)
KOREAN = datetime(1990, 4, 30, 15, tzinfo=UTC)  # 1 May in Seoul
DATABASES = ["sqlite://", "duckdb:///:memory:", "postgres"]


class InLetters(sa.types.TypeDecorator[bool]):
    impl = sa.String(1)
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else "Y" if value else "N"

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> bool | None:
        return None if value is None else value == "Y"


class InNumbers(sa.types.TypeDecorator[bool]):
    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else int(value)


def _engine(url: str, postgres: sa.Engine) -> sa.Engine:
    return postgres if url == "postgres" else sa.create_engine(url)


def _consenting(engine: sa.Engine, kept: Any, cells: tuple[Any, ...], given: Any = None) -> tuple[set[str], set[str]]:
    """Who has given a consent, and who has not, where c1 has said yes, c2 no and c3 nothing."""
    meta = sa.MetaData()
    people = sa.Table("people", meta, sa.Column("id", sa.Text), prefixes=["TEMPORARY"])
    texts = (sa.Column(name, sa.Text) for name in ("who", "id", "channel", "purpose"))
    said = sa.Table(
        "said", meta, *texts, sa.Column("since", sa.DateTime), sa.Column("given", kept), prefixes=["TEMPORARY"]
    )
    mapped = sql.rows(
        said,
        customer="who",
        id="id",
        at="since",
        channel="channel",
        purpose="purpose",
        given=given(said.c) if given else "given",
    )
    tables = sql.Tables(
        customers=sql.rows(people, id="id"), consents=mapped, stored=sql.Stored(instants=sql.Naive(UTC))
    )
    with engine.connect() as connection:
        meta.create_all(connection)
        connection.execute(people.insert(), [{"id": f"c{number}"} for number in (1, 2, 3)])
        row = {"channel": "email", "purpose": "marketing", "since": datetime(2026, 1, 1)}
        made = [{**row, "who": f"c{number}", "id": f"s{number}", "given": cell} for number, cell in enumerate(cells, 1)]
        connection.execute(said.insert(), made)

        def ask(rule: Rule) -> set[str]:
            return set(connection.scalars(Segment("s", rule).select(tables, as_of=AS_OF)))

        return ask(consents.to("email")), ask(~consents.to("email"))


@pytest.mark.parametrize("url", DATABASES)
@pytest.mark.parametrize(
    ("kept", "cells"),
    [
        (sa.Boolean(), (True, False)),
        (sa.SmallInteger(), (1, 0)),
        (sa.Numeric(1, 0), (1, 0)),
        (InLetters(), (True, False)),
        (InNumbers(), (True, False)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_flags_of_every_kind(url: str, kept: Any, cells: tuple[Any, ...], postgres: sa.Engine) -> None:
    assert _consenting(_engine(url, postgres), kept, cells) == ({"c1"}, {"c2", "c3"})


@pytest.mark.parametrize("url", DATABASES)
def test_letters_are_flags_by_a_condition(url: str, postgres: sa.Engine) -> None:
    engine = _engine(url, postgres)
    with pytest.raises(ConfigurationError, match=r"consents.given is declared as String\(length=1\), not as a flag"):
        _consenting(engine, sa.String(1), ("Y", "N"))
    assert _consenting(engine, sa.String(1), ("Y", "N"), lambda c: c.given == "Y") == ({"c1"}, {"c2", "c3"})


BORN: dict[str, Any] = {
    "midnight": datetime(1990, 5, 1),
    "noon": datetime(1990, 5, 1, 13),
    "day before": datetime(1990, 4, 30, 23),
    "none": None,
}


@pytest.mark.parametrize("engine", [each for each in ENGINES if each != "arrays"])
def test_a_date_with_a_time_of_day_is_that_day(engine: str, postgres: sa.Engine) -> None:
    ask = asker(engine, Attribute("birthday", BORN, None, pa.timestamp("us"), sa.DateTime()), postgres)
    birthday: Any = customer.birthday
    in_may = {"midnight", "noon"}
    for rule, who in (
        (birthday == MAY, in_may),
        (birthday > MAY, set()),
        (birthday >= MAY, in_may),
        (birthday < MAY, {"day before"}),
        (~(birthday <= MAY), {"none"}),
        (birthday.between(MAY, MAY), in_may),
    ):
        assert (rule.to_text(), ask(rule)) == (rule.to_text(), who)


def test_a_date_with_a_zone_is_refused_on_every_engine(postgres: sa.Engine) -> None:
    zoned = Attribute("birthday", {"c": KOREAN}, None, pa.timestamp("us", "Asia/Seoul"), sa.DateTime(timezone=True))
    for library in LIBRARIES:
        with pytest.raises(ConfigurationError, match=r"birthday is date, its column is Datetime.*on whose calendar"):
            asker(library, zoned, postgres)(customer.birthday == MAY)
    with pytest.raises(ConfigurationError, match=r"birthday is declared as DateTime\(timezone=True\)"):
        in_database(postgres, zoned)
    with pytest.raises(ConfigurationError, match=r"birthday is declared as Text\(\), not as a date"):
        in_database(postgres, Attribute("birthday", {"c": "1990-05-01"}, None, pa.string(), sa.Text()))
    arrow = pa.array([KOREAN], pa.timestamp("us", "Asia/Seoul"))
    for column in (arrow, pa.chunked_array([arrow]), pl.Series(arrow), arrow.to_pandas()):
        with pytest.raises(FactError, match="birthday"):
            Snapshot.of_columns({"id": ["c"], "birthday": column})


def test_a_snapshot_takes_no_zone_away() -> None:
    arrow = pa.array([KOREAN], pa.timestamp("us", "Asia/Seoul"))
    for column in (arrow, pa.chunked_array([arrow]), pl.Series(arrow), arrow.to_pandas()):
        with pytest.raises(FactError, match="joined_at"):
            Snapshot.of_columns({"id": ["c"], "joined_at": column}, stored=Stored(instants=Naive(UTC)))
        known = Snapshot.of_columns({"id": ["c"], "joined_at": column})
        assert Segment("s", customer.joined_at == KOREAN).ids(known, as_of=AS_OF) == ["c"]
    walls = pa.array([KOREAN.replace(tzinfo=None)], pa.timestamp("us"))
    for column in (walls, pl.Series(walls)):
        with pytest.raises(FactError, match=r"is not an instant that knows its zone.*Naive\(zone\)"):
            Snapshot.of_columns({"id": ["c"], "joined_at": column})


def test_a_flag_in_a_frame_is_a_flag() -> None:
    people = pd.DataFrame({"id": ["c"], "who": ["c"]})
    said = pd.DataFrame({"who": ["c"], "id": ["1"], "at": [AS_OF], "given": ["Y"]})
    frames: Frames[Any] = Frames(
        customers=rows(people, id="id"), consents=rows(said, customer="who", id="id", at="at", given="given")
    )
    with pytest.raises(ConfigurationError, match=r"consents\.given is flag, its column is String"):
        Segment("s", consents.where(consents.given).any()).filter(frames, as_of=AS_OF)
