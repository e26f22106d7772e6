"""The statements of the store, each built once: those that write are the same for any batch, those that read for any
account."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Delete,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from retention.loyalty.ledger.entries import Bucket
from retention.storage.sql.rows import Row
from retention.storage.sql.tables import accounts, claims, entries, expired, holds, keys, orders

Upserting: TypeAlias = Callable[[Table], "postgresql.Insert | sqlite.Insert"]

UPSERTS: Final[dict[str, Upserting]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def _of_account(table: Table) -> tuple[Any, Any]:
    """Values are bound under names of their own: an update binds its columns under theirs."""
    return table.c.programme == bindparam("in_programme"), table.c.account == bindparam("of_account")


def _asked(name: str) -> Any:
    return bindparam(f"asked_{name}", expanding=True)


# Reading. ------------------------------------------------------------------------------------------------------------

TURN: Final = select(accounts.c.version).where(*_of_account(accounts)).with_for_update()  # SQLite has locked it all

HEAD: Final = select(accounts.c.unit, accounts.c.head).where(*_of_account(accounts))

_RECORDS: Final[dict[str, Select[Any]]] = {
    "done": select(literal("done"), keys.c.command_key, keys.c.record).where(
        *_of_account(keys), keys.c.command_key.in_(_asked("done"))
    ),
    "orders": select(literal("orders"), orders.c.order_id, orders.c.record).where(
        *_of_account(orders), orders.c.order_id.in_(_asked("orders"))
    ),
    "holds": select(literal("holds"), holds.c.hold, holds.c.record).where(
        *_of_account(holds), holds.c.hold.in_(_asked("holds"))
    ),
    "claims": select(literal("claims"), claims.c.rule, claims.c.subject).where(
        claims.c.programme == bindparam("in_programme"),
        tuple_(claims.c.rule, claims.c.subject).in_(_asked("claims")),
    ),
}


@lru_cache
def records(kinds: frozenset[str]) -> Select[Any] | CompoundSelect[Any]:
    """Rows of kind, id and record, of all kinds that are asked for at once; of a claim its rule and subject."""
    several = [statement for kind, statement in _RECORDS.items() if kind in kinds]
    return several[0] if len(several) == 1 else union_all(*several)


EXPIRED: Final = select(expired.c.lot, expired.c.amount).where(*_of_account(expired), expired.c.lot.in_(_asked("lots")))

ENTRIES: Final = (
    select(entries)
    .where(*_of_account(entries), entries.c.seq > bindparam("after"))
    .order_by(entries.c.seq)
    .limit(bindparam("most"))
)

DUE: Final = (
    select(accounts.c.programme, accounts.c.account, accounts.c.unit)
    .where(accounts.c.programme == bindparam("in_programme"), accounts.c.next_due <= bindparam("before"))
    .order_by(accounts.c.next_due, accounts.c.account)
    .limit(bindparam("most"))
)

ACCOUNTS: Final = (
    select(accounts.c.programme, accounts.c.account, accounts.c.unit)
    .where(accounts.c.programme == bindparam("in_programme"), accounts.c.account > bindparam("after"))
    .order_by(accounts.c.account)
    .limit(bindparam("most"))
)

TOTALS: Final = (
    select(
        accounts.c.unit,
        *[func.sum(accounts.c[each].op(">>")(literal(32, Integer))).label(f"{each}_high") for each in Bucket],
        *[func.sum(accounts.c[each].op("&")(literal(2**32 - 1, BigInteger))).label(f"{each}_low") for each in Bucket],
    )
    .where(accounts.c.programme == bindparam("in_programme"))
    .group_by(accounts.c.unit)
)
"""Sums of halves: SQLite refuses a sum beyond 64 bits."""


# Writing. ------------------------------------------------------------------------------------------------------------

NEW_ACCOUNT: Final = insert(accounts)

ACCOUNT: Final = (
    update(accounts)
    .where(
        *(accounts.c[name] == bindparam(name) for name in ("programme", "account", "unit")),
        accounts.c.version == bindparam("expected"),
    )
    .values({name: bindparam(name) for name in ("version", "next_due", *(each.value for each in Bucket), "head")})
)
"""Changes nothing unless the version is the one that is expected."""


@lru_cache
def writing(table: Table, dialect: str) -> Insert:
    """Entries, keys and claims are new, or somebody else was first."""
    return insert(table) if table in (entries, keys, claims) else upsert(table, dialect)


@lru_cache
def upsert(table: Table, dialect: str) -> "postgresql.Insert | sqlite.Insert":
    """A record in place of the one there was; what expired is added to what had."""
    statement = UPSERTS[dialect](table)
    new = statement.excluded
    changed = {"amount": table.c.amount + new.amount} if table is expired else {"record": new.record}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@lru_cache
def at_once(shape: tuple[tuple[Table, int], ...]) -> Update:
    """One statement of PostgreSQL that changes an account and writes so many rows into each of these tables:
    ``values_at_once`` are its values. Sent one by one, each would wait for the answer to the one before."""
    return ACCOUNT.add_cte(*(_several(table, number).cte(table.name) for table, number in shape))


def values_at_once(account: Row, new: Mapping[Table, Sequence[Row]]) -> Row:
    of_rows = {
        _bound(table, number, name): value
        for table, made in new.items()
        for number, row in enumerate(made)
        for name, value in row.items()
    }
    return {**account, **of_rows}


def _several(table: Table, number: int) -> Insert:
    names = [column.name for column in table.columns]
    made: list[Row] = [{name: bindparam(_bound(table, row, name)) for name in names} for row in range(number)]
    return writing(table, "postgresql").values(made)


def _bound(table: Table, row: int, column: str) -> str:
    return f"{table.name}_{row}_{column}"


# Merging one account's records into another's. -----------------------------------------------------------------------

_other_orders, _other_holds, _other_keys = (
    table.alias(f"other_{name}") for table, name in ((orders, "orders"), (holds, "holds"), (keys, "keys"))
)


def _of_other(table: Any) -> tuple[Any, Any]:
    return table.c.programme == bindparam("to_programme"), table.c.account == bindparam("to_account")


ORDERS_OF: Final = (
    select(orders.c.order_id, orders.c.record, _other_orders.c.record.label("other"))
    .outerjoin(_other_orders, and_(*_of_other(_other_orders), _other_orders.c.order_id == orders.c.order_id))
    .where(*_of_account(orders))
)
"""The orders of an account, each with what the other account remembers of it, NULL if nothing."""

EXPIRED_OF: Final = select(expired.c.lot, expired.c.amount).where(*_of_account(expired))


def _readdressed(table: Table) -> Update:
    return (
        update(table)
        .where(*_of_account(table))
        .values(programme=bindparam("to_programme"), account=bindparam("to_account"))
    )


def _left(table: Table) -> Delete:
    return delete(table).where(*_of_account(table))


READDRESS_HOLDS: Final = _readdressed(holds)
FORGET_ORDERS: Final = _left(orders)
FORGET_EXPIRED: Final = _left(expired)
FORGET_HOLDS_OF_BOTH: Final = _left(holds).where(
    exists().where(*_of_other(_other_holds), _other_holds.c.hold == holds.c.hold)
)
COPY_KEYS: Final = insert(keys).from_select(
    ["programme", "account", "command_key", "record"],
    select(
        bindparam("to_programme", type_=Text()),
        bindparam("to_account", type_=Text()),
        keys.c.command_key,
        keys.c.record,
    ).where(
        *_of_account(keys), ~exists().where(*_of_other(_other_keys), _other_keys.c.command_key == keys.c.command_key)
    ),
)
"""Of a key that both have, the other account's stays."""
