"""The statement: its shape, its parameters, and what is refused before it runs."""

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite

from retention import days, won
from retention.errors import ConfigurationError, UnsupportedRule
from retention.rules import Rule, all_of, at_least, customer, orders, views
from tests.sql.shop import NAIVE, shop, statement, statements

POSTGRES = sa.make_url("postgresql+psycopg://").get_dialect()()

RULES: dict[str, Rule] = {
    "new": customer.joined_at.within(days(7)),
    "dear": orders.total.sum() >= won(987_654),
    "quiet": views.within(days(30)).none(),
    "ranked": (orders.status.last() == "sequestered") & (orders.where(orders.status == "settled").count() >= 4711),
    "told": customer.country.is_in(["XQ", "XZ"]) & customer.tags.has("wholesaler"),
    "born": customer.birthday == date(1987, 6, 5),
    "bucket": customer.bucket("pepper") < 0.25,
    "pages": views.page.distinct() >= 8642,
    "searched": views.where(views.page.contains("needle")).any(),
}


def text(statement: sa.Select[Any], dialect: sa.Dialect = POSTGRES) -> str:
    return " ".join(str(statement.compile(dialect=dialect)).split())


def test_every_constant_of_a_rule_is_a_bound_parameter() -> None:
    compiled = statements(RULES).compile(dialect=POSTGRES)
    for value in ("987654", "sequestered", "settled", "4711", "XQ", "wholesaler", "1987", "pepper", "8642", "needle"):
        assert value not in str(compiled)
    values = [each for given in compiled.params.values() for each in (given if isinstance(given, list) else [given])]
    assert {987_654, "sequestered", "settled", 4711, "XQ", date(1987, 6, 5), b"pepper\0", 8642, "needle"} <= set(values)
    assert "2026" not in str(compiled)


def test_equal_constants_are_bound_once() -> None:
    both = (orders.where(orders.status == "paid").count() >= 2) & (views.where(views.page == "paid").count() >= 2)
    compiled = statement(both).compile(dialect=POSTGRES)
    assert sorted(str(each) for each in compiled.params.values()) == ["2", "2026-03-01 09:30:00+00:00", "paid"]


def test_windows_compare_the_column_as_it_is() -> None:
    said = text(statement(orders.within(days(7)).any() & customer.joined_at.within(days(30))))
    bound = r"%\(param_\d\)s::TIMESTAMP WITH TIME ZONE"
    for window in ("placed.placed_at > ", "placed.placed_at <= ", "users.created_at > ", "users.created_at <= "):
        assert re.search(f"(WHERE|AND) {window}{bound}", said)
    assert "coalesce" not in said


def test_what_is_true_stands_without_coalesce_and_what_is_not_beneath_it() -> None:
    some, none = text(statement(orders.any())), text(statement(orders.none()))
    assert "WHERE orders_by_customer.count_1 >= %(param_2)s" in some
    assert "WHERE NOT coalesce(orders_by_customer.count_1 >= %(param_2)s" in none


def test_a_count_is_0_where_nothing_was_found_only_if_0_would_pass() -> None:
    assert "WHERE orders_by_customer.count_1 >= " in text(statement(orders.count() >= 3))
    assert "WHERE coalesce(orders_by_customer.count_1, 0) < " in text(statement(orders.count() < 3))
    assert "coalesce(orders_by_customer.sum_1, 0) + " in text(statement(orders.total.sum() + won(1) > won(5)))


def test_one_pass_over_a_collection_answers_several_rules() -> None:
    said = text(
        statements(
            {
                "many": orders.count() >= 3,
                "dear": orders.total.sum() >= won(9),
                "late": orders.at.last().older_than(days(90)),
            }
        )
    )
    assert said.count("FROM placed") == 1
    assert said.count("GROUP BY") == 1
    assert said.count("JOIN") == 1


def test_a_collection_that_is_not_asked_is_not_read() -> None:
    assert "FROM users WHERE" in text(statement(customer.country == "KR"))


