"""Tiers as Korean shops have them: decided anew on the first of each month from what the last months brought."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from retention import calendar_days, days, months, this_year
from retention.errors import CurrencyMismatch, FactError, NaiveInstant, UnknownChoice
from retention.loyalty.tiers import (
    AtOnce,
    Complete,
    Counting,
    Daily,
    Evaluation,
    Metrics,
    Monthly,
    Standing,
    Tier,
    Tiers,
)
from retention.money import usd, won
from retention.order import Order
from tests.loyalty.tiers.shop import GOLD, at, grades, order, points, profile, review, standing

TICK = timedelta(microseconds=1)
OCTOBER = order(at(10, 15), 120_000)


NOVEMBER = at(11, 1)


def tier(made: Tiers, *facts: Any, when: datetime = NOVEMBER) -> str:
    return made.evaluate(profile(*facts), when).tier


def test_the_highest_tier_whose_thresholds_are_all_met() -> None:
    made = grades()
    assert tier(made) == "family"
    assert tier(made, OCTOBER) == "silver"
    assert tier(made, OCTOBER, order(at(10, 16), 200_000)) == "silver"  # two orders are not three
    assert tier(made, OCTOBER, order(at(10, 16), 100_000), order(at(10, 17), 80_000)) == "gold"


def test_a_tier_may_be_skipped() -> None:
    made = grades(Tier("family"), Tier("reviewer", reviews=5), Tier("buyer", orders=1))
    assert tier(made, OCTOBER) == "buyer"


@pytest.mark.parametrize(
    ("thresholds", "reached"),
    [
        ({"spend": won(120_000), "orders": 5}, True),
        ({"spend": won(120_001), "orders": 1}, True),
        ({"spend": won(120_001), "orders": 2}, False),
        ({"spend": won(0), "orders": 2}, False),  # a threshold of 0 is no way in
        ({"reviews": 1}, True),
        ({"points": 50}, True),
        ({"points": 51}, False),
    ],
)
def test_any_of_its_thresholds(thresholds: dict[str, Any], reached: bool) -> None:
    made = grades(Tier("family"), Tier("club", need="any", **thresholds))
    facts = (OCTOBER, review(at(10, 20)), points(at(10, 20), 50))
    assert (tier(made, *facts) == "club") is reached


@pytest.mark.parametrize(
    ("paid", "counts"),
    [
        (at(8, 1) - TICK, False),
        (at(8, 1), True),
        (at(11, 1) - TICK, True),
        (at(11, 1), False),
    ],
)
def test_the_window_is_closed_at_its_beginning_and_open_at_its_end(paid: datetime, counts: bool) -> None:
    for window in (months(3), Complete("month", 3), calendar_days(92)):
        assert grades(window=window).evaluate(profile(order(paid)), at(11, 1)).metrics.orders == counts
        assert grades(window=window).evaluate(profile(review(paid)), at(11, 1)).metrics.reviews == counts


@pytest.mark.parametrize(
    ("window", "when", "start", "end"),
    [
        (months(6), at(11, 1), at(5, 1), at(11, 1)),
        (months(1), at(3, 31), at(2, 28), at(3, 31)),
        (days(7), at(11, 8, 5), at(11, 1, 5), at(11, 8, 5)),
        (calendar_days(7), at(11, 8), at(11, 1), at(11, 8)),
        (calendar_days(7), at(11, 8, 5), at(11, 2), at(11, 8, 5)),
        (this_year(), at(11, 8, 5), at(1, 1), at(11, 8, 5)),
        (this_year(), at(1, 1), at(1, 1, year=2025), at(1, 1)),
        (Complete("month"), at(11, 1), at(10, 1), at(11, 1)),
        (Complete("month"), at(11, 15), at(10, 1), at(11, 1)),
        (Complete("quarter"), at(11, 15), at(7, 1), at(10, 1)),
        (Complete("quarter", 2), at(1, 1), at(7, 1, year=2025), at(1, 1)),
        (Complete("year"), at(11, 15), at(1, 1, year=2025), at(1, 1)),
    ],
)
def test_windows(window: Any, when: datetime, start: datetime, end: datetime) -> None:
    found = grades(window=window).evaluate(profile(), when)
    assert (found.start, found.end) == (start, end)


def test_a_window_longer_than_the_calendar_begins_with_it() -> None:
    found = grades(window=Complete("year", 12_000)).evaluate(profile(OCTOBER), at(11, 1, year=2027))
    assert found.metrics.orders == 1


# What counts ---------------------------------------------------------------------------------------------------------


def test_net_of_the_refunds_that_are_known() -> None:
    made = grades()
    bought = order(at(10, 2), 150_000, (at(10, 20), 30_000), (at(11, 1), 50_000))
    assert made.evaluate(profile(bought), at(11, 1)).metrics == Metrics(spend=120_000, orders=1)
    assert made.evaluate(profile(bought), at(11, 1) + TICK).metrics == Metrics(spend=70_000, orders=1)


@pytest.mark.parametrize(
    ("back", "counting", "spend"),
    [
        (3_000, Counting(), 100_000),
        (3_001, Counting(), 99_999),
        (2_000, Counting(shipping=True), 101_000),
        (102_999, Counting(), 1),
        (102_999, Counting(shipping=True), 1),
        (3_000, Counting(coupons=True), 110_000),
        (3_001, Counting(coupons=True), 109_999),
    ],
)
def test_shipping_that_does_not_count_is_given_back_first(back: int, counting: Counting, spend: int) -> None:
    bought = order(at(10, 2), 110_000, (at(10, 20), back), discount=won(10_000), shipping=won(3_000))
    made = grades(counting=counting)
    assert made.evaluate(profile(bought), at(11, 1)).metrics == Metrics(spend=spend, orders=1)


def test_an_order_that_was_given_back_is_none() -> None:
    bought = order(at(10, 2), 150_000, (at(10, 20), 150_000))
    assert grades().evaluate(profile(bought), at(11, 1)).metrics == Metrics()


def test_a_free_order_is_one() -> None:
    free = order(at(10, 2), 150_000, discount=won(150_000))
    assert grades().evaluate(profile(free), at(11, 1)).metrics == Metrics(spend=0, orders=1)


@pytest.mark.parametrize(
    ("said", "spend"),
    [
        ({}, 85_000),
        ({"shipping": True}, 88_000),
        ({"coupons": True}, 95_000),
        ({"points": True}, 90_000),
        ({"shipping": True, "coupons": True, "points": True}, 103_000),
    ],
)
@pytest.mark.parametrize("total", [None, won(88_000)])  # whether or not it leaves out what points paid
def test_what_of_an_order_counts(said: dict[str, bool], spend: int, total: Any) -> None:
    bought = order(at(10, 2), 100_000, discount=won(10_000), shipping=won(3_000), total=total)
    made = grades(counting=Counting(**said))  # type: ignore[arg-type]
    found = made.evaluate(profile(bought), at(11, 1), used={bought.id: won(5_000)})
    assert found.metrics.spend == spend


def test_an_order_counts_from_its_event_on() -> None:
    bought = order(at(9, 30), confirmed_at=at(10, 2))
    made = grades(window=Complete("month"), counting=Counting(event="confirmed"))
    assert made.evaluate(profile(bought), at(11, 1)).metrics.orders == 1
    assert made.evaluate(profile(bought), at(10, 1)).metrics.orders == 0
    assert made.evaluate(profile(order(at(10, 2), paid_at=None)), at(11, 1)).metrics.orders == 0


def test_points_that_were_taken_back_were_not_earned() -> None:
    facts = (
        points(at(10, 1), 500),
        points(at(10, 2), -100, "adjusted"),
        points(at(10, 3), -50, "adjusted", None),  # staff took them: they were earned all the same
        points(at(10, 3), 70, "adjusted"),
        points(at(10, 4), 200, "spent"),
    )
    assert grades().evaluate(profile(*facts), at(11, 1)).metrics.points == 400


# Up, down, grace -----------------------------------------------------------------------------------------------------


def test_up_at_the_next_evaluation_and_down_when_it_is_over() -> None:
    made = grades(window=Complete("month"))
    found = made.due(profile(OCTOBER), standing("family", at(10, 1)), at(12, 31))
    assert [(each.at, each.tier, each.verdict) for each in found] == [
        (at(11, 1), "silver", "raised"),
        (at(12, 1), "family", "lowered"),
    ]


def lives(made: Tiers, months_later: int) -> list[str]:
    """Of somebody who was gold and does nothing any more."""
    start = standing("gold", at(1, 1))
    return [each.tier for each in made.due(profile(), start, at(1 + months_later, 1))]


def test_downgrades() -> None:
    assert lives(grades(), 2) == ["family", "family"]
    assert lives(grades(downgrade="one step"), 3) == ["silver", "family", "family"]
    assert lives(grades(downgrade="protected"), 3) == ["gold", "gold", "gold"]


def test_grace_is_counted_from_the_first_evaluation_that_failed() -> None:
    assert lives(grades(grace=months(2)), 4) == ["gold", "gold", "family", "family"]
    assert lives(grades(grace=months(1), downgrade="one step"), 5) == ["gold", "silver", "family", "family", "family"]


def test_grace_ends_on_its_own_day() -> None:
    made = grades(grace=calendar_days(10))
    first, second = made.due(profile(), standing("gold", at(1, 1)), at(2, 28))
    assert (first.at, first.verdict, first.kept_until) == (at(2, 1), "in grace", at(2, 11))
    assert (second.at, second.verdict, second.tier) == (at(2, 11), "lowered", "family")


def test_who_recovers_in_grace_begins_anew() -> None:
    made = grades(grace=months(2), window=Complete("month"))
    bought = [order(at(2, day), 150_000) for day in (3, 4, 5)]
    found = made.due(profile(*bought), standing("gold", at(1, 1)), at(5, 31))
    assert [each.verdict for each in found] == ["in grace", "kept", "in grace", "in grace"]
    assert found[-1].standing.failing_since == at(4, 1)


def test_since_says_when_the_tier_began() -> None:
    made = grades(grace=months(6))
    found = made.due(profile(OCTOBER), standing("family", at(10, 1)), at(3, 1, year=2027))
    assert {each.standing.since for each in found} == {at(11, 1)}
    assert found[-1].standing.failing_since == at(2, 1, year=2027)


def test_two_decisions_at_one_instant_lower_once() -> None:
    made = grades(downgrade="one step")
    once = made.evaluate(profile(), at(2, 1), standing("gold", at(1, 1)))
    twice = made.evaluate(profile(), at(2, 1), once.standing)
    assert (once.tier, twice.tier) == ("silver", "silver")


def test_a_late_job_decides_what_it_would_have_decided_in_time() -> None:
    made, start = grades(window=Complete("month"), grace=calendar_days(3)), standing("family", at(9, 1))
    facts = profile(OCTOBER, order(at(12, 5), 400_000))
    late = made.due(facts, start, at(3, 15, year=2027))
    now: Standing = start
    step: list[Evaluation] = []
    for day in range(260):
        found = made.due(facts, now, at(9, 1) + timedelta(days=day))
        step += found
        now = found[-1].standing if found else now
    assert tuple(each for each in step if each.at <= at(3, 15, year=2027)) == late
    assert len(late) > 6


# Schedules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "evaluated", "expected"),
    [
        (Monthly(), at(10, 1), at(11, 1)),
        (Monthly(), at(10, 1) - TICK, at(10, 1)),
        (Monthly(day=31), at(1, 31), at(2, 28)),
        (Monthly(day=5, every=3), at(1, 5), at(4, 5)),
        (Monthly(day=5, every=12), at(1, 5), at(1, 5, year=2027)),
        (Monthly(every=6), at(12, 31), at(1, 1, year=2027)),
        (Daily(), at(10, 1, 5), at(10, 2)),
        (AtOnce(), at(10, 1), None),
    ],
)
def test_when_it_is_decided_next(schedule: Any, evaluated: datetime, expected: datetime | None) -> None:
    assert grades(schedule=schedule).next_evaluation(standing("family", evaluated)) == expected


def test_at_once_needs_no_schedule() -> None:
    made = grades(schedule=AtOnce(), window=days(30))
    bought = order(at(10, 15))
    assert tier(made, bought, when=at(10, 15)) == "family"
    assert tier(made, bought, when=at(10, 15) + TICK) == "silver"
    assert tier(made, bought, when=at(10, 15) + timedelta(days=30, microseconds=1)) == "family"


def test_at_once_grace_ends_by_time() -> None:
    made = grades(schedule=AtOnce(), grace=days(5))
    kept = made.evaluate(profile(), at(2, 1), standing("gold", at(1, 1)))
    assert kept.verdict == "in grace"
    assert made.next_evaluation(kept.standing) == at(2, 6)


# Looking ahead -------------------------------------------------------------------------------------------------------


def test_what_is_missing_to_the_next_tier() -> None:
    made = grades()
    found = made.progress(profile(OCTOBER), "silver", at(10, 20))
    assert found is not None
    assert (found.tier, found.need) == ("gold", "all")
    assert [(each.metric, each.lacking) for each in found.lacking] == [("spend", 180_000), ("orders", 2)]
    assert str(found) == "gold: spend: 120,000원 of 300,000원, 180,000원 more; orders: 1 of 3, 2 more"
    assert made.progress(profile(OCTOBER), "gold", at(10, 20)) is None


def test_what_has_just_happened_is_not_missing() -> None:
    found = grades().progress(profile(OCTOBER), "family", at(10, 15))
    assert found is not None
    assert str(found) == "silver: reached"


def test_any_one_part_is_enough() -> None:
    made = grades(Tier("family"), Tier("club", need="any", spend=won(200_000), reviews=2))
    assert str(made.progress(profile(OCTOBER), "family", at(10, 20))) == (
        "club: spend: 120,000원 of 200,000원, 80,000원 more or reviews: 0 of 2, 2 more"
    )


def test_the_next_evaluation_as_it_will_be() -> None:
    made, now = grades(window=Complete("month")), standing("silver", at(10, 1))
    later = order(at(10, 25), 500_000)
    found = made.preview(profile(OCTOBER, later), now, at(10, 20))
    assert (found.at, found.tier, found.metrics.spend) == (at(11, 1), "silver", 120_000)
    assert made.preview(profile(later), now, at(10, 20)).tier == "family"
    at_once = grades(schedule=AtOnce())
    assert at_once.preview(profile(OCTOBER), now, at(10, 20)).tier == "silver"


def test_a_decision_explains_itself() -> None:
    made = grades(window=Complete("month", 3), grace=calendar_days(30))
    found = made.evaluate(profile(OCTOBER), at(11, 1), standing("gold", at(10, 1)))
    assert str(found) == (
        "2026-11-01: gold, silver is earned, kept until 2026-12-01 00:00\n"
        "  counted from 2026-08-01 00:00 to 2026-11-01 00:00: spend 120,000, orders 1, points 0, reviews 0"
    )
    lowered = grades().evaluate(profile(OCTOBER), at(11, 1), standing("gold", at(10, 1)))
    assert str(lowered).startswith("2026-11-01: silver, lowered from gold\n")
    assert str(lowered).endswith("next gold: spend: 120,000원 of 300,000원, 180,000원 more; orders: 1 of 3, 2 more")
    assert "the first tier decided" in str(grades().evaluate(profile(), at(11, 1)))
    assert "earned again" in str(grades().evaluate(profile(), at(11, 1), standing("family", at(10, 1))))
    protected = grades(downgrade="protected").evaluate(profile(), at(11, 1), standing("gold", at(10, 1)))
    assert "kept because tiers are protected" in str(protected)
    raised = grades().evaluate(profile(OCTOBER), at(11, 1), standing("family", at(10, 1)))
    assert "silver, raised from family" in str(raised)


# Refusals ------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_decided_is_refused() -> None:
    made = grades()
    with pytest.raises(NaiveInstant):
        made.evaluate(profile(), datetime(2026, 11, 1))
    with pytest.raises(FactError, match="before the last evaluation"):
        made.evaluate(profile(), at(10, 1), standing("gold", at(10, 2)))
    with pytest.raises(UnknownChoice) as caught:
        made.evaluate(profile(), at(11, 1), standing("gould", at(10, 1)))
    assert caught.value.nearest == "gold"
    with pytest.raises(UnknownChoice):
        made.progress(profile(), "platinum", at(11, 1))
    with pytest.raises(CurrencyMismatch):
        made.evaluate(profile(Order("o1", at(10, 2), total=usd(3))), at(11, 1))
    with pytest.raises(CurrencyMismatch):
        made.evaluate(profile(OCTOBER), at(11, 1), used={OCTOBER.id: usd(1)})


def test_invariant_12_tiers_changed_tomorrow_change_no_tier_decided_today() -> None:
    made = grades()
    facts = profile(OCTOBER)
    today = made.evaluate(facts, at(11, 1))
    changed = grades(Tier("family"), Tier("silver", spend=won(900_000)), GOLD)
    tomorrow = changed.due(facts, today.standing, at(11, 30))
    assert tomorrow == ()
    assert (today.tier, made.evaluate(facts, at(11, 1))) == ("silver", today)


def test_the_names_are_in_order() -> None:
    assert grades().names == ("family", "silver", "gold")
    assert grades().tier("gold") is GOLD
