"""The tables that engines are tested on keep what the profiles say, each column in one of the forms there are."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retention.money import usd, won
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.testing.backends import Question, write_question
from retention.testing.choices import Choices
from tests.sets.hosts import INSTANTS, LABELS, Host, some_host
from tests.sets.kept import is_exact, kept

NEW_YORK = Naive(ZoneInfo("America/New_York"))
FIRST, SECOND = (datetime(2024, 11, 3, hour, 30, tzinfo=UTC) for hour in (5, 6))  # both 01:30 in New York
TICK = datetime(2024, 3, 1, 0, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "form", "cell"),
    [
        (TICK, Aware(), TICK),
        (FIRST, NEW_YORK, datetime(2024, 11, 3, 1, 30)),
        (TICK, Epoch("us"), 1_709_251_200_000_001),
        (FIRST, Epoch("s"), 1_730_611_800),
        (usd("12.34"), Minor(), 1234),
        (usd("12.34"), Major(), Decimal("12.34")),
        (won(12), Major(), Decimal(12)),
        (Fraction(5, 2), Decimals(1), Decimal("2.5")),
        (-3, Decimals(2), Decimal("-3.00")),
        (7, Decimals(0), 7),
        (frozenset({"b", "a"}), Listed(), ["a", "b"]),
        (frozenset({"b", "a"}), Separated("|"), "a|b"),
        (frozenset(), Separated(), ""),
        (frozenset({"커피"}), Json(), '["커피"]'),
        ("x", None, "x"),
        (None, Major(), None),
    ],
)
def test_values_are_kept_in_their_form(value: Any, form: Form | None, cell: Any) -> None:
    assert is_exact(value, form)
    assert kept(value, form) == cell


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (SECOND, NEW_YORK),
        (TICK, Epoch("s")),
        (TICK, Epoch("ms")),
        (Fraction(5, 2), Decimals(0)),
        (Fraction(1, 3), Decimals(9)),
        (frozenset({"a,b"}), Separated(",")),
    ],
)
def test_what_a_form_would_lose_is_seen(value: Any, form: Form) -> None:
    assert not is_exact(value, form)


def questions() -> list[Question]:
    return [write_question(Choices.seeded(seed), profiles=6) for seed in range(60)]


def host_of(question: Question) -> Host:
    return some_host(question.profiles, question.schema)


def test_hosts_use_every_form() -> None:
    forms = {
        column.form for question in questions() for table in host_of(question).tables.values()
        for column in table.columns.values()
    }  # fmt: skip
    assert forms == {*INSTANTS, *LABELS, Minor(), Major(), Decimals(0), Decimals(1), Decimals(2), None}


def test_a_host_keeps_every_value() -> None:
    for question in questions():
        host = host_of(question)
        for name, rows in host.rows.items():
            for column, found in host.tables[name].columns.items():
                told = [kept(row[column], found.form) for row in rows]
                assert all(is_exact(row[column], found.form) for row in rows)
                assert (
                    [None if each is None else float(each) for each in told] == found.cells
                    if found.is_float
                    else told == found.cells
                )


def test_the_same_profiles_make_the_same_host() -> None:
    question = write_question(Choices.seeded(5))
    assert host_of(question) == host_of(question)


def test_an_engine_gets_the_forms_it_can_read() -> None:
    for question in questions():
        host = some_host(question.profiles, question.schema, (Naive(UTC),), (Json(),))
        forms = {column.form for table in host.tables.values() for column in table.columns.values()}
        assert forms <= {Naive(UTC), Json(), Minor(), Major(), Decimals(0), Decimals(1), Decimals(2), None}
