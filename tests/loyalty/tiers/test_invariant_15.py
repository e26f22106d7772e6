"""Invariant 15: a tier is a function of orders, refunds, reviews, window, policy and the tier before."""

from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from zoneinfo import ZoneInfo

import pytest
from attrs import asdict, evolve
from hypothesis import example, given
from hypothesis import strategies as st

from retention import months
from retention.activity import Activity
from retention.loyalty.tiers import AtOnce, Complete, Counting, Daily, Metrics, Monthly, Standing, Tier, Tiers
from retention.loyalty.tiers.schedule import next_after
from retention.money import Money, won
from retention.order import Order
from tests.loyalty.tiers import naive
from tests.loyalty.tiers.shop import order, points, profile, review

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
    at, goods, shipping = draw(instants), draw(amounts), draw(st.sampled_from((0, 0, 3, 100)))
    off = draw(st.sampled_from((0, 0, goods // 3, goods)))
    used = draw(st.sampled_from((0, 0, (goods - off) // 2, goods - off)))
    back, left = [], goods - off + shipping
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from((left, left // 2, min(left, shipping))))
        later = [each for each in FIRSTS if each >= at]  # edges of windows, at which nothing is known yet
        when = draw(st.sampled_from(later) if later else st.just(at))
        back.append((draw(st.sampled_from((when, at + timedelta(days=draw(st.integers(0, 90)))))), part))
        left -= part
    return naive.Bought(at, goods, shipping, off, used, tuple(back))


@st.composite
def ladders(draw: st.DrawFn) -> list[naive.Rung]:
    found = [naive.Rung("r0", "all", None, None, None)]
    for number in range(draw(st.integers(0, 4))):
        spend = draw(st.none() | st.sampled_from((0, 1, 100, 200, 300)))
        need = draw(st.sampled_from(("all", "any")))
        rung = naive.Rung(f"r{number + 1}", need, spend, draw(maybe), draw(maybe), draw(maybe))
        if rung.spend or rung.orders or rung.reviews or rung.points:
            found.append(rung)
    return found


moved = st.builds(
    naive.Moved, instants, st.integers(1, 3), st.sampled_from(("earned", "earned", "clawed", "staff", "spent"))
)
deeds = st.builds(
    naive.Deeds, st.lists(bought(), max_size=8), st.lists(instants, max_size=4), st.lists(moved, max_size=6)
)
policies = st.builds(
    naive.Policy,
    st.integers(1, 6),
    st.sampled_from(("immediate", "one step", "protected")),
    st.integers(0, 4),
    st.sampled_from((1, 1, 3, 12)),
    st.frozensets(st.sampled_from(("shipping", "coupons", "points"))),
)


def tier(rung: naive.Rung) -> Tier:
    return Tier(
        rung.name,
        need=rung.need,  # type: ignore[arg-type]
        spend=None if rung.spend is None else won(rung.spend),
        orders=rung.orders,
        reviews=rung.reviews,
        points=rung.points,
    )


def tiers(rungs: list[naive.Rung], policy: naive.Policy, zone: tzinfo, complete: bool) -> Tiers:
    return Tiers(
        [tier(rung) for rung in rungs],
        zone=zone,
        currency="KRW",
        window=Complete("month", policy.window) if complete else months(policy.window),
        schedule=Monthly(every=policy.every),
        counting=Counting(**dict.fromkeys(policy.counts, True)),  # type: ignore[arg-type]
        downgrade=policy.downgrade,  # type: ignore[arg-type]
        grace=months(policy.grace) if policy.grace else None,
    )


def facts(done: naive.Deeds, zone: tzinfo) -> tuple[list[Order | Activity], dict[str, Money]]:
    """What the library is given, and what points paid of the orders."""
    found: list[Order | Activity] = []
    used = {}
    for each in done.orders:
        back = [(_aware(when, zone), part) for when, part in each.back]
        made = order(_aware(each.at, zone), each.goods, *back, shipping=won(each.shipping), discount=won(each.off))
        used[made.id] = won(each.used)
        found.append(made)
    found += [review(_aware(each, zone)) for each in done.reviews]
    found += [_points(each, zone) for each in done.points]
    return found, used


def _points(moved: naive.Moved, zone: tzinfo) -> Activity:
    at = _aware(moved.at, zone)
    match moved.why:
        case "earned":
            return points(at, moved.amount)
        case "clawed":
            return points(at, -moved.amount, "adjusted")
        case "staff":
            return points(at, -moved.amount, "adjusted", None)
        case _:
            return points(at, moved.amount, "spent")


STEPS = [naive.Rung("r0", "all", None, None, None)] + [
    naive.Rung(f"r{number}", "all", 100 * number, None, None) for number in (1, 2, 3)
]
ONCE = naive.Bought(FIRSTS[0] + timedelta(days=3), 300)


@given(ladders(), deeds, policies, st.booleans(), st.sampled_from(ZONES), st.randoms())
@example(STEPS, naive.Deeds([ONCE]), naive.Policy(1, "one step", 2), False, UTC, Random(0))
@example(STEPS, naive.Deeds([ONCE]), naive.Policy(1, "one step", 2, every=12), True, UTC, Random(0))
@example(STEPS, naive.Deeds([evolve(ONCE, back=((FIRSTS[1], 300),))]), naive.Policy(6), False, UTC, Random(0))
def test_a_tier_is_what_the_plain_telling_says(
    rungs: list[naive.Rung], done: naive.Deeds, policy: naive.Policy, complete: bool, zone: tzinfo, random: Random
) -> None:
    several, used = facts(done, zone)
    random.shuffle(several)
    made, person = tiers(rungs, policy, zone, complete), profile(*several)
    first = made.evaluate(person, _aware(FIRSTS[0], zone), used=used)
    later = made.due(person, first.standing, _aware(FIRSTS[-1], zone), used=used)
    expected = naive.life(rungs, done, FIRSTS, policy)
    assert [(each.at, each.tier) for each in (first, *later)] == [(_aware(at, zone), name) for at, name in expected]


@given(deeds, policies, st.sampled_from(FIRSTS), st.sampled_from(ZONES))
def test_what_is_counted_is_what_the_plain_telling_says(
    done: naive.Deeds, policy: naive.Policy, first: datetime, zone: tzinfo
) -> None:
    several, used = facts(done, zone)
    found = tiers(STEPS, policy, zone, complete=False).evaluate(profile(*several), _aware(first, zone), used=used)
    expected = naive.counted(done, naive.months_before(first, policy.window), first, policy.counts)
    assert asdict(found.metrics) == expected


def _aware(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


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
    whole = profile(*facts(naive.Deeds(orders), UTC)[0])
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
