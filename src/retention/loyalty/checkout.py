"""The checkout: an order takes what it needs of several accounts, all or nothing, and gives it back if it fails.

Reserve, then redeem when the order is paid, or release; cancel gives back what was redeemed. A reservation is a hold
for the order with a time-out: it counts until it is released, redeemed or timed out, and never stands in the way of its
own order. Every call may come twice, late, or at once from two places: an order that was cancelled takes nothing again.
Calls raise AccountClosed for an account that was merged into another, and nothing has happened.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar, final

from attrs import field, frozen

from retention.checks import identifier, instant
from retention.errors import FactError
from retention.loyalty.errors import (
    AccountClosed,
    HoldResolved,
    InsufficientBalance,
    KeyReused,
    NothingSpent,
    UnknownHold,
)
from retention.loyalty.keys import joined
from retention.loyalty.ledger import fields
from retention.loyalty.ledger.commands import Capture, Command, Earn, Needs, Place, Redeem, Refund, Return, Void
from retention.loyalty.ledger.decide import checked_now
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account, Head, Hold
from retention.loyalty.ledger.ledger import Ledger, persist, present
from retention.loyalty.ledger.records import OrderRecord
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.terms import Refunded

_T = TypeVar("_T")

_OVERTAKEN = (HoldResolved, InsufficientBalance, KeyReused, NothingSpent, UnknownHold)


@final
@frozen
class Part:
    """``amount`` of an account, 1 or more. ``opening`` fills an account that has no entries yet: a limit's uses."""

    account: Account = field(validator=fields.a(Account))
    amount: int = field(default=1, validator=fields.positive)
    opening: Earn | None = field(default=None, repr=False, validator=fields.maybe(fields.a(Earn)))


@final
@frozen
class Short:
    """Why an order does not get its part: not as much is ``available``, or nothing is for this order, which was
    cancelled before, or has paid with another amount of the account."""

    part: Part
    available: int
    why: Literal["too little", "cancelled", "paid otherwise"] = "too little"


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
    """How an order stands with one of its parts at ``now``: ``hold`` is its reservation, ``record`` what it spent
    before, and ``cancelled`` whether it is off."""

    part: Part
    stored_seq: int
    now: datetime
    head: Head
    hold: Hold | None
    record: OrderRecord
    cancelled: bool

    @property
    def done(self) -> bool:
        return sum(lot.amount for lot in self.record.spent) == self.part.amount

    @property
    def reserved(self) -> int:
        return 0 if self.hold is None else self.hold.amount

    def short(self) -> Short | None:
        if self.cancelled or self.record.share:
            return Short(self.part, 0, "cancelled")
        if self.record.spent:
            return None if self.done else Short(self.part, 0, "paid otherwise")
        free = self.head.available + self.reserved
        return None if free >= self.part.amount else Short(self.part, free)


_Step: TypeAlias = Callable[[_Standing], Command | None]


