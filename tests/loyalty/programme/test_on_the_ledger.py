"""A programme and the ledger together: what is decided today stays decided."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.activity import Review
from retention.loyalty import checkout
from retention.loyalty.checkout import Part
from retention.loyalty.ledger.commands import Command
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Result
from retention.loyalty.programme import (
    Action,
    Conversion,
    Did,
    EarnRule,
    Expiry,
    Pending,
    Programme,
    Redemption,
    Reviewed,
    Reward,
    first_order,
)
from retention.money import won
from tests.loyalty.programme.shop import PLACED, at, ledger, line, order, profile, programme, refund

SHOP = programme(
    EarnRule("base", "0.01"),
    after=Pending(days=7, event="confirmed"),
    expiry=Expiry(months=12),
    rewards=[first_order(1_000)],
)
CONFIRMED = order(line(60_000, name="a"), line(40_000, name="b"), confirmed_at=at(2026, 3, 5, 12))
ACCOUNT = SHOP.account("c1")
LATER = at(2026, 3, 20)


def run(books: Ledger, commands: Sequence[Command], now: object = LATER) -> list[Result]:
    return [books.run(ACCOUNT, each, now=now) for each in commands]  # type: ignore[arg-type]


def test_mileage_comes_seven_days_after_confirmation() -> None:
    books = ledger()
    commands = SHOP.earn(CONFIRMED, profile(CONFIRMED))
    assert [each.amount for each in run(books, commands, at(2026, 3, 5, 13))] == [1_000, 1_000]
    on_the_day = at(2026, 3, 12)
    assert books.head(ACCOUNT, now=on_the_day - timedelta(microseconds=1)).available == 1_000  # of the first order
    assert books.head(ACCOUNT, now=on_the_day).available == 2_000
    assert books.head(ACCOUNT, now=at(2027, 3, 3)).available == 1_000
    assert books.head(ACCOUNT, now=at(2027, 3, 13)).available == 0


def test_the_same_event_twice_earns_once() -> None:
    books = ledger()
    run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    assert all(each.replayed for each in run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED))))
    assert books.head(ACCOUNT, now=LATER).available == 2_000


changed = st.sampled_from(
    [
        evolve(SHOP, earn=[EarnRule("base", "0.05")]),
        evolve(SHOP, earn=[EarnRule("base", "0.01", without={"coffee"}, cap=3)]),
        evolve(SHOP, after=Pending(days=30, event="confirmed")),
        evolve(SHOP, expiry=Expiry(days=1)),
        evolve(SHOP, earn=[], rewards=[]),
        evolve(SHOP, conversion=Conversion(2, won(1)), redemption=Redemption(minimum=9_999)),
    ]
)


@given(changed, st.integers(0, 100_000))
def test_invariant_12_a_programme_changed_tomorrow_changes_nothing_decided_today(after: Programme, back: int) -> None:
    """No lot, no order record, and no refund that comes after the change; what is sent again gives nothing."""
    kept, moved = ledger(), ledger()
    for books in (kept, moved):
        run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    for command in after.earn(CONFIRMED, profile(CONFIRMED)):  # sent again under the new programme
        again = moved.run(ACCOUNT, command, now=LATER)
        assert again.replayed or (again.already and not again.amount)
    given_back = refund(back)
    assert run(moved, [after.refund(CONFIRMED, given_back)]) == run(kept, [SHOP.refund(CONFIRMED, given_back)])
    assert moved.order(ACCOUNT, "order-1") == kept.order(ACCOUNT, "order-1")
    assert evolve(moved.head(ACCOUNT, now=LATER), version=0) == evolve(kept.head(ACCOUNT, now=LATER), version=0)
    assert list(moved.entries(ACCOUNT)) == list(kept.entries(ACCOUNT))


@given(st.lists(st.integers(0, 100_000), max_size=4))
def test_refunds_of_an_order_telescope(parts: list[int]) -> None:
    books, left = ledger(), 100_000
    run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    for number, part in enumerate([*parts, 100_000]):
        back = min(part, left)
        left -= back
        run(books, [SHOP.refund(CONFIRMED, refund(back, f"r{number}"))])
    head = books.head(ACCOUNT, now=LATER)
    assert (head.available, head.debt) == (0, 0)


def test_a_refund_may_say_which_lines_it_was_for() -> None:
    made = SHOP.refund(CONFIRMED, refund(45_000), lines={"b": won(40_000)}, uncovered="forgive")
    assert (made.key, made.order, made.uncovered) == ("order-1:refund:refund-1", "order-1", "forgive")
    assert (made.refunded.anywhere, made.refunded.lines) == (5_000, {"b": 40_000})
    books = ledger()
    run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    assert run(books, [made])[0].amount == 450


def test_a_refund_before_the_order_earned_is_remembered() -> None:
    books = ledger()
    run(books, [SHOP.refund(CONFIRMED, refund(50_000))])
    assert [each.amount for each in run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))] == [500, 1_000]


def test_spent_points_come_back_with_the_order() -> None:
    books = ledger()
    run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    second = order(line(10_000), id="order-2", at=LATER)
    part = SHOP.part(second, 1_200, profile(CONFIRMED, second), books.head(ACCOUNT, now=LATER))
    assert isinstance(part, Part)
    checkout.redeem(books, [part], order=second.id, now=LATER)
    assert books.head(ACCOUNT, now=LATER).available == 800
    for number in (1, 2, 3):
        back = refund([3_333, 3_333, 3_334][number - 1], f"r{number}", LATER)
        run(books, [SHOP.give_back(second, back)])
    assert books.head(ACCOUNT, now=LATER).available == 2_000


def test_a_daily_limit_holds_over_several_orders_also_those_told_late() -> None:
    shop = programme(EarnRule("base", "0.01", per_day=1_000, after=Pending(event="placed")))
    books = ledger()
    earned = []
    for number in range(4):
        bought = order(line(40_000), id=f"o{number}", at=PLACED + timedelta(hours=number))
        earned += [each.amount for each in run(books, shop.earn(bought, profile()), LATER + timedelta(days=number))]
    assert earned == [400, 400, 200, 0]
    tomorrow = order(line(40_000), id="o9", at=PLACED + timedelta(days=1))
    assert run(books, shop.earn(tomorrow, profile()), LATER + timedelta(days=4))[0].amount == 400


def test_one_reward_per_product_whichever_review_comes_first() -> None:
    shop = programme(rewards=[Reward("photo", 500, Reviewed(photo=True)), Reward("text", 150, Reviewed(photo=False))])
    books = ledger()
    plain = Review("r1", PLACED, product_id="p1")
    pictured = Review("r2", PLACED, product_id="p1", has_photo=True)
    other = Review("r3", PLACED, product_id="p2", has_photo=True)
    found = [run(books, shop.reward(each, profile()))[0] for each in (plain, pictured, other)]
    assert [(each.amount, each.already) for each in found] == [(150, False), (0, True), (500, False)]


def test_ids_that_look_alike_are_not_mixed_up() -> None:
    shop = programme(rewards=[Reward("share", 100, Did("share"))])
    books = ledger()
    for each in ("a", "a:b", "a%3Ab"):
        run(books, shop.reward(Action("share", each, PLACED), profile()))
    assert books.head(ACCOUNT, now=LATER).available == 300


def test_a_reward_for_an_order_goes_with_its_refund() -> None:
    books = ledger()
    run(books, SHOP.earn(CONFIRMED, profile(CONFIRMED)))
    with pytest.raises(ValueError, match="came to"):
        SHOP.refund(CONFIRMED, refund(100_001))
    run(books, [SHOP.refund(CONFIRMED, refund(1, "refund-0"))])
    with pytest.raises(ValueError, match="came to"):
        run(books, [SHOP.refund(CONFIRMED, refund(100_000))])
    assert run(books, [SHOP.refund(CONFIRMED, refund(99_999))])[0].amount == 1_999
