"""Spending points: how many, and why not more."""

from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.errors import CurrencyMismatch, FactError
from retention.loyalty.checkout import Part
from retention.loyalty.ledger.commands import Return
from retention.loyalty.ledger.entries import Bucket, Lot, Validity
from retention.loyalty.ledger.head import Head, Hold
from retention.loyalty.programme import Conversion, Programme, Redemption, Refused, Why
from retention.loyalty.programme.redeeming import redeemable, refusals
from retention.money import usd, won
from retention.rules import orders
from tests.loyalty.programme.shop import PLACED, SEOUL, at, line, order, profile, programme, refund

SHOP = programme(redemption=Redemption(minimum=1_000, step=100, most="0.3"))


def head(available: int, shop: Programme = SHOP) -> Head:
    return Head(account=shop.account("c1"), totals={Bucket.AVAILABLE: available})


@pytest.mark.parametrize(
    ("goods", "available", "points", "why"),
    [
        (50_000, 20_000, 15_000, [Why.SHARE]),
        (50_000, 7_350, 7_300, [Why.BALANCE, Why.STEP]),
        (50_000, 7_300, 7_300, [Why.BALANCE]),
        (50_000, 15_000, 15_000, [Why.BALANCE, Why.SHARE]),
        (50_000, 999, 0, [Why.BALANCE, Why.STEP, Why.BELOW_MINIMUM]),
        (3_000, 20_000, 0, [Why.SHARE, Why.BELOW_MINIMUM]),
        (50_000, -500, 0, [Why.BALANCE, Why.BELOW_MINIMUM]),
    ],
)
def test_the_most_and_why(goods: int, available: int, points: int, why: list[Why]) -> None:
    found = SHOP.redeemable(order(line(goods)), profile(), head(available))
    assert (found.points, found.worth) == (points, won(points))
    assert [each.why for each in found.why] == why


def test_it_prints() -> None:
    found = SHOP.redeemable(order(line(50_000)), profile(), head(7_350))
    assert str(found) == (
        "7,300 points, worth 7,300원: 7,350 points are available; a multiple of 100 points is spent at a time"
    )


def test_the_share_is_of_the_goods_after_the_discount() -> None:
    bought = order(line(50_000), discount=won(10_000), shipping=won(3_000))
    assert SHOP.redeemable(bought, profile(), head(20_000)).points == 12_000


def test_only_for_whom_it_is() -> None:
    shop = programme(redemption=Redemption(when=orders.any()))
    bought = order()
    refused = shop.part(bought, 100, profile(bought), head(5_000, shop))
    assert isinstance(refused, Refused)
    assert refused.why[0].why is Why.NOT_ELIGIBLE
    earlier = order(id="old", at=PLACED - timedelta(days=1))
    assert isinstance(shop.part(bought, 100, profile(earlier, bought), head(5_000, shop)), Part)


def test_the_part_of_an_order() -> None:
    bought = order(line(50_000))
    assert SHOP.part(bought, 2_000, profile(), head(9_000)) == Part(SHOP.account("c1"), 2_000)


def test_what_the_order_holds_is_there_for_it_and_for_no_other() -> None:
    pinned = (Lot(Validity(PLACED.date(), at(2026, 3, 2)), 2_000),)
    holding = evolve(head(500), holds=(Hold(id="h", until=at(2026, 3, 3), pinned=pinned, order="order-1"),))
    bought = order(line(50_000))
    assert SHOP.redeemable(bought, profile(), holding).points == 2_500
    assert isinstance(SHOP.part(bought, 2_500, profile(), holding), Part)
    assert isinstance(SHOP.part(evolve(bought, id="order-2"), 2_000, profile(), holding), Refused)


@pytest.mark.parametrize(("asked", "why"), [(900, Why.BELOW_MINIMUM), (1_050, Why.STEP), (9_100, Why.BALANCE)])
def test_what_is_refused(asked: int, why: Why) -> None:
    bought = order(line(50_000))
    refused = SHOP.part(bought, asked, profile(), head(9_000))
    assert isinstance(refused, Refused)
    assert [each.why for each in refused.why] == [why]
    assert str(refused)


