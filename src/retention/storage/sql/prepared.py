"""Statements as the text that goes to the driver, each made once for a dialect.

SQLAlchemy finds a statement in its cache and orders its values anew each time it is executed, which takes as long as
SQLite takes to carry it out.
"""

from collections.abc import Sequence
from functools import lru_cache
from logging import INFO
from typing import Any, final

from attrs import frozen
from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler

from retention.storage.sql.rows import Row


@final
@frozen
class Answer:
    """The rows that came back, in full, and how many rows were changed."""

    rows: Sequence[Any]
    count: int


@final
@frozen
class Prepared:
    """``order`` is that of the values which the text takes; None where the driver takes them by their names.
    ``answers``: rows come back."""

    text: str
    order: Sequence[str] | None
    answers: bool

    @classmethod
    def of(cls, compiled: Compiled) -> "Prepared":
        text = str(compiled)
        order = compiled.positiontup if isinstance(compiled, SQLCompiler) and compiled.positional else None
        return cls(text, order, text.split(None, 1)[0] == "SELECT" or "RETURNING" in text)

    def values(self, row: Row) -> Any:
        """Of a row that may say more than the statement takes."""
        return row if self.order is None else tuple([row[name] for name in self.order])


@final
class Cursor:
    """Asks in a transaction that has begun: by one cursor of the driver's where nobody listens to SQLAlchemy's, which
    takes half as long again as a statement. Errors are as of SQLAlchemy, which hears nothing of it then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = None if _is_heard(connection) else connection.connection.cursor()

    def ask(self, statement: Prepared, row: Row) -> Answer:
        """Raises DBAPIError."""
        values = statement.values(row)
        cursor = self._driver
        if cursor is None:
            heard = self._connection.exec_driver_sql(statement.text, values)
            return Answer(heard.fetchall() if heard.returns_rows else (), heard.rowcount)
        try:
            cursor.execute(statement.text, values)
            return Answer(cursor.fetchall() if statement.answers else (), cursor.rowcount)
        except self._connection.dialect.loaded_dbapi.Error as problem:
            raise _as_sqlalchemys(self._connection, statement.text, problem) from problem

    def change(self, statement: Prepared, several: Sequence[Row]) -> int:
        """Once for each row, of which there is at least one, and how many rows it changed. Raises DBAPIError."""
        if len(several) == 1:
            return self.ask(statement, several[0]).count
        values = [statement.values(row) for row in several]
        return self._connection.exec_driver_sql(statement.text, values).rowcount


def by_driver(connection: Connection, statement: str) -> None:
    """A statement that answers nothing, whoever listens. Errors are as of SQLAlchemy. Raises DBAPIError."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _as_sqlalchemys(connection, statement, problem) from problem
    finally:
        cursor.close()


def _as_sqlalchemys(connection: Connection, statement: str, problem: Exception) -> StatementError:
    return DBAPIError.instance(statement, (), problem, connection.dialect.loaded_dbapi.Error)


def _is_heard(connection: Connection) -> bool:
    """Whether the host logs statements, by ``echo`` or the logger's level, or listens to them or to their errors."""
    heard, errors = connection.dispatch, connection.dialect.dispatch
    listens = heard.before_cursor_execute or heard.after_cursor_execute or errors.handle_error
    return bool(listens or connection.engine.logger.isEnabledFor(INFO))


@lru_cache
def prepared(statement: Insert | Update | Select[Any], dialect: Dialect) -> Prepared:
    """Inserts take a value for every column."""
    return Prepared.of(statement.compile(dialect=_by_order(dialect)))


def _by_order(dialect: Dialect) -> Dialect:
    """Drivers that take values by their names take them by their order too, and faster."""
    if dialect.paramstyle != "pyformat" or not isinstance(dialect, DefaultDialect):
        return dialect
    return type(dialect)(paramstyle="format")
