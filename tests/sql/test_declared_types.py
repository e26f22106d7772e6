"""Columns whose declared type cannot hold what they are said to hold are refused when the tables are told of."""

import enum
from datetime import UTC
from typing import Any

import pytest
import sqlalchemy as sa

from retention.errors import ConfigurationError, RuleError
from retention.rules import Rule, orders
from retention.rules.backends.sets.storage import Form
from retention.sql import As, Aware, Decimals, Epoch, Json, Listed, Major, Minor, Naive, Separated, Tables, rows
from tests.sql.shop import statement


def told(
    name: str, type_: Any, form: Form | None = None, currency: str | None = None, key: Any = sa.BigInteger
) -> Tables:
    """Tables with one more column, of a type, kept in a form."""
    log = sa.table("log", sa.column("who", key), sa.column("at", sa.DateTime(timezone=True)), sa.column("it", type_))
    users = sa.table("users", sa.column("id", sa.BigInteger()), sa.column("it", type_))
    given: dict[str, Any] = {name: As("it", form) if form else "it"}
    if name == "tags":
        return Tables(customers=rows(users, id="id", **given), currency=currency)
    collections: dict[str, Any] = {_COLLECTION.get(name, "orders"): rows(log, customer="who", **{"at": "at", **given})}
    return Tables(customers=rows(users, id="id"), currency=currency, **collections)


_COLLECTION = {"rating": "reviews"}


class Own(sa.types.TypeDecorator[Any]):
    impl = sa.Numeric(12, 2)
    cache_ok = True


CENTS = sa.Numeric(12, 2)

REFUSED: list[Any] = [
    (
        "total",
        CENTS,
        None,
        "USD",
        "orders.total has 2 decimals and is read as whole minor units. Say Stored(amounts=Major",
    ),
    ("total", CENTS, None, None, "orders.total has 2 decimals"),
    ("total", sa.Float(), None, "USD", "orders.total is declared as Float() and is read as whole minor units"),
    ("at", sa.Double(), Epoch(), None, "orders.at is declared as Double() and is read as a whole number since 1970"),
    (
        "at",
        sa.Numeric(20, 6),
        Epoch(),
        None,
        "read as a whole number since 1970. Of seconds with a fraction: As(",
    ),
    ("total", sa.Numeric(), None, "USD", "orders.total is declared as Numeric() and is read as whole minor units"),
    ("rating", sa.Numeric(), None, None, "reviews.rating is declared as Numeric() and is read as whole numbers"),
    ("total", sa.Double(), Minor(), "USD", "orders.total is declared as Double() and is read as whole minor units"),
    ("total", sa.Text(), None, "KRW", "orders.total is declared as Text(), not as a number"),
    ("total", sa.Text(), Major(), "KRW", "orders.total is declared as Text(), not as a number"),
    ("total", sa.Date(), None, "KRW", "orders.total is declared as Date(), not as a number"),
    (
        "rating",
        sa.Numeric(3, 1),
        None,
        None,
        "scale=1) and is read with 0 decimals. Say Stored(numbers=Decimals(1))",
    ),
    ("rating", sa.Numeric(3, 2), Decimals(1), None, "As(column, Decimals(2))"),
    ("rating", sa.Numeric(20, 12), Decimals(1), None, "As(column, Decimals(9))"),
    (
        "rating",
        sa.Float(),
        None,
        None,
        "reviews.rating is declared as Float() and is read as whole numbers. Say how many",
    ),
    ("rating", sa.String(3), Decimals(1), None, "reviews.rating is declared as String(length=3), not as a number"),
    ("at", sa.Date(), Aware(), None, "orders.at is declared as Date(), not as an instant"),
    ("at", sa.Date(), Naive(UTC), None, "orders.at is declared as Date(), not as an instant"),
    ("at", sa.String(), Naive(UTC), None, "orders.at is declared as String(), not as an instant"),
    ("at", sa.String(), Aware(), None, "orders.at is declared as String(), not as an instant"),
    ("at", sa.Float(), Aware(), None, "orders.at is declared as a number. Say so: Stored(instants=Epoch())"),
    ("at", sa.Date(), Epoch(), None, "orders.at is declared as Date(), not as a number since 1970"),
    ("tags", sa.String(), None, None, "tags is declared as String(), not as a list. Say how labels are kept"),
]


