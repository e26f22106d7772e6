"""What a cart costs with coupons, by example."""

import pytest

from retention import won
from retention.errors import CurrencyMismatch, FactError, UnknownChoice
from retention.loyalty.coupons import AmountOff, Cart, Coupon, FreeShipping, Gift, PercentOff, Priced, Scope, price
from retention.loyalty.programme import EarnRule, Programme
from retention.money import Money, usd
from retention.order import OrderLine
from tests.loyalty.coupons.shop import NOW, SEOUL, a_cart, a_coupon, a_line, a_profile

TEN = a_coupon("ten", PercentOff("10"))
THREE_THOUSAND = a_coupon("three-thousand", AmountOff(won(3_000)))


def taken(priced: Priced) -> dict[str, int]:
    return {each.coupon: each.discount.minor for each in priced.applied}


def off(priced: Priced) -> list[int]:
    return [each.minor for each in priced.lines]


def refused(priced: Priced) -> dict[str, str]:
    return {each.coupon: each.why.value for each in priced.refused}


def test_a_percentage_is_of_all_lines_and_rounded_down_once() -> None:
    priced = price(a_cart(a_line("a", 995), a_line("b", 995), a_line("c", 995)), [TEN])
    assert priced.discount == won(298)  # 298.5, where a line at a time would make 297
    assert off(priced) == [100, 99, 99]
    assert priced.total == won(2_687)


def test_an_amount_is_shared_in_proportion() -> None:
    priced = price(a_cart(a_line("a", 10_000), a_line("b", 20_000)), [THREE_THOUSAND])
    assert off(priced) == [1_000, 2_000]


def test_a_percentage_stops_at_its_maximum() -> None:
    priced = price(a_cart(a_line("a", 100_000)), [a_coupon("ten", PercentOff("10", most=won(5_000)))])
    assert priced.discount == won(5_000)


def test_an_amount_stops_at_what_is_left() -> None:
    priced = price(a_cart(a_line("a", 2_000), shipping=2_500), [THREE_THOUSAND])
    assert (priced.discount, priced.total) == (won(2_000), won(2_500))


def test_percentages_are_of_the_running_price() -> None:
    cart = a_cart(a_line("a", 10_000))
    assert taken(price(cart, [THREE_THOUSAND, TEN], "sequence")) == {"three-thousand": 3_000, "ten": 700}
    assert taken(price(cart, [TEN, THREE_THOUSAND], "sequence")) == {"ten": 1_000, "three-thousand": 3_000}


def test_best_takes_percentages_first_where_that_is_more() -> None:
    assert price(a_cart(a_line("a", 10_000)), [THREE_THOUSAND, TEN]).discount == won(4_000)


def test_best_keeps_the_listed_order_where_that_is_more() -> None:
    half = a_coupon("half", PercentOff("50", most=won(50)))
    on_a = a_coupon("on-a", AmountOff(won(100)), scope=Scope(products={"a"}))
    cart = a_cart(a_line("a", 100), a_line("b", 100))
    assert price(cart, [on_a, half]).total == won(50)
    assert price(cart, [half, on_a], "sequence").total == won(75)


def test_what_fractions_an_earlier_coupon_left_count_with_the_next() -> None:
    five, more = a_coupon("five", PercentOff("5")), a_coupon("more", PercentOff("5"))
    cart = a_cart(a_line("a", 11_118))
    assert taken(price(cart, [five, more])) == {"five": 555, "more": 529}  # 555.9 and 528.105


def test_a_minimum_is_of_the_lines_in_scope_before_any_coupon() -> None:
    coffee = a_coupon("coffee", AmountOff(won(1_000)), scope=Scope(categories={"coffee"}), minimum=won(9_000))
    cart = a_cart(a_line("a", 9_000, "coffee"), a_line("b", 50_000, "tea"))
    assert taken(price(cart, [TEN, coffee], "sequence")) == {"ten": 5_900, "coffee": 1_000}
    small = price(a_cart(a_line("a", 8_000, "coffee"), a_line("b", 50_000, "tea")), [coffee])
    assert refused(small) == {"coffee": "below-minimum"}
    assert small.refused[0].missing == won(1_000)


