"""What an order must not get, or lose, at the checkout: told twice or late, otherwise, wrongly, or at once by two."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from retention.errors import FactError, NaiveInstant
from retention.loyalty import checkout
from retention.loyalty.checkout import Answer, NotTaken, Part, Short, Taken
from retention.loyalty.errors import AccountClosed
from retention.loyalty.ledger.commands import Adjust, Merge
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import Batch
from retention.storage.memory import MemoryLedgerStore

NOW = datetime(2026, 4, 10, 3, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=15)
POINTS, CREDIT, OTHER = Account("points", "mina"), Account("credit", "mina", "KRW"), Account("points", "mina-2")


class Till:
    """An order ``o1`` at the till, paid with points and credit, of which there are 10,000 each."""

    def __init__(self) -> None:
        self.ledger, lot = Ledger(store=MemoryLedgerStore()), Validity(NOW.date(), NOW)
        gift = Adjust(key="gift", amount=10_000, reason="gift", actor="staff-3", validity=lot)
        for account in (POINTS, CREDIT):
            self.ledger.run(account, gift, now=NOW)

    def reserve(self, *amounts: int, until: datetime = UNTIL, now: datetime = NOW) -> Answer:
        return checkout.reserve(self.ledger, parts(*amounts), order="o1", until=until, now=now)

    def redeem(self, *amounts: int, now: datetime = NOW) -> Answer:
        return checkout.redeem(self.ledger, parts(*amounts), order="o1", now=now)

    def release(self, *amounts: int) -> None:
        checkout.release(self.ledger, parts(*amounts), order="o1", now=NOW)

    def cancel(self, *amounts: int, now: datetime = NOW) -> None:
        checkout.cancel(self.ledger, parts(*amounts), order="o1", now=now)

    @property
    def held(self) -> tuple[int, int]:
        return self.ledger.head(POINTS, now=NOW).held, self.ledger.head(CREDIT, now=NOW).held

    @property
    def left(self) -> tuple[int, int]:
        return self.ledger.head(POINTS, now=NOW).available, self.ledger.head(CREDIT, now=NOW).available


def parts(*amounts: int) -> list[Part]:
    return [Part(account, amount) for account, amount in zip((POINTS, CREDIT), amounts, strict=False)]


@pytest.fixture
def till() -> Till:
    return Till()


def refused(why: Any, *amounts: int) -> NotTaken:
    return NotTaken(tuple(Short(part, 0, why) for part in parts(*amounts)))


# Another amount. -----------------------------------------------------------------------------------------------------


def test_an_order_that_has_paid_does_not_pay_another_amount(till: Till) -> None:
    assert till.redeem(1_000) == Taken()
    for amount in (5_000, 999):
        assert till.redeem(amount) == till.reserve(amount) == refused("paid otherwise", amount)
    assert (till.redeem(1_000), till.reserve(1_000)) == (Taken(), Taken())
    assert till.left[0] == 9_000


def test_an_order_that_has_paid_a_part_can_pay_the_other(till: Till) -> None:
    till.redeem(1_000)
    assert till.redeem(1_000, 500) == Taken()
    assert till.left == (9_000, 9_500)


# Cancelled. ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["reserved", "timed out", "nothing", "redeemed"])
def test_a_cancelled_order_is_not_charged_by_a_late_payment(till: Till, before: str) -> None:
    if before in ("reserved", "timed out"):
        till.reserve(40, 30)
    if before == "redeemed":
        till.redeem(40, 30)
    now = UNTIL if before == "timed out" else NOW
    for _ in range(2):
        till.cancel(40, 30, now=now)
    assert till.redeem(40, 30, now=now) == refused("cancelled", 40, 30)
    assert till.reserve(40, 30, until=now + timedelta(hours=1), now=now) == refused("cancelled", 40, 30)
    heads = [till.ledger.head(account, now=now) for account in (POINTS, CREDIT)]
    assert [(head.available, head.held) for head in heads] == [(10_000, 0), (10_000, 0)]
    assert checkout.redeem(till.ledger, parts(40, 30), order="o2", now=now) == Taken()


def test_a_cancelled_order_leaves_no_entry_of_its_own(till: Till) -> None:
    before = list(till.ledger.entries(POINTS))
    till.cancel(40)
    assert till.redeem(40) == till.reserve(40) == refused("cancelled", 40)
    assert list(till.ledger.entries(POINTS)) == before


def test_a_cancelled_order_is_remembered_when_its_account_becomes_another(till: Till) -> None:
    till.cancel(40)
    till.ledger.move(POINTS, Merge(key="same person", to=OTHER), now=NOW)
    part = Part(OTHER, 40)
    assert checkout.redeem(till.ledger, [part], order="o1", now=NOW) == NotTaken((Short(part, 0, "cancelled"),))


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("reserved", [True, False])
@pytest.mark.parametrize("what", ["redeem", "reserve"])
def test_who_cancels_at_the_same_time_gets_everything_back(
    till: Till, monkeypatch: pytest.MonkeyPatch, what: str, reserved: bool, place: int
) -> None:
    """Somebody cancels just before the first, second, … time that something is stored, or else when all is done."""
    if reserved:
        till.reserve(50, 30)
    mine = {"redeem": till.redeem, "reserve": till.reserve}[what]
    late = _getting_in(monkeypatch, place, lambda: till.cancel(40, 30))
    mine(40, 30)
    late()
    assert (till.left, till.held) == ((10_000, 10_000), (0, 0))
    assert till.redeem(40, 30) == refused("cancelled", 40, 30)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("reserved", [True, False])
def test_who_redeems_while_it_is_cancelled_takes_nothing(
    till: Till, monkeypatch: pytest.MonkeyPatch, reserved: bool, place: int
) -> None:
    if reserved:
        till.reserve(40, 30)
    late = _getting_in(monkeypatch, place, lambda: till.redeem(40, 30))
    till.cancel(40, 30)
    late()
    assert (till.left, till.held) == ((10_000, 10_000), (0, 0))


def _getting_in(monkeypatch: pytest.MonkeyPatch, place: int, act: Callable[[], Any]) -> Callable[[], Any]:
    """Act just before the store's commit of that number; what is returned acts if there was none."""
    commit, waiting = MemoryLedgerStore.commit, [act]
    places = count()

    def interrupted(self: MemoryLedgerStore, batch: Batch) -> None:
        if next(places) == place:
            waiting.pop()()
        commit(self, batch)

    monkeypatch.setattr(MemoryLedgerStore, "commit", interrupted)
    return lambda: [each() for each in waiting]


