"""The DDL of all tables in numbered steps, as plain SQL: for ``migrate``, or for a host's own tool."""

from collections.abc import Mapping
from typing import Final, final

from attrs import frozen
from sqlalchemy import Connection, text

from retention.errors import UnknownChoice
from retention.storage.sql.sessions import check_connection


@final
@frozen
class Migration:
    """One step. Its statements are run in order, in one transaction; once released it never changes."""

    version: int
    name: str
    statements: tuple[str, ...]


def migrations(dialect: str) -> tuple[Migration, ...]:
    """All steps for "postgresql" or "sqlite", in order. Raises UnknownChoice for another."""
    key = _KEYS.get(dialect)
    if key is None:
        raise UnknownChoice("dialect", "database of the ledger", dialect, _KEYS)
    return tuple(
        Migration(version, name, tuple(each.strip().replace("KEY_TEXT", key) for each in statements.split(";\n")))
        for version, (name, statements) in enumerate(_STEPS, start=1)
    )


def migrate(connection: Connection) -> tuple[Migration, ...]:
    """Run the steps that the database lacks; which they were. It remembers them in ``retention_migrations``.

    The host commits: ``with engine.begin() as connection: migrate(connection)``. Several processes may do so at once.
    Raises UnknownChoice for a database that is neither PostgreSQL nor SQLite, WrongConnection for no connection.
    """
    check_connection("migrate", connection)
    steps = migrations(connection.dialect.name)
    if connection.dialect.name == "postgresql":
        connection.execute(text(_ONE_AT_A_TIME))
    connection.execute(text(_REMEMBERED))
    return tuple(step for step in steps if _run(connection, step))


def _run(connection: Connection, step: Migration) -> bool:
    """Whether this was the first to run it: remembering comes first, because it waits for whoever else does so."""
    fresh = connection.execute(text(_REMEMBER), {"version": step.version, "name": step.name}).rowcount == 1
    for statement in step.statements if fresh else ():
        connection.exec_driver_sql(statement)
    return fresh


_REMEMBERED: Final = (
    "CREATE TABLE IF NOT EXISTS retention_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
)
_REMEMBER: Final = "INSERT INTO retention_migrations (version, name) VALUES (:version, :name) ON CONFLICT DO NOTHING"
_ONE_AT_A_TIME: Final = (
    "SELECT pg_advisory_xact_lock(7237117974119)"  # creating a table twice at once is an error there
)

# Ids are in the order of their code points, as in SQLite, whatever the locale of the database.
_KEYS: Final[Mapping[str, str]] = {"postgresql": 'TEXT COLLATE "C"', "sqlite": "TEXT"}

_FIRST: Final = """
CREATE TABLE retention_accounts (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    unit TEXT NOT NULL,
    version BIGINT NOT NULL,
    next_due BIGINT,
    issued BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    forgiven BIGINT NOT NULL,
    debt BIGINT NOT NULL,
    merged BIGINT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (programme, account)
);
CREATE INDEX retention_accounts_due ON retention_accounts (programme, next_due, account) WHERE next_due IS NOT NULL;
CREATE TABLE retention_entries (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    effective_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    amount BIGINT NOT NULL,
    lot_day TEXT,
    lot_available_at BIGINT,
    lot_expires_at BIGINT,
    order_id TEXT,
    hold TEXT,
    hold_until BIGINT,
    rule TEXT,
    reason TEXT,
    actor TEXT,
    command_key TEXT,
    corrects BIGINT,
    other_account TEXT,
    quotas TEXT,
    previous_hash TEXT,
    PRIMARY KEY (programme, account, seq),
    CONSTRAINT retention_entries_amount CHECK (amount > 0)
);
CREATE TABLE retention_orders (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    order_id KEY_TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (programme, account, order_id)
);
CREATE TABLE retention_ended_holds (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    hold KEY_TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (programme, account, hold)
);
CREATE TABLE retention_expired_lots (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    lot KEY_TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (programme, account, lot)
);
CREATE TABLE retention_command_keys (
    programme KEY_TEXT NOT NULL,
    account KEY_TEXT NOT NULL,
    command_key KEY_TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (programme, account, command_key)
);
CREATE TABLE retention_claims (
    programme KEY_TEXT NOT NULL,
    rule KEY_TEXT NOT NULL,
    subject KEY_TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (programme, rule, subject)
)
"""

