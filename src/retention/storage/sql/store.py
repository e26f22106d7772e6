"""The ledger's store in a database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, final

from sqlalchemy import Connection, Engine, Executable, Table

from retention.errors import CurrencyMismatch
from retention.loyalty.errors import Conflict, DamagedRecord
from retention.loyalty.ledger import wire
from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.records import Claim, OrderRecord, Records
from retention.loyalty.ledger.store import Batch, Loaded, carried, joined
from retention.spans import utc
from retention.storage.sql import rows, statements
from retention.storage.sql.prepared import Cursor, prepared
from retention.storage.sql.sessions import Hosts, Own, Session, begin
from retention.storage.sql.tables import claims, entries, expired, holds, keys, orders

_FEW: Final = 12
"""So many new rows and fewer are written in one statement, which is made for each number of them that comes."""


@final
class SqlLedgerStore:
    """Accounts in the tables that ``migrate`` makes, in SQLite or PostgreSQL. Raises WrongConnection, UnknownChoice;
    every call raises NotMigrated where the tables are not there.

    Safe with any number of threads, processes and machines. A command reads in two statements (a third for what an
    order earned) and commits in one transaction of its own. With SQLite, a database that stays locked for longer than
    the driver's time-out (``connect_args={"timeout": seconds}``) is given up.
    """

    def __init__(self, engine: Engine) -> None:
        self._session: Session = Own.of(engine)

    @classmethod
    def on(cls, connection: Connection) -> "SqlLedgerStore":
        """A store inside the host's own transaction, which the host begins, commits and rolls back.

        What a command changes is seen by others when the host commits, and until then they wait for the account. Each
        batch has a savepoint: after a conflict nothing of it is left, the transaction can go on, and the ledger decides
        anew. Where the transaction cannot see what others committed meanwhile (REPEATABLE READ and above) that ends in
        LedgerBusy; deadlocks and failed serializations come through as SQLAlchemy's errors. Roll back in both cases,
        and do the whole again. Hosts that use several accounts in one transaction do so in order of their ids.
        """
        store = cls.__new__(cls)
        store._session = Hosts.of(connection)
        return store

    # Reading. --------------------------------------------------------------------------------------------------------

    def load(self, account: Account, needs: Needs = Needs()) -> Loaded:  # noqa: B008 - frozen
        with self._session.reading() as connection:
            head = _head(connection, account)  # before its records: if they are newer, the commit will not be accepted
            if not head.version and not needs.claims:
                return Loaded(head=head)
            return Loaded(head=head, records=_records(connection, head, needs))

    @contextmanager
    def turn(self, accounts: Sequence[Account]) -> Iterator["SqlLedgerStore"]:
        """In one transaction that has locked the rows of these accounts, in order; SQLite locks the database."""
        with self._session.together() as connection:
            begin(connection)
            for account in accounts:
                connection.execute(statements.TURN, _where(account)).all()
            yield SqlLedgerStore.on(connection)

    def entries(self, account: Account, *, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        said = {**_where(account), "after": after, "most": limit}
        with self._session.reading() as connection:
            return [rows.entry({**row}) for row in connection.execute(statements.ENTRIES, said).mappings()]

    def due(self, programme: str, before: datetime, limit: int = 1000) -> Sequence[Account]:
        moment = wire.micros(utc(before, "before"))
        return self._accounts(statements.DUE, {"in_programme": programme, "before": moment, "most": limit})

    def accounts(self, programme: str, *, after: str = "", limit: int = 1000) -> Sequence[Account]:
        return self._accounts(statements.ACCOUNTS, {"in_programme": programme, "after": after, "most": limit})

    def _accounts(self, statement: Executable, said: Mapping[str, Any]) -> Sequence[Account]:
        with self._session.reading() as connection:
            return [Account(*row) for row in connection.execute(statement, said)]

    def totals(self, programme: str) -> Mapping[str, Mapping[Bucket, int]]:
        with self._session.reading() as connection:
            found = connection.execute(statements.TOTALS, {"in_programme": programme}).mappings()
            return {row["unit"]: rows.totals({**row}) for row in found}

    # Writing. --------------------------------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        made = rows.rows(batch)
        with self._session.writing() as connection:
            write(connection, made)
            if batch.merged is not None:
                _readdress(connection, *batch.merged)


def write(connection: Connection, made: rows.Rows) -> None:
    """The rows of a batch, accounts first: whoever changes an account has its row, and others wait or come too late.
    Raises Conflict."""
    new = {table: several for table, several in _new(made).items() if several}
    known = len(made.accounts) == 1 and made.accounts[0]["expected"]
    if connection.dialect.name == "postgresql" and known and sum(map(len, new.values())) <= _FEW:
        _write_at_once(connection, made.accounts[0], new)
    else:
        _write_each(connection, made.accounts, new)


def _new(made: rows.Rows) -> Mapping[Table, Sequence[rows.Row]]:
    return {
        keys: made.keys,
        claims: made.claims,
        entries: made.entries,
        orders: made.orders,
        holds: made.holds,
        expired: made.expired,
    }


def _write_at_once(connection: Connection, account: rows.Row, new: Mapping[Table, Sequence[rows.Row]]) -> None:
    shape = tuple((table, len(several)) for table, several in new.items())
    statement = prepared(statements.at_once(shape), connection.dialect)
    _expect_one(Cursor(connection).ask(statement, statements.values_at_once(account, new)).count)


def _write_each(connection: Connection, changed: Sequence[rows.Row], new: Mapping[Table, Sequence[rows.Row]]) -> None:
    cursor = Cursor(connection)
    for account in changed:
        statement = statements.ACCOUNT if account["expected"] else statements.NEW_ACCOUNT
        _expect_one(cursor.ask(prepared(statement, connection.dialect), account).count)
    for table, several in new.items():
        cursor.change(prepared(statements.writing(table, connection.dialect.name), connection.dialect), several)


def _expect_one(changed: int) -> None:
    if changed != 1:
        raise Conflict("the account has another version")


def _head(connection: Connection, account: Account) -> Head:
    found = connection.execute(statements.HEAD, _where(account)).first()
    if found is None:
        return Head(account=account)
    if found.unit != account.unit:
        raise CurrencyMismatch("account", found.unit, account.unit)
    head = rows.head(found.head)
    if head.account != account:
        raise DamagedRecord("head")
    return head


def _records(connection: Connection, head: Head, needs: Needs) -> Records:
    held = {hold.order for hold in head.holds if hold.id in needs.holds and hold.order is not None}
    asked: dict[str, list[Any]] = {
        "done": list(needs.keys),
        "orders": list(needs.orders | held),
        "holds": list(needs.holds),
        "claims": [(each.rule, each.subject) for each in needs.claims],
    }
    named = {kind: names for kind, names in asked.items() if names}
    if not named:
        return Records()
    said = {**_where(head.account), **{f"asked_{kind}": names for kind, names in named.items()}}
    found: dict[str, Any] = {"done": {}, "orders": {}, "holds": {}}
    claims: set[Claim] = set()
    for kind, name, record in connection.execute(statements.records(frozenset(named)), said):
        if kind == "claims":
            claims.add(Claim(name, record))
        else:
            found[kind][name] = _READ[kind](rows.document(record))
    found["expired"] = _expired(connection, head.account, found["orders"])
    return Records(claims=frozenset(claims), **found)


_READ: Final[Mapping[str, Callable[[wire.Json], Any]]] = {
    "done": wire.done_from_json,
    "orders": wire.order_from_json,
    "holds": wire.hold_from_json,
}


def _expired(connection: Connection, account: Account, of_orders: Mapping[str, OrderRecord]) -> dict[str, int]:
    lots = {part.validity.id for record in of_orders.values() for part in record.earned}
    if not lots:
        return {}
    found = connection.execute(statements.EXPIRED, {**_where(account), "asked_lots": list(lots)})
    return {row.lot: row.amount for row in found}


def _where(account: Account) -> dict[str, str]:
    return {"in_programme": account.programme, "of_account": account.id}


def _readdress(connection: Connection, source: Account, target: Account) -> None:
    """Give the records of the first account to the second; both rows of accounts are this transaction's already."""
    here = _where(source)
    both = {**here, "to_programme": target.programme, "to_account": target.id}
    there = {"programme": target.programme, "account": target.id}
    records = [
        {**there, "order_id": order, "record": _moved(left, arrived)}
        for order, left, arrived in connection.execute(statements.ORDERS_OF, both)
    ]
    if records:
        connection.execute(statements.upsert(orders, connection.dialect.name), records)
        connection.execute(statements.FORGET_ORDERS, here)
    connection.execute(statements.COPY_KEYS, both)
    connection.execute(statements.FORGET_HOLDS_OF_BOTH, both)
    connection.execute(statements.READDRESS_HOLDS, both)
    lots = [{**there, "lot": lot, "amount": amount} for lot, amount in connection.execute(statements.EXPIRED_OF, here)]
    if lots:
        connection.execute(statements.upsert(expired, connection.dialect.name), lots)
        connection.execute(statements.FORGET_EXPIRED, here)


def _moved(left: str, arrived: str | None) -> str:
    """The record of an order as the other account keeps it, which may have one."""
    record = wire.order_from_json(rows.document(left))
    there = None if arrived is None else wire.order_from_json(rows.document(arrived))
    return rows.text(wire.order_to_json(carried(record) if there is None else joined(record, there)))
