"""Statements as the text that goes to the driver, each made once for a dialect.

SQLAlchemy finds a statement in its cache and orders its values anew each time it is executed, which takes as long as
SQLite takes to carry it out.
"""

from collections.abc import Sequence
from functools import lru_cache
from logging import INFO
from typing import Any, final

from attrs import frozen
from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select, Update
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError

from retention.storage.sql.rows import Row


@final
@frozen
class Answer:
    """The rows that came back, in full, with the names of their columns, and how many rows were changed."""

    rows: Sequence[Any]
    names: Sequence[str]
    count: int


@final
@frozen
class Prepared:
    """``order`` is that of the values which the text takes; None where the driver takes them by their names."""

    text: str
    order: Sequence[str] | None

    def run(self, connection: Connection, several: Sequence[Row]) -> CursorResult[Any]:
        """Once for each row, of which more may be said than the statement takes."""
        values = [self._values(row) for row in several]
        return connection.exec_driver_sql(self.text, values if len(values) > 1 else values[0])

    def ask(self, connection: Connection, row: Row) -> Answer:
        """As ``run``, once, in a transaction that has begun: by the driver's cursor where nobody listens to
        SQLAlchemy's, which takes half as long again as the statement."""
        if not _is_heard(connection):
            return by_driver(connection, self.text, self._values(row))
        found = self.run(connection, [row])
        rows: Sequence[Any] = found.fetchall() if found.returns_rows else ()
        return Answer(rows, [*found.keys()] if found.returns_rows else (), found.rowcount)

    def change(self, connection: Connection, several: Sequence[Row]) -> int:
        """As ``run``, in a transaction that has begun, and how many rows it changed."""
        return self.run(connection, several).rowcount if len(several) > 1 else self.ask(connection, several[0]).count

    def _values(self, row: Row) -> Any:
        return row if self.order is None else tuple([row[name] for name in self.order])


def by_driver(connection: Connection, statement: str, values: Any = ()) -> Answer:
    """Errors are as of SQLAlchemy, which hears nothing of it. Raises DBAPIError."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        said = cursor.description
        rows: Sequence[Any] = () if said is None else cursor.fetchall()
        return Answer(rows, () if said is None else [each[0] for each in said], cursor.rowcount)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise DBAPIError.instance(statement, (), problem, connection.dialect.loaded_dbapi.Error) from problem
    finally:
        cursor.close()


def _is_heard(connection: Connection) -> bool:
    """Whether the host logs statements, by ``echo`` or the logger's level, or listens to them or to their errors."""
    heard, errors = connection.dispatch, connection.dialect.dispatch
    listens = heard.before_cursor_execute or heard.after_cursor_execute or errors.handle_error
    return bool(listens or connection.engine.logger.isEnabledFor(INFO))


@lru_cache
def prepared(statement: Insert | Update | Select[Any], dialect: Dialect) -> Prepared:
    """Inserts take a value for every column."""
    compiled = statement.compile(dialect=_by_order(dialect))
    order = compiled.positiontup if compiled.positional else None
    return Prepared(str(compiled), order)


def _by_order(dialect: Dialect) -> Dialect:
    """Drivers that take values by their names take them by their order too, and faster."""
    if dialect.paramstyle != "pyformat" or not isinstance(dialect, DefaultDialect):
        return dialect
    return type(dialect)(paramstyle="format")
