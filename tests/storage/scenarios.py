"""What eight processes do to one ledger at once. Functions of a module, so that they can be sent to the processes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta
from random import Random
from time import perf_counter
from typing import Any, cast, final

from attrs import define, frozen

from retention.loyalty import checkout
from retention.loyalty.checkout import Taken
from retention.loyalty.codes import Keys
from retention.loyalty.coupons import Coupon, PercentOff, reserve
from retention.loyalty.coupons import redeem as use
from retention.loyalty.errors import Conflict, InsufficientBalance
from retention.loyalty.gift_cards import GiftCards
from retention.loyalty.ledger.commands import Earn, Redeem, Transfer
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import Batch, LedgerStore
from retention.loyalty.ledger.terms import Fixed
from retention.money import won
from retention.testing.ledger_scenes import NOW, validity

TIMES = 100  # each of 8
ORDERS = 10  # each of 8, at a checkout, which is several commands

POINTS = Account("mileage", "anna")
COUPON = Coupon("SPRING10", PercentOff("10"), zone=UTC, limit=30, per_customer=ORDERS)
CARDS = GiftCards(keys=Keys(b"k" * 32), currency="KRW", zone=UTC)
CODE = CARDS.make(bytes(range(10)))
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


def _tally(store: LedgerStore, once: Callable[[Ledger, int], bool], times: int = TIMES) -> Tally:
    """What comes of doing it so many times; it says whether it succeeded."""
    watched = Watched(store)
    ledger = Ledger(store=cast(LedgerStore, watched))
    succeeded = 0
    began = perf_counter()
    for number in range(times):
        with suppress(InsufficientBalance):
            succeeded += once(ledger, number)
    return Tally(succeeded, times - succeeded, watched.conflicts, perf_counter() - began)


def redeem(store: LedgerStore, worker: int) -> Tally:
    """One point at a time."""

    def once(ledger: Ledger, number: int) -> bool:
        key = f"{worker}-{number}"
        return ledger.run(POINTS, Redeem(key=key, amount=1, order=key), now=NOW).amount == 1

    return _tally(store, once)


def use_coupon(store: LedgerStore, worker: int) -> Tally:
    """Reserve a use for an order at its checkout, then redeem it. Who is first opens the limit."""

    def once(ledger: Ledger, number: int) -> bool:
        said: dict[str, Any] = {"customer": f"customer-{worker}", "order": f"{worker}-{number}", "now": NOW}
        if not isinstance(reserve(ledger, [COUPON], until=NOW + timedelta(minutes=30), **said), Taken):
            return False
        assert use(ledger, [COUPON], **said) == Taken(), "what is reserved can be redeemed"
        return True

    return _tally(store, once, ORDERS)


def pay_with_card(store: LedgerStore, worker: int) -> Tally:
    """1,000 won at a time, by the card's code."""

    def once(ledger: Ledger, number: int) -> bool:
        card = CARDS.find(ledger, CODE, now=NOW)
        assert card is not None, "it was activated"
        return checkout.redeem(ledger, [card.part(won(1_000))], order=f"{worker}-{number}", now=NOW) == Taken()

    return _tally(store, once, ORDERS)


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