def test_only_lines_in_scope_are_reduced() -> None:
    scope = Scope(categories={"coffee"}, products={"mug"}, without_products={"gift-set"})
    half = a_coupon("half", PercentOff("50"), scope=scope)
    cart = a_cart(
        a_line("beans", 100, "coffee"), a_line("gift-set", 100, "coffee"), a_line("mug", 100), a_line("tea", 100, "tea")
    )
    assert off(price(cart, [half])) == [50, 0, 50, 0]
    everything_but = a_coupon("but", PercentOff("50"), scope=Scope(without_categories={"coffee"}))
    assert off(price(cart, [everything_but])) == [0, 0, 50, 50]


def test_shipping_is_reduced_by_free_shipping_only() -> None:
    cart = a_cart(a_line("a", 10_000), shipping=3_000)
    assert price(cart, [a_coupon("all", PercentOff("100"))]).total == won(3_000)
    free = price(cart, [a_coupon("free", FreeShipping())])
    assert (free.shipping, free.discount, free.total) == (won(3_000), won(3_000), won(10_000))
    assert price(cart, [a_coupon("free", FreeShipping(won(2_500)))]).shipping == won(2_500)
    assert refused(price(a_cart(a_line("a", 1)), [a_coupon("free", FreeShipping())])) == {"free": "nothing-left"}


def test_a_gift_is_given_and_costs_nothing_off() -> None:
    gift = a_coupon("sample", Gift("sample-kit", 2), minimum=won(5_000))
    priced = price(a_cart(a_line("a", 10_000)), [gift, TEN])
    assert priced.gifts == (Gift("sample-kit", 2),)
    assert taken(priced) == {"sample": 0, "ten": 1_000}
    alone = a_coupon("alone", Gift("sample-kit"), exclusive=True)
    assert price(a_cart(a_line("a", 10_000)), [alone]).gifts
    assert refused(price(a_cart(a_line("a", 10_000)), [alone, TEN])) == {"alone": "beaten"}


def test_an_exclusive_coupon_goes_with_no_other() -> None:
    big = a_coupon("big", PercentOff("30"), exclusive=True)
    cart = a_cart(a_line("a", 10_000))
    first = price(cart, [big, TEN], "sequence")
    assert (taken(first), refused(first)) == ({"big": 3_000}, {"ten": "exclusive"})
    later = price(cart, [TEN, big], "sequence")
    assert (taken(later), refused(later)) == ({"ten": 1_000}, {"big": "exclusive"})
    best = price(cart, [TEN, big])
    assert (taken(best), refused(best)) == ({"big": 3_000}, {"ten": "beaten"})
    together = price(cart, [TEN, THREE_THOUSAND, big])
    assert (taken(together), refused(together)) == ({"ten": 1_000, "three-thousand": 3_000}, {"big": "beaten"})


def test_of_equal_discounts_the_stackable_ones_win() -> None:
    also_ten = a_coupon("also-ten", PercentOff("10"), exclusive=True)
    assert taken(price(a_cart(a_line("a", 10_000)), [also_ten, TEN])) == {"ten": 1_000}


def test_a_coupon_applies_as_often_as_one_order_may_have_it() -> None:
    cart = a_cart(a_line("a", 10_000))
    once = price(cart, [THREE_THOUSAND] * 2)
    assert (once.discount, refused(once)) == (won(3_000), {"three-thousand": "per-order"})
    twice = a_coupon("twice", AmountOff(won(3_000)), per_order=2)
    assert price(cart, [twice] * 3).discount == won(6_000)


def test_when_nothing_is_left_a_coupon_is_not_used_up() -> None:
    everything = a_coupon("everything", PercentOff("100"))
    priced = price(a_cart(a_line("a", 10_000)), [everything, THREE_THOUSAND], "sequence")
    assert refused(priced) == {"three-thousand": "nothing-left"}


def test_another_currency_is_refused() -> None:
    cart = a_cart(a_line("a", 10_000))
    assert refused(price(cart, [a_coupon("usd", AmountOff(usd(1)))])) == {"usd": "other-currency"}
    assert refused(price(cart, [a_coupon("usd", PercentOff("10"), minimum=usd(1))])) == {"usd": "other-currency"}
    dollars = Cart(lines=[OrderLine("a", amount=usd("19.99"))], at=NOW)
    assert price(dollars, [TEN]).total == usd("18.00")


