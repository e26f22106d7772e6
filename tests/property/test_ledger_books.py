"""The laws of the ledger's books, each named for its number in the list of invariants."""

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.loyalty.errors import LedgerError
from retention.loyalty.ledger.commands import (
    Command,
    Redeem,
    Refund,
    Return,
)
from retention.loyalty.ledger.decide import settlement
from retention.loyalty.ledger.entries import Bucket, EntryKind
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.terms import Refunded
from retention.testing.choices import Choices
from tests.loyalty.ledger import scenes
from tests.loyalty.ledger.lives import Life
from tests.loyalty.ledger.scenes import ACCOUNTS, BEGIN, TICK
from tests.loyalty.ledger.shelf import Shelf
from tests.property.ledger_states import OTHERS, by_lot, earn, lived, owners, seeds, spans, state, stocked


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_1_buckets_sum_to_0_and_the_head_is_the_fold_of_the_entries(seed: int) -> None:
    life, choose = Life(), Choices.seeded(seed)
    for _ in range(25):
        life.step(choose)
        life.check_history()
    for account in ACCOUNTS:
        entries = life.shelf.entries[account]
        assert [each.seq for each in entries] == list(range(1, len(entries) + 1))
        assert all(each.amount > 0 for each in entries)
        plain = dict.fromkeys(Bucket, 0)
        for size, entry in enumerate(entries, 1):
            assert entry.source is not entry.target
            plain[entry.source] -= entry.amount
            plain[entry.target] += entry.amount
            assert all(plain[bucket] >= 0 for bucket in OTHERS)
            assert rebuild(account, entries[:size]).totals == plain
        assert life.shelf.head(account).totals == plain


@given(seeds, owners, spans)
def test_2_buckets_are_the_sums_of_their_lots(seed: int, who: Account, span: timedelta) -> None:
    life = lived(seed)
    for head in (life.shelf.head(who), life.shelf.at(who, life.now + span)):
        assert head.available == sum(lot.amount for lot in head.open)
        assert head.pending_total == sum(lot.amount for lot in head.pending)
        assert head.held == sum(hold.amount for hold in head.holds)
        pinned = [lot for hold in head.holds for lot in hold.pinned]
        assert all(lot.amount > 0 for lot in (*head.open, *head.pending, *pinned))
        assert all(head.totals[bucket] >= 0 for bucket in OTHERS)
        assert head.debt >= 0
        assert not (head.available and head.debt)
        assert head.balance == head.available - head.debt


@given(seeds, owners, spans, spans)
def test_3_settlement_is_idempotent_and_composes(seed: int, who: Account, one: timedelta, two: timedelta) -> None:
    life = lived(seed)
    head, first, second = life.shelf.head(who), life.now + one, life.now + one + two
    between = settled(head, first)
    assert settled(between, first) == between
    assert settled(between, second) == settled(head, second)
    assert between.next_due is None or between.next_due > first


@given(seeds, owners, spans, spans, st.integers(0, 2**32))
def test_3_what_is_decided_does_not_depend_on_who_looked_before(
    seed: int, who: Account, one: timedelta, two: timedelta, choice: int
) -> None:
    shelf, now = state(seed, who)
    looked, later = shelf.copy(), now + one + two
    looked.settle(who, now + one)
    choose = Choices.seeded(choice)
    orders = [order for owner, order in shelf.orders if owner == who] or ["none"]
    for command in (
        Refund(key="refund", order=choose.among(orders), refunded=Refunded(1 + choose.below(300))),
        Redeem(key="redeem", order="new", amount=1 + choose.below(20)),
        earn("earn", scenes.terms(choose), scenes.validity(choose, later)),
        Return(key="return", order=choose.among(orders), share=Fraction(1, 2)),
    ):
        assert outcome(shelf, who, command, later) == outcome(looked, who, command, later)
    assert same_but_recorded(shelf, who) == same_but_recorded(looked, who)


def outcome(shelf: Shelf, who: Account, command: Command, now: datetime) -> object:
    try:
        return shelf.run(who, command, now)
    except LedgerError as error:
        return str(error)


def same_but_recorded(shelf: Shelf, who: Account) -> object:
    entries = [evolve(each, recorded_at=BEGIN) for each in shelf.entries[who]]
    head = evolve(shelf.head(who), version=0, at=None)
    return head, entries, shelf.orders, shelf.holds, {key: value for key, value in shelf.expired.items() if value}


@given(seeds, owners)
def test_8_expiry_removes_exactly_what_is_left_of_the_lot(seed: int, who: Account) -> None:
    shelf, _ = stocked(seed, who)
    head = shelf.head(who)
    end = next(lot.validity.expires_at for lot in head.open if lot.validity.expires_at is not None)
    before, after = settled(head, end - TICK), settled(head, end)
    ending = {lot.id: lot.amount for lot in before.open if lot.validity.expires_at == end}
    assert ending.keys() >= {lot.id for lot in head.open if lot.validity.expires_at == end}
    assert not by_lot(after.open).keys() & ending.keys()
    expired = [each for each in settlement(before, end).entries if each.source is Bucket.AVAILABLE]
    assert {each.lot.id: each.amount for each in expired if each.lot is not None} == ending
    assert {(each.kind, each.target, each.effective_at) for each in expired} == {
        (EntryKind.EXPIRE, Bucket.EXPIRED, end)
    }


@given(seeds, spans)
def test_10_what_was_issued_is_somewhere(seed: int, span: timedelta) -> None:
    life = lived(seed)
    whole = Counter[Bucket]()
    for account in ACCOUNTS:
        totals = life.shelf.at(account, life.now + span).totals
        sources = -totals[Bucket.ISSUED] - totals[Bucket.FORGIVEN] - totals[Bucket.MERGED]
        assert sources == sum(totals[bucket] for bucket in OTHERS) + totals[Bucket.DEBT]
        whole.update(totals)
    assert whole[Bucket.MERGED] == 0
    assert -whole[Bucket.ISSUED] - whole[Bucket.FORGIVEN] == sum(whole[each] for each in OTHERS) + whole[Bucket.DEBT]
