"""A shop's tables, as a host may have declared them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from retention.rules import Rule
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import Test
from retention.sql import Naive, Separated, Stored, Tables, rows

AS_OF: Final = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

METADATA: Final = sa.MetaData()
_ZONED = sa.DateTime(timezone=True)

users: Final = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("created_at", _ZONED, index=True),
    sa.Column("born", sa.Date),
    sa.Column("land", sa.String(2)),
    sa.Column("labels", sa.Text),
)
purchases: Final = sa.Table(
    "placed",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, index=True),
    sa.Column("placed_at", _ZONED, index=True),
    sa.Column("total", sa.Integer),
    sa.Column("state", sa.String(20)),
)
clicks: Final = sa.Table(
    "clicks",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, index=True),
    sa.Column("clicked_at", _ZONED),
    sa.Column("page", sa.Text),
)


def shop(stored: Stored | None = None) -> Tables:
    """What a host would tell of them; aware instants unless it is told otherwise."""
    return Tables(
        customers=rows(users, id=users.c.id, joined_at="created_at", birthday="born", country="land", tags="labels"),
        orders=rows(purchases, customer="user_id", id="id", at="placed_at", total="total", status="state"),
        views=rows(clicks, customer="user_id", id="id", at="clicked_at", page="page"),
        stored=stored or Stored(labels=Separated()),
        currency="KRW",
    )


NAIVE: Final = Stored(instants=Naive(UTC), labels=Separated())
"""For databases that keep no zones."""


def asked(rule: Rule, tables: Tables) -> Test:
    return lower(rule.node, AS_OF, tables.layout)


def statement(rule: Rule, tables: Tables | None = None) -> sa.Select[Any]:
    """The customers for whom a rule is true."""
    known = tables or shop()
    return known.chosen(asked(rule, known))


def statements(rules: Mapping[str, Rule], tables: Tables | None = None) -> sa.Select[Any]:
    """The answers to several rules."""
    known = tables or shop()
    return known.answers({key: asked(rule, known) for key, rule in rules.items()})