def test_a_price_prints() -> None:
    assert str(price(a_cart(a_line("a", 10_000)), [TEN, a_coupon("x", FreeShipping())])) == (
        "9,000원 to pay; ten −1,000원; not x: nothing is left to take off"
    )


def test_no_coupon_is_no_discount() -> None:
    priced = price(a_cart(a_line("a", 10_000), shipping=2_500), [])
    assert (priced.discount, priced.total, priced.applied, priced.refused) == (won(0), won(12_500), (), ())


def test_bad_carts_and_ways_are_refused() -> None:
    with pytest.raises(FactError, match=r"Cart\.lines: are none"):
        a_cart()
    with pytest.raises(FactError, match=r"Cart\.lines\[0\]"):
        a_cart("shirt")  # type: ignore[arg-type]
    with pytest.raises(CurrencyMismatch):
        a_cart(a_line("a", 1), OrderLine("b", amount=usd(1)))
    with pytest.raises(CurrencyMismatch):
        Cart(lines=[a_line("a", 1)], shipping=usd(1), at=NOW)
    with pytest.raises(FactError, match=r"Cart\.shipping: is negative"):
        Cart(lines=[a_line("a", 1)], shipping=Money(-1, "KRW"), at=NOW)
    with pytest.raises(FactError, match=r"Cart\.at"):
        Cart(lines=[a_line("a", 1)], at=NOW.replace(tzinfo=None))
    with pytest.raises(UnknownChoice, match="sequence"):
        price(a_cart(a_line("a", 1)), [TEN], "sequense")  # type: ignore[arg-type]


def test_a_coupon_is_the_one_it_was_made() -> None:
    assert isinstance(TEN, Coupon)
    assert str(TEN) == "ten: 10 % off"
    assert str(a_coupon("half-percent", PercentOff("0.5"))) == "half-percent: 0.5 % off"
    assert str(a_coupon("free", FreeShipping(won(3_000)))) == "free: free shipping, at most 3,000원"
    assert str(a_coupon("gift", Gift("mug"))) == "gift: 1 × mug free"
    assert str(THREE_THOUSAND) == "three-thousand: 3,000원 off"


SHIPPED = a_coupon("shipped", FreeShipping())
HALF_SHIPPED = a_coupon("half", FreeShipping(most=won(1_000)))


@pytest.mark.parametrize(
    ("coupons", "discount", "shipping", "counts"),
    [([], 0, 3_000, 800), ([SHIPPED], 0, 0, 800), ([TEN, HALF_SHIPPED], 8_000, 2_000, 720)],
)
def test_the_order_that_a_cart_becomes_earns_for_its_goods(
    coupons: list[Coupon], discount: int, shipping: int, counts: int
) -> None:
    """Free shipping is less shipping, not a discount of the goods that points are earned for."""
    priced = price(a_cart(a_line("a", 50_000), a_line("b", 30_000), shipping=3_000), coupons)
    order = priced.order("o1")
    assert (order.discount, order.shipping, order.total) == (won(discount), won(shipping), priced.total)
    assert (order.lines, order.at) == (priced.cart.lines, priced.cart.at)
    mileage = Programme("mileage", zone=SEOUL, currency="KRW", earn=[EarnRule("base", "0.01")])
    assert mileage.preview(order, a_profile()).units == counts


def test_an_order_names_the_first_coupon_that_was_applied() -> None:
    cart = a_cart(a_line("a", 50_000))
    assert price(cart, [THREE_THOUSAND, TEN], "sequence").order("o1").coupon == "three-thousand"
    assert price(cart, []).order("o1").coupon is None


def test_the_order_of_a_cart_in_another_currency_without_a_fee() -> None:
    priced = price(Cart(lines=[OrderLine("a", amount=usd(80))], at=NOW), [TEN])
    assert (priced.order("o1").discount, priced.order("o1").shipping) == (usd(8), usd(0))
