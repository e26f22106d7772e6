"""One tenant's statements in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import define, field
from sqlalchemy import Connection

from retention.storage.shop.sql.statements import prepared
from retention.storage.sql.prepared import Answer, Cursor
from retention.storage.sql.rows import Row, document, text

_T = TypeVar("_T")


@define(slots=False, kw_only=True, eq=False)
class Transaction:
    """What every part of the store works with. The connection is the caller's, who begins, commits and rolls back."""

    _connection: Connection
    _tenant: str
    _cursor: Cursor = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._cursor = Cursor(self._connection)

    def _run(self, statement: str, **said: Any) -> Answer:
        return self._cursor.ask(prepared(statement, self._connection.dialect), {"tenant": self._tenant, **said})

    def _about(self, statement: str, ids: Iterable[str], **said: Any) -> Answer:
        """Asked of all these ids at once."""
        return self._run(statement, ids=text([*ids]), **said)

    def _write(self, statement: str, rows: Sequence[Row], **said: Any) -> Answer:
        """All these rows at once, of which there is at least one."""
        return self._run(statement, rows=text(rows), **said)

    def _each(self, statement: str, rows: Sequence[Row]) -> None:
        """Once for each of these rows, of which there is at least one."""
        said = [{"tenant": self._tenant, **each} for each in rows]
        self._cursor.change(prepared(statement, self._connection.dialect), said)


def grouped(found: Answer, read: Callable[[Any], _T]) -> Mapping[str, list[_T]]:
    """Documents by the id that stands before each, in their order."""
    groups: dict[str, list[_T]] = defaultdict(list)
    for id, said in found.rows:
        groups[id].append(read(document(said)))
    return dict(groups)
