"""A host's tables in a database, asked through SQLAlchemy. Whatever is written is rolled back."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, assert_never, final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql

from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.storage import Aware, Decimals, Epoch, Json, Listed, Major, Minor, Naive, Separated
from retention.rules.backends.sets.terms import Test
from retention.schema import Kind
from retention.sql import Tables, rows
from retention.testing.tables import CUSTOMERS
from tests.sets.adapter import Found
from tests.sets.hosts import Column, Host, Table


def opened(host: Host, engine: sa.Engine, dispose: bool = False) -> "InDatabase":
    """The tables, written in a transaction that ends when they are closed; so does the engine if it is to."""
    connection = engine.connect()
    metadata = sa.MetaData()
    json_type = _JSON.get(engine.dialect.name, sa.JSON())
    tables = {name: _table(metadata, name, each, json_type) for name, each in host.tables.items()}
    metadata.create_all(connection, checkfirst=False)
    for name, table in tables.items():
        written = _written(host.tables[name], _link(name))
        if written:
            connection.execute(table.insert(), written)
            _respelled(connection, table, host.tables[name])
    return InDatabase(connection, _mapped(host, tables), dispose)


def _respelled(connection: sa.Connection, table: sa.Table, told: Table) -> None:
    """In SQLite some instants of whole seconds lose their fraction: so other programs write them."""
    if connection.dialect.name != "sqlite":
        return
    for name, column in told.columns.items():
        if isinstance(column.form, Naive):
            kept = table.c[name].name
            without = f"SET {kept} = substr({kept}, 1, 19) WHERE {kept} LIKE '%.000000' AND rowid % 2"
            connection.exec_driver_sql(f'UPDATE "{table.name}" {without}')


_JSON: Mapping[str, sa.types.TypeEngine[Any]] = {"postgresql": postgresql.JSONB(), "sqlite": sa.JSON()}


def _link(name: str) -> str:
    """What the column is called that a mapping does not list: no schema has such a name."""
    return "_currency" if name == CUSTOMERS else "_customer"


def _table(metadata: sa.MetaData, name: str, table: Table, json_type: sa.types.TypeEngine[Any]) -> sa.Table:
    """Its columns have names of their own, so that nothing is found by chance."""
    columns = (sa.Column(f"its_{each}", _type(column, json_type), key=each) for each, column in table.columns.items())
    return sa.Table(name, metadata, sa.Column(_link(name), sa.Text()), *columns)


def _type(column: Column, json_type: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    match column.form:
        case Aware():
            return sa.DateTime(timezone=True)
        case Naive():
            return sa.DateTime()
        case Epoch() | Minor() | Decimals(0):
            return sa.BigInteger()
        case Major():
            return sa.Double() if column.is_float else sa.Numeric(20, 4)
        case Decimals(places):
            return sa.Double() if column.is_float else sa.Numeric(20, places)
        case Listed():
            return sa.ARRAY(sa.Text())
        case Separated():
            return sa.Text()
        case Json():
            return json_type
        case None:
            return _PLAIN[column.kind]()
        case _:
            assert_never(column.form)


_PLAIN: Mapping[Kind, Callable[[], sa.types.TypeEngine[Any]]] = {
    Kind.TEXT: sa.Text,
    Kind.FLAG: sa.Boolean,
    Kind.DATE: sa.Date,
}


def _written(table: Table, link: str) -> list[dict[str, Any]]:
    columns = {link: table.link, **{name: _cells(each) for name, each in table.columns.items()}}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _cells(column: Column) -> list[Any]:
    if not isinstance(column.form, Json):
        return column.cells
    return [sa.null() if each is None else json.loads(each) for each in column.cells]


def _mapped(host: Host, tables: Mapping[str, sa.Table]) -> Tables:
    said = {name: host.columns(name, table.c.__getitem__) for name, table in tables.items()}
    people = tables[CUSTOMERS]
    customers = rows(people, currency=None if host.currency else people.c._currency, **said[CUSTOMERS])
    collections: dict[str, Any] = {
        name: rows(table, customer=table.c._customer, **said[name])
        for name, table in tables.items()
        if name != CUSTOMERS
    }
    return Tables(customers=customers, schema=host.schema, stored=host.stored, currency=host.currency, **collections)


@final
@frozen
class InDatabase:
    connection: sa.Connection
    tables: Tables
    dispose: bool

    @property
    def layout(self) -> Layout[Any, Any]:
        return self.tables.layout

    def build(self, test: Test) -> sa.Compiled:
        return self.tables.answers({"answer": test}).compile(self.connection)

    def chosen(self, test: Test) -> Collection[str]:
        return self.connection.execute(self.tables.chosen(test)).scalars().all()

    def answers(self, tests: Mapping[str, Test], where: Test) -> Found:
        found = self.connection.execute(self.tables.answers(tests, where)).mappings()
        return {row["id"]: {key: _flag(row[key]) for key in tests} for row in found}

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()
        if self.dispose:
            self.connection.engine.dispose()


def _flag(answer: Any) -> bool:
    assert type(answer) is bool or answer in (0, 1), "true or false, never NULL"
    return bool(answer)
