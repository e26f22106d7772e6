"""The laws of spending, holding and moving, each named for its number in the list of invariants.

11 is held to real processes on real databases in ``tests/storage``.
"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retention.loyalty.errors import HoldResolved, InsufficientBalance
from retention.loyalty.ledger.commands import (
    Capture,
    Command,
    Merge,
    Place,
    Redeem,
    Transfer,
    Void,
)
from retention.loyalty.ledger.decide import decide
from retention.loyalty.ledger.entries import Bucket, Validity
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import needs
from retention.loyalty.ledger.settle import settled
from tests.loyalty.ledger.scenes import ANN, BEGIN, BOB, DAY
from tests.loyalty.ledger.shelf import Shelf
from tests.property.ledger_states import by_lot, gift, laid_out, lived, owners, seeds, spans, stocked


@given(seeds, owners, st.integers(1, 60))
def test_4_a_redemption_takes_a_prefix_of_the_spend_order_or_nothing(seed: int, who: Account, amount: int) -> None:
    shelf, now = stocked(seed, who)
    before = shelf.at(who, now)
    command = Redeem(key="new", amount=amount, order="new")
    if amount > before.available:
        stored = shelf.copy()
        with pytest.raises(InsufficientBalance):
            shelf.run(who, command, now)
        assert shelf == stored
        return
    assert shelf.run(who, command, now).amount == amount
    assert laid_out(shelf.head(who)) == laid_out(before)[amount:]
    spent = shelf.orders[who, "new"].spent
    assert [lot.id for lot in spent for _ in range(lot.amount)] == laid_out(before)[:amount]
    assert shelf.total(who, Bucket.SPENT) == before.totals[Bucket.SPENT] + amount


@given(seeds, owners, st.integers(1, 27), st.integers(0, 27), spans)
def test_5_what_was_held_is_captured_released_or_expired_and_ends_once(
    seed: int, who: Account, amount: int, taken: int, span: timedelta
) -> None:
    shelf, now = stocked(seed, who)
    amount = min(amount, shelf.at(who, now).available)
    assume(amount > 0 and taken <= amount)
    shelf.run(who, Place(key="place", hold="new", amount=amount, until=now + 20 * DAY), now)
    end: Command = Capture(key="end", hold="new", amount=taken) if taken else Void(key="end", hold="new")
    if span < 20 * DAY:
        shelf.run(who, end, now + span)
    else:
        with pytest.raises(HoldResolved, match="timed out"):
            shelf.run(who, end, now + span)
        shelf.settle(who, now + span)
    ended = shelf.holds[who, "new"]
    assert ended.pinned == amount == ended.captured + ended.released + ended.expired
    assert (ended.how, ended.captured) == (
        ("timed out", 0) if span >= 20 * DAY else ("captured" if taken else "voided", taken)
    )
    assert "new" not in {hold.id for hold in shelf.head(who).holds}
    with pytest.raises(HoldResolved):
        shelf.run(who, Capture(key="again", hold="new"), now + span)


@given(seeds)
def test_5_every_hold_of_a_life_is_open_or_has_ended(seed: int) -> None:
    shelf = lived(seed).shelf
    for (who, name), ended in shelf.holds.items():
        assert ended.pinned == ended.captured + ended.released + ended.expired
        assert name not in {hold.id for hold in shelf.head(who).holds}


@given(st.integers(0, 12), st.integers(1, 12), st.lists(st.integers(0, 11), max_size=80))
def test_11_of_many_redemptions_as_many_succeed_as_there_are_points(
    balance: int, workers: int, turns: list[int]
) -> None:
    """Each worker reads, and later stores if nobody stored in between; the turns say who goes on."""
    shelf = Shelf()
    if balance:
        shelf.run(ANN, gift("gift", balance, Validity(BEGIN.date(), BEGIN)), BEGIN)
    read: dict[int, Head] = {}
    won, lost = set[int](), set[int]()
    for turn in [*turns, *(worker for worker in range(workers) for _ in range(2))]:
        worker = turn % workers
        if worker in won | lost:
            continue
        if worker not in read:
            read[worker] = shelf.head(ANN)
            continue
        head, command = read.pop(worker), Redeem(key=f"worker-{worker}", amount=1, order=f"order-{worker}")
        try:
            decision = decide(head, shelf.records(ANN, needs(command)), command, BEGIN)
        except InsufficientBalance:
            lost.add(worker)
            continue
        if shelf.head(ANN).version == head.version:
            shelf.keep(decision)
            won.add(worker)
    for worker in set(range(workers)) - won - lost:  # those who were too late, once more
        try:
            shelf.run(ANN, Redeem(key=f"worker-{worker}", amount=1, order=f"order-{worker}"), BEGIN)
            won.add(worker)
        except InsufficientBalance:
            lost.add(worker)
    assert len(won) == min(workers, balance)
    assert shelf.head(ANN).available == balance - len(won)


@given(seeds, st.integers(1, 40))
def test_16_a_transfer_conserves_the_balance_and_each_expiry(seed: int, amount: int) -> None:
    shelf, now = stocked(seed, ANN)
    assume(shelf.head(BOB).merged_into is None)
    one, two = shelf.at(ANN, now), shelf.at(BOB, now)
    assume(amount <= one.available)
    assert shelf.move(ANN, Transfer(key="new", amount=amount, to=BOB), now).amount == amount
    left, arrived = shelf.head(ANN), shelf.head(BOB)
    assert left.balance + arrived.balance == one.balance + two.balance
    assert laid_out(left) == laid_out(one)[amount:]
    moved = Counter(laid_out(one)[:amount])
    repaid = two.debt - arrived.debt
    assert by_lot(arrived.open).total() == by_lot(two.open).total() + amount - repaid
    assert by_lot(arrived.open) <= by_lot(two.open) + moved


@given(seeds, spans)
def test_16_a_merge_conserves_all_there_is(seed: int, span: timedelta) -> None:
    shelf, now = stocked(seed, ANN)
    assume(shelf.head(BOB).merged_into is None)
    one, two = shelf.at(ANN, now), shelf.at(BOB, now)
    assume(not {hold.id for hold in one.holds} & {hold.id for hold in two.holds})
    shelf.move(ANN, Merge(key="new", to=BOB), now)
    left, arrived = shelf.head(ANN), shelf.head(BOB)
    assert not any(left.totals.values())
    assert (left.open, left.pending, left.holds, left.merged_into) == ((), (), (), BOB.id)
    assert arrived.balance == one.balance + two.balance
    netted = min(one.debt + two.debt, one.available + two.available)
    for bucket in Bucket:
        less = {Bucket.AVAILABLE: netted, Bucket.DEBT: -netted}.get(bucket, 0)
        assert arrived.totals[bucket] == one.totals[bucket] + two.totals[bucket] - less, bucket
    assert by_lot(arrived.pending) == by_lot(one.pending) + by_lot(two.pending)
    assert {hold.id: hold.pinned for hold in arrived.holds} == {h.id: h.pinned for h in (*one.holds, *two.holds)}
    assert by_lot(arrived.open) <= by_lot(one.open) + by_lot(two.open)
    later = settled(arrived, now + span)
    assert later.balance <= arrived.balance + arrived.pending_total + arrived.held
