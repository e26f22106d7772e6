"""What is missing inside of what is there: items of lists, numbers that are none; and texts that cannot be kept."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from retention.errors import UnsupportedRule
from retention.rules import Rule, customer
from retention.rules.backends.sets.storage import Decimals, Form, Json, Listed, Major
from retention.rules.backends.sql.values import Constants, Found, has_label, present, size, whole
from retention.schema import Kind
from retention.sql import Separated, Stored, Tables, rows
from tests.sql.shop import statement
from tests.sql.test_wordings import asked, table

LABELS = [["vip", None, "vip"], [None], [], None]


@pytest.mark.parametrize("form", [Listed(), Json()], ids=repr)
def test_an_item_that_is_missing_is_no_label(database: sa.Connection, form: Listed | Json) -> None:
    if isinstance(form, Listed) and database.dialect.name == "sqlite":
        pytest.skip("SQLite has no arrays")
    written = LABELS if isinstance(form, Listed) else [None if each is None else json.dumps(each) for each in LABELS]
    given = table(database, written, sa.ARRAY(sa.Text) if isinstance(form, Listed) else sa.Text)
    labels = Found(given.c.it, Kind.LABELS, form)
    has = sa.func.coalesce(has_label(labels, Constants().text("vip")), sa.false())
    assert asked(database, given, size(labels), has) == [(1, True), (0, False), (0, False), (None, False)]


def test_null_in_json_is_missing(database: sa.Connection) -> None:
    given = table(database, ["null", "[]", None], sa.Text)
    labels = Found(given.c.it, Kind.LABELS, Json())
    has = sa.func.coalesce(has_label(labels, Constants().text("null")), sa.false())
    assert asked(database, given, present(labels).is_(None), has) == [(True, False), (False, False), (True, False)]


@pytest.mark.parametrize(("form", "factor"), [(Decimals(0), 1), (Decimals(2), 100), (Major(), 100)], ids=repr)
def test_numbers_that_are_none_are_missing(database: sa.Connection, form: Form, factor: int) -> None:
    given = table(database, [1.0, float("inf"), float("-inf"), float("nan"), 1e30, None, -2.0], sa.Double)
    found = whole(Found(given.c.it, Kind.NUMBER, form), Constants(), 2)
    assert asked(database, given, found) == [(factor,), *[(None,)] * 5, (-2 * factor,)]


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63 - 1)])
def test_decimals_of_any_scale_are_exact_to_the_last(database: sa.Connection, number: int) -> None:
    if database.dialect.name != "postgresql":
        pytest.skip("Numeric has a scale of its own")
    given = table(database, [number], sa.Numeric())
    assert asked(database, given, whole(Found(given.c.it, Kind.NUMBER, Decimals(0)), Constants(), 0)) == [(number,)]


POSTGRES = sa.make_url("postgresql+psycopg://").get_dialect()()
people = sa.Table(
    "people", sa.MetaData(), sa.Column("id", sa.Text), sa.Column("name", sa.Text), sa.Column("tags", sa.Text)
)
NUL: tuple[Rule, ...] = (
    customer.name == "a\0b",
    customer.name.contains("\0"),
    customer.name.is_in(["a", "a\0b"]),
    customer.tags.has("a\0b"),
)


def who(rule: Rule) -> sa.Select[Any]:
    named = rows(people, id="id", name="name", tags="tags")
    return statement(rule, Tables(customers=named, stored=Stored(labels=Separated())))


@pytest.mark.parametrize("rule", NUL, ids=repr)
def test_postgresql_is_not_asked_for_a_text_that_it_cannot_keep(rule: Rule) -> None:
    with pytest.raises(UnsupportedRule, match="the character NUL") as refusal:
        who(rule).compile(dialect=POSTGRES)
    assert refusal.value.ever == "never"


def test_others_find_it(database: sa.Connection) -> None:
    if database.dialect.name == "postgresql":
        pytest.skip("PostgreSQL keeps none")
    people.create(database)
    database.execute(
        people.insert(), [{"id": "1", "name": "a\0b", "tags": "a\0b,c"}, {"id": "2", "name": "ab", "tags": "c"}]
    )
    for rule in NUL:
        assert database.execute(who(rule)).scalars().all() == ["1"]
