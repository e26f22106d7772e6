"""Accounts with a long history and with a short one, alike in everything else: the same lots."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, final

import sqlalchemy as sa
from attrs import define, evolve, frozen

from retention.loyalty.ledger.commands import Earn, Redeem
from retention.loyalty.ledger.decide import Decision, decide
from retention.loyalty.ledger.entries import Entry, Validity
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.records import Records
from retention.loyalty.ledger.store import Batch, Change
from retention.loyalty.ledger.terms import Fixed
from retention.storage.sql import migrate
from retention.storage.sql.rows import Row, Rows, entry_row, rows
from retention.storage.sql.tables import metadata

SHORT: Final = 100
LONG: Final = 100_000
LOTS: Final = 12
_EACH: Final = 10**9  # points of a lot: what is spent here does not use one up
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


@final
@define
class Life:
    """An account after so many entries, and how it goes on: a point at a time is spent, each on an order of its own."""

    entries: Sequence[Entry]
    head: Head
    last: Decision
    count: int

    @property
    def account(self) -> Account:
        return self.head.account

    def next(self) -> tuple[Redeem, datetime]:
        self.count += 1
        return _redeem(self.count), _at(self.count)


def life(size: int) -> Life:
    """Twelve lots are earned, and then points are spent one by one until there are ``size`` entries.

    The ledger decides on the lots and on the first point. The rest are copies of that, because deciding on all of them
    takes minutes; the head is then rebuilt from the entries.
    """
    head = Head(account=Account("mileage", f"customer of {size}"))
    entries: list[Entry] = []
    decisions = list(_beginning(head))
    for decision in decisions:
        entries += decision.entries
    spent = entries[-1]
    entries += [
        evolve(spent, seq=seq, key=f"k-{seq}", order=f"o-{seq}", recorded_at=_at(seq), effective_at=_at(seq))
        for seq in range(len(entries) + 1, size + 1)
    ]
    return Life(entries, rebuild(head.account, entries, version=size), decisions[-1], size)


def _beginning(head: Head) -> Iterator[Decision]:
    for month in range(1, LOTS + 1):
        lot = Validity(date(2026, 1, 1), _BEGIN, datetime(2027, month, 1, tzinfo=UTC))
        name = f"e-{month}"
        earn = Earn(key=name, rule="base", order=name, terms=Fixed(units=_EACH), validity=lot)
        yield (decision := _decided(head, earn, _BEGIN))
        head = decision.head
    seq = head.seq + 1
    yield _decided(head, _redeem(seq), _at(seq))


def _decided(head: Head, command: Earn | Redeem, now: datetime) -> Decision:
    found = decide(head, Records(), command, now)
    return evolve(found, head=evolve(found.head, version=head.version + 1))


def _redeem(number: int) -> Redeem:
    return Redeem(key=f"k-{number}", amount=1, order=f"o-{number}")


def _at(number: int) -> datetime:
    return _BEGIN + timedelta(seconds=number)


@final
@frozen
class Tables:
    """All rows of a life, as the store would have written them."""

    several: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, lived: Life) -> "Tables":
        """The records of orders and keys are copies of those of the first point, under names of their own."""
        batch = Batch(
            changes=(Change(expected_version=lived.head.version - 1, decision=evolve(lived.last, head=lived.head)),)
        )
        one: Rows = rows(batch)
        account = {name: value for name, value in one.accounts[0].items() if name != "expected"}
        spent = lived.entries[LOTS * 2 :]
        first = lived.last.entries[-1]
        return cls(
            {
                "retention_accounts": [account],
                "retention_entries": [entry_row(lived.account, entry) for entry in lived.entries],
                "retention_command_keys": [{**one.keys[0], "command_key": entry.key} for entry in spent],
                "retention_orders": [_renamed(one.orders[0], f"{first.order}", f"{entry.order}") for entry in spent],
            }
        )

    def write(self, engine: sa.Engine) -> None:
        """Make the ledger's tables anew and fill them."""
        with engine.begin() as connection:
            metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE IF EXISTS retention_migrations")
            migrate(connection)
        with engine.begin() as connection:
            for name, several in self.several.items():
                connection.execute(metadata.tables[name].insert(), several)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")


def _renamed(row: Row, old: str, new: str) -> Row:
    return {**row, "order_id": new, "record": row["record"].replace(f'"{old}"', f'"{new}"')}
