"""The laws of money."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retention.currencies import EXPONENTS
from retention.money import Money, Rounding

minors = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(sorted(EXPONENTS))
amounts = st.builds(Money, minors, currencies)
weights = st.lists(st.integers(0, 1000) | st.fractions(0, 10, max_denominator=60), min_size=1, max_size=8).filter(any)


@st.composite
def three_amounts(draw: st.DrawFn) -> tuple[Money, Money, Money]:
    currency = draw(currencies)
    first, second, third = (Money(draw(minors), currency) for _ in range(3))
    return first, second, third


@given(amounts)
def test_what_is_formatted_is_parsed_back(amount: Money) -> None:
    assert Money.parse(amount.format()) == amount
    assert Money.parse(amount.format(), amount.currency) == amount


@given(amounts)
def test_major_units_lead_back(amount: Money) -> None:
    assert Money.of(amount.major, amount.currency) == amount
    assert Money.of(str(amount.major), amount.currency) == amount


@given(three_amounts())
def test_addition_is_that_of_whole_numbers(three: tuple[Money, Money, Money]) -> None:
    a, b, c = three
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a - b == a + (-b)
    assert a + Money.zero(a.currency) == a
    assert sum(three) == Money(a.minor + b.minor + c.minor, a.currency)


@given(three_amounts(), st.integers(-50, 50))
def test_multiplication_distributes(three: tuple[Money, Money, Money], n: int) -> None:
    a, b, _ = three
    assert (a + b) * n == a * n + b * n == n * (a + b)


@given(three_amounts())
def test_order_is_total_and_agrees_with_the_minor_units(three: tuple[Money, Money, Money]) -> None:
    a, b, c = three
    assert (a < b, a == b, a > b).count(True) == 1
    assert (a <= b) == (a.minor <= b.minor)
    assert (a >= b) == (b <= a)
    assert [each.minor for each in sorted(three)] == sorted([a.minor, b.minor, c.minor])
    assert a <= max(a, b)
    assert abs(a) >= a


@given(amounts, weights)
def test_allocation_sums_to_the_whole(amount: Money, shares: list[int | Fraction]) -> None:
    assert sum(amount.allocate(shares), Money.zero(amount.currency)) == amount


@given(amounts, weights)
def test_every_part_is_within_one_unit_of_its_exact_share(amount: Money, shares: list[int | Fraction]) -> None:
    total = sum(shares)
    for part, share in zip(amount.allocate(shares), shares, strict=True):
        assert abs(part.minor - Fraction(amount.minor) * share / total) < 1


@given(amounts, weights)
def test_who_weighs_nothing_gets_nothing_and_who_weighs_more_no_less(
    amount: Money, shares: list[int | Fraction]
) -> None:
    parts = [abs(part) for part in amount.allocate(shares)]
    ranked = sorted(zip(shares, parts, strict=True))
    assert all(not part for share, part in ranked if share == 0)
    assert all(few <= many for (light, few), (heavy, many) in pairwise(ranked) if light < heavy)


@given(amounts, weights)
def test_parts_of_a_negative_amount_mirror_the_positive(amount: Money, shares: list[int | Fraction]) -> None:
    assert (-amount).allocate(shares) == tuple(-part for part in amount.allocate(shares))


@given(amounts, st.integers(1, 60))
def test_a_split_is_fair_and_the_earlier_parts_are_the_larger(amount: Money, parts: int) -> None:
    sizes = [abs(part.minor) for part in amount.split(parts)]
    assert len(sizes) == parts
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1
    assert sum(sizes) == abs(amount.minor)


@given(amounts, st.fractions(-3, 3, max_denominator=1000))
def test_rounding_keeps_its_side(amount: Money, factor: Fraction) -> None:
    exact = amount.minor * factor

    def rounded(how: Rounding) -> int:
        return amount.times(factor, rounding=how).minor

    assert exact - 1 < rounded("floor") <= exact <= rounded("ceil") < exact + 1
    assert abs(rounded("half_up") - exact) <= Fraction(1, 2)
    assert abs(rounded("half_even") - exact) <= Fraction(1, 2)
    assert abs(rounded("half_up")) >= abs(rounded("half_even"))
