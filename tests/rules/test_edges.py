"""Edges where an engine is wrong first: the last row counted, the very instant, two missing values, a skipped hour."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from operator import eq, ge, gt, le, lt
from zoneinfo import ZoneInfo

import pytest

from retention.activity import Visit
from retention.customer import Customer
from retention.profile import Profile
from retention.rules import Rule, customer, orders, visits
from retention.rules.backends.evaluate import compile_rule
from retention.rules.backends.explain import explain
from retention.rules.backends.reference import holds
from retention.rules.nodes import (
    Aggregate,
    Anniversary,
    Attribute,
    Compare,
    Comparison,
    Events,
    LeapDay,
    Literal,
    MonthDays,
)
from retention.rules.nodes import Rule as Node
from retention.spans import TICK, hours, midnight, months, resolve, shift, today

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEW_YORK, HAVANA = ZoneInfo("America/New_York"), ZoneInfo("America/Havana")

ENGINES: dict[str, Callable[[Node, Profile, datetime], bool]] = {
    "reference": holds,
    "evaluate": lambda rule, profile, as_of: compile_rule(rule).at(as_of)(profile),
    "explain": lambda rule, profile, as_of: explain(rule, profile, as_of).holds,
}
each_engine = pytest.mark.parametrize("answer", ENGINES.values(), ids=ENGINES.keys())


def visited(*instants: datetime) -> Profile:
    return Profile.build(Customer("c"), [Visit(f"v{number}", at) for number, at in enumerate(instants)])


@each_engine
@pytest.mark.parametrize(("operator", "means"), [("<", lt), ("<=", le), ("==", eq), (">=", ge), (">", gt)])
@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_counts(
    answer: Callable[[Node, Profile, datetime], bool],
    operator: Comparison,
    means: Callable[[int, int], bool],
    number: int,
) -> None:
    window = visits.within(hours(12)).node
    selections = (Events("visits"), window, Events(Events("visits"), None, 2))
    for rows in range(5):
        profile = visited(*(NOW - number * TICK for number in range(rows)))
        for selection, count in zip(selections, (rows, rows, int(rows > 1)), strict=True):
            rule = Compare(operator, Aggregate("count", selection), Literal(number))
            assert answer(rule, profile, NOW) is means(count, number)


@each_engine
def test_what_happens_at_the_very_instant_is_known_and_nothing_later(
    answer: Callable[[Node, Profile, datetime], bool],
) -> None:
    profile = visited(NOW - DAY, NOW, NOW, NOW + TICK, NOW + DAY)
    assert answer((visits.count() == 3).node, profile, NOW)
    assert answer((visits.count() == 1).node, profile, NOW - TICK)
    assert answer((visits.count() == 4).node, profile, NOW + TICK)


@each_engine
def test_two_missing_values_are_not_equal(answer: Callable[[Node, Profile, datetime], bool]) -> None:
    both_missing: tuple[Rule, ...] = (
        customer.country == customer.city,
        orders.at.first() == customer.joined_at,
        orders.at.first() <= orders.at.last(),
        orders.channel.first() == orders.channel.last(),
    )
    for rule in both_missing:
        assert not answer(rule.node, visited(), NOW)
        assert answer((~rule).node, visited(), NOW)


@each_engine
def test_a_month_back_into_an_hour_that_clocks_skip(answer: Callable[[Node, Profile, datetime], bool]) -> None:
    """On 10 March 2024 clocks in New York go from 02:00 to 03:00, and 02:30 is read as 03:00, which is 07:00 UTC."""
    as_of, after_the_gap = datetime(2024, 4, 10, 2, 30, tzinfo=NEW_YORK), datetime(2024, 3, 10, 7, tzinfo=UTC)
    assert shift(as_of, months(1), -1, NEW_YORK) == after_the_gap
    rule = visits.within(months(1)).any().node
    assert not answer(rule, visited(after_the_gap), as_of)
    assert answer(rule, visited(after_the_gap + TICK), as_of)


@each_engine
def test_a_month_back_into_an_hour_that_comes_twice(answer: Callable[[Node, Profile, datetime], bool]) -> None:
    """On 3 November 2024 01:30 comes twice in New York; the first of the two is 05:30 UTC."""
    as_of, first = datetime(2024, 12, 3, 1, 30, tzinfo=NEW_YORK), datetime(2024, 11, 3, 5, 30, tzinfo=UTC)
    rule = visits.within(months(1)).any().node
    assert not answer(rule, visited(first), as_of)
    assert answer(rule, visited(first + TICK), as_of)


@pytest.mark.parametrize(
    "rule",
    [
        visits.within(hours(12)).any(),
        visits.within(hours(12)).none(),
        visits.at.last().older_than(hours(12)),
        visits.at.last().between(hours(1), hours(12)),
        visits.within(months(1)).count() >= 2,
        visits.followed_by(orders, within=hours(36)),
        visits.not_followed_by(orders, within=hours(36)),
        customer.country.is_missing(),
    ],
    ids=str,
)
def test_a_rule_and_its_complement_change_together(rule: Rule) -> None:
    for as_of in (NOW, NOW + hours(12).timedelta, NOW + DAY, NOW + 40 * DAY):
        profile = visited(NOW, NOW - TICK)
        change = rule.next_change(profile, as_of)
        assert (~rule).next_change(profile, as_of) == change
        if change is not None:
            assert rule.matches(profile, change) is not rule.matches(profile, as_of)
            assert rule.matches(profile, change - TICK) is rule.matches(profile, as_of)


def test_midnights_that_are_skipped_and_that_come_twice() -> None:
    assert midnight(datetime(2024, 3, 10).date(), HAVANA) == datetime(2024, 3, 10, 5, tzinfo=UTC)
    assert midnight(datetime(2024, 11, 3).date(), HAVANA) == datetime(2024, 11, 3, 4, tzinfo=UTC)
    assert resolve(datetime(2024, 3, 10, 0, 59, 59), HAVANA) == datetime(2024, 3, 10, 5, tzinfo=UTC)
    assert resolve(datetime(2024, 3, 10, 1), HAVANA) == datetime(2024, 3, 10, 5, tzinfo=UTC)


@each_engine
def test_an_imaginary_wall_time_is_read_as_the_instant_it_stands_for(
    answer: Callable[[Node, Profile, datetime], bool],
) -> None:
    zone = ZoneInfo("America/Sao_Paulo")  # clocks went from 23:59:59 on the 3rd to 01:00 on the 4th
    imaginary = datetime(2018, 11, 4, 0, 30, tzinfo=zone, fold=1)
    instant = imaginary.astimezone(UTC)
    profile = visited(instant - timedelta(minutes=10), instant - timedelta(minutes=90))
    assert answer((visits.within(today()).count() >= 2).node, profile, imaginary)


@each_engine
@pytest.mark.parametrize(("leap", "month"), [("feb28", 2), ("mar1", 3), ("skip", None)])
def test_29_february_among_days_of_a_common_year(
    answer: Callable[[Node, Profile, datetime], bool], leap: LeapDay, month: int | None
) -> None:
    profile = Profile.build(Customer("c", birthday=date(2000, 2, 29)), [])
    for number, window in ((2, MonthDays((2, 1), (2, 28))), (3, MonthDays((3, 1), (3, 31)))):
        rule = Anniversary(Attribute("birthday"), window, leap)
        assert answer(rule, profile, NOW) is (number == month)
        assert not answer(rule, profile, NOW.replace(year=2028)), "a leap year has the day itself"
