"""Orders as a shop lives them, from the cart to the last refund."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty import checkout
from retention.loyalty.checkout import Part, Taken
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import OrderRecord
from retention.loyalty.ledger.terms import Refunded
from retention.loyalty.ledger.wire import order_from_json, order_to_json
from retention.loyalty.programme import Birthday, EarnRule, Pending, Reward
from retention.money import Money, won
from retention.order import Order
from tests.loyalty.programme.shop import PLACED, at, ledger, line, order, profile, programme, refund

SHOP = programme(
    EarnRule("base", "0.01", by_tier={"gold": 2}),
    after=Pending(days=7, event="confirmed"),
    rewards=[Reward("welcome", 9_000, Birthday())],
)
ACCOUNT = SHOP.account("c1")
NOW = at(2026, 4, 1)
DISCOUNTED = order(line(50_000, name="a"), line(30_000, name="b"), discount=won(8_000))
CONFIRMED = evolve(DISCOUNTED, confirmed_at=at(2026, 3, 5))


def run(
    books: Ledger,
    bought: Order,
    *,
    tier: str | None = None,
    used: Money | None = None,
    spent: bool | None = None,
    lines: Mapping[str, Mapping[str, Money]] | None = None,
    shipping: Mapping[str, Money] | None = None,
) -> list[int]:
    made = SHOP.commands(bought, profile(bought), tier=tier, used=used, spent=spent, lines=lines, shipping=shipping)
    return [books.run(ACCOUNT, each, now=NOW).amount for each in made]


def endowed() -> Ledger:
    """A ledger with 9,000 points."""
    books, born = ledger(), PLACED.date()
    (gift,) = SHOP.reward(born, profile(birthday=born))
    books.run(ACCOUNT, gift, now=PLACED)
    return books


def test_what_lines_count_for() -> None:
    assert SHOP.counts(CONFIRMED) == {"a": won(45_000), "b": won(27_000)}
    assert SHOP.counts(CONFIRMED, used=won(8_000)) == {"a": won(40_000), "b": won(24_000)}
    assert SHOP.counts(order(lines=(), total=won(500), shipping=won(100))) == {"order-1": won(400)}


def test_a_line_refunded_at_its_list_price_before_the_order_earned() -> None:
    """The 3,000 that the line did not come to are for no line in particular."""
    back = SHOP.refund(DISCOUNTED, refund(30_000), lines={"b": won(30_000)})
    before, after = ledger(), ledger()
    assert before.run(ACCOUNT, back, now=NOW).amount == 0
    assert run(before, CONFIRMED) == [420]
    assert run(after, CONFIRMED) == [720]
    assert after.run(ACCOUNT, back, now=NOW).amount == 300
    assert before.head(ACCOUNT, now=NOW).balance == after.head(ACCOUNT, now=NOW).balance == 420


def test_refunded_shipping_takes_no_points_back() -> None:
    shipped = order(line(80_000), shipping=won(3_000), confirmed_at=at(2026, 3, 5))
    books = ledger()
    back = evolve(shipped, refunds=[refund(3_000)])
    assert run(books, back, shipping={"refund-1": won(3_000)}) == [800, 0]
    record = books.order(ACCOUNT, "order-1")
    assert record.refunded == Refunded(shipping=3_000)
    assert order_from_json(order_to_json(record)) == record
    both = evolve(back, refunds=[refund(3_000), refund(80_000, "refund-2")])
    assert run(books, both, shipping={"refund-1": won(3_000)}) == [800, 0, 800]


def test_an_order_told_as_often_as_something_happens() -> None:
    """Points paid 5,000; one line comes back, then all."""
    books = endowed()
    used = won(5_000)
    part = SHOP.part(DISCOUNTED, 5_000, profile(), books.head(ACCOUNT, now=PLACED))
    assert isinstance(part, Part)
    checkout.redeem(books, [part], order="order-1", now=PLACED)
    first = evolve(CONFIRMED, refunds=[refund(26_800)])
    rest = evolve(first, refunds=[*first.refunds, refund(40_200, "refund-2", PLACED + timedelta(days=9))])
    parts = {"refund-1": {"b": won(25_000)}}
    assert run(books, DISCOUNTED, used=used) == []
    assert run(books, CONFIRMED, used=used) == [670]
    for _ in range(2):
        assert run(books, first, used=used, lines=parts) == [670, 268, 2_000]
    for _ in range(2):
        assert run(books, rest, used=used, lines=parts) == [670, 268, 2_000, 402, 3_000]
    assert books.head(ACCOUNT, now=NOW).balance == 9_000


def test_an_order_on_which_nothing_was_spent_gives_nothing_back() -> None:
    back = evolve(CONFIRMED, refunds=[refund(72_000)])
    assert run(ledger(), back) == [720, 720]
    assert run(ledger(), back, used=won(2_000), spent=False) == [700, 700]


def test_what_changed_since_it_was_earned_gives_nothing_more() -> None:
    """The tier, and when the delivery was confirmed."""
    books = ledger()
    assert run(books, CONFIRMED) == [720]
    assert run(books, CONFIRMED, tier="gold") == [0]
    corrected = evolve(CONFIRMED, confirmed_at=at(2026, 3, 6))
    (command,) = SHOP.earn(corrected, profile(corrected))
    assert books.run(ACCOUNT, command, now=NOW).already
    assert books.head(ACCOUNT, now=NOW).balance == 720


@given(st.lists(st.tuples(st.integers(100, 9_000), st.integers(0, 40)), min_size=1, max_size=6))
def test_a_shopper_who_comes_back_to_pay(visits: list[tuple[int, int]]) -> None:
    """With other points each time, within a reservation or after it: the last is what the order has."""
    books, now = endowed(), PLACED
    for points, minutes in visits:
        now += timedelta(minutes=minutes)
        _reserve(books, points, now)
    assert books.head(ACCOUNT, now=now).held == visits[-1][0]
    assert checkout.redeem(books, [Part(ACCOUNT, visits[-1][0])], order="order-1", now=now) == Taken()
    assert books.head(ACCOUNT, now=now).available == 9_000 - visits[-1][0]


def _reserve(books: Ledger, points: int, now: datetime) -> None:
    part = SHOP.part(DISCOUNTED, points, profile(), books.head(ACCOUNT, now=now))
    assert isinstance(part, Part)
    until = now + timedelta(minutes=15)
    assert isinstance(checkout.reserve(books, [part], order="order-1", until=until, now=now), Taken)


def test_the_record_of_an_order() -> None:
    books = ledger()
    assert books.order(ACCOUNT, "order-1") == OrderRecord(order="order-1")
    run(books, CONFIRMED)
    assert [part.units for part in books.order(ACCOUNT, "order-1").earned] == [720]
