"""Many tests of customers: what customers have no value of, and tests that are said again."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa

from retention import days, won
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.lower import lower
from retention.sql import Naive, Stored, Tables, rows
from tests.sql.shop import AS_OF, statements

POSTGRES: Final = sa.make_url("postgresql+psycopg://").get_dialect()()
METADATA: Final = sa.MetaData()
people: Final = sa.Table(
    "people_gathered",
    METADATA,
    sa.Column("id", sa.Text),
    sa.Column("joined", sa.DateTime),
    sa.Column("land", sa.Text),
)
placed: Final = sa.Table(
    "placed_gathered",
    METADATA,
    sa.Column("id", sa.Text),
    sa.Column("customer", sa.Text),
    sa.Column("happened", sa.DateTime),
    sa.Column("total", sa.Integer),
)
SHOP: Final = Tables(
    customers=rows(people, id="id", joined_at="joined", country="land"),
    orders=rows(placed, customer="customer", id="id", at="happened", total="total"),
    stored=Stored(instants=Naive(UTC)),
    currency="KRW",
)
JOINED: Final = AS_OF - timedelta(days=3)
KOREAN: Final = customer.country == "KR"

OF_AN_INSTANT: Final[dict[str, Rule]] = {
    "before": customer.joined_at < AS_OF,
    "until": customer.joined_at <= JOINED,
    "from": customer.joined_at >= JOINED,
    "after": customer.joined_at > JOINED - timedelta(days=1),
    "at": customer.joined_at == JOINED,
}
OF_NUMBERS: Final[dict[str, Rule]] = {
    "none": orders.count() == 0,
    "at most one": orders.count() <= 1,
    "some": orders.count() >= 1,
    "little": orders.total.sum() < won(7),
    "much": orders.total.sum() >= won(7),
    "longer ago": orders.placed_at.last() < AS_OF,
}


@pytest.fixture
def filled(database: sa.Connection) -> sa.Connection:
    """One customer with everything and one with nothing."""
    METADATA.create_all(database)
    joined = JOINED.replace(tzinfo=None)
    database.execute(people.insert(), [{"id": "c1", "joined": joined, "land": "KR"}])
    database.execute(people.insert(), [{"id": "c2", "joined": None, "land": None}])
    database.execute(placed.insert(), [{"id": "o1", "customer": "c1", "happened": joined, "total": 7}])
    return database


def _said_again(rules: dict[str, Rule]) -> dict[str, Rule]:
    """Every rule and its opposite, so that the customers are gathered."""
    return {**rules, **{f"not {name}": ~rule for name, rule in rules.items()}}


def _asked(rules: dict[str, Rule]) -> sa.Select[Any]:
    return SHOP.answers({name: lower(rule.node, AS_OF, SHOP.layout) for name, rule in rules.items()})


def _answers(database: sa.Connection, rules: dict[str, Rule]) -> dict[str, dict[str, bool]]:
    """The true ones of the rules for each customer; a rule and its opposite are never both."""
    found = {row.pop("id"): row for row in map(dict, database.execute(_asked(_said_again(rules))).mappings())}
    for row in found.values():
        assert all(row[f"not {name}"] == (not row[name]) for name in rules)
    return {who: {name: row[name] for name in rules} for who, row in found.items()}


def test_an_instant_that_is_missing_is_in_no_order(filled: sa.Connection) -> None:
    rules = _answers(filled, OF_AN_INSTANT)
    assert rules == {"c1": dict.fromkeys(OF_AN_INSTANT, True), "c2": dict.fromkeys(OF_AN_INSTANT, False)}


def test_numbers_of_customers_without_rows_are_nought(filled: sa.Connection) -> None:
    assert _answers(filled, OF_NUMBERS) == {
        "c1": dict(zip(OF_NUMBERS, (False, True, True, False, True, True), strict=True)),
        "c2": dict(zip(OF_NUMBERS, (True, True, False, True, False, False), strict=True)),
    }


@pytest.mark.parametrize("year", [1600, 2300])
def test_an_instant_beyond_what_is_filled_in_is_not_filled(filled: sa.Connection, year: int) -> None:
    then = datetime(year, 1, 1, tzinfo=UTC)
    rules: dict[str, Rule] = {"before": customer.joined_at < then, "after": customer.joined_at > then}
    assert "1700" not in str(_asked(_said_again(rules)).compile().params)
    assert _answers(filled, rules)["c2"] == {"before": False, "after": False}
    assert _answers(filled, rules)["c1"] == {"before": year == 2300, "after": year == 1600}


def test_two_instants_of_one_customer_are_compared_as_they_are(filled: sa.Connection) -> None:
    """However early the one is, it is not later than one that is missing."""
    filled.execute(people.update().where(people.c.id == "c2").values(joined=datetime(1650, 1, 1)))
    since = orders.placed_at.last()
    rules: dict[str, Rule] = {"ordered since": orders.after(customer.joined_at).any(), "lately": since.within(days(9))}
    assert _answers(filled, rules)["c2"] == {"ordered since": False, "lately": False}


def test_a_test_that_is_said_again_is_calculated_once(filled: sa.Connection) -> None:
    asked = _asked({"korean": KOREAN, "not": ~KOREAN, "both": KOREAN & (customer.id == "c1")})
    assert str(asked).count("people_gathered.land = ") == 1
    assert sorted(map(tuple, filled.execute(asked))) == [("c1", True, False, True), ("c2", False, True, False)]


def test_of_some_customers_no_others_are_gathered(filled: sa.Connection) -> None:
    tests = [lower(rule.node, AS_OF, SHOP.layout) for rule in (KOREAN, ~KOREAN)]
    asked = SHOP.answers({"korean": tests[0], "other": tests[1]}, tests[1])
    assert [tuple(row) for row in filled.execute(asked)] == [("c2", False, True)]
    assert re.search(r"WHERE NOT coalesce\(people_gathered.land = ", str(asked))


def test_what_is_said_once_is_not_gathered() -> None:
    assert "gathered" not in str(statements({"new": customer.joined_at.within(days(7)), "some": orders.any()}))


def test_where_much_is_said_again_postgresql_calculates_it_once_too(filled: sa.Connection) -> None:
    def korean(many: int) -> dict[str, Rule]:
        return {f"after {day}": KOREAN & (customer.joined_at > JOINED - timedelta(days=day)) for day in range(many)}

    found = {row.pop("id"): {*row.values()} for row in map(dict, filled.execute(_asked(korean(40))).mappings())}
    assert found == {"c1": {True, False}, "c2": {False}}
    fenced = [str(_asked(korean(many)).compile(dialect=POSTGRES)).count("OFFSET 0") for many in (20, 40)]
    assert fenced == [0, 1]
