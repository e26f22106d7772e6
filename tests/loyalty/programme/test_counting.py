"""What of an order counts: laws of sharing out what was taken off it."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty.ledger.terms import Refunded, check_refund, units
from retention.loyalty.programme import EarnRule
from retention.loyalty.programme.counting import counted, goods
from retention.money import won
from retention.order import Order, OrderLine
from tests.loyalty.programme.shop import PLACED, line, order, profile, programme

amounts = st.integers(0, 10**7) | st.integers(0, 5)
categories = st.sampled_from((None, "coffee", "tea"))
lines = st.lists(st.builds(line, amounts, categories), min_size=1, max_size=6)
rates = st.fractions(0, 2, max_denominator=1000)


@st.composite
def bought(draw: st.DrawFn) -> tuple[Order, int]:
    """An order and what points and credit paid of it."""
    parts = draw(lines)
    whole = sum(each.amount.minor for each in parts)
    discount, used = draw(st.integers(0, whole)), draw(st.integers(0, whole + 3))
    made = order(*parts, discount=won(discount), shipping=won(draw(st.integers(0, 5_000))))
    return made, used


@given(bought())
def test_shares_sum_to_what_was_taken_off(given_: tuple[Order, int]) -> None:
    made, used = given_
    assert made.subtotal is not None
    assert made.discount is not None
    found = counted(made, won(used))
    off = min(made.subtotal.minor, made.discount.minor + used)
    assert sum(each.amount for each in found) == made.subtotal.minor - off
    for each, whole in zip(found, made.lines, strict=True):
        exact = Fraction(whole.amount.minor * off, made.subtotal.minor or 1)
        assert 0 <= each.amount <= whole.amount.minor
        assert abs(whole.amount.minor - each.amount - exact) < 1


@given(bought(), rates, st.integers(0, 10**6) | st.none())
def test_no_rule_gives_more_than_its_rate_or_its_cap(
    given_: tuple[Order, int], rate: Fraction, cap: int | None
) -> None:
    made, used = given_
    found = programme(EarnRule("base", rate, cap=cap)).preview(made, profile(), used=won(used)).units
    exact = sum(each.amount for each in counted(made, won(used))) * rate
    assert found == min(int(exact), exact if cap is None else cap)


@given(bought(), rates, st.integers(0, 10**6))
def test_using_more_points_never_earns_more(given_: tuple[Order, int], rate: Fraction, more: int) -> None:
    made, used = given_
    shop = programme(EarnRule("base", rate))
    one = shop.preview(made, profile(), used=won(used)).units
    assert shop.preview(made, profile(), used=won(used + more)).units <= one


@given(lines, rates, categories, st.integers(0, 10**6), st.integers(0, 10**5) | st.none())
def test_buying_more_never_earns_less(
    parts: list[OrderLine], rate: Fraction, category: str | None, more: int, cap: int | None
) -> None:
    shop = programme(EarnRule("base", rate, by_category={"coffee": "2", "tea": "0"}, cap=cap))
    one = shop.preview(order(*parts), profile()).units
    assert shop.preview(order(*parts, line(more, category)), profile()).units >= one


@given(bought(), rates, st.lists(st.integers(0, 10**7), max_size=4))
def test_after_a_full_refund_nothing_is_earned(given_: tuple[Order, int], rate: Fraction, parts: list[int]) -> None:
    """However it was refunded, and with every step on the way at most what was earned before."""
    made, used = given_
    rule = EarnRule("base", rate, by_category={"coffee": "2", "tea": "0"})
    terms = rule.terms(made, None, won(used))
    back, earned = Refunded(), units(terms, Refunded())
    for part in [*parts, made.total.minor]:
        back = back + Refunded(min(part, made.total.minor - back.total))
        check_refund([terms], back, made.id)
        assert units(terms, back) <= earned
        earned = units(terms, back)
    assert earned == 0 or made.total.minor == 0


def test_ties_go_to_the_earlier_line() -> None:
    found = counted(order(line(100), line(100), line(100), discount=won(200)), won(0))
    assert [each.amount for each in found] == [33, 33, 34]


def test_lines_are_called_as_in_purchases() -> None:
    made = order(line(100), line(200, "tea", "own"))
    rows = profile(made).rows("purchases")
    assert sorted(each.id for each in counted(made, won(0))) == sorted(each.id for each in rows)


def test_an_order_of_nothing_counts_for_nothing() -> None:
    assert goods(order(line(0), line(0))) == 0
    assert goods(Order("o1", PLACED, total=won(500), shipping=won(3_000))) == 0
    assert goods(order(line(500), discount=won(200), shipping=won(3_000))) == 300
