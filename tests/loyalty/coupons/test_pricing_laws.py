"""Invariant 14: 0 <= discount <= in-scope price; line discounts sum to it; no line below 0; in ``best`` mode a further
coupon never raises the total."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from retention import won
from retention.loyalty.coupons import AmountOff, Cart, Coupon, FreeShipping, Gift, Mode, PercentOff, Scope, price
from retention.loyalty.coupons.held import coupon_of
from tests.loyalty.coupons.shop import SEOUL, a_cart, a_line

CATEGORIES = ("coffee", "tea", None)
small = st.integers(0, 12) | st.integers(0, 40_000)
amounts = st.integers(1, 15) | st.integers(1, 30_000)
percents = st.sampled_from(["10", "5", "33.3", "50", "99.9", "100"]) | st.integers(1, 100).map(str)
benefits = (
    st.builds(PercentOff, percents, most=st.none() | amounts.map(won))
    | st.builds(AmountOff, amounts.map(won))
    | st.builds(FreeShipping, st.none() | amounts.map(won))
    | st.just(Gift("sample"))
)
scopes = st.just(Scope()) | st.builds(
    Scope,
    categories=st.none() | st.sets(st.sampled_from(["coffee", "tea"]), min_size=1),
    products=st.none() | st.sets(st.sampled_from(["0", "1", "2"]), min_size=1),
    without_products=st.sets(st.sampled_from(["0", "1"])),
)


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    prices = draw(st.lists(small, min_size=1, max_size=5))
    lines = [a_line(f"{place}", each, draw(st.sampled_from(CATEGORIES))) for place, each in enumerate(prices)]
    return a_cart(*lines, shipping=draw(small))


@st.composite
def coupons(draw: st.DrawFn, most: int = 5) -> list[Coupon]:
    count = draw(st.integers(0, most))
    return [draw(a_coupon_called(f"coupon-{place}")) for place in range(count)]


def a_coupon_called(name: str) -> st.SearchStrategy[Coupon]:
    return st.builds(
        Coupon,
        st.just(name),
        benefits,
        zone=st.just(SEOUL),
        scope=scopes,
        minimum=st.none() | amounts.map(won),
        exclusive=st.sampled_from([False, False, True]),
    )


modes: st.SearchStrategy[Mode] = st.sampled_from(["sequence", "best"])


@given(carts(), coupons(), modes)
def test_14_line_discounts_sum_to_the_discount_and_no_line_goes_below_0(
    cart: Cart, offered: list[Coupon], mode: Mode
) -> None:
    priced = price(cart, offered, mode)
    assert sum((each.minor for each in priced.lines), priced.shipping.minor) == priced.discount.minor
    assert sum(each.discount.minor for each in priced.applied) == priced.discount.minor
    assert all(0 <= taken.minor <= line.amount.minor for taken, line in zip(priced.lines, cart.lines, strict=True))
    assert 0 <= priced.shipping.minor <= cart.fee.minor
    assert priced.total.minor >= 0


@given(carts(), coupons(), modes)
def test_14_each_discount_is_at_most_what_is_in_scope_and_its_maximum(
    cart: Cart, offered: list[Coupon], mode: Mode
) -> None:
    for each in price(cart, offered, mode).applied:
        coupon = coupon_of(each.usable)
        in_scope = sum(line.amount.minor for line in cart.lines if coupon.scope.covers(line))
        ceiling = cart.fee.minor if isinstance(coupon.gives, FreeShipping) else in_scope
        assert 0 <= each.discount.minor <= ceiling
        match coupon.gives:
            case PercentOff(most=most) | FreeShipping(most=most) if most is not None:
                assert each.discount <= most
            case AmountOff(amount=amount):
                assert each.discount <= amount
            case Gift():
                assert not each.discount


@given(carts(), coupons(), modes)
def test_14_a_line_that_no_applied_coupon_covers_keeps_its_price(cart: Cart, offered: list[Coupon], mode: Mode) -> None:
    priced = price(cart, offered, mode)
    reaching = [coupon_of(each.usable) for each in priced.applied]
    reaching = [each for each in reaching if isinstance(each.gives, PercentOff | AmountOff)]
    for line, taken in zip(cart.lines, priced.lines, strict=True):
        assert not taken or any(each.scope.covers(line) for each in reaching)


@given(carts(), coupons(), a_coupon_called("further"), st.integers(0, 5))
def test_14_in_best_mode_a_further_coupon_never_raises_the_total(
    cart: Cart, offered: list[Coupon], further: Coupon, place: int
) -> None:
    more = [*offered[:place], further, *offered[place:]]
    assert price(cart, more).total <= price(cart, offered).total


@given(carts(), coupons())
def test_best_is_never_dearer_than_the_sequence(cart: Cart, offered: list[Coupon]) -> None:
    assert price(cart, offered, "best").total <= price(cart, offered, "sequence").total


@given(carts(), coupons(), modes)
def test_what_applied_applies_again_alone_and_costs_the_same(cart: Cart, offered: list[Coupon], mode: Mode) -> None:
    priced = price(cart, offered, mode)
    again = price(cart, [each.usable for each in priced.applied], "sequence")
    assert again.applied == priced.applied
    assert (again.lines, again.shipping, again.refused) == (priced.lines, priced.shipping, ())


@given(carts(), coupons(), modes)
def test_every_coupon_is_applied_or_refused_with_a_reason(cart: Cart, offered: list[Coupon], mode: Mode) -> None:
    priced = price(cart, offered, mode)
    told = [each.coupon for each in priced.applied] + [each.coupon for each in priced.refused]
    assert sorted(told) == sorted(each.id for each in offered)


@given(carts(), a_coupon_called("only"))
def test_one_coupon_takes_off_what_is_written_on_it(cart: Cart, coupon: Coupon) -> None:
    """Reckoned anew, without fractions of lines: what is in scope, times the rate, down to a unit, then the caps."""
    found = 0
    in_scope = sum(line.amount.minor for line in cart.lines if coupon.scope.covers(line))
    reached = any(coupon.scope.covers(line) for line in cart.lines)
    match coupon.gives:
        case PercentOff(percent=percent, most=most):
            share = int(Fraction(in_scope) * percent / 100)
            found = share if most is None else min(share, most.minor)
        case AmountOff(amount=amount):
            found = min(amount.minor, in_scope)
        case FreeShipping(most=most):
            found = cart.fee.minor if most is None else min(cart.fee.minor, most.minor)
    if not reached or (coupon.minimum is not None and in_scope < coupon.minimum.minor):
        found = 0
    assert price(cart, [coupon]).discount == won(found)
