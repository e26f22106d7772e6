"""The checkout: an order takes what it needs of several accounts, all or nothing, and gives it back if it fails.

Reserve, then redeem when the order is paid, or release; cancel gives back what was redeemed. A reservation is a hold
for the order with a time-out: it counts until it is released, redeemed or timed out, and never stands in the way of its
own order. Every call may come twice, late, or at once from two places.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar, final

from attrs import field, frozen

from retention.loyalty.errors import (
    HoldResolved,
    InsufficientBalance,
    KeyReused,
    LedgerBusy,
    NothingSpent,
    UnknownHold,
)
from retention.loyalty.ledger.commands import Capture, Command, Earn, Needs, Place, Redeem, Return, Void
from retention.loyalty.ledger.decide import checked_now
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account, Head, Hold
from retention.loyalty.ledger.ledger import Ledger, present
from retention.loyalty.ledger.records import OrderRecord
from retention.loyalty.ledger.settle import settled
from retention.loyalty.programme.asking import joined

_T = TypeVar("_T")

_OVERTAKEN = (HoldResolved, InsufficientBalance, KeyReused, NothingSpent, UnknownHold)


@final
@frozen
class Part:
    """``amount`` of an account. ``opening`` fills an account that has no entries yet: a limit's uses."""

    account: Account
    amount: int = 1
    opening: Earn | None = field(default=None, repr=False)


@final
@frozen
class Short:
    """Why an order does not get its part: not as much is ``available``, or the order was ``cancelled`` before."""

    part: Part
    available: int
    why: Literal["too little", "cancelled"] = "too little"


@final
@frozen
class Taken:
    """The order has all its parts: pinned ``until`` an instant, or for good if None."""

    until: datetime | None = None


@final
@frozen
class NotTaken:
    """Nothing was taken, and why."""

    short: tuple[Short, ...]


Answer: TypeAlias = Taken | NotTaken


@final
@frozen
class _Standing:
    """How an order stands with one of its parts: ``hold`` is its reservation, ``record`` what it spent before."""

    part: Part
    stored_seq: int
    head: Head
    hold: Hold | None
    record: OrderRecord

    @property
    def done(self) -> bool:
        return bool(self.record.spent) and not self.record.share

    @property
    def reserved(self) -> int:
        return 0 if self.hold is None else self.hold.amount

    def short(self) -> Short | None:
        if self.record.share:
            return Short(self.part, 0, "cancelled")
        free = self.head.available + self.reserved
        return None if self.done or free >= self.part.amount else Short(self.part, free)


_Step: TypeAlias = Callable[[_Standing], Command | None]


def reserve(ledger: Ledger, parts: Sequence[Part], *, order: str, until: datetime, now: datetime) -> Answer:
    """Pin the parts for an order until an instant.

    An order that has reserved the same already keeps the reservation and its time-out, and one that has redeemed has
    what it asks for.
    """

    def place(standing: _Standing) -> Command | None:
        if standing.done or standing.reserved == standing.part.amount:
            return None
        hold = joined(order, str(standing.stored_seq))  # an order's next reservation has another id
        amount = standing.part.amount
        return Place(key=joined("reserve", hold), hold=hold, amount=amount, until=until, order=order)

    def attempt() -> Answer:
        standings = _standings(ledger, parts, order, now)
        if short := _shorts(standings):
            return short
        _run(ledger, standings, _released_if_changed, now)
        _run(ledger, standings, place, now)
        pinned = [each.hold for each in _standings(ledger, parts, order, now) if each.hold is not None]
        return Taken(min((hold.until for hold in pinned), default=None))

    return _persist(ledger, attempt)


def redeem(ledger: Ledger, parts: Sequence[Part], *, order: str, now: datetime) -> Answer:
    """Take the parts for good, once: what is reserved, and if a reservation has timed out, what is still there."""

    def take(standing: _Standing) -> Command | None:
        key = joined("redeem", order)
        if standing.done:
            return None
        if standing.hold is not None and standing.reserved == standing.part.amount:
            return Capture(key=key, hold=standing.hold.id)
        return Redeem(key=key, amount=standing.part.amount, order=order)

    def attempt() -> Answer:
        standings = _standings(ledger, parts, order, now)
        if short := _shorts(standings):
            return short
        _run(ledger, standings, _released_if_changed, now)
        _run(ledger, standings, take, now)
        return Taken()

    return _persist(ledger, attempt)


def release(ledger: Ledger, parts: Sequence[Part], *, order: str, now: datetime) -> None:
    """Let go of what an order has reserved; what it has redeemed stays redeemed."""

    def attempt() -> None:
        _run(ledger, _standings(ledger, parts, order, now), _void, now)

    _persist(ledger, attempt)


def cancel(
    ledger: Ledger, parts: Sequence[Part], *, order: str, now: datetime, extended: Validity | None = None
) -> None:
    """The order is off: what it reserved, and what it redeemed and has not had back, comes back, once.

    An order that has had something back redeems nothing again. What comes back to a lot that has expired meanwhile is
    lost, or gets ``extended`` to live in.
    """

    def give_back(standing: _Standing) -> Command | None:
        left = 1 - standing.record.share
        if not standing.record.spent or not left:
            return _void(standing)
        return Return(key=joined("cancel", order), order=order, share=Fraction(left), extended=extended)

    def attempt() -> None:
        _run(ledger, _standings(ledger, parts, order, now), give_back, now)

    _persist(ledger, attempt)


def _void(standing: _Standing) -> Command | None:
    return None if standing.hold is None else Void(key=joined("release", standing.hold.id), hold=standing.hold.id)


def _released_if_changed(standing: _Standing) -> Command | None:
    return None if standing.reserved == standing.part.amount else _void(standing)


def _shorts(standings: Sequence[_Standing]) -> NotTaken | None:
    found = tuple(short for each in standings if (short := each.short()) is not None)
    return NotTaken(found) if found else None


def _run(ledger: Ledger, standings: Sequence[_Standing], step: _Step, now: datetime) -> None:
    commands = [(each.part.account, command) for each in standings if (command := step(each)) is not None]
    if commands:
        ledger.run_together(commands, now=now)


def _standings(ledger: Ledger, parts: Sequence[Part], order: str, now: datetime) -> list[_Standing]:
    return [_standing(ledger, part, order, now) for part in _each_once(parts)]


def _standing(ledger: Ledger, part: Part, order: str, now: datetime) -> _Standing:
    needs = Needs(orders=frozenset({order}))
    loaded = ledger.store.load(part.account, needs)
    if not loaded.head.seq and part.opening is not None:
        ledger.run(part.account, part.opening, now=now)
        loaded = ledger.store.load(part.account, needs)
    head = settled(loaded.head, checked_now(loaded.head, present(loaded.head, now)))
    hold = next((each for each in head.holds if each.order == order), None)
    record = loaded.records.orders.get(order) or OrderRecord(order=order)
    return _Standing(part, loaded.head.seq, head, hold, record)


def _each_once(parts: Sequence[Part]) -> list[Part]:
    """One part for each account."""
    found: dict[Account, Part] = {}
    for part in parts:
        before = found.get(part.account)
        amount = part.amount + (before.amount if before else 0)
        found[part.account] = Part(part.account, amount, part.opening)
    return list(found.values())


def _persist(ledger: Ledger, attempt: Callable[[], _T]) -> _T:
    """Look again when somebody else changed an account between the look and the command."""
    for _ in range(ledger.attempts):
        try:
            return attempt()
        except _OVERTAKEN:
            continue
    raise LedgerBusy(ledger.attempts)
