"""What the tests of the ledger keep decisions in: dictionaries, and no more read of them than the port promises."""

from collections import defaultdict
from datetime import datetime

from attrs import Factory, define, evolve

from retention.loyalty.ledger.commands import Command, Move, Needs
from retention.loyalty.ledger.decide import decide, settlement
from retention.loyalty.ledger.desk import Decision
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import needs
from retention.loyalty.ledger.moving import decide_move
from retention.loyalty.ledger.records import Claim, Done, EndedHold, OrderRecord, Records, Result
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.store import carried


@define
class Shelf:
    """Accounts with all that belongs to them. ``chained`` accounts carry hashes."""

    chained: bool = False
    heads: dict[Account, Head] = Factory(dict)
    entries: defaultdict[Account, list[Entry]] = Factory(lambda: defaultdict(list))
    orders: dict[tuple[Account, str], OrderRecord] = Factory(dict)
    holds: dict[tuple[Account, str], EndedHold] = Factory(dict)
    expired: defaultdict[tuple[Account, str], int] = Factory(lambda: defaultdict(int))
    claims: set[Claim] = Factory(set)
    done: dict[tuple[Account, str], Done] = Factory(dict)

    def head(self, account: Account) -> Head:
        return self.heads.get(account) or Head(account=account, chain="" if self.chained else None)

    def at(self, account: Account, now: datetime) -> Head:
        return settled(self.head(account), now)

    def copy(self) -> "Shelf":
        """One that changes alone; what lies on it never changes."""
        return Shelf(
            chained=self.chained,
            heads=dict(self.heads),
            entries=defaultdict(list, {account: list(entries) for account, entries in self.entries.items()}),
            orders=dict(self.orders),
            holds=dict(self.holds),
            expired=defaultdict(int, self.expired),
            claims=set(self.claims),
            done=dict(self.done),
        )

    def records(self, account: Account, asked: Needs) -> Records:
        pinned = {hold.order for hold in self.head(account).holds if hold.id in asked.holds}
        orders = {
            order: record
            for (owner, order), record in self.orders.items()
            if owner == account and order in asked.orders | pinned
        }
        lots = {part.validity.id for record in orders.values() for part in record.earned}
        return Records(
            orders=orders,
            holds={name: self.holds[account, name] for name in asked.holds if (account, name) in self.holds},
            expired={lot: self.expired.get((account, lot), 0) for lot in lots},
            claims=asked.claims & self.claims,
            done={key: self.done[account, key] for key in asked.keys if (account, key) in self.done},
        )

    def preview(self, account: Account, command: Command, now: datetime) -> Decision:
        return decide(self.head(account), self.records(account, needs(command)), command, now)

    def run(self, account: Account, command: Command, now: datetime) -> Result:
        decision = self.preview(account, command, now)
        self.keep(decision)
        return decision.result

    def move(self, account: Account, command: Move, now: datetime) -> Result:
        records = self.records(account, Needs(keys=frozenset({command.key})))
        left, arrived = decide_move(self.head(account), self.head(command.to), records, command, now)
        self.keep(left)
        self.keep(arrived)
        if left.head.merged_into is not None and not left.result.replayed:
            self._readdress(account, command.to)
        return left.result

    def settle(self, account: Account, now: datetime) -> None:
        self.keep(settlement(self.head(account), now))

    def keep(self, decision: Decision) -> None:
        if decision.result.replayed:
            return
        account = decision.head.account
        self.heads[account] = evolve(decision.head, version=decision.head.version + 1)
        self.entries[account] += decision.entries
        self.orders |= {(account, order): record for order, record in decision.orders.items()}
        self.holds |= {(account, hold.id): hold for hold in decision.holds}
        self.claims |= set(decision.claims)
        self.done |= {(account, key): done for key, done in decision.done.items()}
        for lot, amount in decision.expired.items():
            self.expired[account, lot] += amount

    def _readdress(self, source: Account, target: Account) -> None:
        self.orders |= {
            (target, order): carried(self.orders.pop((who, order))) for who, order in [*self.orders] if who == source
        }
        self.done |= {
            (target, key): done
            for (who, key), done in [*self.done.items()]
            if who == source and (target, key) not in self.done
        }
        self.holds |= {(target, hold): self.holds.pop((who, hold)) for who, hold in [*self.holds] if who == source}
        for who, lot in [*self.expired]:
            if who == source:
                self.expired[target, lot] += self.expired.pop((who, lot))

    def total(self, account: Account, bucket: Bucket) -> int:
        return self.head(account).totals[bucket]
