"""The tables of the ledger, as metadata: for queries, and for hosts whose own tool writes their migrations.

Instants are microseconds since 1970 in UTC. What can be asked of an account has columns; the rest of its head, and what
is remembered of orders, holds and commands, are documents of JSON.
"""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, Table, Text

from retention.loyalty.ledger.entries import Bucket

metadata: Final = MetaData()
"""All tables that ``migrate`` makes but its own."""

KEY: Final = Text().with_variant(Text(collation="C"), "postgresql")  # ids are in the order of their code points


def _key(name: str) -> Column[str]:
    return Column(name, KEY, primary_key=True)


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=not required)


def _number(name: str, *, required: bool = True) -> Column[int]:
    return Column(name, BigInteger(), nullable=not required)


accounts: Final = Table(
    "retention_accounts",
    metadata,
    _key("programme"),
    _key("account"),
    _text("unit", required=True),
    _number("version"),
    _number("next_due", required=False),
    *[_number(bucket.value) for bucket in Bucket],
    _text("head", required=True),
)
Index(
    "retention_accounts_due",
    accounts.c.programme,
    accounts.c.next_due,
    accounts.c.account,
    postgresql_where=accounts.c.next_due.is_not(None),
    sqlite_where=accounts.c.next_due.is_not(None),
)

entries: Final = Table(
    "retention_entries",
    metadata,
    _key("programme"),
    _key("account"),
    Column("seq", BigInteger(), primary_key=True, autoincrement=False),
    _number("recorded_at"),
    _number("effective_at"),
    _text("kind", required=True),
    _text("source", required=True),
    _text("target", required=True),
    _number("amount"),
    _text("lot_day"),
    _number("lot_available_at", required=False),
    _number("lot_expires_at", required=False),
    _text("order_id"),
    _text("hold"),
    _number("hold_until", required=False),
    _text("rule"),
    _text("reason"),
    _text("actor"),
    _text("command_key"),
    _number("corrects", required=False),
    _text("other_account"),
    _text("quotas"),
    _text("previous_hash"),
    CheckConstraint("amount > 0", name="retention_entries_amount"),
)

orders: Final = Table(
    "retention_orders",
    metadata,
    _key("programme"),
    _key("account"),
    _key("order_id"),
    _text("record", required=True),
)

holds: Final = Table(
    "retention_ended_holds",
    metadata,
    _key("programme"),
    _key("account"),
    _key("hold"),
    _text("record", required=True),
)

expired: Final = Table(
    "retention_expired_lots", metadata, _key("programme"), _key("account"), _key("lot"), _number("amount")
)

keys: Final = Table(
    "retention_command_keys",
    metadata,
    _key("programme"),
    _key("account"),
    _key("command_key"),
    _text("record", required=True),
)

claims: Final = Table(
    "retention_claims",
    metadata,
    _key("programme"),
    _key("rule"),
    _key("subject"),
    _text("account", required=True),
)
