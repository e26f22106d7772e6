"""Tests of different values of one column, answered by customer and value."""

from datetime import UTC, timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings

from retention import won
from retention.rules import Rule
from retention.rules.backends.sets.lower import lower
from retention.sql import Naive, Stored, Tables, rows
from tests.sets.told_apart import (
    STATUSES,
    TABLES,
    Answer,
    Asked,
    Bought,
    asked,
    asked_of_sums,
    has_sums,
    is_in,
    of_status,
)
from tests.sql.shop import AS_OF

METADATA: Final = sa.MetaData()
people: Final = sa.Table("people_told_apart", METADATA, sa.Column("id", sa.Text))
bought: Final = sa.Table(
    "bought_told_apart",
    METADATA,
    *(sa.Column(each, sa.Text) for each in ("id", "customer", "status", "coupon")),
    sa.Column("happened", sa.DateTime),
    sa.Column("total", sa.Integer),
)
SHOP: Final = Tables(
    customers=rows(people, id="id"),
    orders=rows(bought, customer="customer", id="id", at="happened", status="status", total="total", coupon="coupon"),
    stored=Stored(instants=Naive(UTC)),
    currency="KRW",
)


@pytest.fixture
def filled(database: sa.Connection) -> sa.Connection:
    METADATA.create_all(database)
    database.execute(people.insert(), [{"id": each} for each in ("c1", "c2", "c3")])
    return database


def _statement(**rules: Rule) -> sa.Select[Any]:
    return SHOP.answers({name: lower(rule.node, AS_OF, SHOP.layout) for name, rule in rules.items()})


def _fill(database: sa.Connection, table: list[Bought]) -> None:
    database.execute(bought.delete())
    made = [
        {"id": f"o{number}", "customer": who, "status": status, "coupon": coupon, "total": total}
        | {"happened": (AS_OF - timedelta(days=ago)).replace(tzinfo=None)}
        for number, (who, status, ago, total, coupon) in enumerate(table)
    ]
    if made:
        database.execute(bought.insert(), made)


@pytest.mark.parametrize(("rule", "answer"), [(asked, is_in), (asked_of_sums, has_sums)], ids=["any", "sums"])
@example([("c1", "paid", 1, 9, "a"), ("c1", "paid", 1, 9, None)])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each fills the table anew
@given(TABLES)
def test_each_value_is_answered_by_its_own_rows(
    filled: sa.Connection, rule: Asked, answer: Answer, table: list[Bought]
) -> None:
    _fill(filled, table)
    asked_of_all = _statement(**{status: rule(place) for place, status in enumerate(STATUSES)})
    found = {row.pop("id"): row for row in map(dict, filled.execute(asked_of_all).mappings())}
    assert found == {
        each: {status: answer(each, place, table) for place, status in enumerate(STATUSES)}
        for each in ("c1", "c2", "c3")
    }


def test_what_is_tallied_of_each_value_is_said_once() -> None:
    said = str(_statement(**{status: asked(place) for place, status in enumerate(STATUSES)}))
    assert "GROUP BY bought_told_apart.customer, bought_told_apart.status)" in said
    assert said.count("sum(bought_told_apart.total)") == 1


def test_what_is_asked_besides_stands_beside_what_was_told_by_value(filled: sa.Connection) -> None:
    """The answers are used within other tests as well, and beneath a negation."""
    table: list[Bought] = [("c1", "paid", 1, 9, "a"), ("c2", "sent", 1, 1, None), ("c2", "held", 30, 9, "a")]
    _fill(filled, table)
    told = {status: asked(place) for place, status in enumerate(STATUSES)}
    everything = _statement(**told, none=~asked(0) & ~asked(1), lost_or_paid=asked(3) | asked(0))
    assert "bought_told_apart.status AS told_by" in str(everything)
    found = {row.id: (row.paid, row.none, row.lost_or_paid) for row in filled.execute(everything)}
    assert found == {"c1": (True, False, True), "c2": (False, True, False), "c3": (False, True, False)}


def test_a_sum_that_is_asked_of_alone_is_still_told_by_value(filled: sa.Connection) -> None:
    _fill(filled, [("c1", "paid", 1, 4, None), ("c1", "paid", 2, 4, None), ("c1", "sent", 1, 4, None)])
    sums = _statement(**{status: of_status(place).total.sum() >= won(8) for place, status in enumerate(STATUSES)})
    assert [tuple(row) for row in filled.execute(sums) if any(row[1:])] == [("c1", True, False, False, False)]
