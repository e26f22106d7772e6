"""Random lives of three accounts, on the ledger and on the plain model at once: every operation is compared."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import Factory, define, evolve

from retention.errors import RetentionError
from retention.loyalty.ledger import commands as c
from retention.loyalty.ledger.chain import first_break
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.terms import Refunded
from retention.testing.choices import Choices
from tests.loyalty.ledger import scenes
from tests.loyalty.ledger.model import Model
from tests.loyalty.ledger.scenes import ACCOUNTS, BEGIN, TICK
from tests.loyalty.ledger.shelf import Shelf
from tests.loyalty.ledger.units import Holder, Place, Unit, name
from tests.loyalty.ledger.worth import Refused

Told: TypeAlias = Result | str
"""What came of a command: its result, or the name of the error that refused it."""


def _orders() -> dict[Account, list[str]]:
    return {account: [f"{account.id}-{number}" for number in range(3)] for account in ACCOUNTS}


@define
class Life:
    """``carried`` counts the commands that both carried out, ``refused`` those that both refused, by kind."""

    now: datetime = BEGIN
    shelf: Shelf = Factory(lambda: Shelf(chained=True))
    model: Model = Factory(Model)
    orders: dict[Account, list[str]] = Factory(_orders)
    sent: list[tuple[Account, c.Command | c.Move]] = Factory(list)
    done: list[tuple[Account, c.Command | c.Move]] = Factory(list)
    carried: Counter[str] = Factory(Counter)
    refused: Counter[str] = Factory(Counter)

    def step(self, choose: Choices) -> None:
        """Something happens."""
        choose.among(HAPPENINGS)(self, choose)

    # What happens -----------------------------------------------------------------------------------------------------

    def time_passes(self, choose: Choices) -> None:
        self.now = scenes.pause(choose, self.now)
        self.compare()

    def look(self, choose: Choices) -> None:
        """A job stores what time has done."""
        who = self.who(choose)
        self.shelf.settle(who, self.now)
        self.model.settle(who, self.now)
        self.compare()

    def earn(self, choose: Choices) -> None:
        who = self.who(choose)
        self.send(
            who,
            c.Earn(
                key=self.key(),
                rule=choose.one_of("A", "B", "C"),
                order=self.order(choose, who),
                terms=scenes.terms(choose),
                validity=scenes.validity(choose, self.now),
                quotas=scenes.quotas(choose, self.now),
                at=scenes.late(choose, self.now),
            ),
        )

    def gift(self, choose: Choices) -> None:
        who, amount, validity = self.who(choose), 1 + choose.below(30), scenes.validity(choose, self.now)
        self.send(who, c.Adjust(key=self.key(), amount=amount, reason="gift", actor="desk", validity=validity))

    def deduct(self, choose: Choices) -> None:
        who = self.who(choose, Holder.available)
        self.send(who, c.Adjust(key=self.key(), amount=-self.amount(choose, who), reason="sorry", actor="desk"))

    def redeem(self, choose: Choices) -> None:
        who = self.who(choose, Holder.available)
        at = scenes.late(choose, self.now)
        self.send(who, c.Redeem(key=self.key(), amount=self.amount(choose, who), order=self.order(choose, who), at=at))

    def place(self, choose: Choices) -> None:
        who, now = self.who(choose, Holder.available), self.now
        until = choose.one_of(
            now + scenes.HOUR,
            scenes.midnight(now, 2),
            scenes.midnight(now, 60),
            now + scenes.HOUR,
            scenes.midnight(now, 3),
            now,
        )
        self.send(
            who,
            c.Place(
                key=self.key(),
                hold=f"hold-{choose.below(8)}",
                amount=self.amount(choose, who),
                until=until,
                order=choose.maybe(lambda: self.order(choose, who)),
                at=scenes.late(choose, now),
            ),
        )

    def capture(self, choose: Choices) -> None:
        who = self.who(choose, lambda each: each.holds)
        amount = choose.maybe(lambda: 1 + choose.below(6))
        at = scenes.late(choose, self.now)
        self.send(who, c.Capture(key=self.key(), hold=self.hold(choose, who), amount=amount, at=at))

    def void(self, choose: Choices) -> None:
        who = self.who(choose, lambda each: each.holds)
        self.send(who, c.Void(key=self.key(), hold=self.hold(choose, who), at=scenes.late(choose, self.now)))

    def refund(self, choose: Choices) -> None:
        """In part, or all that is left; mostly of an order that has earned."""
        who = self.who(choose)
        left = {order: payable for order in self.orders[who] if (payable := self.model.holder(who).payable(order))}
        order = choose.among(list(left)) if left and choose.below(4) else self.order(choose, who)
        self.send(
            who,
            c.Refund(
                key=self.key(),
                order=order,
                refunded=scenes.refunded(choose) if choose.below(3) else Refunded(left.get(order, 1)),
                uncovered=choose.one_of("debt", "debt", "forgive", "charge"),
                at=scenes.late(choose, self.now),
            ),
        )

    def give_back(self, choose: Choices) -> None:
        who = self.who(choose, Holder.spent_on)
        spent = [order for order in self.orders[who] if order in self.model.holder(who).spent_on()]
        self.send(
            who,
            c.Return(
                key=self.key(),
                order=choose.among(spent) if spent and choose.below(8) else self.order(choose, who),
                share=choose.among(scenes.SHARES),
                extended=choose.maybe(lambda: scenes.validity(choose, self.now)),
            ),
        )

    def take_away(self, choose: Choices) -> None:
        who = self.who(choose)
        kind: type[c.Expire | c.Revoke] = choose.one_of(c.Expire, c.Revoke)
        lots = [lot.id for lot in self.shelf.head(who).open] + ["2020-01-01/never"]
        lot = choose.maybe(lambda: choose.among(lots))
        self.send(who, kind(key=self.key(), amount=1 + choose.below(6), reason="fraud", actor="desk", lot=lot))

    def transfer(self, choose: Choices) -> None:
        who = self.who(choose, Holder.available)
        self.send(who, c.Transfer(key=self.key(), amount=self.amount(choose, who), to=choose.among(ACCOUNTS)))

    def merge(self, choose: Choices) -> None:
        """Not often: most of an account's life comes before."""
        if choose.below(6) == 0:
            who, to = self.who(choose), choose.among(ACCOUNTS)
            if isinstance(self.send(who, c.Merge(key=self.key(), to=to)), Result):
                self.orders[to] += self.orders[who]

    def again(self, choose: Choices) -> None:
        """A command that came before, as it was or with another payload."""
        if self.sent:
            who, command = choose.among(self.sent)
            changed = evolve(command, actor="somebody else") if choose.chance(3) else command
            self.both(who, changed, self.now)

    def backwards(self, choose: Choices) -> None:
        """``now`` is before what was decided last."""
        who = self.who(choose)
        last = self.shelf.head(who).at
        if last is not None:
            early = last - choose.one_of(TICK, scenes.DAY)
            self.both(who, c.Redeem(key=f"backwards-{early}-{self.key()}", amount=1, order="none"), early)

    # How it is chosen -------------------------------------------------------------------------------------------------

    def who(self, choose: Choices, fit: Callable[[Holder], object] = lambda _: True) -> Account:
        """Mostly an account that is not closed, and of those one that is fit for it."""
        living = [each for each in ACCOUNTS if not self.model.holder(each).closed]
        fitting = [each for each in living if fit(self.model.holder(each))]
        return choose.among(fitting or living) if choose.below(20) else choose.among(ACCOUNTS)

    def key(self) -> str:
        return f"key-{len(self.sent)}"

    def order(self, choose: Choices, who: Account) -> str:
        return choose.among(self.orders[who])

    def amount(self, choose: Choices, who: Account) -> int:
        """Mostly no more than there is, often all."""
        available = self.shelf.at(who, self.now).available
        some = 1 + choose.below(max(1, min(available, 12)))
        return choose.among((some, some, some, some, max(1, available), max(1, available), available + 1))

    def hold(self, choose: Choices, who: Account) -> str:
        """Mostly one that is open."""
        holds = [hold.id for hold in self.shelf.head(who).holds]
        return choose.among(holds) if holds and choose.below(6) else f"hold-{choose.below(8)}"

    # How it is compared -----------------------------------------------------------------------------------------------

    def send(self, who: Account, command: c.Command | c.Move) -> Told:
        self.sent.append((who, command))
        return self.both(who, command, self.now)

    def both(self, who: Account, command: c.Command | c.Move, now: datetime) -> Told:
        before = self.shelf.head(who), len(self.shelf.entries[who])
        told = _told(lambda: self._on_ledger(who, command, now))
        expected = _told(lambda: self._on_model(who, command, now))
        assert told == expected, (told, expected, command)
        kind = type(command).__name__
        if isinstance(told, Result) and isinstance(expected, Result):
            assert told.replayed is expected.replayed, command
            self.carried[kind] += 1
            self.done.append((who, command))
        else:
            self.refused[f"{kind}: {told}"] += 1
        if isinstance(told, str) or told.replayed:
            assert before == (self.shelf.head(who), len(self.shelf.entries[who])), command
        self.compare()
        return told

    def _on_ledger(self, who: Account, command: c.Command | c.Move, now: datetime) -> Result:
        if isinstance(command, c.Transfer | c.Merge):
            return self.shelf.move(who, command, now)
        return self.shelf.run(who, command, now)

    def _on_model(self, who: Account, command: c.Command | c.Move, now: datetime) -> Result:
        if isinstance(command, c.Transfer | c.Merge):
            return self.model.move(who, command, now)
        return self.model.run(who, command, now)

    def compare(self) -> None:
        for account in ACCOUNTS:
            holder = self.model.holder(account)
            holder.settle(self.now)
            assert seen(self.shelf.at(account, self.now)) == counted(holder), account.id

    def check_history(self) -> None:
        """The entries lead to the heads, and their hashes follow from one another."""
        for account in ACCOUNTS:
            head, entries = self.shelf.head(account), self.shelf.entries[account]
            if entries:
                assert rebuild(account, entries, chained=True, version=head.version) == head
            assert first_break(entries) is None