# Bad input, and accounts that are closed. ----------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, -1, "5", 1.5, float("nan"), True, None, 2**63])
def test_a_part_is_a_whole_number_above_0(amount: Any) -> None:
    with pytest.raises(FactError, match=r"Part\.amount"):
        Part(POINTS, amount)


def test_what_is_refused_leaves_an_earlier_reservation_as_it_was(till: Till) -> None:
    assert till.reserve(40, 30) == Taken(UNTIL)
    for until in (NOW, NOW - timedelta(days=1), UNTIL.replace(tzinfo=None), "soon", None):
        with pytest.raises((FactError, NaiveInstant), match="until"):
            till.reserve(50, 30, until=until)  # type: ignore[arg-type]
    with pytest.raises(FactError, match="order"):
        checkout.release(till.ledger, parts(40, 30), order=None, now=NOW)  # type: ignore[arg-type]
    assert till.held == (40, 30)
    assert till.reserve(40, 30, until=NOW) == Taken(UNTIL)  # the same again, though it comes late


def test_an_account_that_was_merged_says_so(till: Till) -> None:
    till.reserve(40)
    till.ledger.move(POINTS, Merge(key="same person", to=OTHER), now=NOW)
    for call in (till.reserve, till.redeem, till.release, till.cancel):
        with pytest.raises(AccountClosed, match="mina-2"):
            call(40, 30)
    assert checkout.redeem(till.ledger, [Part(OTHER, 40)], order="o1", now=NOW) == Taken()
    assert till.left[1] == 10_000
