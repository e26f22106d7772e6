"""The ledger as a host uses it: decided again when somebody was first, together or not at all, settled when due."""

from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from attrs import define, field

from retention.errors import FactError
from retention.loyalty.errors import ClockWentBackwards, Conflict, InsufficientBalance, LedgerBusy
from retention.loyalty.ledger.commands import Adjust, Merge, Redeem, Transfer
from retention.loyalty.ledger.entries import EntryKind, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import CLOCKS_DIFFER, Ledger
from retention.loyalty.ledger.store import Batch
from retention.spans import TICK
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.ledger.scenes import ANN, BEGIN, BOB, CHO, DAY

WEEK = Validity(BEGIN.date(), BEGIN, BEGIN + 7 * DAY)


def gift(amount: int = 9, key: str = "gift") -> Adjust:
    return Adjust(key=key, amount=amount, reason="gift", actor="desk", validity=WEEK)


@define
class Contested:
    """A store in which somebody else is first, so many times."""

    lost: int
    store: MemoryLedgerStore = field(factory=MemoryLedgerStore)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def turn(self, _: Sequence[Account]) -> "nullcontext[Contested]":
        return nullcontext(self)

    def commit(self, batch: Batch) -> None:
        if self.lost:
            self.lost -= 1
            raise Conflict("somebody was first")
        self.store.commit(batch)


def test_a_conflict_is_decided_again() -> None:
    contested = Contested(lost=3)
    assert Ledger(store=contested, attempts=4).run(ANN, gift(), now=BEGIN).balance == 9  # type: ignore[arg-type]
    assert Ledger(store=contested.store).head(ANN, now=BEGIN).version == 1


def test_patience_has_an_end() -> None:
    contested = Contested(lost=99)
    with pytest.raises(LedgerBusy, match="4 times") as caught:
        Ledger(store=contested, attempts=4).run(ANN, gift(), now=BEGIN)  # type: ignore[arg-type]
    assert caught.value.attempts == 4
    assert Ledger(store=contested.store).head(ANN, now=BEGIN).version == 0


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(store=MemoryLedgerStore())
    for account in (ANN, BOB):
        ledger.run(account, gift(), now=BEGIN)
    return ledger


def test_a_command_sent_again_gives_its_first_result(ledger: Ledger) -> None:
    spend = Redeem(key="spend", amount=4, order="order")
    first = ledger.run(ANN, spend, now=BEGIN)
    again = ledger.run(ANN, spend, now=BEGIN + DAY)
    assert (again, again.replayed, first.replayed) == (first, True, False)
    assert ledger.head(ANN, now=BEGIN).version == 2


def test_commands_together_are_all_carried_out_or_none(ledger: Ledger) -> None:
    spend = Redeem(key="spend", amount=4, order="order")
    first, second = ledger.run_together([(BOB, spend), (ANN, spend)], now=BEGIN)
    assert (first.balance, second.balance) == (5, 5)
    more = Redeem(key="more", amount=5, order="other"), Redeem(key="more", amount=6, order="other")
    with pytest.raises(InsufficientBalance):
        ledger.run_together([(ANN, more[0]), (BOB, more[1])], now=BEGIN)
    assert ledger.head(ANN, now=BEGIN).balance == 5
    with pytest.raises(FactError, match="twice"):
        ledger.run_together([(ANN, more[0]), (ANN, more[1])], now=BEGIN)


def test_a_preview_stores_nothing(ledger: Ledger) -> None:
    seen = ledger.preview(ANN, Redeem(key="spend", amount=4, order="order"), now=BEGIN)
    assert (seen.result.balance, [each.kind for each in seen.entries]) == (5, [EntryKind.REDEEM])
    assert ledger.head(ANN, now=BEGIN).balance == 9


def test_moves_change_both_accounts_once(ledger: Ledger) -> None:
    move = Transfer(key="move", amount=4, to=BOB)
    assert ledger.move(ANN, move, now=BEGIN).balance == 5
    assert ledger.move(ANN, move, now=BEGIN).replayed
    assert ledger.head(BOB, now=BEGIN).balance == 13
    merge = Merge(key="merge", to=BOB)
    assert ledger.move(ANN, merge, now=BEGIN).amount == 5
    assert ledger.move(ANN, merge, now=BEGIN).replayed
    assert ledger.head(BOB, now=BEGIN).balance == 18


def test_what_is_due_is_stored_once_and_changes_no_balance(ledger: Ledger) -> None:
    later = BEGIN + 8 * DAY
    before = ledger.head(ANN, now=later)
    assert before.balance == 0
    assert ledger.settle_due("mileage", now=later) == 2
    assert ledger.settle_due("mileage", now=later) == 0
    assert ledger.head(ANN, now=later).totals == before.totals
    assert [each.kind for each in ledger.entries(ANN, after=2, page=1)] == [EntryKind.EXPIRE]
    assert ledger.head(CHO, now=later).version == 0


def test_clocks_of_two_machines_may_differ_a_little_but_not_more() -> None:
    ledger = Ledger(store=MemoryLedgerStore())
    now = BEGIN + DAY
    ledger.run(ANN, gift(key="first"), now=now)
    slow = now - CLOCKS_DIFFER
    assert ledger.run(ANN, gift(key="second"), now=slow).balance == 18
    assert {entry.recorded_at for entry in ledger.entries(ANN)} == {now}, "time goes on, or stands"
    with pytest.raises(ClockWentBackwards):
        ledger.run(ANN, gift(key="third"), now=slow - TICK)
