"""What tiers give."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty.programme import EarnRule, Programme
from retention.loyalty.tiers import (
    CouponByAmount,
    Discount,
    ExtraPoints,
    FreeShipping,
    GiftWithOrder,
    OnlyHere,
    Tier,
    Tiers,
)
from retention.money import won
from retention.order import Order, OrderLine
from retention.rules import orders
from tests.loyalty.tiers.shop import SEOUL, at, grades, order, profile

NOW = at(11, 3)
BANDS = CouponByAmount([(won(50_000), "GOLD-6000"), (won(30_000), "GOLD-3000")])
SHOP = grades(
    Tier("family"),
    Tier("silver", spend=won(100_000), benefits=[FreeShipping(minimum=won(30_000)), ExtraPoints("1.5")]),
    Tier(
        "gold",
        spend=won(300_000),
        benefits=[
            Discount("0.05", most=won(5_000)),
            FreeShipping(),
            ExtraPoints(2),
            GiftWithOrder("sample", minimum=won(50_000)),
            GiftWithOrder("welcome", when=orders.none()),
            OnlyHere("lounge"),
            BANDS,
        ],
    ),
)


def cart(*lines: tuple[int, str | None]) -> Order:
    return Order("cart", NOW, lines=[OrderLine("p", amount=won(amount), category=name) for amount, name in lines])


def test_gold_has_it_all() -> None:
    found = SHOP.perks("gold", cart((40_000, None), (20_000, "lounge")), profile())
    assert found.discount == won(3_000)
    assert dict(found.lines) == {"cart/000001": 2_000, "cart/000002": 1_000}
    assert found.free_shipping
    assert found.gifts == ("sample", "welcome")
    assert found.coupons == ("GOLD-6000",)
    assert found.closed == ()


def test_others_have_what_is_theirs() -> None:
    mine = cart((40_000, None), (20_000, "lounge"))
    silver, family = SHOP.perks("silver", mine, profile()), SHOP.perks("family", mine, profile())
    assert (silver.discount, silver.free_shipping, silver.gifts) == (won(0), True, ())
    assert (family.free_shipping, family.coupons) == (False, ())
    assert silver.closed == family.closed == ("lounge",)
    assert not SHOP.perks("silver", cart((29_999, None)), profile()).free_shipping


def test_bands_minimums_and_maximums() -> None:
    assert SHOP.perks("gold", cart((29_999, None)), profile()).coupons == ()
    assert SHOP.perks("gold", cart((30_000, None)), profile()).coupons == ("GOLD-3000",)
    assert SHOP.perks("gold", cart((49_999, None)), profile()).gifts == ("welcome",)
    assert SHOP.perks("gold", cart((900_000, None)), profile()).discount == won(5_000)


def test_a_benefit_may_be_for_some_of_them() -> None:
    mine = cart((60_000, None))
    known = profile(order(at(10, 1)), mine)
    assert SHOP.perks("gold", mine, known).gifts == ("sample",)
    assert SHOP.perks("gold", mine, profile(mine)).gifts == ("sample", "welcome")  # the order itself does not count
    assert GiftWithOrder("welcome", when=orders.none()) not in SHOP.benefits("gold", known, NOW)
    assert len(SHOP.benefits("gold", profile(), NOW)) == 7


def test_extra_points_go_into_an_earn_rule() -> None:
    assert SHOP.multipliers() == {"silver": Fraction(3, 2), "gold": 2}
    mileage = Programme(
        "mileage", zone=SEOUL, currency="KRW", earn=[EarnRule("base", "0.01", by_tier=SHOP.multipliers())]
    )
    bought = cart((10_000, None))
    assert [mileage.preview(bought, profile(), tier=name).units for name in SHOP.names] == [100, 150, 200]


def test_categories_that_are_sold_to_some_tiers_alone() -> None:
    assert SHOP.only_here() == {"lounge"}
    assert SHOP.only_here("gold") == {"lounge"}
    assert SHOP.only_here("family") == frozenset()


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from((None, "a", "b"))), min_size=1, max_size=5),
    st.lists(st.fractions(0, 1, max_denominator=100), max_size=3),
    st.none() | st.integers(0, 10**5),
)
def test_discounts_are_never_more_than_the_lines(
    lines: list[tuple[int, str | None]], rates: list[Fraction], most: int | None
) -> None:
    limit = None if most is None else won(most)
    several = [Discount(rate, most=limit, categories={"a"} if place % 2 else None) for place, rate in enumerate(rates)]
    made: Tiers = grades(Tier("family", benefits=several))
    bought = cart(*lines)
    found = made.perks("family", bought, profile())
    assert sum(found.lines.values()) == found.discount.minor
    assert all(0 <= found.lines[f"cart/{place:06}"] <= amount for place, (amount, _) in enumerate(lines, 1))
    if most is not None:
        assert found.discount.minor <= most * len(several)
    if len(several) == 1:
        exact = int(sum(amount for amount, _ in lines) * rates[0])
        assert found.discount.minor == min(exact, exact if most is None else most)
