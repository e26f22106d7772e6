"""The ledger once more, plainly: every single unit is a thing of its own that lies somewhere, and nothing is forgotten.

Slow and easy to see through. It shares the commands and terms with the ledger and nothing else: no books, no sums kept
up to date, no heads.
"""

from collections import Counter
from datetime import datetime
from typing import Final, assert_never

from attrs import Factory, define, evolve

from retention.loyalty.ledger import commands as c
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.records import Result
from tests.loyalty.ledger.units import Holder, Lot, Order, Part, Pinned, Place, Unit, Used, lot_of, name
from tests.loyalty.ledger.worth import Refused, check, earned


@define(eq=False)
class Model:
    """Accounts by name, and what was earned once in the programme."""

    holders: dict[str, Holder] = Factory(dict)
    claims: set[tuple[str, str]] = Factory(set)

    def holder(self, account: Account) -> Holder:
        return self.holders.setdefault(account.id, Holder())

    def run(self, account: Account, command: c.Command, now: datetime) -> Result:
        """Raises Refused."""
        holder = self.holder(account)
        known = _said(holder, command)
        if known is not None:
            return known
        _ready(holder, command, now)
        result = self._do(holder, command, now)
        holder.settle(now)
        return _tell(holder, command, evolve(result, balance=holder.balance), now)

    def move(self, account: Account, command: c.Move, now: datetime) -> Result:
        """Raises Refused."""
        source = self.holder(account)
        known = _said(source, command)
        if known is not None:
            return known
        if account == command.to:
            raise Refused("FactError")
        if account.unit != command.to.unit:
            raise Refused("CurrencyMismatch")
        target = self.holder(command.to)
        _ready(source, command, now)
        _ready(target, command, now)
        moved = _transfer(source, target, command) if isinstance(command, c.Transfer) else _merge(source, target)
        target.repay()
        _write(target, now)
        result = _tell(source, command, Result(amount=moved, balance=source.balance), now)
        if source.closed:
            target.said = source.said | target.said
        return result

    def settle(self, account: Account, now: datetime) -> None:
        """What a job stores."""
        holder = self.holder(account)
        holder.settle(now)
        _write(holder, now)

    def _do(self, holder: Holder, command: c.Command, now: datetime) -> Result:
        at = command.at or now
        match command:
            case c.Earn():
                return self._earn(holder, command, now)
            case c.Redeem():
                order = _spendable(holder, command.order)
                order.spent += _take(holder, command.amount, "spent")
                return Result(amount=command.amount)
            case c.Place():
                return _place(holder, command, now)
            case c.Capture():
                return _capture(holder, command, at)
            case c.Void():
                amount = len(_hold(holder, command.hold).units)
                back, dead = holder.let_go(command.hold, at)
                return Result(amount=amount, released=back, expired=dead)
            case c.Refund():
                return _refund(holder, command)
            case c.Return():
                return _return(holder, command, now)
            case c.Adjust():
                return _adjust(holder, command)
            case c.Expire() | c.Revoke():
                return _taken(holder, command)
            case _:
                assert_never(command)

    def _earn(self, holder: Holder, command: c.Earn, now: datetime) -> Result:
        if (command.rule, command.order) in self.claims:
            return Result(already=True)
        order = holder.order(command.order)
        check([*(part.terms for part in order.parts), command.terms], order.refunds)
        whole = earned(command.terms, ())
        room = holder.room(command.quotas, now)
        amount = whole if room is None else min(whole, room)
        part = Part(command.terms, amount, lot_of(command.validity))
        new = _issue(holder, amount, command.validity)
        part.taken = amount - part.worth(order.refunds)
        holder.put(new[: part.taken], "revoked")
        order.parts.append(part)
        self.claims.add((command.rule, command.order))
        holder.used += [Used(quota.key, amount, quota.until) for quota in command.quotas]
        return Result(amount=amount - part.taken, own=part.taken, capped=whole - amount)


def _said(holder: Holder, command: c.Command | c.Move) -> Result | None:
    if command.key not in holder.said:
        return None
    first, result = holder.said[command.key]
    if first != command:
        raise Refused("KeyReused")
    return evolve(result, replayed=True)


def _ready(holder: Holder, command: c.Command | c.Move, now: datetime) -> None:
    if holder.closed:
        raise Refused("AccountClosed")
    if holder.last is not None and now < holder.last:
        raise Refused("ClockWentBackwards")
    if command.at is not None and command.at > now:
        raise Refused("FactError")
    holder.settle(now)


def _write(holder: Holder, now: datetime) -> None:
    if holder.changed:
        holder.last, holder.changed = now, False


def _tell(holder: Holder, command: c.Command | c.Move, result: Result, now: datetime) -> Result:
    holder.said[command.key] = (command, result)
    _write(holder, now)
    return result


def _issue(holder: Holder, amount: int, validity: Validity) -> list[Unit]:
    new = [Unit(lot_of(validity), validity.available_at, "pending") for _ in range(amount)]
    holder.units += new
    holder.issued += amount
    holder.put(new, "pending")
    return new


def _take(holder: Holder, amount: int, place: Place) -> list[Unit]:
    units = holder.available()[:amount]
    if len(units) < amount:
        raise Refused("InsufficientBalance")
    holder.put(units, place)
    return units


def _spendable(holder: Holder, order: str) -> Order:
    if holder.order(order).shares:
        raise Refused("NothingSpent")
    return holder.order(order)


