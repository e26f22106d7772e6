"""What an order makes of what it is told."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings

from retention.errors import FactError
from retention.money import Money, won
from retention.order import Order, OrderLine, Refund
from retention.testing.facts import orders

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
LINES = (OrderLine("p1", amount=won(10_000)), OrderLine("p2", amount=won(5_000), quantity=3))


def test_the_total_is_the_lines_less_discount_plus_shipping() -> None:
    order = Order("o", AT, lines=LINES, discount=won(1_000), shipping=won(3_000))
    assert order.subtotal == won(15_000)
    assert order.total == won(17_000)
    assert order.item_count == 4


def test_a_given_total_is_what_was_charged() -> None:
    assert Order("o", AT, lines=LINES, total=won(14_999)).total == won(14_999)


def test_of_an_order_without_lines_only_the_total_is_known() -> None:
    order = Order("o", AT, total=won(9_900))
    assert order.total == won(9_900)
    assert order.subtotal is None
    assert order.item_count is None
    assert (order.discount, order.shipping, order.refunded) == (won(0), won(0), won(0))


def test_an_order_needs_a_total_or_lines() -> None:
    with pytest.raises(FactError, match=r"Order\.total: is missing .*Give the total, or lines"):
        Order("o", AT)
    with pytest.raises(FactError, match=r"Order\.total"):
        Order("o", AT, refunds=[Refund("r", AT, won(500))])


def test_refunds_up_to_the_total_are_summed() -> None:
    order = Order("o", AT, lines=LINES, refunds=[Refund("1", AT, won(5_000)), Refund("2", AT, won(10_000))])
    assert order.refunded == order.total


def test_quantities_that_are_not_whole_are_summed_exactly() -> None:
    half = OrderLine("p", amount=won(1), quantity=0.5)
    assert Order("o", AT, lines=[half]).item_count == Fraction(1, 2)
    assert type(Order("o", AT, lines=[half, half]).item_count) is int


def test_an_order_is_settled_at_the_last_instant_known_of_it() -> None:
    day = timedelta(days=1)
    assert Order("o", AT, total=won(1)).settled_at == AT
    assert Order("o", AT, total=won(1), paid_at=AT - day).settled_at == AT
    assert Order("o", AT, total=won(1), paid_at=AT + day, delivered_at=AT + 3 * day).settled_at == AT + 3 * day
    assert Order("o", AT, total=won(1), confirmed_at=AT + 2 * day, delivered_at=AT + day).settled_at == AT + 2 * day
    refunds = [Refund("2", AT + 9 * day, won(0)), Refund("1", AT + day, won(0))]
    assert Order("o", AT, total=won(1), refunds=refunds).settled_at == AT + 9 * day


@settings(max_examples=150, deadline=None)
@given(orders())
def test_an_order_given_its_own_amounts_is_the_same_order(order: Order) -> None:
    assert attrs.evolve(order, lines=list(order.lines), refunds=list(order.refunds)) == order


@settings(max_examples=150, deadline=None)
@given(orders())
def test_the_amounts_of_an_order_agree(order: Order) -> None:
    amounts = (order.total, order.discount, order.shipping, order.refunded, order.subtotal)
    assert {each.currency for each in amounts if each is not None} <= {order.currency}
    assert (order.subtotal is None) == (not order.lines) == (order.item_count is None)
    assert Money.zero("KRW") <= order.refunded <= order.total
    assert order.settled_at >= order.at