def reserve(ledger: Ledger, parts: Sequence[Part], *, order: str, until: datetime, now: datetime) -> Answer:
    """Pin the parts for an order until an instant.

    An order that has reserved the same already keeps the reservation and its time-out, and one that has redeemed the
    same has what it asks for. Raises NaiveInstant, and FactError for a time-out that is over: the order then keeps what
    it has reserved.
    """
    until = instant(until, "until")

    def place(standing: _Standing) -> Command | None:
        if standing.done or standing.reserved == standing.part.amount:
            return None
        if until <= standing.now:
            raise FactError("until", "is not later than now", got=until, hint="Give the instant of the time-out")
        hold = joined(order, str(standing.stored_seq))  # an order's next reservation has another id
        amount = standing.part.amount
        return Place(key=joined("reserve", hold), hold=hold, amount=amount, until=until, order=order)

    def attempt() -> Answer:
        standings = _standings(ledger, parts, order, now)
        if short := _shorts(standings):
            return short
        places = _commands(standings, place)  # first, so that nothing is let go for what is refused
        _run(ledger, standings, _released_if_changed, now)
        _send(ledger, places, now)
        standings = _standings(ledger, parts, order, now)
        if cancelled := _cancelled(standings):
            _run(ledger, standings, _void, now)
            return cancelled
        pinned = [each.hold for each in standings if each.hold is not None]
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
        standings = _standings(ledger, parts, order, now)
        if cancelled := _cancelled(standings):  # by somebody who saw nothing to give back yet
            _run(ledger, standings, _giving_back(order), now)
            return cancelled
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

    It takes nothing again, whether it had taken something or not. What comes back to a lot that has expired meanwhile
    is lost, or gets ``extended`` to live in; a limit, a part with an ``opening``, keeps its own days.
    """

    def remember(standing: _Standing) -> Command | None:
        """A refund of nothing: what the ledger was told of an order it keeps, and without an entry."""
        mark = _mark(order)
        return None if standing.cancelled else Refund(key=mark, order=mark, refunded=Refunded())

    def attempt() -> None:
        # Remembered before it is looked at: who redeems looks again after, so one of the two sees the other.
        _run(ledger, _standings(ledger, parts, order, now), remember, now)
        _run(ledger, _standings(ledger, parts, order, now), _giving_back(order, extended), now)

    _persist(ledger, attempt)


def _mark(order: str) -> str:
    """Under which name an account remembers that an order is off."""
    return joined("checkout", "cancelled", order)


def _giving_back(order: str, extended: Validity | None = None) -> _Step:
    def give_back(standing: _Standing) -> Command | None:
        left = 1 - standing.record.share
        if not standing.record.spent or not left:
            return _void(standing)
        lot = None if standing.part.opening is not None else extended
        return Return(key=joined("cancel", order), order=order, share=Fraction(left), extended=lot)

    return give_back


def _void(standing: _Standing) -> Command | None:
    return None if standing.hold is None else Void(key=joined("release", standing.hold.id), hold=standing.hold.id)


def _released_if_changed(standing: _Standing) -> Command | None:
    return None if standing.reserved == standing.part.amount else _void(standing)


def _shorts(standings: Sequence[_Standing]) -> NotTaken | None:
    found = tuple(short for each in standings if (short := each.short()) is not None)
    return NotTaken(found) if found else None


def _cancelled(standings: Sequence[_Standing]) -> NotTaken | None:
    found = tuple(Short(each.part, 0, "cancelled") for each in standings if each.cancelled)
    return NotTaken(found) if found else None


def _run(ledger: Ledger, standings: Sequence[_Standing], step: _Step, now: datetime) -> None:
    _send(ledger, _commands(standings, step), now)


def _commands(standings: Sequence[_Standing], step: _Step) -> list[tuple[Account, Command]]:
    return [(each.part.account, command) for each in standings if (command := step(each)) is not None]


def _send(ledger: Ledger, commands: Sequence[tuple[Account, Command]], now: datetime) -> None:
    if commands:
        ledger.run_together(commands, now=now)


def _standings(ledger: Ledger, parts: Sequence[Part], order: str, now: datetime) -> list[_Standing]:
    order = identifier(order, "order")
    return [_standing(ledger, part, order, now) for part in _each_once(parts)]


def _standing(ledger: Ledger, part: Part, order: str, now: datetime) -> _Standing:
    mark = _mark(order)
    needs = Needs(orders=frozenset({order, mark}))
    loaded = ledger.store.load(part.account, needs)
    if not loaded.head.seq and part.opening is not None:
        ledger.run(part.account, part.opening, now=now)
        loaded = ledger.store.load(part.account, needs)
    if loaded.head.merged_into is not None:
        raise AccountClosed(part.account.id, loaded.head.merged_into)
    at = checked_now(loaded.head, present(loaded.head, now))
    head = settled(loaded.head, at)
    hold = next((each for each in head.holds if each.order == order), None)
    orders = loaded.records.orders
    record = orders.get(order) or OrderRecord(order=order)
    return _Standing(part, loaded.head.seq, at, head, hold, record, mark in orders)


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
    return persist(ledger.attempts, lambda _: attempt(), *_OVERTAKEN)
