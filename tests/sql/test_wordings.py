"""Every wording of every database at hand says what Python says."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from retention.errors import UnsupportedRule
from retention.rules.backends.sets.storage import Decimals, Json, Listed, Major, Separated
from retention.rules.backends.sql.native import Native, wording_of
from retention.rules.backends.sql.values import Constants, Found, has_label, in_order, size, text, whole
from retention.rules.backends.sql.wordings import WORDINGS
from retention.schema import Kind
from tests.sql.refusals import refusals

LOCAL = ("sqlite", "duckdb", "postgresql")

TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "ba",
    "%",
    "_",
    "a%b",
    "a_b",
    "\\",
    "'",
    "가나",
    "나",
    "straße",
    "é",
    "é",
    "😀a",
    " a",
    "a ",
)


def table(connection: sa.Connection, values: list[Any], type_: Any) -> sa.Table:
    """One column of values, in their order."""
    made = sa.Table("given", sa.MetaData(), sa.Column("place", sa.Integer), sa.Column("it", type_))
    made.create(connection)
    connection.execute(made.insert(), [{"place": place, "it": each} for place, each in enumerate(values)])
    return made


def asked(connection: sa.Connection, given: sa.Table, *asked: Any) -> list[tuple[Any, ...]]:
    found = connection.execute(sa.select(*asked).select_from(given).order_by(given.c.place))
    return [tuple(row) for row in found]


# Text. ----------------------------------------------------------------------------------------------------------------

_SAYS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda one, other: other in one,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


@pytest.mark.parametrize("function", list(_SAYS))
def test_text_tests_are_exact(database: sa.Connection, function: str) -> None:
    given = table(database, [*TEXTS, None], sa.Text)
    columns = [Native(function, given.c.it, sa.literal(other, sa.Text), type_=sa.Boolean) for other in TEXTS]
    *found, of_none = asked(database, given, *columns)
    assert found == [tuple(_SAYS[function](one, other) for other in TEXTS) for one in TEXTS]
    assert not any(of_none)


def test_ids_are_ordered_by_code_point(database: sa.Connection) -> None:
    ids = ["b", "B", "a", "A", "10", "9", "가", "é", "z", "_", " "]
    given = table(database, ids, sa.Text)
    by_code_point = in_order(Found(given.c.it, Kind.TEXT))
    assert database.execute(sa.select(given.c.it).order_by(by_code_point)).scalars().all() == sorted(ids)


def test_ids_that_are_numbers_are_ordered_as_texts(database: sa.Connection) -> None:
    given = table(database, [9, 10, 1], sa.BigInteger)
    by_code_point = in_order(Found(given.c.it, Kind.TEXT))
    assert database.execute(sa.select(given.c.it).order_by(by_code_point)).scalars().all() == [1, 10, 9]


def test_a_text_column_of_another_type_is_compared_as_text(database: sa.Connection) -> None:
    given = table(database, [7, 70, None], sa.Integer)
    assert asked(database, given, text(Found(given.c.it, Kind.TEXT)) == "7") == [(True,), (False,), (None,)]


def test_buckets_are_those_of_python(database: sa.Connection) -> None:
    given = table(database, [*TEXTS, None], sa.Text)
    bucket = Native("bucket", given.c.it, sa.literal(b"salt\0", sa.LargeBinary), type_=sa.BigInteger)
    if database.dialect.name == "sqlite":
        with pytest.raises(UnsupportedRule) as refusal:
            asked(database, given, bucket)
        assert refusal.value.ever == "never"
        return
    expected = [int.from_bytes(sha256(f"salt\0{each}".encode()).digest()[:4], "big") for each in TEXTS]
    assert asked(database, given, bucket) == [*((each,) for each in expected), (None,)]


# Labels. --------------------------------------------------------------------------------------------------------------

LABELS = [[], ["vip"], ["VIP"], ["vip", "wholesale"], ["vip", "vip"], ["vi", "p"], ['a"b', "가"], None]
WANTED = ("vip", "VIP", "wholesale", "p", 'a"b', "가", "", "vip,wholesale", "%")


def kept_labels(connection: sa.Connection, form: Listed | Json | Separated) -> Found:
    if isinstance(form, Listed):
        return Found(table(connection, LABELS, sa.ARRAY(sa.Text)).c.it, Kind.LABELS, form)
    write = form.by.join if isinstance(form, Separated) else json.dumps
    written = [None if each is None else write(each) for each in LABELS]
    return Found(table(connection, written, sa.Text).c.it, Kind.LABELS, form)


@pytest.mark.parametrize("form", [Listed(), Json(), Separated(), Separated("; ")], ids=repr)
def test_labels(database: sa.Connection, form: Listed | Json | Separated) -> None:
    if isinstance(form, Listed) and database.dialect.name == "sqlite":
        pytest.skip("SQLite has no arrays")
    labels = kept_labels(database, form)
    given = labels.column.table
    constants = Constants()
    bound = [has_label(labels, constants.text(each)) for each in WANTED]
    calculated = [has_label(labels, sa.func.lower(constants.text(each))) for each in WANTED]
    for label, *found in zip(WANTED, *asked(database, given, *bound), strict=True):
        assert [bool(each) for each in found] == [label in (each or ()) for each in LABELS]
    for label, *found in zip(WANTED, *asked(database, given, *calculated), strict=True):
        assert [bool(each) for each in found] == [label.lower() in (each or ()) for each in LABELS]
    sizes = [None if each is None else len(set(each)) for each in LABELS]
    assert asked(database, given, size(labels)) == [(each,) for each in sizes]
    assert asked(database, given, labels.column.is_(None)) == [(each is None,) for each in LABELS]


def test_an_empty_json_null_is_no_labels(database: sa.Connection) -> None:
    labels = Found(table(database, ["null", '["a"]'], sa.Text).c.it, Kind.LABELS, Json())
    assert asked(database, labels.column.table, size(labels)) == [(None,), (1,)]


@pytest.mark.parametrize("by", ["n", '"', "\\", "ab"])
def test_labels_separated_by_what_json_changes_are_not_counted(by: str) -> None:
    with pytest.raises(UnsupportedRule, match="Separate by a comma"):
        size(Found(sa.column("labels"), Kind.LABELS, Separated(by)))


# Numbers. -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", [sa.Numeric(12, 2), sa.Numeric(12, 4), sa.Double()], ids=str)
def test_amounts_in_major_units_become_whole_minor_units(database: sa.Connection, type_: Any) -> None:
    cents = [0, 1, 29, 57, 113, 1999, 1_234_567, -29]
    given = table(database, [each / 100 for each in cents], type_)
    minor = whole(Found(given.c.it, Kind.AMOUNT, Major()), Constants(), 2)
    assert asked(database, given, minor) == [(each,) for each in cents]
    total = database.execute(sa.select(sa.func.sum(minor)).select_from(given)).scalar_one()
    assert total == sum(cents)


@pytest.mark.parametrize(
    ("type_", "unit"), [(sa.Integer(), 100), (sa.Double(), 100), (sa.Numeric(12, 2), 100)], ids=str
)
def test_numbers_of_two_decimals_count_hundredths(database: sa.Connection, type_: Any, unit: int) -> None:
    given = table(database, [0, 3, 12, None], type_)
    hundredths = whole(Found(given.c.it, Kind.NUMBER, Decimals(2)), Constants(), 0)
    assert asked(database, given, hundredths) == [(0,), (3 * unit,), (12 * unit,), (None,)]


@pytest.mark.parametrize("size", [2**31, 2**62, 2**70, -(2**70)])
def test_constants_of_any_size(database: sa.Connection, size: int) -> None:
    given = table(database, [1, 2_000_000_000], sa.BigInteger)
    assert asked(database, given, given.c.it < Constants().number(size)) == [(size > 0,)] * 2


def test_products_of_columns_are_wide(database: sa.Connection) -> None:
    given = table(database, [2**33, 5], sa.BigInteger)
    square = Native("wide", given.c.it, type_=sa.Numeric) * given.c.it
    if database.dialect.name != "sqlite":  # its numbers end at 64 bits, and become approximate
        assert asked(database, given, square > Constants().number(2**66 - 1)) == [(True,), (False,)]
    assert asked(database, given, square > Constants().number(24)) == [(True,), (True,)]


def test_the_flag_of_one_row(database: sa.Connection) -> None:
    given = table(database, [None, True, None], sa.Boolean)
    flag = Native("only_flag", given.c.it, type_=sa.Boolean)
    assert database.execute(sa.select(flag).select_from(given)).scalar_one() is True


# Which there are. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", LOCAL)
def test_a_database_that_is_supported_refuses_only_for_ever(dialect: str) -> None:
    assert {refusal.ever for refusal in refusals(dialect)} <= {"never"}


def test_sqlite_refuses_what_it_lacks() -> None:
    refused = {refusal.problem.partition(", which")[0] for refusal in refusals("sqlite")}
    assert {"a stable random bucket", "a label in a list", "the local date of a stored instant"} <= refused
    assert "a text within a text" not in refused


def test_mariadb_has_the_wordings_of_mysql() -> None:
    for name in WORDINGS.keys() - {"uuid_text"}:  # which has a type of its own there
        try:
            said = wording_of(name, "mysql")
        except UnsupportedRule:
            continue
        assert wording_of(name, "mariadb") == said
    found = Native("contains", sa.column("a"), sa.literal("b"), type_=sa.Boolean).compile(dialect=mysql.dialect())
    assert str(found) == "LOCATE(CAST(%s AS BINARY), CAST(a AS BINARY)) > 0"


def test_a_database_without_a_wording_is_told_so() -> None:
    with pytest.raises(UnsupportedRule, match="a text within a text, which is not known for oracle") as refusal:
        wording_of("contains", "oracle")
    assert refusal.value.ever == "not yet"


def test_statements_are_printed_without_a_database_as_postgresql_says_them() -> None:
    assert str(Native("contains", sa.column("a"), sa.column("b"), type_=sa.Boolean)) == "strpos(a, b) > 0"


def test_dates_give_month_and_day(database: sa.Connection) -> None:
    given = table(database, [date(2000, 2, 29), date(1, 1, 1), None], sa.Date)
    found = sa.extract("month", given.c.it) * 100 + sa.extract("day", given.c.it)
    assert asked(database, given, found) == [(229,), (101,), (None,)]