@given(
    st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 5_000), st.integers(1, 500),
    st.fractions(0, 1, max_denominator=100), st.integers(1, 300), st.integers(1, 300),
)  # fmt: skip
def test_what_may_be_spent_is_a_whole_step_and_no_more_than_every_limit(
    goods: int, available: int, minimum: int, step: int, most: Fraction, points: int, minor: int
) -> None:
    rules = Redemption(minimum=minimum, step=step, most=most)
    conversion = Conversion(points, won(minor))
    found = redeemable(rules, conversion, goods=won(goods), available=available)
    assert found.points % step == 0
    assert found.points == 0 or found.points >= minimum
    assert found.points <= available
    assert found.points * conversion.rate <= goods * most
    more = found.points + step
    if found.points or minimum <= step:  # not one step more
        assert more > available or more * conversion.rate > goods * most or more < minimum
    assert found.why
    if found.points:
        assert refusals(rules, found, found.points) == ()
    assert refusals(rules, found, more)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 300), st.integers(1, 300))
def test_conversion_never_gives_away(points: int, amount: int, units: int, minor: int) -> None:
    conversion = Conversion(units, won(minor))
    assert conversion.points_for(conversion.worth(points)) <= points
    assert conversion.worth(conversion.points_for(won(amount))) >= won(amount)
    assert conversion.points_within(won(amount), Fraction(1)) * conversion.rate <= amount


def test_a_point_is_a_minor_unit_unless_it_says_otherwise() -> None:
    assert programme().conversion.worth(1_234) == won(1_234)
    dollars = Programme("points", zone=SEOUL, currency="USD")
    assert dollars.conversion.worth(1_234) == usd("12.34")
    assert Conversion(100, usd(1)).points_for(usd("0.01")) == 1
    with pytest.raises(CurrencyMismatch):
        dollars.conversion.points_for(won(1))


# Points come back with a refund. -------------------------------------------------------------------------------------


def test_points_come_back_in_proportion() -> None:
    made = SHOP.give_back(order(line(10_000)), refund(2_500))
    assert made == Return(key="order-1:return:refund-1", order="order-1", share=Fraction(1, 4), at=refund(1).at)


@pytest.mark.parametrize("total", [None, 15_000, 16_000, 21_000])
def test_all_points_come_back_with_all_the_money(total: int | None) -> None:
    """Whether the total includes the points or not, and whatever else was charged."""
    bought = order(line(20_000)) if total is None else order(line(20_000), total=won(total))
    paid = {None: 15_000, 15_000: 15_000, 16_000: 15_000, 21_000: 16_000}[total]
    assert SHOP.give_back(bought, refund(paid), used=won(5_000)).share == 1
    assert SHOP.give_back(bought, refund(paid // 5), used=won(5_000)).share == Fraction(1, 5)
    with pytest.raises(FactError, match=r"more money than was paid.*paid beside points"):
        SHOP.give_back(bought, refund(paid + 1), used=won(5_000))


def test_all_points_come_back_with_all_the_money_of_an_order_without_lines() -> None:
    bought = order(lines=(), total=won(20_000), shipping=won(3_000))
    assert SHOP.give_back(bought, refund(15_000), used=won(5_000)).share == 1


def test_what_comes_back_dead_may_live_some_days_more() -> None:
    shop = evolve(SHOP, redemption=evolve(SHOP.redemption, extend_days=14))
    made = shop.give_back(order(line(10_000)), refund(2_500), share=Fraction(1))
    assert made.share == 1
    assert made.extended is not None
    assert made.extended.expires_at == at(2026, 3, 20)


def test_a_share_of_nothing_is_said() -> None:
    free = order(line(10_000), discount=won(10_000))
    with pytest.raises(FactError, match="share"):
        SHOP.give_back(free, refund(0))
    assert SHOP.give_back(free, refund(0), share=Fraction(1, 2)).share == Fraction(1, 2)
    with pytest.raises(FactError, match="share"):  # points paid all of it
        SHOP.give_back(order(line(10_000)), refund(0), used=won(10_000))
