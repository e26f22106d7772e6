"""Invariant 15: a tier is a function of orders, refunds, reviews, window, policy and the tier before."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention import months
from retention.activity import Review
from retention.loyalty.tiers import AtOnce, Complete, Daily, Metrics, Monthly, Standing, Tier, Tiers
from retention.loyalty.tiers.schedule import next_after
from retention.money import won
from retention.order import Order
from retention.profile import Profile
from tests.loyalty.tiers import naive
from tests.loyalty.tiers.shop import order, profile, review

NEW_YORK = ZoneInfo("America/New_York")
CAIRO = ZoneInfo("Africa/Cairo")  # skips midnight
ZONES = (UTC, ZoneInfo("Asia/Seoul"), NEW_YORK, CAIRO)
FIRSTS = [datetime(2025 + number // 12, number % 12 + 1, 1) for number in range(18)]

instants = st.one_of(
    st.sampled_from(FIRSTS),  # edges of windows
    st.sampled_from(FIRSTS).map(lambda each: each - timedelta(microseconds=1)),
    st.datetimes(FIRSTS[0], FIRSTS[-1]),
)
amounts = st.sampled_from((0, 1, 99, 100, 101)) | st.integers(0, 400)
maybe = st.none() | st.sampled_from((0, 1, 2, 3))


@st.composite
def bought(draw: st.DrawFn) -> naive.Bought:
    at, amount = draw(instants), draw(amounts)
    back, left = [], amount
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from((left, left // 2)))
        back.append((at + timedelta(days=draw(st.integers(0, 90))), part))
        left -= part
    return naive.Bought(at, amount, tuple(back))


@st.composite
def ladders(draw: st.DrawFn) -> list[naive.Rung]:
    found = [naive.Rung("r0", "all", None, None, None)]
    for number in range(draw(st.integers(0, 4))):
        spend = draw(st.none() | st.sampled_from((0, 1, 100, 200, 300)))
        rung = naive.Rung(f"r{number + 1}", draw(st.sampled_from(("all", "any"))), spend, draw(maybe), draw(maybe))
        if rung.spend or rung.orders or rung.reviews:
            found.append(rung)
    return found


def tier(rung: naive.Rung) -> Tier:
    spend = None if rung.spend is None else won(rung.spend)
    return Tier(rung.name, need=rung.need, spend=spend, orders=rung.orders, reviews=rung.reviews)  # type: ignore[arg-type]


@given(
    ladders(), st.lists(bought(), max_size=8), st.lists(instants, max_size=4), st.integers(1, 6), st.booleans(),
    st.sampled_from(("immediate", "one step", "protected")), st.integers(0, 4), st.sampled_from(ZONES), st.randoms(),
)  # fmt: skip
def test_a_tier_is_what_the_plain_telling_says(
    rungs: list[naive.Rung],
    orders: list[naive.Bought],
    reviews: list[datetime],
    window: int,
    complete: bool,
    downgrade: str,
    grace: int,
    zone: ZoneInfo,
    random: Random,
) -> None:
    made = Tiers(
        [tier(rung) for rung in rungs],
        zone=zone,
        currency="KRW",
        window=Complete("month", window) if complete else months(window),
        downgrade=downgrade,  # type: ignore[arg-type]
        grace=months(grace) if grace else None,
    )
    facts = [
        order(_aware(each.at, zone), each.amount, *((_aware(when, zone), part) for when, part in each.back))
        for each in orders
    ]
    several: list[Order | Review] = [*facts, *(review(_aware(each, zone)) for each in reviews)]
    random.shuffle(several)
    person = profile(*several)
    expected = naive.life(rungs, orders, reviews, FIRSTS, window=window, downgrade=downgrade, grace=grace)
    assert _life(made, person, zone) == expected


def _aware(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _life(made: Tiers, person: Profile, zone: ZoneInfo) -> list[str]:
    """Entered on the first of the firsts; then whatever falls due, which is the firsts and nothing else."""
    first = made.evaluate(person, _aware(FIRSTS[0], zone))
    later = made.due(person, first.standing, _aware(FIRSTS[-1], zone))
    assert [each.at for each in (first, *later)] == [_aware(each, zone) for each in FIRSTS]
    return [each.tier for each in (first, *later)]


METRICS = st.builds(Metrics, amounts, st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))


@given(ladders(), METRICS, METRICS)
def test_more_never_earns_less(rungs: list[naive.Rung], one: Metrics, more: Metrics) -> None:
    made = Tiers([tier(rung) for rung in rungs], zone=UTC, currency="KRW", window=months(1))
    both = Metrics(
        one.spend + more.spend, one.orders + more.orders, one.points + more.points, one.reviews + more.reviews
    )
    assert made.names.index(made.earned(both)) >= made.names.index(made.earned(one))


@given(st.lists(bought(), max_size=6), instants)
def test_what_comes_later_changes_nothing_decided_before(orders: list[naive.Bought], when: datetime) -> None:
    made = Tiers([Tier("r0"), Tier("r1", spend=won(100))], zone=UTC, currency="KRW", window=months(3))
    at = _aware(when, ZoneInfo("UTC"))
    facts = [
        order(each.at.replace(tzinfo=UTC), each.amount, *((day.replace(tzinfo=UTC), part) for day, part in each.back))
        for each in orders
    ]
    whole = profile(*facts)
    assert made.evaluate(whole, at) == made.evaluate(whole.until(at), at)


@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.builds(Monthly, st.integers(1, 31), st.sampled_from((1, 2, 3, 4, 6, 12))) | st.just(Daily()),
    st.sampled_from((*ZONES, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia"))),
)
def test_an_evaluation_is_the_first_instant_of_its_day_and_none_is_left_out(
    after: datetime, schedule: Monthly | Daily, zone: ZoneInfo
) -> None:
    found = next_after(schedule, after, zone)
    assert found is not None
    assert found > after
    local = found.astimezone(zone)
    assert (found - timedelta(microseconds=1)).astimezone(zone).date() < local.date()
    tick = found - timedelta(microseconds=1)
    if tick > after:
        assert next_after(schedule, tick, zone) == found
    if isinstance(schedule, Daily):
        assert found - after <= timedelta(hours=49)
    else:
        assert (local.month - 1) % schedule.every == 0
        assert local.day == schedule.day or (local + timedelta(days=1)).month != local.month
        assert found - after <= timedelta(days=31 * schedule.every + 1)


@pytest.mark.parametrize("zone", [NEW_YORK, CAIRO])
def test_whole_days_across_a_clock_change(zone: ZoneInfo) -> None:
    """A year of daily evaluations, each at the first instant of its day: none is missed and none comes twice."""
    made = Tiers([Tier("r0")], zone=zone, currency="KRW", window=months(1), schedule=Daily())
    begin = datetime(2026, 1, 1, tzinfo=zone).astimezone(UTC)
    found = made.due(profile(), Standing("r0", begin, begin), begin + timedelta(days=365))
    assert [each.at.date() for each in found] == [
        (datetime(2026, 1, 2) + timedelta(days=number)).date() for number in range(365)
    ]
    hours = {each.at.hour for each in found}
    assert hours == ({0} if zone is NEW_YORK else {0, 1})


def test_another_policy_is_another_function_and_the_same_one_the_same() -> None:
    made = Tiers([Tier("r0"), Tier("r1", spend=won(100))], zone=UTC, currency="KRW", window=months(3))
    person = profile(order(datetime(2026, 2, 3, tzinfo=UTC), 150))
    when = datetime(2026, 3, 1, tzinfo=UTC)
    assert made.evaluate(person, when) == evolve(made, schedule=AtOnce()).evaluate(person, when)
    assert evolve(made, window=Complete("month", 1)).evaluate(person, when).tier == "r1"
    assert evolve(made, tiers=[Tier("r0"), Tier("r1", spend=won(151))]).evaluate(person, when).tier == "r0"
