"""What orders earn: rates, scopes, multipliers, limits, and when it becomes theirs."""

from datetime import date, timedelta

import pytest

from retention import days
from retention.loyalty.ledger.head import Counter, Head
from retention.loyalty.ledger.terms import ByLines, Refunded, units
from retention.loyalty.programme import During, EarnRule, Expiry, Pending, Programme, Why
from retention.money import Money, Rounding, usd, won
from retention.order import Order, OrderLine
from retention.rules import orders
from retention.segments import Segment
from tests.loyalty.programme.shop import PLACED, SEOUL, at, line, order, points, profile, programme, refund

BASE = EarnRule("base", "0.01")
dormant = Segment("dormant", orders.at.last().older_than(days(90)))


def test_one_percent_rounded_down() -> None:
    assert points(programme(BASE), order(line(12_999))) == 129


@pytest.mark.parametrize(("how", "expected"), [("floor", 1), ("ceil", 2), ("half_up", 2), ("half_even", 2)])
def test_rounded_once_over_all_lines(how: Rounding, expected: int) -> None:
    rule = EarnRule("base", "0.01", rounding=how)
    assert points(programme(rule), order(line(50), line(50), line(50))) == expected


def test_a_point_per_dollar() -> None:
    shop = Programme("points", zone=SEOUL, currency="USD", earn=[EarnRule("base", "0.01")])
    bought = Order("o1", PLACED, lines=[OrderLine("p1", amount=usd("12.99"))], paid_at=PLACED)
    assert points(shop, bought) == 12


def test_shipping_never_counts() -> None:
    assert points(programme(BASE), order(line(10_000), shipping=won(3_000))) == 100


def test_what_discount_and_points_paid_does_not_count() -> None:
    bought = order(line(10_000), line(5_000), discount=won(1_500))
    assert points(programme(BASE), bought, used=won(3_000)) == 105


def test_a_total_that_leaves_out_what_points_paid_is_not_reduced_twice() -> None:
    bought = order(line(10_000), discount=won(1_000), total=won(7_000))
    assert points(programme(BASE), bought, used=won(2_000)) == 70


def test_nothing_counts_for_more_than_was_charged() -> None:
    assert points(programme(BASE), order(line(10_000), total=won(6_000))) == 60
    assert points(programme(BASE), order(line(10_000), shipping=won(3_000), total=won(8_000))) == 50


def test_an_order_without_lines_counts_as_one() -> None:
    bought = order(lines=(), total=won(13_000), shipping=won(3_000))
    assert points(programme(BASE), bought, used=won(1_000)) == 90


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"categories": {"coffee"}}, 100),
        ({"without": {"coffee"}}, 80),
        ({"categories": {"coffee", "tea"}, "without": {"tea"}}, 100),
        ({"by_category": {"coffee": "2"}}, 280),
        ({"by_category": {"coffee": "1.5", "tea": "0"}}, 180),
    ],
)
def test_categories(said: dict[str, object], expected: int) -> None:
    bought = order(line(10_000, "coffee"), line(5_000, "tea"), line(3_000))
    assert points(programme(EarnRule("base", "0.01", **said)), bought) == expected  # type: ignore[arg-type]


def test_tiers_multiply_and_limit() -> None:
    shop = programme(
        EarnRule("base", "0.01", by_tier={"gold": "1.5"}, by_category={"tea": "2"}),
        EarnRule("gold-extra", "0.005", tiers={"gold"}),
    )
    bought = order(line(10_000, "tea"))
    assert points(shop, bought) == 200
    assert points(shop, bought, tier="silver") == 200
    assert points(shop, bought, tier="gold") == 350
    assert shop.preview(bought, profile(bought)).outcomes[1].why[0].why is Why.OTHER_TIER


def test_capped_after_rounding() -> None:
    shop = programme(EarnRule("base", "0.01", cap=100))
    found = shop.preview(order(line(50_000)), profile())
    assert found.units == 100
    assert [(each.why, each.limit) for each in found.outcomes[0].why] == [(Why.CAPPED, 100)]


# Double points for dormant customers in category X this month: one line, with an ordinary segment. -------------------

COMEBACK = EarnRule("coffee-comeback", "0.01", categories={"coffee"}, when=dormant, during=During.month(2026, 3))


def test_double_points_for_dormant_customers() -> None:
    shop, bought = programme(BASE, COMEBACK), order(line(10_000, "coffee"), line(4_000, "tea"))
    long_ago = order(id="old", at=PLACED - timedelta(days=91))
    lately = order(id="new", at=PLACED - timedelta(days=89))
    assert shop.preview(bought, profile(long_ago, bought)).units == 140 + 100
    assert shop.preview(bought, profile(long_ago, lately, bought)).units == 140


def test_who_somebody_was_when_the_order_came() -> None:
    """The order itself, and what came after it, does not end the dormancy that it was promised to."""
    shop, bought = programme(COMEBACK), order(line(10_000, "coffee"))
    before, after = order(id="old", at=PLACED - timedelta(days=200)), order(id="next", at=PLACED + timedelta(days=1))
    assert shop.preview(bought, profile(before, bought, after)).units == 100


