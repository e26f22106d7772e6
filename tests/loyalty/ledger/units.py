"""What is in an account of the plain model: single units, each of which lies somewhere."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from attrs import Factory, define

from retention.loyalty.ledger import commands as c
from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.terms import Refunded, Terms
from tests.loyalty.ledger.worth import earned

Place: TypeAlias = Literal["pending", "available", "held", "spent", "expired", "revoked", "repaid"]


class Lot(NamedTuple):
    """What becomes usable on one day and ends at one instant."""

    day: date
    end: datetime | None

    def alive(self, at: datetime) -> bool:
        return self.end is None or at < self.end


@define(eq=False)
class Unit:
    """One point. What was never there to be taken back, but is, has no lot."""

    lot: Lot | None
    start: datetime | None
    place: Place


@define(eq=False)
class Pinned:
    until: datetime
    order: str | None
    units: list[Unit]


@define(eq=False)
class Part:
    """What one rule gave: under which terms, at most how many."""

    terms: Terms
    most: int
    lot: Lot
    taken: int = 0

    def worth(self, refunds: Sequence[Refunded]) -> int:
        return min(self.most, earned(self.terms, refunds))


@define(eq=False)
class Order:
    parts: list[Part] = Factory(list)
    refunds: list[Refunded] = Factory(list)
    spent: list[Unit] = Factory(list)
    shares: list[Fraction] = Factory(list)
    returned: int = 0


class Used(NamedTuple):
    quota: str
    amount: int
    until: datetime | None


@define(eq=False)
class Holder:
    """All that was ever in one account."""

    units: list[Unit] = Factory(list)
    issued: int = 0
    forgiven: int = 0
    debt: int = 0
    merged: int = 0
    holds: dict[str, Pinned] = Factory(dict)
    ended: set[str] = Factory(set)
    orders: dict[str, Order] = Factory(dict)
    used: list[Used] = Factory(list)
    said: dict[str, tuple[c.Command | c.Move, Result]] = Factory(dict)
    closed: bool = False
    last: datetime | None = None
    changed: bool = False

    def at(self, place: Place, lot: Lot | None = None) -> list[Unit]:
        return [unit for unit in self.units if unit.place == place and (lot is None or unit.lot == lot)]

    def available(self) -> list[Unit]:
        """In spend order."""
        return sorted(self.at("available"), key=_spend_order)

    @property
    def balance(self) -> int:
        return len(self.at("available")) - self.debt

    def put(self, units: Sequence[Unit], place: Place) -> int:
        for unit in units:
            unit.place = place
            self.changed = True
        return len(units)

    def order(self, order: str) -> Order:
        return self.orders.setdefault(order, Order())

    def spent_on(self) -> list[str]:
        """Orders of which something spent has not come back."""
        return [order for order, each in self.orders.items() if sum(each.shares) < 1 and each.spent]

    def payable(self, order: str) -> int:
        """What is left to be refunded of an order that has earned."""
        known = self.orders.get(order, Order())
        given = sum(each.anywhere + sum(each.lines.values()) + each.shipping for each in known.refunds)
        return max((part.terms.payable for part in known.parts), default=given) - given

    def repay(self) -> None:
        for unit in self.available()[: self.debt]:
            self.put([unit], "repaid")
            self.debt -= 1

    def settle(self, now: datetime) -> None:
        """One thing after another, until nothing is due."""
        while due := [each for each in self._due() if each[0] <= now]:
            at, _, _, happen = min(due, key=lambda each: each[:3])
            happen(at)
            self.repay()

    def _due(self) -> list[tuple[datetime, int, str, Callable[[datetime], object]]]:
        pending = {(unit.start, unit.lot) for unit in self.at("pending")}
        ending = {unit.lot for unit in self.at("available")}
        begins = [
            (start, 0, name(lot), lambda _, lot=lot: self.put(self.at("pending", lot), "available"))
            for start, lot in pending
            if start is not None and lot is not None
        ]
        holds = [(hold.until, 1, key, lambda at, key=key: self.let_go(key, at)) for key, hold in self.holds.items()]
        ends = [
            (lot.end, 2, name(lot), lambda _, lot=lot: self.put(self.at("available", lot), "expired"))
            for lot in ending
            if lot is not None and lot.end is not None
        ]
        return [*begins, *holds, *ends]

    def let_go(self, hold: str, at: datetime) -> tuple[int, int]:
        """How many of a hold's units went back, and how many expired."""
        units = self.holds.pop(hold).units
        self.ended.add(hold)
        back = self.put([unit for unit in units if unit.lot is not None and unit.lot.alive(at)], "available")
        dead = self.put([unit for unit in units if unit.lot is not None and not unit.lot.alive(at)], "expired")
        self.repay()
        return back, dead

    def room(self, quotas: Sequence[Quota], now: datetime) -> int | None:
        left = []
        for quota in quotas:
            counts = [each.amount for each in self.used if each.quota == quota.key and _lasts(each.until, now)]
            left.append(max(0, quota.most - sum(counts)))
        return min(left, default=None)


def _spend_order(unit: Unit) -> tuple[bool, datetime, date]:
    assert unit.lot is not None
    assert unit.start is not None
    return (unit.lot.end is None, unit.lot.end or unit.start.max.replace(tzinfo=unit.start.tzinfo), unit.lot.day)


def _lasts(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until


def lot_of(validity: Validity) -> Lot:
    return Lot(validity.day, validity.expires_at)


def name(lot: Lot) -> str:
    """What the ledger calls a lot."""
    end = "never" if lot.end is None else lot.end.isoformat().removesuffix("+00:00") + "Z"
    return f"{lot.day}/{end}"
