"""Invariant 13: uses = redeemed + live reservations <= limit under any interleaving; a cancelled order gives the use
back once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from retention.loyalty.checkout import Taken
from retention.loyalty.coupons import Held, PercentOff, Usable, cancel, issue, mint, redeem, release, reserve
from retention.loyalty.coupons.held import account_of
from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import Batch, LedgerStore, Loaded
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.coupons.shop import NOW, a_coupon

LIMIT, EACH = 3, 2
PUBLIC: Final = a_coupon("public", PercentOff("10"), limit=LIMIT, per_customer=EACH)
CARD: Final = a_coupon("card", PercentOff("10"), codes="CARD")
BUYERS: Final = {f"order-{number}": ("mina", "jun", "bora")[number % 3] for number in range(8)}
QUARTER: Final = timedelta(minutes=15)

orders = st.sampled_from(sorted(BUYERS))


@define
class Naive:
    """As a clerk would count on paper: which order has reserved until when, which has used, which is off."""

    now: datetime = NOW
    reserved: dict[str, datetime] = field(factory=dict)
    used: set[str] = field(factory=set)
    off: set[str] = field(factory=set)

    def live(self) -> set[str]:
        return self.used | {order for order, until in self.reserved.items() if self.now < until}

    def fits(self, order: str) -> bool:
        others = self.live() - {order}
        by_customer = [each for each in others if BUYERS[each] == BUYERS[order]]
        return order not in self.off and len(others) < LIMIT and len(by_customer) < EACH

    def reserve(self, order: str, until: datetime) -> bool:
        if not self.fits(order):
            return False
        if order not in self.live():
            self.reserved[order] = until
        return True

    def redeem(self, order: str) -> bool:
        if order in self.used:
            return True
        if not self.fits(order):
            return False
        self.reserved.pop(order, None)
        self.used.add(order)
        return True

    def release(self, order: str) -> None:
        self.reserved.pop(order, None)

    def cancel(self, order: str) -> None:
        self.reserved.pop(order, None)
        self.used.discard(order)
        self.off.add(order)


class LimitMachine(RuleBasedStateMachine):
    """Orders in any order of events, told once or again."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(store=MemoryLedgerStore())
        self.naive = Naive()

    @rule(order=orders, minutes=st.sampled_from([1, 15, 15, 60]))
    def reserve(self, order: str, minutes: int) -> None:
        until = self.naive.now + timedelta(minutes=minutes)
        answer = reserve(self.ledger, [PUBLIC], order=order, until=until, **self._who(order))
        assert isinstance(answer, Taken) == self.naive.reserve(order, until)

    @rule(order=orders)
    def redeem(self, order: str) -> None:
        answer = redeem(self.ledger, [PUBLIC], order=order, **self._who(order))
        assert isinstance(answer, Taken) == self.naive.redeem(order)

    @rule(order=orders)
    def release(self, order: str) -> None:
        release(self.ledger, [PUBLIC], order=order, **self._who(order))
        self.naive.release(order)

    @rule(order=orders)
    def cancel(self, order: str) -> None:
        cancel(self.ledger, [PUBLIC], order=order, **self._who(order))
        self.naive.cancel(order)

    @rule(minutes=st.sampled_from([1, 14, 15, 60]))
    def wait(self, minutes: int) -> None:
        self.naive.now += timedelta(minutes=minutes)

    @invariant()
    def uses_are_what_was_redeemed_and_is_reserved_and_never_more_than_the_limit(self) -> None:
        live = self.naive.live()
        assert uses(self.ledger, account_of(PUBLIC), self.naive.now) == len(live) <= LIMIT
        for customer in set(BUYERS.values()):
            own = [order for order in live if BUYERS[order] == customer]
            assert uses(self.ledger, account_of(PUBLIC, customer=customer), self.naive.now) == len(own) <= EACH

    def _who(self, order: str) -> dict[str, Any]:
        return {"customer": BUYERS[order], "now": self.naive.now}


def uses(ledger: Ledger, account: Account, now: datetime) -> int:
    totals = ledger.head(account, now=now).totals
    return totals[Bucket.SPENT] + totals[Bucket.HELD]


LimitMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestLimit = LimitMachine.TestCase