@pytest.mark.parametrize(
    ("placed", "inside"),
    [
        (at(2026, 3, 1) - timedelta(microseconds=1), False),
        (at(2026, 3, 1), True),
        (at(2026, 4, 1) - timedelta(microseconds=1), True),
        (at(2026, 4, 1), False),
    ],
)
def test_a_campaign_has_local_days(placed: object, inside: bool) -> None:
    shop = programme(EarnRule("march", "0.01", during=During.month(2026, 3)))
    bought = order(at=placed)  # type: ignore[arg-type]
    found = shop.preview(bought, profile(bought)).outcomes[0]
    assert bool(found.units) is inside
    assert [each.why for each in found.why] == ([] if inside else [Why.OTHER_TIME])


def test_why_not_is_told() -> None:
    shop, bought = programme(COMEBACK), order(line(10_000, "coffee"))
    recent = order(id="old", at=PLACED - timedelta(days=1))
    assert str(shop.preview(bought, profile(recent, bought))) == "coffee-comeback: 0 (only for dormant)\nin all: 0"


# 적립금 N일 후 지급: mileage becomes available N days after delivery is confirmed. ---------------------------------

WEEK_AFTER = Pending(days=7, event="confirmed")


def test_nothing_is_earned_before_confirmation_but_it_is_foreseen() -> None:
    shop = programme(BASE, after=WEEK_AFTER)
    bought = order()
    assert shop.earn(bought, profile(bought)) == ()
    found = shop.preview(bought, profile(bought)).outcomes[0]
    assert (found.units, found.why[0].why) == (129, Why.WAITS)
    assert str(found) == "base: 129 (7 days after the order is confirmed)"


def test_available_on_the_seventh_day_and_until_the_end_of_the_month_a_year_later() -> None:
    shop = programme(BASE, after=WEEK_AFTER, expiry=Expiry(months=12, month_end=True))
    bought = order(confirmed_at=at(2026, 3, 10, 23))
    (command,) = shop.earn(bought, profile(bought))
    assert command.key.startswith("order-1:base:")
    assert (command.rule, command.order, command.at) == ("base", "order-1", at(2026, 3, 10, 23))
    assert command.validity.day == date(2026, 3, 17)
    assert command.validity.available_at == at(2026, 3, 17)
    assert command.validity.expires_at == at(2027, 4, 1)


def test_a_rule_may_have_its_own_times() -> None:
    shop = programme(
        BASE, EarnRule("now", "0.01", after=Pending(event="placed"), expiry=Expiry(days=0)), after=WEEK_AFTER
    )
    (command,) = shop.earn(order(), profile(order()))
    assert command.rule == "now"
    assert command.validity.available_at == PLACED
    assert command.validity.expires_at == at(2026, 3, 3)


def test_the_same_facts_give_the_same_commands() -> None:
    shop, bought = programme(BASE), order()
    later = order(id="order-2", at=PLACED + timedelta(days=5))
    assert shop.earn(bought, profile(bought)) == shop.earn(bought, profile(bought, later))


def test_keys_of_different_rules_and_orders_differ() -> None:
    shop = programme(EarnRule("a", "1"), EarnRule("b:a", "1"))
    keys = [each.key for id in ("o", "o:b") for each in shop.earn(order(id=id), profile())]
    assert len(set(keys)) == 4


# Limits over several orders are quotas, which the ledger counts. -----------------------------------------------------


def test_limits_per_day_and_customer_are_quotas() -> None:
    rule = EarnRule("base", "0.01", per_day=500, per_customer=900, during=During.month(2026, 3))
    (command,) = programme(rule).earn(order(), profile())
    day, ever = command.quotas
    assert (day.key, day.most, day.until) == ("base:2026-03-02", 500, at(2026, 4, 3))
    assert (ever.key, ever.most, ever.until) == ("base:2026-03-01:", 900, at(2026, 5, 2))


def test_a_refund_before_the_order_earned_changes_no_terms() -> None:
    shop = programme(BASE)
    plain, refunded = order(), order(refunds=[refund(5_000)])
    assert shop.earn(plain, profile()) == shop.earn(refunded, profile())


def test_terms_are_exact_and_frozen_with_the_order() -> None:
    (command,) = programme(BASE).earn(order(line(999, name="a"), line(1, name="b"), shipping=won(500)), profile())
    assert isinstance(command.terms, ByLines)
    assert command.terms.payable == 1_500
    assert units(command.terms, Refunded(lines={"b": 1})) == 9
    assert units(command.terms, Refunded(anywhere=1_500)) == 0


def test_a_preview_knows_what_was_earned_under_a_limit() -> None:
    shop = programme(EarnRule("base", "0.01", per_day=150))
    head = Head(account=shop.account("c1"), counters=(Counter("base:2026-03-02", 100),))
    found = shop.preview(order(), profile(), head=head)
    assert found.units == 50
    assert found.outcomes[0].why[0].limit == 50
    assert found.commands[0].terms.cap is None  # the ledger counts for itself


def test_money_of_the_preview_is_the_shops() -> None:
    with pytest.raises(ValueError, match="USD"):
        programme(BASE).preview(Order("o1", PLACED, total=usd(3)), profile())
    with pytest.raises(ValueError, match="used"):
        points(programme(BASE), order(), used=usd(3))
    with pytest.raises(ValueError, match="negative"):
        points(programme(BASE), order(), used=Money(-1, "KRW"))