def test_only_the_first_or_the_last_row_takes_an_inner_select() -> None:
    said = text(statement(orders.status.first() == "paid"))
    order = 'placed.placed_at, coalesce(CAST(placed.id AS TEXT) COLLATE "C", %('
    assert f"row_number() OVER (PARTITION BY placed.user_id ORDER BY {order}" in said
    assert "row_number" not in text(statement(orders.at.last().older_than(days(90))))


def test_answers_are_the_id_and_a_column_for_each_key() -> None:
    selected = statements({"new": RULES["new"], "high-value": RULES["dear"]})
    assert selected.selected_columns.keys() == ["id", "new", "high-value"]
    assert all(isinstance(each.type, sa.Boolean) for each in [*selected.selected_columns][1:])


def test_a_key_may_not_be_the_name_of_the_id() -> None:
    with pytest.raises(ConfigurationError, match="'id' names the column of the customer's id"):
        statements({"id": RULES["new"]})


def test_keys_that_differ_in_capitals_alone_are_one_column_to_a_database() -> None:
    with pytest.raises(ConfigurationError, match="'vip' and 'VIP' are one column"):
        statements({"vip": RULES["new"], "VIP": RULES["dear"]})
    with pytest.raises(ConfigurationError, match="'ID' names the column of the customer's id"):
        statements({"ID": RULES["new"]})


def test_names_that_postgresql_would_cut_are_refused_before_it_runs() -> None:
    """It keeps 63 bytes, so the first 21 syllables of two keys would be one column."""
    short, long = "가" * 21, "가" * 21 + "나"
    assert text(statements({short: RULES["new"]}))
    selected = statements({long: RULES["dear"], short: RULES["quiet"]})
    with pytest.raises(ConfigurationError, match=f"cuts names of columns at 63 bytes: '{long}' has 66"):
        selected.compile(dialect=POSTGRES)
    assert long in str(selected)


def test_no_rule_at_all_gives_every_id() -> None:
    assert text(statements({})) == "SELECT users.id AS id FROM users"


def test_a_part_is_never_named_as_a_table_of_the_hosts() -> None:
    import retention.sql as door

    taken = sa.table(
        "orders_by_customer", sa.column("id"), sa.column("who"), sa.column("at", sa.DateTime(timezone=True))
    )
    tables = door.Tables(
        customers=door.rows(taken, id="who"), orders=door.rows(taken, customer="who", id="id", at="at"), currency="KRW"
    )
    assert "orders_by_customer_2.customer" in text(statement(orders.any(), tables))


# Refused. -------------------------------------------------------------------------------------------------------------


def test_text_without_regard_to_case_is_refused_when_the_statement_is_built() -> None:
    with pytest.raises(UnsupportedRule) as refusal:
        statement(customer.country.casefold() == "kr")
    assert refusal.value.ever == "never"


@pytest.mark.parametrize("dialect", [sqlite.dialect(), mysql.dialect()], ids=["sqlite", "mysql"])
def test_aware_instants_are_refused_where_no_zone_is_kept(dialect: sa.Dialect) -> None:
    built = statement(RULES["new"])
    with pytest.raises(UnsupportedRule, match=r"Naive\(zone\)") as refusal:
        built.compile(dialect=dialect)
    assert refusal.value.ever == "never"


def test_wall_clock_times_are_refused_in_a_column_that_knows_its_zone() -> None:
    built = statement(RULES["new"], shop(NAIVE))
    assert "users.created_at > ?" in text(built, sqlite.dialect())  # the same declaration, where no zone is kept
    with pytest.raises(UnsupportedRule, match=r"Stored\(instants=Aware\(\)\)"):
        built.compile(dialect=POSTGRES)


def test_nothing_runs_when_a_database_cannot_do_a_part() -> None:
    engine = sa.create_engine("sqlite://")
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    with engine.connect() as connection, pytest.raises(UnsupportedRule, match="a stable random bucket") as refusal:
        connection.execute(statement(all_of(RULES["bucket"], RULES["quiet"]), shop(NAIVE)))
    assert refusal.value.ever == "never"
    assert sent == []


def test_several_tests_count_those_that_are_true() -> None:
    rule = at_least(2, orders.any(), views.any(), customer.country == "KR")
    assert text(statement(rule)).count("CASE WHEN") == 3
