"""The shop's store in a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import final
from weakref import WeakValueDictionary

from attrs import define
from sqlalchemy import Connection, Engine

from retention.checks import identifier
from retention.loyalty.ledger.store import LedgerStore
from retention.permission.messages import Draft
from retention.storage.shop.sql.customers import Customers
from retention.storage.shop.sql.notes import Notes
from retention.storage.shop.sql.outbox import Drafts, Outbox
from retention.storage.shop.sql.permissions import Permissions
from retention.storage.sql.sessions import Hosts, Own, Session, check_read_committed
from retention.storage.sql.store import SqlLedgerStore


@final
class SqlShopStore:
    """A shop in the tables that ``migrate`` makes, in SQLite (3.35 or later) or PostgreSQL. Raises WrongConnection,
    UnknownChoice; every call raises NotMigrated where the tables are not there.

    Safe with any number of threads, processes and machines: on PostgreSQL it works at READ COMMITTED, whatever the
    engine's default, since caps count what others committed while it waited. Shops of one database are kept apart by
    ``tenant``, but not their points: the ledger has programmes and no tenants, so the programmes of two shops in one
    database must have different names.

    With SQLite one transaction works at a time; a database that stays locked for longer than the driver's time-out
    (``connect_args={"timeout": seconds}``) is given up.
    """

    def __init__(self, engine: Engine, tenant: str = "shop") -> None:
        self._session: Session = Own.of(engine, "SqlShopStore").read_committed()
        self._begin(tenant)

    @classmethod
    def on(cls, connection: Connection, tenant: str = "shop") -> "SqlShopStore":
        """A store inside the host's own transaction, which the host begins, commits and rolls back.

        Each piece of work has a savepoint: after a conflict nothing of it is left and the transaction can go on. What
        was changed is seen by others when the host commits, and until then they wait for these customers. Deadlocks and
        failed serializations come through as SQLAlchemy's errors: roll back then, and do the whole again. Raises
        WrongIsolation for a connection of PostgreSQL that is not at READ COMMITTED, and for one that commits by itself.
        """
        store = cls.__new__(cls)
        store._session = Hosts.of(connection, "SqlShopStore")
        check_read_committed("SqlShopStore.on", connection)
        store._begin(tenant)
        return store

    def _begin(self, tenant: str) -> None:
        self.tenant = identifier(tenant, "tenant")
        self._drafts: Drafts = WeakValueDictionary[str, Draft]()

    @contextmanager
    def work(self) -> Iterator["SqlWork"]:
        with self._session.writing() as connection:
            yield SqlWork(connection=connection, tenant=self.tenant, drafts=self._drafts)


@final
@define(slots=False, kw_only=True, eq=False)
class SqlWork(Customers, Permissions, Outbox, Notes):
    """One transaction."""

    def forget(self, customer: str) -> None:
        super().forget(customer)
        self._erase(customer)

    @property
    def ledger(self) -> LedgerStore:
        return SqlLedgerStore.on(self._connection)
