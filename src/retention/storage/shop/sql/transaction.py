"""One tenant's statements in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult

from retention.storage.shop.sql.statements import prepared
from retention.storage.sql.rows import Row, text


class Transaction:
    """What every part of the store works with. The connection is the caller's, who begins, commits and rolls back."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = tenant

    def _run(self, statement: str, **said: Any) -> CursorResult[Any]:
        made = prepared(statement, self._connection.dialect)
        return made.run(self._connection, [{"tenant": self._tenant, **said}])

    def _about(self, statement: str, ids: Iterable[str], **said: Any) -> CursorResult[Any]:
        """Asked of all these ids at once."""
        return self._run(statement, ids=text([*ids]), **said)

    def _write(self, statement: str, rows: Sequence[Row]) -> CursorResult[Any]:
        """All these rows at once, of which there is at least one."""
        return self._run(statement, rows=text(rows))