HAPPENINGS: Final[tuple[Callable[[Life, Choices], None], ...]] = (
    *[Life.gift] * 4,
    *[Life.earn] * 6,
    *[Life.time_passes] * 3,
    *[Life.redeem] * 4,
    *[Life.refund] * 4,
    *[Life.give_back] * 3,
    *[Life.place] * 3,
    *[Life.capture] * 2,
    Life.void,
    Life.deduct,
    Life.take_away,
    *[Life.transfer] * 2,
    Life.merge,
    *[Life.again] * 2,
    Life.backwards,
    Life.look,
)
"""As often as it should happen."""


def _told(run: Callable[[], Result]) -> Told:
    try:
        return run()
    except Refused as refused:
        return str(refused.args[0])
    except RetentionError as error:
        return type(error).__name__


def seen(head: Head) -> dict[str, Any]:
    """What the ledger says of an account."""
    return {
        "totals": {bucket.value: amount for bucket, amount in head.totals.items()},
        "open": [(lot.id, lot.amount) for lot in head.open],
        "pending": sorted((lot.id, lot.amount) for lot in head.pending),
        "holds": {hold.id: (hold.until, [(lot.id, lot.amount) for lot in hold.pinned]) for hold in head.holds},
        "balance": head.balance,
        "closed": head.merged_into is not None,
        "last": head.at,
    }


def counted(holder: Holder) -> dict[str, Any]:
    """The same of the model, unit by unit."""
    places: tuple[Place, ...] = ("pending", "available", "held", "spent", "expired", "revoked")
    lying = Counter(unit.place for unit in holder.units)
    sums = {"issued": -holder.issued, "forgiven": -holder.forgiven, "debt": -holder.debt, "merged": holder.merged}
    return {
        "totals": {**sums, **{place: lying[place] for place in places}},
        "open": _in_lots(holder.available()),
        "pending": sorted(_in_lots(holder.at("pending"))),
        "holds": {key: (hold.until, _in_lots(hold.units)) for key, hold in holder.holds.items()},
        "balance": holder.balance,
        "closed": holder.closed,
        "last": holder.last,
    }


def _in_lots(units: list[Unit]) -> list[tuple[str, int]]:
    """How many units are of each lot, lots in the order of their first units."""
    return [(name(lot), amount) for lot, amount in Counter(unit.lot for unit in units).items() if lot is not None]
