"""Each engine with the shop in it: the library's side for any set of segments, and the query by hand."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
import sqlalchemy as sa
from attrs import frozen

from bench.bulk.by_hand import CUTS, DUCKDB, NAMES, POSTGRES, in_polars
from bench.bulk.library import as_frames, as_snapshot, as_tables
from bench.bulk.server import postgres
from bench.bulk.shop import TABLES, shop
from bench.bulk.turns import Answers, Side
from bench.population import NOW
from retention import SegmentSet


@frozen
class Sides:
    """``ours`` makes a side of a set of segments, built anew at each call; ``by_hand`` answers the eight."""

    ours: Callable[[SegmentSet], Side]
    by_hand: Side


def in_memory(size: int) -> dict[str, pl.DataFrame]:
    """The shop as Polars frames."""
    return {name: pl.read_parquet(shop(size) / f"{name}.parquet").rechunk() for name in TABLES}


@contextmanager
def polars(size: int) -> Iterator[Sides]:
    """Frames on Polars, both sides lazy and collected by the streaming engine."""
    tables = {name: frame.lazy() for name, frame in in_memory(size).items()}
    frames = as_frames(tables)

    def counted(found: pl.LazyFrame) -> Answers:
        return found.collect(engine="streaming").select(pl.exclude("id").sum()).row(0)

    yield Sides(
        lambda segments: lambda: counted(segments.label(frames, as_of=NOW)),
        lambda: counted(in_polars(tables)),
    )


@contextmanager
def arrays(size: int) -> Iterator[Sides]:
    """A snapshot; by hand is Polars, whose tables are read when it is first asked."""
    snapshot = as_snapshot(size)

    def counted(segments: SegmentSet) -> Answers:
        return tuple(map(np.count_nonzero, segments.masks(snapshot, as_of=NOW).values()))

    with ExitStack() as other:
        opened = cache(lambda: other.enter_context(polars(size)))
        yield Sides(lambda segments: lambda: counted(segments), lambda: opened().by_hand())


@contextmanager
def frames_on_duckdb(size: int) -> Iterator[Sides]:
    """Relations of DuckDB, counted there."""
    with _duckdb(size) as connection:
        native: Any = connection.connection.driver_connection
        database = native.cursor()
        frames = as_frames({name: database.table(name) for name in TABLES})

        def counted(relation: Any) -> Answers:
            counts = ", ".join(f"sum({name})" for name in relation.columns if name != "id")
            return tuple(map(int, relation.aggregate(counts).fetchall()[0]))

        yield Sides(
            lambda segments: lambda: counted(segments.label(frames, as_of=NOW)),
            lambda: counted(database.sql(DUCKDB, params=CUTS)),
        )


@contextmanager
def sql_on_duckdb(size: int) -> Iterator[Sides]:
    """Statements on DuckDB, counted there."""
    with _duckdb(size) as connection:
        yield statements(connection, DUCKDB.replace("$", ":"), "sum({})")


@contextmanager
def sql_on_postgres(size: int) -> Iterator[Sides]:
    """Statements on PostgreSQL, counted there."""
    with on_postgres(size) as engine, engine.connect() as connection:
        yield statements(connection, POSTGRES)


@contextmanager
def on_postgres(size: int) -> Iterator[sa.Engine]:
    """Each of its connections is a new one."""
    with postgres(size) as address:
        yield sa.create_engine(sa.make_url(address).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)


ENGINES: Final[dict[str, Callable[[int], AbstractContextManager[Sides]]]] = {
    "frames on polars": polars,
    "frames on duckdb": frames_on_duckdb,
    "sql on duckdb": sql_on_duckdb,
    "sql on postgresql": sql_on_postgres,
    "arrays": arrays,
}


@contextmanager
def _duckdb(size: int) -> Iterator[sa.Connection]:
    engine = sa.create_engine("duckdb:///:memory:")
    with engine.connect() as connection:
        for name in TABLES:
            connection.exec_driver_sql(f"create table {name} as from '{shop(size) / f'{name}.parquet'}'")
        connection.commit()
        yield connection
    engine.dispose()


def statements(connection: sa.Connection, by_hand: str, true: str = "count(*) filter (where {})") -> Sides:
    """Both sides on a connection to a database with the shop's tables; ``true`` counts in how many rows a flag is true.

    Both are counted there: to fetch a million rows costs both the same and would hide a difference. And in the way that
    is quickest there, since eighty rules have eighty flags to count: DuckDB's sums of flags take it a quarter of the
    time of sums of integers and a twentieth of that of counts with filters, which are PostgreSQL's quickest.
    """
    tables = as_tables()
    counts = ", ".join(true.format(f"answers.{name}") for name in NAMES)
    theirs = sa.text(f"select {counts} from ({by_hand}) as answers")

    def counted(segments: SegmentSet) -> Answers:
        answers = segments.select(tables, as_of=NOW).subquery("answers")
        flags = sa.text(", ".join(true.format(f"answers.{key}") for key in segments.keys))
        return tuple(map(int, connection.execute(sa.select(flags).select_from(answers)).one()))

    return Sides(
        lambda segments: lambda: counted(segments),
        lambda: tuple(map(int, connection.execute(theirs, CUTS).one())),
    )
