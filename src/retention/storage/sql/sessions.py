"""Whose transaction it is: the store's own, or the host's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol, final

from attrs import evolve, frozen
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DataError, StatementError

from retention.errors import UnknownChoice, UnstorableValue
from retention.loyalty.errors import Conflict, NotMigrated, StayedLocked, WrongConnection, WrongIsolation
from retention.storage.sql.prepared import by_driver
from retention.storage.sql.statements import UPSERTS

READ_COMMITTED: Final = "READ COMMITTED"
_BEGIN: Final = "BEGIN IMMEDIATE"


class Session(Protocol):
    """Where statements run."""

    @property
    def dialect(self) -> str: ...

    def reading(self) -> AbstractContextManager[Connection]: ...

    def writing(self) -> AbstractContextManager[Connection]:
        """All or nothing of what is done in it. Raises Conflict when somebody else was first."""
        ...

    def together(self) -> AbstractContextManager[Connection]:
        """One transaction for several reads and batches."""
        ...


@final
@frozen
class Own:
    """A transaction for each batch. Reading takes none on PostgreSQL, which saves two messages.

    ``level`` is that of the transactions; None is the engine's default.
    """

    engine: Engine
    reader: Engine
    level: str | None = None

    @classmethod
    def of(cls, engine: Engine, store: str = "SqlLedgerStore") -> "Own":
        """Raises UnknownChoice for a database that is neither PostgreSQL nor SQLite, WrongConnection."""
        check_engine(store, engine)
        _check(engine.dialect.name)
        plain = engine.dialect.name == "sqlite"  # a SELECT begins no transaction there
        return cls(engine, engine if plain else engine.execution_options(isolation_level="AUTOCOMMIT"))

    def read_committed(self) -> "Own":
        """Whatever the engine's default is. SQLite has one writer, who sees everything."""
        return self if self.dialect == "sqlite" else evolve(self, level=READ_COMMITTED)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _told(_first(transient=True)), self.reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with _told(_first(transient=True)), self.engine.connect() as connection:
            if self.level is not None:  # of the connection: one of an engine gives way to that of the engine below it
                connection.execution_options(isolation_level=self.level)
            begin(connection)
            yield connection
            connection.commit()

    together = writing


@final
@frozen
class Hosts:
    """Part of the host's transaction: a savepoint for each batch, and never a commit.

    What ends the transaction as a whole, such as a deadlock, is the host's to know: it comes through as it is.
    """

    connection: Connection

    @classmethod
    def of(cls, connection: Connection, store: str = "SqlLedgerStore") -> "Hosts":
        """Raises UnknownChoice for a database that is neither PostgreSQL nor SQLite, WrongConnection."""
        check_connection(f"{store}.on", connection)
        _check(connection.dialect.name)
        return cls(connection)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _told(frozenset()):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        begin(self.connection)
        with _told(_first(transient=False)), self.connection.begin_nested():
            yield self.connection

    together = reading


def begin(connection: Connection) -> None:
    """Begin, if it has not begun. On SQLite at once to write: who first reads and then wants to write may be refused
    for ever, and a savepoint outside a transaction would be one by itself."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.dbapi_connection
        if driver is not None and not driver.in_transaction:
            by_driver(connection, _BEGIN)
    if not connection.in_transaction():
        connection.begin()  # what the driver's cursor does begins none of SQLAlchemy's, which is what commits


def check_engine(call: str, given: object) -> None:
    """Raises WrongConnection."""
    if isinstance(given, Connection):
        raise WrongConnection(call, "an Engine", given, f"Write {call}.on(connection)")
    if isinstance(given, str | URL):
        raise WrongConnection(call, "an Engine", given, f"Write {call}(create_engine(url))")
    if not isinstance(given, Engine):
        raise WrongConnection(call, "an Engine", given, _of_session(given, f"{call}.on"))


def check_connection(call: str, given: object) -> None:
    """Raises WrongConnection."""
    if isinstance(given, Engine):
        raise WrongConnection(
            call, "a Connection", given, f"Write with engine.begin() as connection: {call}(connection)"
        )
    if not isinstance(given, Connection):
        raise WrongConnection(call, "a Connection", given, _of_session(given, call))


def check_read_committed(call: str, connection: Connection) -> None:
    """A statement to PostgreSQL. Raises WrongIsolation."""
    level = _level(connection)
    if level != READ_COMMITTED:
        raise WrongIsolation(call, READ_COMMITTED, level)


def _level(connection: Connection) -> str:
    """SQLite's only level is as good as READ COMMITTED: a writer has locked it all."""
    driver = connection.connection.dbapi_connection
    said = connection.get_execution_options().get("isolation_level")
    if said == "AUTOCOMMIT" or getattr(driver, "autocommit", False) is True:
        return "AUTOCOMMIT"
    return READ_COMMITTED if connection.dialect.name == "sqlite" else connection.get_isolation_level()


def _of_session(given: object, call: str) -> str:
    """The repair for a Session, of which there are several kinds that share no class."""
    if callable(getattr(given, "connection", None)):
        return f"Write {call}(session.connection())"
    return "Make one with SQLAlchemy's create_engine(url)"


def _check(dialect: str) -> None:
    if dialect not in UPSERTS:
        raise UnknownChoice("dialect", "database of the ledger", dialect, UPSERTS)


# The codes of PostgreSQL and SQLite for a row that is there already, and for a transaction that can be tried again:
# a failed serialization, a deadlock; a database that is locked, for which only SQLITE_BUSY itself was waited.
_THERE: frozenset[str | int] = frozenset({"23505", 1555, 2067})
_TRANSIENT: frozenset[str | int] = frozenset({"40001", "40P01", 5, 6, 261, 262, 517, 518})


_BUSY = 5
_NO_TABLE = "42P01"


def _first(*, transient: bool) -> frozenset[str | int]:
    return _THERE | _TRANSIENT if transient else _THERE


@contextmanager
def _told(codes: frozenset[str | int]) -> Iterator[None]:
    """These errors of the database, as Conflict; a table that is not there, as NotMigrated; a value that the database
    does not hold, as UnstorableValue. No other shows its parameters, whatever the host's engine says."""
    try:
        yield
    except (DataError, UnicodeEncodeError):
        raise UnstorableValue from None  # the database repeats the value in its words
    except StatementError as problem:
        problem.hide_parameters = True
        code = _code(problem.orig)
        if code in codes and code == _BUSY:
            raise StayedLocked from problem
        if code in codes:
            raise Conflict("somebody else committed first") from problem
        if code == _NO_TABLE or "no such table: retention_" in str(problem.orig):  # SQLite has no code for it
            raise NotMigrated from problem
        raise


def _code(error: object) -> str | int | None:
    for name in ("sqlstate", "pgcode", "sqlite_errorcode"):
        found: str | int | None = getattr(error, name, None)
        if found is not None:
            return found
    return None
