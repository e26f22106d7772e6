"""The set-based engines, to be asked what they can do: the columns of the support table.

Databases compile a statement, data frames plan and arrays answer, all for a shop without customers. Only Spark is asked
what it would refuse: its session takes half a minute to start and then says the same.
"""

from collections.abc import Callable
from datetime import UTC
from functools import cache
from typing import Any, Final, TypeAlias, assert_never, final

import duckdb
import polars as pl
import pyarrow as pa
import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy.types import TypeEngine

from retention import Rule, arrays, frames, sql
from retention.errors import UnsupportedRule
from retention.rules.backends.frames.engines import Engine as FrameEngine
from retention.rules.backends.frames.supports import refuse
from retention.rules.backends.sets.layout import Layout, Source
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
    Stored,
)
from retention.schema import STANDARD, Kind
from tests.project.capabilities import AS_OF, Capability

Ask: TypeAlias = Callable[[Rule, Stored], object]
"""Asks a rule of tables that keep values so, far enough for everything to be refused that ever is."""

PLAIN: Final = Stored()
FEW_TYPES: Final = Stored(instants=Naive(UTC), labels=Json())
"""What a database without aware instants and lists would keep instead."""


@final
@frozen
class Engine:
    """``usual`` is how its tables keep values where a capability says nothing about that.

    ``agrees`` names the engines of ``tests/sets/engines.py`` that the tests run and hold to the reference in its name.
    """

    title: str
    ask: Ask
    usual: Stored = PLAIN
    agrees: tuple[str, ...] = ()

    def says(self, capability: Capability) -> str:
        """``yes``, ``compiles`` of an engine that no test runs, ``not yet`` or ``never``."""
        try:
            self.ask(capability.rule, keeping(self.usual, capability.form))
        except UnsupportedRule as refusal:
            return refusal.ever
        return "yes" if self.agrees else "compiles"


def keeping(usual: Stored, form: Form | None) -> Stored:
    """The usual forms, but this one for values of its kind."""
    match form:
        case None:
            return usual
        case Aware() | Naive() | Epoch():
            return evolve(usual, instants=form)
        case Minor() | Major():
            return evolve(usual, amounts=form)
        case Decimals():
            return evolve(usual, numbers=form)
        case Listed() | Separated() | Json():
            return evolve(usual, labels=form)
        case _:
            assert_never(form)


# A shop without customers. --------------------------------------------------------------------------------------------

_COLLECTIONS: Final = ("orders", "purchases", "refunds", "cart", "visits", "views", "consents")


def _columns(collection: str | None) -> dict[str, Kind]:
    """All that the schema has, but that the refunds of an order are rows of their own."""
    fields = STANDARD.attributes if collection is None else STANDARD.collections[collection].columns
    return {each.name: each.kind for each in fields.values() if (collection, each.name) != ("orders", "refunded")}


@cache
def _tables(stored: Stored) -> sql.Tables:
    collections: dict[str, Any] = {name: _rows(name, stored, "customer") for name in _COLLECTIONS}
    return sql.Tables(customers=_rows(None, stored), stored=stored, currency="KRW", **collections)


def _rows(collection: str | None, stored: Stored, customer: str | None = None) -> sql.Rows:
    kept = {name: sa.Column(name, _type(kind, stored.form(kind))) for name, kind in _columns(collection).items()}
    table = sa.Table(collection or "customers", sa.MetaData(), sa.Column("customer", sa.String(200)), *kept.values())
    return sql.rows(table, customer=customer, **kept)


def _type(kind: Kind, form: Form | None) -> TypeEngine[Any]:
    match kind:
        case Kind.INSTANT:
            return sa.BigInteger() if isinstance(form, Epoch) else sa.TIMESTAMP(timezone=isinstance(form, Aware))
        case Kind.AMOUNT:
            return sa.Numeric(18, 2) if isinstance(form, Major) else sa.BigInteger()
        case Kind.LABELS:
            return sa.JSON() if isinstance(form, Json) else sa.ARRAY(sa.Text) if isinstance(form, Listed) else sa.Text()
        case Kind.NUMBER:
            return sa.BigInteger()
        case Kind.TEXT:
            return sa.String(200)
        case Kind.FLAG:
            return sa.Boolean()
        case Kind.DATE:
            return sa.Date()
        case _:
            assert_never(kind)


# How each is asked. ---------------------------------------------------------------------------------------------------


def dialect(url: str) -> sa.Dialect:
    """The dialect of a kind of URL, without a connection."""
    return sa.make_url(url).get_dialect()()


