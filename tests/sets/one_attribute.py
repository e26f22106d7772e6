"""One attribute of customers as each engine over tables might keep it, for values that no fact can have."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from attrs import frozen

from retention import Segment, sql
from retention.arrays import Snapshot
from retention.frames import Frames, rows
from retention.rules import AmountField, CustomerAttributes, NumberField, Rule, TextField, declare
from retention.rules.backends.sets.storage import Form
from tests.frames.shop import LIBRARIES, Make, listed


class Own(CustomerAttributes):
    """What no customer of the standard schema has."""

    wallet = AmountField()
    size = NumberField()
    code = TextField()


own = Own()
SCHEMA: Final = declare(own)
AS_OF: Final = datetime(2026, 3, 15, 12, tzinfo=UTC)
IN_MEMORY: Final = {"SQLite": "sqlite://", "DuckDB, sql": "duckdb:///:memory:"}
ENGINES: Final = (*LIBRARIES, "arrays", *IN_MEMORY, "PostgreSQL")

Asked: TypeAlias = Callable[[Rule], set[str]]


@final
@frozen
class Attribute:
    """The cells of an attribute by customer, and the types of its column as an Arrow array and in a database."""

    name: str
    cells: Mapping[str, Any]
    form: Form | None
    arrow: pa.DataType
    database: Any


def asker(engine: str, told: Attribute, postgres: sa.Engine) -> Asked:
    """Who is in a rule over that attribute, as one of the ``ENGINES`` says."""
    if engine in LIBRARIES:
        return in_frames(LIBRARIES[engine], told)
    if engine == "arrays":
        return _arrays(told)
    if engine in IN_MEMORY:
        return in_database(sa.create_engine(IN_MEMORY[engine], poolclass=sa.NullPool), told)
    return in_database(postgres, told)


def _said(column: Any, told: Attribute) -> dict[str, Any]:
    return {told.name: column if told.form is None else sql.As(column, told.form)}


def in_frames(make: Make, told: Attribute) -> Asked:
    """The attribute in a frame that is made of a table."""
    table = pa.table({"id": list(told.cells), "its": pa.array(told.cells.values(), told.arrow)})
    frames: Frames[Any] = Frames(
        customers=rows(make(table), id="id", **_said("its", told)), schema=SCHEMA, currency="USD"
    )

    def ask(rule: Rule) -> set[str]:
        return {row["id"] for row in listed(Segment("s", rule, schema=SCHEMA).filter(frames, as_of=AS_OF))}

    return ask


def _arrays(told: Attribute) -> Asked:
    cells: Any = list(told.cells.values())
    if pa.types.is_floating(told.arrow):
        cells = np.array(cells, np.float64)
    customers = {"id": list(told.cells), **_said(cells, told)}
    snapshot = Snapshot.of_columns(customers, schema=SCHEMA, currency="USD")
    return lambda rule: set(Segment("s", rule, schema=SCHEMA).ids(snapshot, as_of=AS_OF))


def in_database(engine: sa.Engine, told: Attribute) -> Asked:
    """The attribute in a table that is there while a question is asked."""
    columns = sa.Column("id", sa.Text), sa.Column("its", told.database)
    people = sa.Table("people", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    tables = sql.Tables(customers=sql.rows(people, id="id", **_said(people.c.its, told)), schema=SCHEMA, currency="USD")

    def ask(rule: Rule) -> set[str]:
        with engine.connect() as connection:
            people.create(connection)
            connection.execute(people.insert(), [{"id": who, "its": cell} for who, cell in told.cells.items()])
            return set(connection.scalars(Segment("s", rule, schema=SCHEMA).select(tables, as_of=AS_OF)))

    return ask
