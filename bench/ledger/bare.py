"""The rows of a redemption in a bare transaction: the driver's cursor and SQL by hand, nothing of the library."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from retention.storage.sql.rows import Row, Rows


def writer(engine: sa.Engine, example: Rows) -> Callable[[Rows], None]:
    """Writes such rows: the account if its version is what was expected, and the new rows of the other tables."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    update, account_of = _update(example.accounts[0], mark)
    inserts = [_insert(table, row, mark) for table, row in _new_rows(example)]

    def write(made: Rows) -> None:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(update, account_of(made.accounts[0]))
            assert cursor.rowcount == 1, "the account has the version that was expected"
            for statement, (_, row) in zip(inserts, _new_rows(made), strict=True):
                cursor.execute(statement, tuple(row.values()))
            connection.commit()
        finally:
            connection.close()

    return write


def _new_rows(made: Rows) -> list[tuple[str, Row]]:
    (key,), (entry,), (order,) = made.keys, made.entries, made.orders
    return [("retention_command_keys", key), ("retention_entries", entry), ("retention_orders", order)]


def _insert(table: str, row: Row, mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join([mark] * len(row))})"


def _update(row: Row, mark: str) -> tuple[str, Callable[[Row], Sequence[Any]]]:
    where = ("programme", "account", "unit")
    changed = [name for name in row if name not in (*where, "expected")]
    said = ", ".join(f"{name} = {mark}" for name in changed)
    conditions = f"programme = {mark} AND account = {mark} AND version = {mark}"
    values = [*changed, "programme", "account", "expected"]
    return (
        f"UPDATE retention_accounts SET {said} WHERE {conditions}",
        lambda made: tuple(made[name] for name in values),
    )