def _hold(holder: Holder, hold: str) -> Pinned:
    if hold in holder.holds:
        return holder.holds[hold]
    raise Refused("HoldResolved" if hold in holder.ended else "UnknownHold")


def _place(holder: Holder, command: c.Place, now: datetime) -> Result:
    if command.until <= now:
        raise Refused("FactError")
    if command.hold in holder.holds or command.hold in holder.ended:
        raise Refused("HoldResolved")
    if command.order is not None:
        _spendable(holder, command.order)
    units = _take(holder, command.amount, "held")
    holder.holds[command.hold] = Pinned(command.until, command.order, units)
    return Result(amount=command.amount)


def _capture(holder: Holder, command: c.Capture, at: datetime) -> Result:
    hold = _hold(holder, command.hold)
    if hold.order is not None:
        _spendable(holder, hold.order)
    amount = len(hold.units) if command.amount is None else command.amount
    if amount > len(hold.units):
        raise Refused("InsufficientBalance")
    units, hold.units = hold.units[:amount], hold.units[amount:]
    holder.put(units, "spent")
    if hold.order is not None:
        holder.order(hold.order).spent += units
    back, dead = holder.let_go(command.hold, at)
    return Result(amount=amount, released=back, expired=dead)


def _refund(holder: Holder, command: c.Refund) -> Result:
    order = holder.order(command.order)
    refunds = [*order.refunds, command.refunded]
    check([part.terms for part in order.parts], refunds)
    order.refunds = refunds
    found = Counter[str]()
    for part in order.parts:
        due = part.most - part.taken - part.worth(refunds)
        part.taken += due
        for _ in range(due):
            found[_claw(holder, part.lot, command.uncovered)] += 1
    return Result(
        amount=found.total(),
        recovered=found["recovered"],
        own=found["own"],
        others=found["others"],
        debt=found["debt"],
        forgiven=found["forgiven"],
        charged=found["charged"],
    )


_SHORT: Final = {"debt": "debt", "forgive": "forgiven", "charge": "charged"}


def _claw(holder: Holder, lot: Lot, uncovered: c.Uncovered) -> str:
    """Take one unit back; where it was found."""
    for where, units in (
        ("recovered", holder.at("expired", lot)),
        ("own", [*holder.at("pending", lot), *holder.at("available", lot)]),
        ("others", holder.available()),
    ):
        if units:
            holder.put(units[:1], "revoked")
            return where
    holder.units.append(Unit(None, None, "revoked"))
    holder.changed = True
    holder.debt += uncovered == "debt"
    holder.forgiven += uncovered == "forgive"
    holder.issued += uncovered == "charge"
    return _SHORT[uncovered]


def _return(holder: Holder, command: c.Return, now: datetime) -> Result:
    order = holder.order(command.order)
    if not order.spent:
        raise Refused("NothingSpent")
    share = sum([*order.shares, command.share])
    if share > 1:
        raise Refused("OverReturn")
    if command.extended is not None and command.extended.available_at > now:
        raise Refused("FactError")
    due = int(share * len(order.spent)) - order.returned
    backwards = order.spent[::-1][order.returned :][:due]
    dropped = sum(_back(holder, unit, command.extended, now) for unit in backwards)
    order.shares.append(command.share)
    order.returned += due
    return Result(amount=due, dropped=dropped)


def _back(holder: Holder, unit: Unit, extended: Validity | None, now: datetime) -> bool:
    """Give one unit back; whether it was dropped."""
    assert unit.lot is not None
    if not unit.lot.alive(now) and extended is not None and lot_of(extended).alive(now):
        unit.lot, unit.start = lot_of(extended), extended.available_at
    if unit.lot.alive(now):
        holder.put([unit], "available")
        holder.repay()
        return False
    if holder.debt:
        holder.put([unit], "repaid")
        holder.debt -= 1
        return False
    holder.put([unit], "expired")
    return True


def _adjust(holder: Holder, command: c.Adjust) -> Result:
    if command.validity is None:
        _take(holder, -command.amount, "revoked")
    else:
        _issue(holder, command.amount, command.validity)
    return Result(amount=abs(command.amount))


def _taken(holder: Holder, command: c.Expire | c.Revoke) -> Result:
    place: Place = "expired" if isinstance(command, c.Expire) else "revoked"
    if command.lot is None:
        _take(holder, command.amount, place)
        return Result(amount=command.amount)
    units = [unit for unit in holder.available() if unit.lot is not None and name(unit.lot) == command.lot]
    if not units:
        raise Refused("UnknownLot")
    if len(units) < command.amount:
        raise Refused("InsufficientBalance")
    holder.put(units[: command.amount], place)
    return Result(amount=command.amount)


def _transfer(source: Holder, target: Holder, command: c.Transfer) -> int:
    units = _take(source, command.amount, "available")
    source.units = [unit for unit in source.units if unit not in units]
    target.units += units
    target.changed = True
    source.merged += len(units)
    target.merged -= len(units)
    return len(units)


def _merge(source: Holder, target: Holder) -> int:
    if source.holds.keys() & target.holds.keys():
        raise Refused("HoldResolved")
    moved = len(source.at("available"))
    some = bool(source.issued or source.merged or source.units)
    for sums in ("issued", "forgiven", "debt", "merged"):
        setattr(target, sums, getattr(target, sums) + getattr(source, sums))
        setattr(source, sums, 0)
    target.units += source.units
    target.holds |= source.holds
    target.ended |= source.ended
    target.orders |= source.orders
    target.used += source.used
    target.changed |= some
    source.changed |= some
    source.units, source.holds, source.closed = [], {}, True
    return moved