@define
class Interrupted(LedgerStore):
    """A store at which somebody else gets in just before a commit, as often as there is somebody waiting."""

    inner: MemoryLedgerStore = field(factory=MemoryLedgerStore)
    waiting: list[Callable[[], None]] = field(factory=list)

    def load(self, account: Account, needs: Needs = Needs()) -> Loaded:  # noqa: B008 - frozen
        return self.inner.load(account, needs)

    def commit(self, batch: Batch) -> None:
        if self.waiting:
            self.waiting.pop(0)()
        self.inner.commit(batch)

    def turn(self, accounts: Sequence[Account]) -> "nullcontext[Interrupted]":
        return nullcontext(self)

    def entries(self, account: Account, *, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return self.inner.entries(account, after=after, limit=limit)

    def due(self, programme: str, before: datetime, limit: int = 1000) -> Sequence[Account]:
        return self.inner.due(programme, before, limit)

    def accounts(self, programme: str, *, after: str = "", limit: int = 1000) -> Sequence[Account]:
        return self.inner.accounts(programme, after=after, limit=limit)

    def totals(self, programme: str) -> Mapping[str, Mapping[Bucket, int]]:
        return self.inner.totals(programme)


steps = st.tuples(st.sampled_from(["reserve", "redeem", "release", "cancel"]), orders)


def carry_out(ledger: Ledger, coupons: Sequence[Usable], what: str, order: str, now: datetime) -> bool:
    said: dict[str, Any] = {"customer": BUYERS[order], "order": order, "now": now}
    match what:
        case "reserve":
            return isinstance(reserve(ledger, coupons, until=now + QUARTER, **said), Taken)
        case "redeem":
            return isinstance(redeem(ledger, coupons, **said), Taken)
        case "release":
            release(ledger, coupons, **said)
        case _:
            cancel(ledger, coupons, **said)
    return True


def intruder(ledger: Ledger, usable: Usable, what: str, order: str) -> Callable[[], None]:
    def get_in() -> None:
        carry_out(ledger, [usable], what, order, NOW)

    return get_in


@given(st.lists(steps, min_size=1, max_size=12), st.lists(steps, max_size=12))
def test_13_uses_never_pass_the_limit_though_others_get_in_between(
    mine: list[tuple[str, str]], theirs: list[tuple[str, str]]
) -> None:
    store = Interrupted()
    ledger = Ledger(store=store)

    store.waiting = [intruder(ledger, PUBLIC, *each) for each in theirs]
    for what, order in mine:
        carry_out(ledger, [PUBLIC], what, order, NOW)
        _check(ledger)


def _check(ledger: Ledger) -> None:
    assert uses(ledger, account_of(PUBLIC), NOW) <= LIMIT
    per_customer = [uses(ledger, account_of(PUBLIC, customer=each), NOW) for each in set(BUYERS.values())]
    assert max(per_customer) <= EACH
    assert sum(per_customer) == uses(ledger, account_of(PUBLIC), NOW)


@given(st.lists(steps, max_size=6), orders, st.integers(2, 4))
def test_13_a_cancelled_order_gives_the_use_back_once_whoever_else_cancels_it(
    theirs: list[tuple[str, str]], order: str, times: int
) -> None:
    store = Interrupted()
    ledger = Ledger(store=store)
    assert carry_out(ledger, [PUBLIC], "redeem", order, NOW)
    others = [each for each in theirs if each[1] != order]
    store.waiting = [intruder(ledger, PUBLIC, *each) for each in others]
    store.waiting += [intruder(ledger, PUBLIC, "cancel", order)] * (times - 1)
    for _ in range(times):
        carry_out(ledger, [PUBLIC], "cancel", order, NOW)
    back = [each for each in ledger.entries(account_of(PUBLIC)) if each.order == order and each.kind == "return"]
    assert [each.amount for each in back] == [1]


@given(st.lists(steps, min_size=1, max_size=10), st.lists(steps, max_size=10))
def test_13_a_unique_code_is_used_by_one_order_at_a_time(
    mine: list[tuple[str, str]], theirs: list[tuple[str, str]]
) -> None:
    store = Interrupted()
    ledger = Ledger(store=store)
    issued = mint(CARD, at=NOW, entropy=bytes(range(8)))
    issue(ledger, issued, now=NOW)
    held: Held = issued.held
    store.waiting = [intruder(ledger, held, *each) for each in theirs]
    for what, order in mine:
        taken = carry_out(ledger, [held], what, order, NOW)
        assert uses(ledger, held.account, NOW) <= 1
        if what == "redeem" and taken and not store.waiting:
            assert ledger.store.load(held.account, Needs(orders=frozenset({order}))).records.orders[order].spent
