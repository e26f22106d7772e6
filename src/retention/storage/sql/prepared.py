"""Statements as the text that goes to the driver, each made once for a dialect.

SQLAlchemy finds a statement in its cache and orders its values anew each time it is executed, which takes as long as
SQLite takes to carry it out.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, final

from attrs import frozen
from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select, Update

from retention.storage.sql.rows import Row


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

    def _values(self, row: Row) -> Any:
        return row if self.order is None else tuple([row[name] for name in self.order])


@lru_cache
def prepared(statement: Insert | Update | Select[Any], dialect: Dialect) -> Prepared:
    """Inserts take a value for every column."""
    compiled = statement.compile(dialect=dialect)
    order = compiled.positiontup if compiled.positional else None
    return Prepared(str(compiled), order)