_SECOND: Final = """
CREATE TABLE retention_shoppers (
    tenant KEY_TEXT NOT NULL,
    customer KEY_TEXT NOT NULL,
    next_due BIGINT,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, customer)
);
CREATE INDEX retention_shoppers_due ON retention_shoppers (tenant, next_due, customer) WHERE next_due IS NOT NULL;
CREATE TABLE retention_members (
    tenant KEY_TEXT NOT NULL,
    segment KEY_TEXT NOT NULL,
    customer KEY_TEXT NOT NULL,
    PRIMARY KEY (tenant, segment, customer)
);
CREATE TABLE retention_facts (
    tenant KEY_TEXT NOT NULL,
    customer KEY_TEXT NOT NULL,
    collection KEY_TEXT NOT NULL,
    fact KEY_TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, customer, collection, fact)
);
CREATE TABLE retention_consents (
    tenant KEY_TEXT NOT NULL,
    customer KEY_TEXT NOT NULL,
    line BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, customer, line)
);
CREATE TABLE retention_suppressions (
    tenant KEY_TEXT NOT NULL,
    hashed KEY_TEXT NOT NULL,
    document KEY_TEXT NOT NULL,
    PRIMARY KEY (tenant, hashed, document)
);
CREATE TABLE retention_parcels (
    tenant KEY_TEXT NOT NULL,
    parcel KEY_TEXT NOT NULL,
    customer KEY_TEXT,
    channel KEY_TEXT NOT NULL,
    medium TEXT,
    status TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    doubtful BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    sent_at BIGINT,
    provider_id KEY_TEXT,
    receipt TEXT,
    counted TEXT,
    effect TEXT NOT NULL,
    draft TEXT,
    outcome TEXT,
    PRIMARY KEY (tenant, parcel)
);
CREATE INDEX retention_parcels_free ON retention_parcels (tenant, due_at, parcel)
    WHERE status IN ('waiting', 'sending');
CREATE INDEX retention_parcels_ended ON retention_parcels (tenant, status, parcel)
    WHERE status IN ('refused', 'expired', 'cancelled', 'dead', 'held');
CREATE INDEX retention_parcels_sent ON retention_parcels (tenant, customer, sent_at) WHERE customer IS NOT NULL;
CREATE INDEX retention_parcels_provider ON retention_parcels (tenant, channel, provider_id)
    WHERE provider_id IS NOT NULL;
CREATE TABLE retention_receipts (
    tenant KEY_TEXT NOT NULL,
    channel KEY_TEXT NOT NULL,
    provider_id KEY_TEXT NOT NULL,
    at BIGINT NOT NULL,
    status KEY_TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, channel, provider_id, at, status)
);
CREATE TABLE retention_channels (
    tenant KEY_TEXT NOT NULL,
    channel KEY_TEXT NOT NULL,
    document TEXT,
    PRIMARY KEY (tenant, channel)
);
CREATE TABLE retention_bookmarks (
    tenant KEY_TEXT NOT NULL,
    name KEY_TEXT NOT NULL,
    document TEXT,
    PRIMARY KEY (tenant, name)
)
"""

_THIRD: Final = """
ALTER TABLE retention_parcels ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
DROP INDEX retention_parcels_free;
CREATE INDEX retention_parcels_free ON retention_parcels (tenant, due_at, priority DESC, parcel)
    WHERE status IN ('waiting', 'sending')
"""

_STEPS: Final = (
    ("the ledger's tables", _FIRST),
    ("the shop's tables", _SECOND),
    ("the priority of messages", _THIRD),
)
