"""Entries that carry the hash of the one before tell when one was changed, left out or put in."""

import pytest
from attrs import evolve

from retention.loyalty.ledger.chain import digest, first_break
from retention.loyalty.ledger.commands import Adjust, Redeem
from retention.loyalty.ledger.entries import Entry, Validity
from retention.loyalty.ledger.ledger import Ledger
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.ledger.scenes import ANN, BEGIN


@pytest.fixture
def entries() -> list[Entry]:
    ledger = Ledger(store=MemoryLedgerStore(), chained=True)
    lot = Validity(BEGIN.date(), BEGIN)
    ledger.run(ANN, Adjust(key="gift", amount=9, reason="gift", actor="desk", validity=lot), now=BEGIN)
    for number in range(3):
        ledger.run(ANN, Redeem(key=f"spend-{number}", amount=1, order=f"order-{number}"), now=BEGIN)
    assert ledger.head(ANN, now=BEGIN).chain == digest(list(ledger.entries(ANN))[-1])
    return list(ledger.entries(ANN))


def test_a_history_that_is_whole_has_no_break(entries: list[Entry]) -> None:
    assert first_break(entries) is None
    assert first_break(entries[2:], entries[2].previous or "") is None


@pytest.mark.parametrize("place", range(4))
def test_a_changed_entry_breaks_at_the_next(entries: list[Entry], place: int) -> None:
    changed = [*entries[:place], evolve(entries[place], amount=1_000), *entries[place + 1 :]]
    assert first_break(changed) == entries[place].seq + 1


def test_a_missing_entry_is_found(entries: list[Entry]) -> None:
    assert first_break([entries[0], *entries[2:]]) == entries[2].seq
    assert first_break(entries[1:]) == entries[1].seq


def test_accounts_are_not_chained_unless_asked() -> None:
    ledger = Ledger(store=MemoryLedgerStore())
    lot = Validity(BEGIN.date(), BEGIN)
    ledger.run(ANN, Adjust(key="gift", amount=9, reason="gift", actor="desk", validity=lot), now=BEGIN)
    assert {each.previous for each in ledger.entries(ANN)} == {None}
    assert ledger.head(ANN, now=BEGIN).chain is None