@pytest.mark.parametrize(("name", "type_", "form", "currency", "problem"), REFUSED)
def test_refused(name: str, type_: Any, form: Form | None, currency: str | None, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        told(name, type_, form, currency)
    assert problem in str(refusal.value)


ACCEPTED: list[Any] = [
    ("total", CENTS, Major(), "USD"),
    ("total", CENTS, None, "KRW"),
    ("total", sa.Float(), None, "KRW"),
    ("total", sa.Numeric(12, 0), None, "USD"),
    ("total", sa.BigInteger(), None, None),
    ("total", sa.types.NullType(), None, "USD"),
    ("total", Own(), None, "USD"),
    ("rating", sa.Numeric(3, 1), Decimals(1), None),
    ("rating", sa.Numeric(20, 12), Decimals(9), None),
    ("rating", sa.Float(), Decimals(1), None),
    ("rating", sa.Integer(), None, None),
    ("at", sa.DateTime(), Naive(UTC), None),
    ("at", sa.Numeric(), Epoch(), None),
    ("tags", sa.String(), Separated(","), None),
    ("tags", sa.String(), Json(), None),
    ("tags", sa.ARRAY(sa.Text()), Listed(), None),
]


@pytest.mark.parametrize(("name", "type_", "form", "currency"), ACCEPTED)
def test_accepted(name: str, type_: Any, form: Form | None, currency: str | None) -> None:
    layout = told(name, type_, form, currency).layout
    assert layout.maps(None if name == "tags" else _COLLECTION.get(name, "orders"), name)


@pytest.mark.parametrize("key", [sa.String(20), sa.Text(), sa.Uuid()])
def test_a_customer_of_another_type_than_the_customers_ids(key: Any) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        told("total", sa.BigInteger(), key=key)
    assert f"customer of orders is {key!r}, id of customers is BigInteger()" in str(refusal.value)
    assert "customer=sa.cast(column, sa.BigInteger())" in refusal.value.hint


@pytest.mark.parametrize("key", [sa.Integer(), sa.SmallInteger(), sa.types.NullType(), sa.Numeric(12, 0), Own()])
def test_a_customer_of_a_type_that_may_meet_the_ids(key: Any) -> None:
    assert told("total", sa.BigInteger(), key=key).layout.maps("orders", "total")


class State(enum.Enum):
    PAID = "paid"
    LOST = "lost"


@pytest.mark.parametrize(
    "rule", [orders.where(orders.status == "paid").any(), orders.where(orders.status.is_in(["paid", "x"])).any()]
)
def test_an_enum_is_not_compared_with_what_it_never_holds(rule: Rule) -> None:
    with pytest.raises(RuleError) as refusal:
        statement(rule, told("status", sa.Enum(State)))
    assert "status never is what the rule compares it with. Its type Enum holds 'PAID', 'LOST'" in str(refusal.value)


VALUES = sa.Enum(State, values_callable=lambda states: [each.value for each in states])


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        (sa.Enum(State), orders.where(orders.status == "PAID").any()),
        (sa.Enum(State), orders.where(orders.status.is_in(["PAID", "refunded"])).any()),
        (sa.Enum(State), orders.where(orders.status.is_missing()).any()),
        (VALUES, orders.where(orders.status == "paid").any()),
        (sa.String(), orders.where(orders.status == "paid").any()),
        (sa.Enum(State), orders.where(orders.status != "LOST").any()),
    ],
)
def test_an_enum_is_compared_with_what_it_may_hold(type_: Any, rule: Rule) -> None:
    assert "log.it" in str(statement(rule, told("status", type_)))
