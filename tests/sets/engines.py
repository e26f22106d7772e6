"""Every set-based engine, once: what opens it, what its tables can be, what it may refuse and how often."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias, final

import sqlalchemy as sa
from attrs import frozen

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.supports import GAPS
from retention.rules.backends.sets.storage import Aware, InstantForm, Json, LabelForm, Listed, Separated
from retention.schema import Schema
from tests.sets import array_engine, frame_engine, plain_rows, sql_engine
from tests.sets.adapter import Adapter, Opened
from tests.sets.hosts import INSTANTS, LABELS, Host, some_host
from tests.sql.refusals import refusals

Server: TypeAlias = Any
"""What a fixture gives an engine: a connection, a session; None if it needs nothing."""

_BY_LOWERING = (
    "a quotient of quotients of quotients",
    "a sequence within calendar months",
    "a stored instant that is moved by months is compared with another stored value",
    "a stored instant that is moved by months twice",
    "the labels of one row are searched for what another row says",
    "the local date of an instant that is moved by months",
)
_BY_SQL = (
    "a time zone without a name",
    "a wall clock time, in a column that knows its zone",
    "an instant that knows its zone",
    "labels that are separated by",
    "text without regard to case, as Unicode says, is more than databases know",
)


@final
@frozen
class SetEngine:
    """``may_refuse`` is the largest share of random rules that it may refuse, ``refuses`` how its refusals begin.

    ``share`` is the part of the random questions that it is asked, less than 1 for a slow one; ``fixture`` is the name
    of the one that gives what it needs.
    """

    name: str
    open: Callable[[Host, Server], Opened]
    instants: Sequence[InstantForm] = INSTANTS
    labels: Sequence[LabelForm] = LABELS
    fixture: str | None = None
    refuses: tuple[str, ...] = ()
    may_refuse: float = 0.05
    share: float = 1

    def adapter(self, server: Server = None) -> Adapter:
        """The engine as ``check_backend`` asks it."""
        return Adapter(self._host, partial(self._open, server))

    def lists(self, refusal: UnsupportedRule) -> bool:
        """Whether it is known that this engine refuses this."""
        return refusal.problem.startswith(_BY_LOWERING + self.refuses)

    def _host(self, profiles: Sequence[Profile], schema: Schema) -> Host:
        return some_host(profiles, schema, self.instants, self.labels)

    def _open(self, server: Server, host: Host) -> Opened:
        return self.open(host, server)


TERMS = SetEngine("terms", lambda host, _: plain_rows.opened(host, by_plan=False))
PLANS = SetEngine("plans", lambda host, _: plain_rows.opened(host, by_plan=True))
ARRAYS = SetEngine("arrays", lambda host, _: array_engine.opened(host))

# Databases. -----------------------------------------------------------------------------------------------------------

_NO_ZONES = tuple(each for each in INSTANTS if each != Aware())


def _in_memory(url: str) -> Callable[[Host, Server], Opened]:
    """A database that is there as long as its tables are."""
    return lambda host, _: sql_engine.opened(host, sa.create_engine(url), dispose=True)


def _refuses(dialect: str) -> tuple[str, ...]:
    return _BY_SQL + tuple(refusal.problem for refusal in refusals(dialect))


SQLITE = SetEngine(
    "SQLite",
    _in_memory("sqlite:///:memory:"),
    instants=_NO_ZONES,
    labels=(Json(), Separated(), Separated("|")),
    refuses=_refuses("sqlite"),
    may_refuse=0.1,
)
DUCKDB = SetEngine("DuckDB", _in_memory("duckdb:///:memory:"), refuses=_refuses("duckdb"))
POSTGRES = SetEngine("PostgreSQL", sql_engine.opened, fixture="postgres", refuses=_refuses("postgresql"))
DATABASES = (SQLITE, DUCKDB, POSTGRES)

# Data frames. ---------------------------------------------------------------------------------------------------------

_FRAMED = (Listed(), Separated(), Separated("|"))


def _framed(
    name: str,
    engine: Engine,
    open: Callable[[Host, Server], Opened],
    fixture: str | None = None,
    share: float = 1,
) -> SetEngine:
    gaps = tuple(f"{each.what}: {engine.value}" for each in GAPS if engine in each.engines)
    return SetEngine(name, open, labels=_FRAMED, fixture=fixture, refuses=gaps, may_refuse=0.08, share=share)


def _frames(name: str, engine: Engine, make: frame_engine.Make) -> SetEngine:
    return _framed(name, engine, lambda host, _: frame_engine.opened(host, make))


POLARS = _frames("Polars", Engine.POLARS, frame_engine.polars_eager)
LAZY_POLARS = _frames("Polars, lazy", Engine.POLARS, frame_engine.polars_lazy)
ARROW = _frames("PyArrow", Engine.ARROW, lambda table: table)
PANDAS = _frames("pandas", Engine.ARROW, frame_engine.pandas_plain)
PANDAS_ARROW = _frames("pandas with Arrow's types", Engine.ARROW, frame_engine.pandas_arrow)
RELATIONS = _framed("DuckDB relations", Engine.DUCKDB, lambda host, _: frame_engine.in_duckdb(host))
SPARK = _framed("PySpark", Engine.SPARK, frame_engine.in_spark, fixture="spark", share=0.1)
FRAMES = (POLARS, LAZY_POLARS, ARROW, PANDAS, PANDAS_ARROW, RELATIONS)
