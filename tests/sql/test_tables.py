"""What a host may tell of its tables, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import sqlalchemy.orm
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship

from retention import won
from retention.errors import ConfigurationError, UnknownName, WrongKind
from retention.rules import customer, orders
from retention.rules.backends.sets.layout import CURRENCY
from retention.sql import As, Aware, Epoch, Listed, Minor, Naive, Stored, Tables, rows
from tests.sql.shop import AS_OF, METADATA, NAIVE, purchases, shop, statement, statements, users


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    land: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "bought"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    placed_at: Mapped[datetime] = mapped_column("placed", sa.DateTime(timezone=True))
    total: Mapped[int]
    paid: Mapped[bool]
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "order"}  # noqa: RUF012 (SQLAlchemy's own form)


class OnlineOrder(Order):
    __mapper_args__ = {"polymorphic_identity": "online"}  # noqa: RUF012 (SQLAlchemy's own form)


def told(**collections: Any) -> Tables:
    return Tables(customers=rows(User, id=User.id, country=User.land), currency="KRW", **collections)


def said(tables: Tables) -> str:
    return str(statement(orders.total.sum() >= won(5000), tables))


# What may be told. ----------------------------------------------------------------------------------------------------


def test_mapped_classes_are_read_as_their_tables() -> None:
    text = said(told(orders=rows(Order, customer=Order.user_id, at=Order.placed_at, total=Order.total)))
    assert "sum(bought.total)" in text
    assert "bought.placed <= " in text
    assert "LEFT OUTER JOIN" in text


def test_mapped_attributes_become_plain_columns_of_the_table() -> None:
    tables = told(orders=rows(Order, customer=Order.user_id, at=Order.placed_at))
    assert tables.layout.place("orders", "at").column is Order.__table__.c.placed


def test_an_alias_of_a_mapped_class() -> None:
    bought = aliased(Order, name="b")
    text = said(told(orders=rows(bought, customer=bought.user_id, at=bought.placed_at, total=bought.total)))
    assert "FROM bought AS b" in text
    assert "sum(b.total)" in text


def test_a_subquery_and_columns_by_name() -> None:
    paid = sa.select(Order).where(Order.paid).subquery("paid")
    text = said(told(orders=rows(paid, customer="user_id", at="placed", total="total")))
    assert "WHERE bought.paid" in text
    assert "sum(paid.total)" in text


def test_expressions_over_the_table() -> None:
    net = purchases.c.total - sa.func.coalesce(purchases.c.total, 0)
    tables = Tables(
        customers=rows(users, id=users.c.id),
        orders=rows(purchases, customer="user_id", at="placed_at", total=net),
        currency="KRW",
    )
    assert "sum(placed.total - coalesce(placed.total, " in said(tables)


def test_a_join_is_a_table_too() -> None:
    joined = purchases.join(users, users.c.id == purchases.c.user_id)
    tables = Tables(
        customers=rows(users, id="id"),
        orders=rows(joined, customer=users.c.id, at=purchases.c.placed_at, total=purchases.c.total),
        currency="KRW",
    )
    assert "FROM placed JOIN users" in said(tables)


def test_rows_that_a_condition_keeps(database: sa.Connection) -> None:
    """An order that was cancelled is not there, nor is a customer who left; a row of which it is unknown is not."""
    METADATA.create_all(database)
    database.execute(users.insert(), [{"id": 1, "land": "KR"}, {"id": 2, "land": "KR"}, {"id": 3, "land": "-"}])
    sold: list[tuple[int, int, str | None]] = [
        (1, 1, "paid"),
        (2, 1, "lost"),
        (3, 2, "lost"),
        (4, 2, None),
        (5, 3, "paid"),
    ]
    placed = AS_OF.replace(tzinfo=None)
    made = [{"id": id, "user_id": user, "placed_at": placed, "total": 9, "state": state} for id, user, state in sold]
    database.execute(purchases.insert(), made)
    tables = Tables(
        customers=rows(users, id="id", country="land", where=users.c.land != "-"),
        orders=rows(
            purchases,
            customer="user_id",
            id="id",
            at=As(sa.type_coerce(purchases.c.placed_at, sa.DateTime()), Naive(UTC)),
            total="total",
            where=purchases.c.state != "lost",
        ),
        currency="KRW",
    )
    asked = {
        "bought": orders.any(),
        "again": orders.count() >= 2,
        "korean": customer.country == "KR",
        "last": orders.total.last() == won(9),
    }
    found = {row["id"]: row for row in database.execute(statements(asked, tables)).mappings()}
    assert {id: [key for key in asked if row[key]] for id, row in found.items()} == {
        1: ["bought", "korean", "last"],
        2: ["korean"],
    }


def test_a_condition_over_mapped_attributes() -> None:
    paid = rows(Order, customer=Order.user_id, at=Order.placed_at, total=Order.total, where=Order.kind != "test")
    text = said(told(orders=paid))
    assert "WHERE bought.kind != " in text
    assert "sum(anon_1.total)" in text


def test_a_condition_by_the_name_of_a_flag() -> None:
    text = said(told(orders=rows(Order, customer="user_id", at="placed", total="total", where="paid")))
    assert "WHERE bought.paid" in text


def test_the_currency_of_customers_where_a_condition_keeps_them() -> None:
    tables = Tables(customers=rows(users, id="id", currency="land", where=users.c.land.is_not(None)))
    assert tables.layout.place(None, CURRENCY).column.name == "currency"
    assert "WHERE users.land IS NOT NULL" in str(sa.select(tables.layout.customers.customer))


def test_the_currency_of_customers_and_of_orders() -> None:
    tables = Tables(
        customers=rows(users, id="id", currency=users.c.land),
        orders=rows(purchases, customer="user_id", at="placed_at", currency=purchases.c.state),
    )
    assert tables.layout.place(None, CURRENCY).column is users.c.land
    assert tables.layout.place("orders", "currency").column is purchases.c.state


def test_a_form_for_one_column() -> None:
    tables = Tables(
        customers=rows(users, id="id"),
        orders=rows(purchases, customer="user_id", at="placed_at", paid_at=As("total", Epoch())),
    )
    place = tables.layout.place("orders", "paid_at")
    assert (place.column, place.form) == (purchases.c.total, Epoch())


# What is refused. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: rows(users, id="ids"), "id: users has no column 'ids'. Did you mean 'id'"),
        (lambda: rows(users, id="zzz"), "There are: id, created_at"),
        (lambda: rows(users, id=purchases.c.user_id), "id is of placed, not of users"),
        (lambda: rows(purchases, customer=purchases.c.user_id, total=users.c.id), "total is of users, not of placed"),
        (lambda: rows(users, id=7), "id is no column but int"),  # type: ignore[arg-type]
        (lambda: rows(users, id=As(7, Minor())), "id is no column but int"),
        (lambda: rows(User, id=User.orders), "id is a relationship"),
        (lambda: rows(sa.select(users), id="id"), "a select is no table"),  # type: ignore[arg-type]
        (lambda: rows("users", id="id"), "rows are read from a table, not from str"),  # type: ignore[arg-type]
        (lambda: rows(int, id="id"), "rows are read from a table, not from type"),
        (lambda: rows(OnlineOrder, id="id"), "OnlineOrder shares its table"),
        (lambda: rows(User, id=Order.id), "id is of bought, not of people"),
        (lambda: rows(users, id="id", where=purchases.c.total > 0), "where is of placed, not of users"),
        (lambda: rows(users, id="id", where=True), "where is no column but bool"),  # type: ignore[arg-type]
    ],
)
def test_rows_refuse(make: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        make()
    assert problem in str(refusal.value)


PEOPLE = rows(users, id="id")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"customers": rows(users, country="land")}, "the customers have no column for id"),
        ({"customers": rows(users, id="id", customer="id")}, "Write id=... instead of customer=..."),
        ({"customers": users}, "customers is not given as rows. Write customers=rows("),
        ({"orders": purchases}, "orders is not given as rows"),
        ({"orders": rows(purchases, at="placed_at")}, "orders has no column for the customer's id"),
        ({"orders": rows(purchases, customer="user_id", id="id")}, "orders has no column for at"),
        (
            {"orders": rows(purchases, customer="user_id", at=As("placed_at", Listed()))},
            "orders.at is instant",
        ),
        ({"orders": rows(purchases, customer="user_id", at="total")}, "orders.at is declared as a number"),
        ({"customers": rows(users, id="id", joined_at=As("created_at", Epoch()))}, "joined_at is declared as DateTime"),
        ({"orders": rows(purchases, customer="user_id", placed_at="placed_at")}, "Write at=..."),
        ({"stored": Naive(UTC)}, "stored=Naive does not say how values are kept. Write stored=Stored(instants=..."),
        ({"stored": Stored}, "stored=Stored does not say how values are kept"),
        ({"customers": rows(users, id="id", joined_at=As("created_at", Naive))}, "Such as Aware()"),  # type: ignore[arg-type]
        ({"customers": rows(users, id="id", country=As("land", Listed()))}, "Leave As(...) away"),
    ],
)
def test_tables_refuse(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Tables(**{"customers": PEOPLE, **given})
    assert problem in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ({"customers": rows(users, id="id", contry="land")}, "country"),
        ({"order": rows(purchases, customer="user_id", at="placed_at")}, "orders"),
        ({"orders": rows(purchases, customer="user_id", at="placed_at", totl="total")}, "total"),
    ],
)
def test_names_that_the_schema_lacks_are_refused_with_the_nearest(given: dict[str, Any], nearest: str) -> None:
    with pytest.raises(UnknownName) as refusal:
        Tables(**{"customers": PEOPLE, **given})
    assert refusal.value.nearest == nearest


def test_a_column_declared_without_a_zone_is_not_taken_for_an_aware_one() -> None:
    """A database would read it in the zone of the session, and say nothing."""
    plain = sa.table("log", sa.column("at", sa.DateTime()), sa.column("who"))
    told = {"log": rows(plain, customer="who", at="at")}
    with pytest.raises(ConfigurationError, match=r"views\.at is declared without a zone"):
        Tables(customers=PEOPLE, views=told["log"])
    assert Tables(customers=PEOPLE, views=told["log"], stored=Stored(instants=Naive(UTC))).layout.maps("views", "at")


def test_a_type_of_the_hosts_own_may_be_kept_in_any_form() -> None:
    class Moment(sa.types.TypeDecorator[datetime]):
        impl = sa.BigInteger
        cache_ok = True

        def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
            return None if value is None else round(value.timestamp())

    log = sa.table("log", sa.column("at", Moment()), sa.column("who", sa.BigInteger), sa.column("id", sa.BigInteger))
    tables = Tables(customers=PEOPLE, orders=rows(log, customer="who", id="id", at="at"))
    assert tables.layout.place("orders", "at").form == Aware()
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sa.text("create table users (id integer, created_at text)"))
        connection.execute(sa.text("create table log (id integer, who integer, at integer)"))
        connection.execute(sa.text("insert into users (id) values (1), (2)"))
        since = round(AS_OF.timestamp())
        connection.execute(
            sa.text("insert into log values (1, 1, :on), (2, 2, :later)"), {"on": since, "later": since + 1}
        )
        assert connection.execute(statement(orders.any(), tables)).scalars().all() == [1]


@pytest.mark.parametrize(
    "given", [sa.create_engine("sqlite://"), sa.orm.sessionmaker(), "sqlite://"], ids=["engine", "sessionmaker", "url"]
)
def test_statements_do_not_run_on(given: Any) -> None:
    with pytest.raises(
        WrongKind, match=r"run on a connection or a session, not on an? \w+\. Write `with engine\.connect"
    ):
        shop().on(given)


def test_statements_run_on_a_session_of_each_thread() -> None:
    sessions = sa.orm.scoped_session(sa.orm.sessionmaker(sa.create_engine("sqlite://")))
    METADATA.create_all(sessions.get_bind())
    assert shop(NAIVE).on(sessions).groups((), ()) == []


def test_the_shop_of_these_tests_is_complete() -> None:
    assert shop().layout.currency == "KRW"
