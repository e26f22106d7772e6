"""Instants at the ends of the calendar, such as "never expires", are compared as any other."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention.rules import Rule, customer
from retention.rules.backends.reference import compared
from retention.rules.backends.sets.storage import Aware, Epoch, InstantForm, Naive
from retention.rules.nodes import Comparison
from retention.spans import EARLIEST, LATEST, TICK
from tests.sets.one_attribute import ENGINES, Attribute, asker

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
STORED = {"first": EARLIEST, "second": EARLIEST + TICK, "now": datetime(2026, 1, 1, tzinfo=UTC), "never": NEVER}
LATE = {"last but one": LATEST - TICK, "last": LATEST}
INSTANTS: dict[str, datetime | None] = {**STORED, **LATE, "none": None}
JOINED = customer.joined_at
WAYS: dict[Comparison, Callable[[datetime], Any]] = {
    "==": lambda at: customer.joined_at == at,
    "<": lambda at: customer.joined_at < at,
    "<=": lambda at: customer.joined_at <= at,
    ">": lambda at: customer.joined_at > at,
    ">=": lambda at: customer.joined_at >= at,
}


def _kept(instant: datetime | None, form: InstantForm) -> Any:
    match form:
        case Epoch():
            return None if instant is None else (instant - datetime(1970, 1, 1, tzinfo=UTC)) // TICK
        case Naive():
            return instant and instant.replace(tzinfo=None)
        case _:
            return instant


FORMS: dict[str, tuple[InstantForm, pa.DataType, Any]] = {
    "aware": (Aware(), pa.timestamp("us", "UTC"), sa.DateTime(timezone=True)),
    "naive": (Naive(UTC), pa.timestamp("us"), sa.DateTime()),
    "epoch": (Epoch("us"), pa.int64(), sa.BigInteger()),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", FORMS)
def test_the_ends_of_the_calendar(engine: str, form: str, postgres: sa.Engine) -> None:
    if (engine, form) == ("SQLite", "aware"):
        pytest.skip("SQLite keeps no zones")
    kept, arrow, database = FORMS[form]
    known = {who: at for who, at in INSTANTS.items() if at or (engine, form) != ("pandas", "epoch")}  # no floats
    cells = {who: _kept(instant, kept) for who, instant in known.items()}
    ask = asker(engine, Attribute("joined_at", cells, kept, arrow, database), postgres)
    for bound in (*STORED.values(), *LATE.values(), NEVER + timedelta(hours=15)):
        for way, rule in WAYS.items():
            so = {who for who, at in known.items() if at is not None and compared(way, at, bound)}
            assert (way, bound, ask(rule(bound))) == (way, bound, so)
            assert (way, bound, ask(~rule(bound))) == (way, bound, {*known} - so)


DAYS: list[tuple[Rule, set[str]]] = [
    (JOINED.on(date(9999, 12, 31)), {"never", *LATE}),
    (JOINED.on(date(1, 1, 1)), {"first", "second"}),
    (JOINED.on(date(9999, 12, 30)), set()),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_day_of_the_calendar(engine: str, postgres: sa.Engine) -> None:
    cells = {who: _kept(at, Naive(UTC)) for who, at in INSTANTS.items()}
    ask = asker(engine, Attribute("joined_at", cells, *FORMS["naive"]), postgres)
    assert [(rule.to_text(), ask(rule)) for rule, _ in DAYS] == [(rule.to_text(), who) for rule, who in DAYS]