def compiled(url: str) -> Ask:
    """Of a database: the statement for it."""
    said = dialect(url)

    def ask(rule: Rule, stored: Stored) -> object:
        tables = _tables(stored)
        return tables.answers({"asked": lower(rule.node, AS_OF, tables.layout)}).compile(dialect=said)

    return ask


def planned(make: Callable[[pa.Table], Any]) -> Ask:
    """Of data frames of a library: the answers, over frames without rows."""

    @cache
    def shop_of(stored: Stored) -> frames.Frames[Any]:
        collections: dict[str, Any] = {name: _frame(make, name, stored, "customer") for name in _COLLECTIONS}
        return frames.Frames(customers=_frame(make, None, stored), stored=stored, currency="KRW", **collections)

    def ask(rule: Rule, stored: Stored) -> object:
        shop = shop_of(stored)
        return shop.answers({"asked": lower(rule.node, AS_OF, shop.layout)})

    return ask


def _frame(
    make: Callable[[pa.Table], Any], collection: str | None, stored: Stored, customer: str | None = None
) -> frames.Rows[Any]:
    kept = {name: _arrow_type(kind, stored.form(kind)) for name, kind in _columns(collection).items()}
    empty = pa.schema({"customer": pa.string(), **kept}).empty_table()
    return frames.rows(make(empty), customer=customer, **{name: name for name in kept})


def _arrow_type(kind: Kind, form: Form | None) -> pa.DataType:
    match kind:
        case Kind.INSTANT:
            aware = pa.timestamp("us", "UTC" if isinstance(form, Aware) else None)
            return pa.int64() if isinstance(form, Epoch) else aware
        case Kind.AMOUNT:
            return pa.float64() if isinstance(form, Major) else pa.int64()
        case Kind.LABELS:
            return pa.list_(pa.string()) if isinstance(form, Listed) else pa.string()
        case Kind.NUMBER:
            return pa.int64()
        case Kind.TEXT:
            return pa.string()
        case Kind.FLAG:
            return pa.bool_()
        case Kind.DATE:
            return pa.date32()
        case _:
            assert_never(kind)


def permitted(engine: FrameEngine) -> Ask:
    """Of data frames of a library that is not at hand: whether it may go to work."""

    def ask(rule: Rule, stored: Stored) -> None:
        layout = layout_of(stored)
        refuse([lower(rule.node, AS_OF, layout)], layout, engine)

    return ask


def layout_of(stored: Stored) -> Layout[None, str]:
    """The shop's columns under their own names, without tables."""

    def source(collection: str | None) -> Source[None, str]:
        return Source(None, "customer", {each: each for each in _columns(collection)})

    return Layout(source(None), {name: source(name) for name in _COLLECTIONS}, stored=stored, currency="KRW")


def answered(rule: Rule, stored: Stored) -> object:
    """Of a snapshot: the answers."""
    collections: dict[str, Any] = {name: dict.fromkeys(("customer", *_columns(name)), ()) for name in _COLLECTIONS}
    people = dict.fromkeys(_columns(None), ())
    snapshot = arrays.Snapshot.of_columns(people, stored=stored, currency="KRW", **collections)
    return snapshot.masks({"asked": lower(rule.node, AS_OF, snapshot.layout)})


DATABASES: Final = (
    Engine("PostgreSQL", compiled("postgresql+psycopg://"), agrees=("PostgreSQL",)),
    Engine("SQLite", compiled("sqlite://"), FEW_TYPES, agrees=("SQLite",)),
    Engine("DuckDB", compiled("duckdb://"), agrees=("DuckDB",)),
    Engine("MySQL", compiled("mysql://"), FEW_TYPES),
    Engine("MariaDB", compiled("mariadb://"), FEW_TYPES),
)
WAREHOUSES: Final = (
    Engine("Trino", compiled("trino://")),
    Engine("BigQuery", compiled("bigquery://")),
    Engine("Snowflake", compiled("snowflake://")),
    Engine("CockroachDB", compiled("cockroachdb+psycopg://")),
)
FRAMES: Final = (
    Engine("Polars", planned(pl.DataFrame), agrees=("Polars", "Polars, lazy")),
    Engine("DuckDB", planned(duckdb.from_arrow), agrees=("DuckDB relations",)),
    Engine("pandas, PyArrow", planned(lambda table: table), agrees=("PyArrow", "pandas", "pandas with Arrow's types")),
    Engine("PySpark", permitted(FrameEngine.SPARK), agrees=("PySpark",)),
)
ARRAYS: Final = Engine("arrays", answered, agrees=("arrays",))
