"""What others would write by hand: the rows of a fact in a bare transaction, and a bare outbox with its pump."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from retention.storage.sql import metadata

Written: TypeAlias = tuple[str, Mapping[str, Any]]
"""A statement that wrote, and one row of what it wrote."""

Write: TypeAlias = Callable[[Sequence[Written]], None]

# The rows of a fact. -------------------------------------------------------------------------------------------------


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[Written]]:
    """What is written meanwhile, in its order."""
    found: list[Written] = []

    def record(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        words = statement.split(maxsplit=3)
        if words[0] != "SELECT":
            name = words[1] if words[0] == "UPDATE" else words[2]
            found.extend((f"{words[0]} {name}", row) for row in _said(parameters))

    sa.event.listen(engine, "before_cursor_execute", record)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", record)


def _said(parameters: Any) -> Sequence[Mapping[str, Any]]:
    """The rows that go with a statement: in one text, or each by itself."""
    if "rows" in parameters:
        rows: Sequence[Mapping[str, Any]] = json.loads(parameters["rows"])
        return rows
    several = [parameters] if isinstance(parameters, Mapping) else parameters
    return [{name: value for name, value in each.items() if name != "tenant"} for each in several]


def writer(engine: sa.Engine, tenant: str) -> Write:
    """Writes such rows with the driver's cursor and SQL by hand, in one transaction."""

    def write(several: Sequence[Written]) -> None:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            for kind, row in several:
                cursor.execute(_statement(kind, tuple(row)), {"tenant": tenant, **row})
            connection.commit()
        finally:
            connection.close()

    return write


def _statement(kind: str, columns: tuple[str, ...]) -> str:
    word, table = kind.split()
    if word == "INSERT":
        names = ("tenant", *columns)
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f'%({name})s' for name in names)})"
    keys = [each.name for each in metadata.tables[table].primary_key]
    where = " AND ".join(f"{name} = %({name})s" for name in keys)
    if word == "DELETE":
        return f"DELETE FROM {table} WHERE {where}"
    changed = ", ".join(f"{name} = %({name})s" for name in columns if name not in keys)
    return f"UPDATE {table} SET {changed} WHERE {where}"


# An outbox. ----------------------------------------------------------------------------------------------------------

_OUTBOX: Final = """
CREATE TABLE outbox (
    id bigint PRIMARY KEY, status text NOT NULL, due_at bigint NOT NULL, attempt bigint NOT NULL, payload text NOT NULL
)
"""
_INDEX: Final = "CREATE INDEX outbox_free ON outbox (due_at) WHERE status IN ('waiting', 'sending')"
_FILL: Final = "INSERT INTO outbox SELECT number, 'waiting', 0, 0, %s FROM generate_series(%s::int, %s::int) AS number"
_CLAIM: Final = """
UPDATE outbox SET status = 'sending', attempt = attempt + 1, due_at = %s
WHERE id IN (
    SELECT id FROM outbox WHERE status IN ('waiting', 'sending') AND due_at <= %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id, attempt, payload
"""
_MARK: Final = "UPDATE outbox SET status = 'sent' WHERE id = %s AND attempt = %s AND status = 'sending'"
_MARK_ALL: Final = """
UPDATE outbox SET status = 'sent' FROM unnest(%s::bigint[], %s::bigint[]) AS given(id, attempt)
WHERE outbox.id = given.id AND outbox.attempt = given.attempt AND outbox.status = 'sending'
"""


class Pump:
    """Claims so many, sends ``batch`` of them at a time, and marks each batch in a transaction."""

    def __init__(self, engine: sa.Engine, send: Callable[[Sequence[Any]], object], batch: int) -> None:
        self.engine = engine
        self.send = send
        self.batch = batch

    @staticmethod
    def create(engine: sa.Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(_OUTBOX)
            connection.exec_driver_sql(_INDEX)

    def fill(self, number: int, payload: str) -> None:
        with self.engine.begin() as connection:
            first = connection.scalar(sa.text("SELECT coalesce(max(id), 0) + 1 FROM outbox"))
            connection.exec_driver_sql(_FILL, (payload, first, first + number - 1))

    def round(self, limit: int, now: int) -> int:
        """How many were sent."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(_CLAIM, (now + 300_000_000, now, limit))
            claimed = [(id, attempt, json.loads(payload)) for id, attempt, payload in cursor.fetchall()]
            connection.commit()
            for start in range(0, len(claimed), self.batch):
                several = claimed[start : start + self.batch]
                self.send([payload for _, _, payload in several])
                if len(several) == 1:
                    cursor.execute(_MARK, several[0][:2])
                else:
                    cursor.execute(_MARK_ALL, ([each[0] for each in several], [each[1] for each in several]))
                connection.commit()
        finally:
            connection.close()
        return len(claimed)
