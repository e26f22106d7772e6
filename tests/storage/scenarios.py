"""What eight processes do to one ledger at once. Functions of a module, so that they can be sent to the processes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from time import perf_counter
from typing import Any, cast, final

from attrs import define, frozen

from retention.loyalty.errors import Conflict, InsufficientBalance
from retention.loyalty.ledger.commands import Capture, Earn, Place, Redeem, Transfer
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import Batch, LedgerStore
from retention.loyalty.ledger.terms import Fixed
from retention.testing.ledger_scenes import NOW, validity

TIMES = 100  # each of 8

POINTS = Account("mileage", "anna")
COUPON = Account("coupons", "SPRING10", "uses")
GIFT_CARD = Account("gift-cards", "5b1f0c", "KRW")
TRAVELLERS = tuple(Account("mileage", f"traveller-{number}") for number in range(4))


@final
@frozen
class Tally:
    """What one process saw: how often it succeeded and was refused, how many of its batches came too late, and how many
    seconds all took. That the ledger is too busy is a failure."""

    succeeded: int
    refused: int
    conflicts: int
    seconds: float


@final
@define
class Watched:
    """A store that counts the batches that come too late."""

    store: LedgerStore
    conflicts: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, batch: Batch) -> None:
        try:
            self.store.commit(batch)
        except Conflict:
            self.conflicts += 1
            raise


def _tally(store: LedgerStore, once: Callable[[Ledger, int], bool]) -> Tally:
    """What comes of doing it so many times; it says whether it succeeded."""
    watched = Watched(store)
    ledger = Ledger(store=cast(LedgerStore, watched))
    succeeded = 0
    began = perf_counter()
    for number in range(TIMES):
        with suppress(InsufficientBalance):
            succeeded += once(ledger, number)
    return Tally(succeeded, TIMES - succeeded, watched.conflicts, perf_counter() - began)


def redeem(store: LedgerStore, worker: int) -> Tally:
    """One point at a time."""

    def once(ledger: Ledger, number: int) -> bool:
        key = f"{worker}-{number}"
        return ledger.run(POINTS, Redeem(key=key, amount=1, order=key), now=NOW).amount == 1

    return _tally(store, once)


def use_coupon(store: LedgerStore, worker: int) -> Tally:
    """Reserve a use for an order at its checkout, then redeem it."""

    def once(ledger: Ledger, number: int) -> bool:
        order = f"{worker}-{number}"
        until = NOW + timedelta(minutes=30)
        ledger.run(COUPON, Place(key=f"{order}:reserve", hold=order, amount=1, until=until, order=order), now=NOW)
        return ledger.run(COUPON, Capture(key=f"{order}:redeem", hold=order), now=NOW).amount == 1

    return _tally(store, once)


def pay_with_card(store: LedgerStore, worker: int) -> Tally:
    """1,000 won at a time."""

    def once(ledger: Ledger, number: int) -> bool:
        key = f"{worker}-{number}"
        return ledger.run(GIFT_CARD, Redeem(key=key, amount=1_000, order=key), now=NOW).amount == 1_000

    return _tally(store, once)


def transfer(store: LedgerStore, worker: int) -> Tally:
    """Between accounts at random, so that some move points from one to another while others move them back."""
    random = Random(worker)

    def once(ledger: Ledger, number: int) -> bool:
        source, target = random.sample(TRAVELLERS, 2)
        amount = random.randint(1, 60)
        return ledger.move(source, Transfer(key=f"{worker}-{number}", amount=amount, to=target), now=NOW).amount > 0

    return _tally(store, once)


def earn_for_orders(store: LedgerStore, worker: int) -> Tally:
    """Everybody earns for the same orders, in orders of their own: who is first gets it."""
    orders = Random(worker).sample(range(TIMES), TIMES)
    account = Account("mileage", f"worker-{worker}")

    def once(ledger: Ledger, number: int) -> bool:
        order = f"order-{orders[number]}"
        earn = Earn(key=order, rule="base", order=order, terms=Fixed(units=1), validity=validity())
        return not ledger.run(account, earn, now=NOW).already

    return _tally(store, once)
