"""The tables of a shop's engine, in the same metadata as the ledger's.

Every key begins with the tenant. What is asked for has columns; the rest are documents of JSON. In the outbox what
changes has columns, so that a worker writes no message again; ``counted`` is what caps count of it.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Table, Text, text

from retention.storage.sql.tables import KEY, metadata


def _key(name: str) -> Column[str]:
    return Column(name, KEY, primary_key=True)


def _id(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, KEY, nullable=not required)


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=not required)


def _number(name: str, *, required: bool = False) -> Column[int]:
    return Column(name, BigInteger(), nullable=not required)


def _whole_number_key(name: str) -> Column[int]:
    return Column(name, BigInteger(), primary_key=True, autoincrement=False)


def _index(name: str, *columns: ColumnElement[object], where: ColumnElement[bool]) -> None:
    Index(name, *columns, postgresql_where=where, sqlite_where=where)


shoppers: Final = Table(
    "retention_shoppers",
    metadata,
    _key("tenant"),
    _key("customer"),
    _number("next_due"),
    _text("document", required=True),
)
_index(
    "retention_shoppers_due",
    shoppers.c.tenant,
    shoppers.c.next_due,
    shoppers.c.customer,
    where=shoppers.c.next_due.is_not(None),
)

members: Final = Table("retention_members", metadata, _key("tenant"), _key("segment"), _key("customer"))

facts: Final = Table(
    "retention_facts",
    metadata,
    _key("tenant"),
    _key("customer"),
    _key("collection"),
    _key("fact"),
    _text("document", required=True),
)

consents: Final = Table(
    "retention_consents",
    metadata,
    _key("tenant"),
    _key("customer"),
    _whole_number_key("line"),
    _text("document", required=True),
)

suppressions: Final = Table("retention_suppressions", metadata, _key("tenant"), _key("hashed"), _key("document"))

parcels: Final = Table(
    "retention_parcels",
    metadata,
    _key("tenant"),
    _key("parcel"),
    _id("customer"),
    _id("channel", required=True),
    _text("medium"),
    _text("status", required=True),
    _number("planned_at", required=True),
    _number("due_at", required=True),
    _number("attempt", required=True),
    _number("doubtful", required=True),
    _number("tries", required=True),
    _number("sent_at"),
    _id("provider_id"),
    _text("receipt"),
    _text("counted"),
    _text("effect", required=True),
    _text("draft"),
    _text("outcome"),
    Column("priority", BigInteger(), nullable=False, server_default=text("0")),
)
_index(
    "retention_parcels_free",
    parcels.c.tenant,
    parcels.c.due_at,
    parcels.c.priority.desc(),
    parcels.c.parcel,
    where=parcels.c.status.in_(("waiting", "sending")),
)
_index(
    "retention_parcels_ended",
    parcels.c.tenant,
    parcels.c.status,
    parcels.c.parcel,
    where=parcels.c.status.in_(("refused", "expired", "cancelled", "dead", "held")),
)
_index(
    "retention_parcels_sent",
    parcels.c.tenant,
    parcels.c.customer,
    parcels.c.sent_at,
    where=parcels.c.customer.is_not(None),
)
_index(
    "retention_parcels_provider",
    parcels.c.tenant,
    parcels.c.channel,
    parcels.c.provider_id,
    where=parcels.c.provider_id.is_not(None),
)

receipts: Final = Table(
    "retention_receipts",
    metadata,
    _key("tenant"),
    _key("channel"),
    _key("provider_id"),
    _whole_number_key("at"),
    _key("status"),
    _text("document", required=True),
)

channels: Final = Table("retention_channels", metadata, _key("tenant"), _key("channel"), _text("document"))

bookmarks: Final = Table("retention_bookmarks", metadata, _key("tenant"), _key("name"), _text("document"))
