"""What was decided where more than one answer could be meant, one case each."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from retention.loyalty.errors import InsufficientBalance, NothingSpent
from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Earn,
    Expire,
    Merge,
    Place,
    Redeem,
    Refund,
    Return,
    Transfer,
    Void,
)
from retention.loyalty.ledger.entries import Bucket, EntryKind, Quota, Validity
from retention.loyalty.ledger.head import Counter
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded, Terms, units
from tests.loyalty.ledger.scenes import ANN, BEGIN, BOB, CHO, DAY, HOUR, midnight
from tests.loyalty.ledger.shelf import Shelf

AT_ONCE = Validity(BEGIN.date(), BEGIN)
WEEK = Validity(BEGIN.date(), BEGIN, BEGIN + 7 * DAY)
YEAR = Validity(BEGIN.date(), BEGIN, BEGIN + 365 * DAY)
DESK: dict[str, Any] = {"reason": "because", "actor": "desk"}


def gift(amount: int, validity: Validity = AT_ONCE, key: str = "gift") -> Adjust:
    return Adjust(key=key, amount=amount, validity=validity, **DESK)


def earn(terms: Terms, *, order: str = "order", rule: str = "base", validity: Validity = AT_ONCE, **more: Any) -> Earn:
    key = more.pop("key", f"{order}:{rule}")
    return Earn(key=key, rule=rule, order=order, terms=terms, validity=validity, **more)


def worth(amount: int) -> Terms:
    return Fixed(units=amount, payable=1)


ALL = Refunded(1)


def test_parts_of_a_lot_wait_for_their_own_instants() -> None:
    shelf, tomorrow = Shelf(), midnight(BEGIN, 1)
    noon, evening = (Validity(tomorrow.date(), tomorrow + hours * HOUR) for hours in (12, 18))
    shelf.run(ANN, gift(100, evening, "evening"), BEGIN)
    shelf.run(ANN, gift(1, noon, "noon"), BEGIN)
    shelf.run(ANN, earn(worth(7), validity=evening), BEGIN)
    assert [shelf.at(ANN, tomorrow + hours * HOUR).available for hours in (11, 12, 17, 18)] == [0, 1, 1, 108]
    result = shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), tomorrow + 13 * HOUR)
    assert (result.own, shelf.head(ANN).available, shelf.head(ANN).pending_total) == (7, 1, 100)
    (lot,) = shelf.at(ANN, tomorrow + 18 * HOUR).open
    assert (lot.id, lot.amount) == (noon.id, 101)


def test_a_claw_back_leaves_what_others_wait_for_in_the_same_lot() -> None:
    shelf, tomorrow = Shelf(), midnight(BEGIN, 1)
    noon, evening = (Validity(tomorrow.date(), tomorrow + hours * HOUR) for hours in (12, 18))
    shelf.run(ANN, earn(worth(5), validity=noon), BEGIN)
    shelf.run(ANN, earn(worth(6), order="other", validity=evening), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=5, order="third"), tomorrow + 13 * HOUR)
    result = shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), tomorrow + 13 * HOUR)
    assert (result.own, result.debt, shelf.head(ANN).pending_total) == (0, 5, 6)
    assert shelf.at(ANN, tomorrow + 18 * HOUR).balance == 1


def test_lots_of_one_day_and_expiry_are_one_as_early_as_its_earliest_part() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(5), BEGIN)
    shelf.run(ANN, gift(7, evolve(AT_ONCE, available_at=BEGIN + HOUR), "later"), BEGIN + HOUR)
    shelf.run(ANN, gift(1, evolve(AT_ONCE, available_at=BEGIN - HOUR), "told-late"), BEGIN + HOUR)
    (lot,) = shelf.head(ANN).open
    assert (lot.amount, lot.validity.available_at) == (13, BEGIN - HOUR)


def test_expiries_a_microsecond_apart_are_two_lots() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(5, WEEK), BEGIN)
    end = BEGIN + 7 * DAY + (HOUR / 3_600_000_000)
    shelf.run(ANN, gift(5, evolve(WEEK, expires_at=end), "other"), BEGIN)
    assert len(shelf.head(ANN).open) == 2


def test_what_never_expires_is_spent_last() -> None:
    shelf = Shelf()
    for number, lot in enumerate((AT_ONCE, YEAR, WEEK)):
        shelf.run(ANN, gift(2, lot, f"gift-{number}"), BEGIN)
    assert [lot.validity for lot in shelf.head(ANN).open] == [WEEK, YEAR, AT_ONCE]


def test_an_event_that_is_told_after_its_expiry_earns_and_expires_in_its_own_time() -> None:
    shelf, now = Shelf(), BEGIN + 30 * DAY
    result = shelf.run(ANN, earn(worth(9), validity=WEEK, at=BEGIN), now)
    assert (result.amount, result.balance) == (9, 0)
    assert [(each.kind, each.effective_at) for each in shelf.entries[ANN]] == [
        (EntryKind.EARN, BEGIN),
        (EntryKind.ACTIVATE, BEGIN),
        (EntryKind.EXPIRE, BEGIN + 7 * DAY),
    ]
    assert {each.recorded_at for each in shelf.entries[ANN]} == {now}


def test_zero_units_are_remembered_without_an_entry() -> None:
    shelf = Shelf()
    assert shelf.run(ANN, earn(worth(0)), BEGIN).amount == 0
    assert shelf.entries[ANN] == []
    assert shelf.run(ANN, earn(worth(9), key="again"), BEGIN).already
    assert shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN).amount == 0


def test_a_refund_that_is_told_first_takes_only_what_the_order_earns() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(5, WEEK), BEGIN)
    shelf.run(ANN, Expire(key="expire", amount=5, **DESK), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    result = shelf.run(ANN, earn(worth(9), validity=WEEK), BEGIN)
    assert (result.amount, result.own, result.recovered, result.balance) == (0, 9, 0, 0)
    assert shelf.total(ANN, Bucket.EXPIRED) == 5


def test_a_rule_that_gives_later_for_an_order_refunded_before_gives_what_is_left() -> None:
    shelf, lines = Shelf(), ByLines(lines=(Line("tea", 100, Fraction(1, 10)),), payable=100)
    shelf.run(ANN, earn(lines), BEGIN)
    shelf.run(ANN, Refund(key="half", order="order", refunded=Refunded(50)), BEGIN)
    assert shelf.run(ANN, earn(lines, rule="more"), BEGIN).amount == 5
    assert shelf.head(ANN).balance == 10


def test_a_reward_that_belongs_to_no_order_stays_when_the_order_is_refunded() -> None:
    shelf = Shelf()
    shelf.run(ANN, earn(worth(9)), BEGIN)
    shelf.run(ANN, earn(Fixed(units=4), rule="gift"), BEGIN)
    assert shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN).amount == 9
    assert shelf.head(ANN).balance == 4


@pytest.mark.parametrize(
    ("terms", "refunded", "left"),
    [
        (ByLines(lines=(Line("a", 100, Fraction(1, 10)), Line("b", 100, Fraction(0))), payable=200), Refunded(100), 5),
        (ByLines(lines=(Line("a", 100, Fraction(1, 10)), Line("b", 100, Fraction(0))), payable=230), Refunded(230), 0),
        (
            ByLines(lines=(Line("a", 100, Fraction(1, 10)), Line("b", 100, Fraction(1))), payable=200),
            Refunded(50, {"b": 100}),
            5,
        ),
        # A line that cannot bear its refund leaves the rest to the others, and shipping to nobody while it can.
        (
            ByLines(lines=(Line("a", 100, Fraction(1, 10)), Line("b", 90, Fraction(1, 10))), payable=200),
            Refunded(lines={"b": 100}),
            9,
        ),
        (ByLines(lines=(Line("a", 100, Fraction(1, 10)),), payable=130), Refunded(shipping=30), 10),
        (ByLines(lines=(Line("a", 100, Fraction(1, 10)),), payable=130), Refunded(shipping=50), 8),
        (ByLines(lines=(Line("a", 100, Fraction(1, 10)),), payable=130), Refunded(shipping=130), 0),
        (ByLines(lines=(Line("a", 15, Fraction(1, 10)),), payable=15), Refunded(), 1),
        (ByLines(lines=(Line("a", 15, Fraction(1, 10)),), payable=15, rounding="ceil"), Refunded(), 2),
        (ByLines(lines=(Line("a", 15, Fraction(1, 10)),), payable=15, rounding="half_up"), Refunded(), 2),
        (ByLines(lines=(Line("a", 25, Fraction(1, 10)),), payable=25, rounding="half_even"), Refunded(), 2),
        (ByLines(lines=(Line("a", 100, Fraction(1)),), payable=100, cap=30), Refunded(50), 30),
        (ByLines(lines=(Line("a", 100, Fraction(1)),), payable=100, cap=30), Refunded(80), 20),
        (Fixed(units=9, payable=100, minimum=60), Refunded(40), 9),
        (Fixed(units=9, payable=100, minimum=60), Refunded(41), 0),
        (Fixed(units=9, payable=100), Refunded(99), 9),
        (Fixed(units=9, payable=100), Refunded(100), 0),
        (Fixed(units=9, cap=4), Refunded(), 4),
    ],
)
def test_what_is_earned_of_what_is_left(terms: Terms, refunded: Refunded, left: int) -> None:
    assert units(terms, refunded) == left


def test_a_claw_back_takes_what_expired_then_its_lot_then_others_and_never_what_is_held() -> None:
    shelf = Shelf()
    shelf.run(ANN, earn(worth(10), validity=YEAR), BEGIN)
    shelf.run(ANN, gift(3, WEEK), BEGIN)
    shelf.run(ANN, Expire(key="expire", amount=2, lot=YEAR.id, **DESK), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=6, until=BEGIN + 6 * DAY), BEGIN)
    shelf.run(ANN, gift(1, AT_ONCE, "other"), BEGIN)
    result = shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    assert (result.recovered, result.own, result.others, result.debt) == (2, 5, 1, 2)
    assert (shelf.head(ANN).held, shelf.head(ANN).debt, result.balance) == (6, 2, -2)
    assert shelf.run(ANN, Void(key="void", hold="hold"), BEGIN).balance == 4
    assert shelf.head(ANN).debt == 0


@pytest.mark.parametrize(
    ("policy", "bucket", "balance"),
    [("debt", Bucket.DEBT, -9), ("forgive", Bucket.FORGIVEN, 0), ("charge", Bucket.ISSUED, 0)],
)
def test_what_a_claw_back_does_not_find(policy: Any, bucket: Bucket, balance: int) -> None:
    shelf = Shelf()
    shelf.run(ANN, earn(worth(9)), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=9, order="other"), BEGIN)
    before = shelf.total(ANN, bucket)
    result = shelf.run(ANN, Refund(key="back", order="order", refunded=ALL, uncovered=policy), BEGIN)
    assert (result.debt, result.forgiven, result.charged) == tuple(
        9 if policy == each else 0 for each in ("debt", "forgive", "charge")
    )
    assert (shelf.total(ANN, bucket) - before, result.balance) == (-9, balance)


def test_debt_is_paid_by_what_becomes_available_next() -> None:
    shelf = Shelf()
    shelf.run(ANN, earn(worth(9)), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=9, order="other"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    tomorrow = midnight(BEGIN, 1)
    shelf.run(ANN, gift(12, Validity(tomorrow.date(), tomorrow), "later"), BEGIN)
    assert shelf.head(ANN).balance == -9
    assert shelf.at(ANN, tomorrow).balance == 3
    with pytest.raises(InsufficientBalance):
        shelf.run(ANN, Redeem(key="more", amount=4, order="third"), tomorrow)


def test_at_one_instant_what_begins_pays_before_what_a_hold_releases() -> None:
    shelf, tomorrow = Shelf(), midnight(BEGIN, 1)
    shelf.run(ANN, gift(3, WEEK), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=3, until=tomorrow), BEGIN)
    shelf.run(ANN, gift(4, Validity(tomorrow.date(), tomorrow), "later"), BEGIN)
    shelf.run(ANN, earn(worth(5)), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=5, order="other"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    assert [(lot.validity, lot.amount) for lot in shelf.at(ANN, tomorrow).open] == [(WEEK, 2)]


def test_a_hold_is_not_captured_for_an_order_of_which_a_part_came_back() -> None:
    """Its share could no longer be told. The hold can be voided; what it would have paid is settled in money."""
    shelf = Shelf()
    shelf.run(ANN, gift(20), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=10, order="order"), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=10, until=BEGIN + DAY, order="order"), BEGIN)
    shelf.run(ANN, Return(key="half", order="order", share=Fraction(1, 2)), BEGIN)
    with pytest.raises(NothingSpent, match="returned in part"):
        shelf.run(ANN, Capture(key="capture", hold="hold"), BEGIN)
    assert shelf.run(ANN, Return(key="rest", order="order", share=Fraction(1, 2)), BEGIN).amount == 5
    assert shelf.run(ANN, Void(key="void", hold="hold"), BEGIN).balance == 20


def test_two_holds_of_an_order_are_captured_and_come_back_last_consumed_first() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(10, WEEK), BEGIN)
    shelf.run(ANN, gift(10, YEAR, "year"), BEGIN)
    for name in ("one", "two"):
        until = BEGIN + 8 * DAY
        shelf.run(ANN, Place(key=f"place-{name}", hold=name, amount=10, until=until, order="order"), BEGIN)
    for name in ("two", "one"):
        shelf.run(ANN, Capture(key=f"capture-{name}", hold=name, amount=8), BEGIN)
    half = shelf.run(ANN, Return(key="half", order="order", share=Fraction(1, 2)), BEGIN)
    assert half.amount == 8
    assert [(lot.validity, lot.amount) for lot in shelf.head(ANN).open] == [(WEEK, 10), (YEAR, 2)]


def test_a_pinned_lot_outlives_its_expiry_until_the_hold_ends() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(10, WEEK), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=8, until=BEGIN + 9 * DAY), BEGIN)
    result = shelf.run(ANN, Capture(key="capture", hold="hold", amount=3), BEGIN + 8 * DAY)
    assert (result.amount, result.released, result.expired, result.balance) == (3, 0, 5, 0)
    assert shelf.total(ANN, Bucket.EXPIRED) == 7


def test_a_void_that_is_told_late_releases_what_then_expired() -> None:
    shelf, now = Shelf(), BEGIN + 8 * DAY
    shelf.run(ANN, gift(10, WEEK), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=8, until=BEGIN + 9 * DAY), BEGIN)
    result = shelf.run(ANN, Void(key="void", hold="hold", at=BEGIN + DAY), now)
    assert (result.released, result.expired, result.balance) == (8, 0, 0)
    assert (shelf.entries[ANN][-1].kind, shelf.entries[ANN][-1].effective_at) == (EntryKind.EXPIRE, BEGIN + 7 * DAY)
    assert shelf.head(ANN).next_due is None


def test_what_comes_back_to_a_dead_lot_pays_what_is_owed_and_is_dropped() -> None:
    shelf, now = Shelf(), BEGIN + 8 * DAY
    shelf.run(ANN, gift(10, WEEK), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=10, order="spent"), BEGIN)
    shelf.run(ANN, earn(worth(4), validity=YEAR), BEGIN)
    shelf.run(ANN, Redeem(key="spend-2", amount=4, order="other"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    result = shelf.run(ANN, Return(key="return", order="spent", share=Fraction(1)), now)
    assert (result.amount, result.dropped, result.balance) == (10, 6, 0)
    assert shelf.total(ANN, Bucket.EXPIRED) == 6


def test_what_comes_back_pays_what_is_owed_before_it_can_be_spent() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(10, WEEK), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=10, order="spent"), BEGIN)
    shelf.run(ANN, earn(worth(4), validity=YEAR), BEGIN)
    shelf.run(ANN, Redeem(key="spend-2", amount=4, order="other"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    assert shelf.run(ANN, Return(key="return", order="spent", share=Fraction(1)), BEGIN).balance == 6
    assert (shelf.head(ANN).available, shelf.head(ANN).debt) == (6, 0)


def test_what_comes_back_to_a_dead_lot_can_be_given_time() -> None:
    now = BEGIN + 8 * DAY
    longer, over = Validity(now.date(), now, now + DAY), Validity(BEGIN.date(), BEGIN, now)
    for extended, dropped, balance in ((longer, 0, 10), (over, 10, 0)):
        shelf = Shelf()
        shelf.run(ANN, gift(10, WEEK), BEGIN)
        shelf.run(ANN, Redeem(key="spend", amount=10, order="spent"), BEGIN)
        result = shelf.run(ANN, Return(key="back", order="spent", share=Fraction(1), extended=extended), now)
        assert (result.dropped, result.balance) == (dropped, balance)


def test_a_quota_is_forgotten_at_its_end_whoever_looks_when() -> None:
    shelf, tomorrow = Shelf(), midnight(BEGIN, 1)
    today = (Quota("daily", 10, tomorrow), Quota("ever", 100))
    assert shelf.run(ANN, earn(worth(9), order="1", quotas=today), BEGIN).capped == 0
    result = shelf.run(ANN, earn(worth(9), order="2", quotas=today), BEGIN)
    assert (result.amount, result.capped) == (1, 8)
    assert shelf.head(ANN).counters == (Counter("daily", 10, tomorrow), Counter("ever", 10))
    next_day = (Quota("daily", 10, midnight(BEGIN, 2)), Quota("ever", 100))
    assert shelf.run(ANN, earn(worth(9), order="3", quotas=next_day), tomorrow).capped == 0
    assert shelf.head(ANN).counters == (Counter("daily", 9, midnight(BEGIN, 2)), Counter("ever", 19))


def test_an_event_told_after_the_end_of_a_quota_is_held_to_it_alone() -> None:
    shelf, now = Shelf(), BEGIN + 3 * DAY
    over = (Quota("daily", 10, midnight(BEGIN, 1)),)
    for order in ("1", "2"):
        assert shelf.run(ANN, earn(worth(12), order=order, quotas=over), now).amount == 10
    assert shelf.head(ANN).counters == ()


def test_a_quota_outlives_a_merge() -> None:
    shelf, tomorrow = Shelf(), midnight(BEGIN, 1)
    quotas = (Quota("daily", 10, tomorrow), Quota("ever", 20))
    shelf.run(ANN, earn(worth(4), order="1", quotas=quotas), BEGIN)
    shelf.run(ANN, earn(worth(3), order="2", quotas=quotas[1:]), BEGIN)
    shelf.run(BOB, earn(worth(5), order="3", quotas=quotas), BEGIN)
    shelf.move(ANN, Merge(key="merge", to=BOB), BEGIN)
    head = shelf.head(BOB)
    assert head.counters == (Counter("daily", 9, tomorrow), Counter("ever", 12))
    assert rebuild(BOB, shelf.entries[BOB], version=head.version) == head
    assert shelf.run(BOB, earn(worth(9), order="4", quotas=quotas), BEGIN).amount == 1


def test_a_merge_takes_orders_holds_and_debts_along() -> None:
    shelf = Shelf()
    shelf.run(ANN, earn(worth(9)), BEGIN)
    shelf.run(ANN, Place(key="place", hold="hold", amount=4, until=BEGIN + DAY, order="order"), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=5, order="order"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    shelf.run(BOB, gift(20), BEGIN)
    shelf.move(ANN, Merge(key="merge", to=BOB), BEGIN)
    head = shelf.head(BOB)
    assert (head.balance, head.debt, head.held) == (11, 0, 4)
    assert shelf.run(BOB, Capture(key="capture", hold="hold"), BEGIN).amount == 4
    assert shelf.run(BOB, Return(key="return", order="order", share=Fraction(1)), BEGIN).balance == 20
    assert rebuild(ANN, shelf.entries[ANN], version=shelf.head(ANN).version) == shelf.head(ANN)


def test_the_merge_of_an_account_that_was_never_used_leaves_no_entries() -> None:
    shelf = Shelf()
    shelf.move(CHO, Merge(key="merge", to=BOB), BEGIN)
    assert (shelf.entries[CHO], shelf.entries[BOB], shelf.head(CHO).merged_into) == ([], [], "bob")


def test_a_transfer_says_the_other_account_on_both_sides() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(9, WEEK), BEGIN)
    shelf.move(ANN, Transfer(key="move", amount=4, to=BOB), BEGIN)
    assert [each.other for each in (shelf.entries[ANN][-1], *shelf.entries[BOB])] == ["bob", "ann"]
    assert [(lot.validity, lot.amount) for lot in shelf.head(BOB).open] == [(WEEK, 4)]


def test_a_claw_back_and_a_return_say_what_they_correct() -> None:
    shelf = Shelf()
    shelf.run(ANN, gift(9), BEGIN)
    shelf.run(ANN, earn(worth(5), validity=WEEK), BEGIN)
    shelf.run(ANN, Redeem(key="spend", amount=9, order="order"), BEGIN)
    shelf.run(ANN, Refund(key="back", order="order", refunded=ALL), BEGIN)
    shelf.run(ANN, Return(key="return", order="order", share=Fraction(1)), BEGIN)
    by_seq = {each.seq: each for each in shelf.entries[ANN]}
    corrected = {(each.kind, by_seq[each.corrects].kind) for each in by_seq.values() if each.corrects}
    assert corrected == {(EntryKind.CLAW_BACK, EntryKind.EARN), (EntryKind.RETURN, EntryKind.REDEEM)}
    assert {each.key for each in by_seq.values() if each.kind is EntryKind.CLAW_BACK} == {"back"}
