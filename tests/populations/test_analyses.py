"""Sizes, scales, cohorts, lifetime values and changes of a population: the same as of its profiles one by one."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import sqlalchemy as sa

from retention import Customer, Order, Profile, Segment, SegmentSet, days, months, won
from retention.errors import ConfigurationError, FactError, UnknownChoice, UnmappedName, WrongKind
from retention.populations import changed, cohorts, count, learn_scale, lifetime_values
from retention.rules import customer, orders
from retention.segments import Scale
from retention.spans import local, utc
from retention.sql import Tables, rows
from tests.populations.people import WON, random_people
from tests.populations.plain import PlainPopulation

SEOUL = ZoneInfo("Asia/Seoul")
AS_OF = datetime(2026, 3, 15, 12, tzinfo=SEOUL)

SEGMENTS = SegmentSet(
    [
        Segment("new", customer.joined_at.within(days(7))),
        Segment("dormant", orders.placed_at.last().older_than(days(90))),
        Segment("repeat", orders.count() >= 2),
        Segment("big", orders.total.sum() >= won(1_000)),
    ]
)


def order(number: int, at: datetime, total: int = 1_000, status: str = "placed") -> Order:
    return Order(f"o{number}", at, total=won(total), status=status)


def buyer(name: str, *bought: tuple[datetime, int]) -> Profile:
    placed = [Order(f"{name}-{number}", at, total=won(total)) for number, (at, total) in enumerate(bought)]
    return Profile.build(Customer(name), placed)


@pytest.mark.parametrize("seed", range(20))
def test_sizes_are_those_of_the_profiles(seed: int) -> None:
    profiles, as_of = random_people(seed)
    population = PlainPopulation(profiles, WON)
    assert count(SEGMENTS, population, as_of) == SEGMENTS.count(profiles, as_of)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("window", [None, months(6)], ids=["all orders", "half a year"])
def test_a_scale_is_the_one_learnt_from_the_profiles(seed: int, window: object) -> None:
    people, as_of = random_people(seed)
    for ignoring in ((), ("placed",)):
        try:
            expected = Scale.learn(people, as_of, window=window, ignoring=ignoring, schema=WON)  # type: ignore[arg-type]
        except ConfigurationError:
            with pytest.raises(ConfigurationError, match="no customer has bought"):
                learn_scale(PlainPopulation(people, WON), as_of, window=window, ignoring=ignoring)  # type: ignore[arg-type]
            continue
        assert learn_scale(PlainPopulation(people, WON), as_of, window=window, ignoring=ignoring) == expected  # type: ignore[arg-type]


def test_progress_is_told_of_queries() -> None:
    told: list[tuple[int, int | None]] = []
    population = PlainPopulation([buyer("a", (AS_OF, 1))])
    learn_scale(population, AS_OF, progress=lambda done, total: told.append((done, total)))
    assert told == [(number, 10) for number in range(1, 11)]


def test_money_is_added_up_in_one_currency() -> None:
    several = PlainPopulation([], currency=None)
    for ask in (learn_scale, lifetime_values):
        with pytest.raises(ConfigurationError, match="no one currency"):
            ask(several, AS_OF)


def test_tables_without_a_connection_are_asked_for_no_numbers() -> None:
    users = sa.table("users", sa.column("id"), sa.column("made"))
    tables = Tables(customers=rows(users, id="id"), orders=rows(users, customer="id", at="made"))
    with pytest.raises(WrongKind, match=r"tables\.on\(connection\)"):
        cohorts(tables, AS_OF)  # type: ignore[arg-type]


# Cohorts. -------------------------------------------------------------------------------------------------------------


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SEOUL)


PEOPLE = [
    buyer("a", (at(2026, 1, 1), 100), (at(2026, 1, 20), 50), (at(2026, 3, 2), 10)),
    buyer("b", (at(2026, 1, 31, 23), 200)),
    buyer("c", (at(2026, 2, 1), 300), (at(2026, 3, 1), 30)),
    buyer("d", (at(2025, 12, 31, 23), 1_000), (at(2026, 2, 5), 1_000)),
    buyer("e", (at(2026, 3, 15, 12), 7), (at(2026, 3, 15, 13), 900)),
    buyer("f", (at(2026, 3, 16), 900)),
    Profile.build(Customer("g")),
]


def test_cohorts_are_cut_at_local_midnights() -> None:
    """Those who first bought before the oldest period are in none, and what comes after the instant is not there."""
    january, february, march = cohorts(PlainPopulation(PEOPLE), AS_OF, count=3)
    assert (january.first, january.active) == (date(2026, 1, 1), (2, 0, 1))
    assert (february.first, february.active) == (date(2026, 2, 1), (1, 1))
    assert (march.first, march.active, march.size) == (date(2026, 3, 1), (1,), 1)
    assert january.share(2) == Fraction(1, 2)


def test_a_cohort_of_nobody_is_empty() -> None:
    found = cohorts(PlainPopulation([]), AS_OF, count=2)
    assert [each.active for each in found] == [(0, 0), (0,)]
    assert found[0].share(1) == 0


@pytest.mark.parametrize("by", ["week", "month", "year"])
@pytest.mark.parametrize("seed", range(10))
def test_cohorts_are_those_of_the_profiles(seed: int, by: str) -> None:
    profiles, as_of = random_people(seed)
    population = PlainPopulation(profiles, WON)
    zone = as_of.tzinfo or UTC
    for place, cohort in enumerate(found := cohorts(population, as_of, by=by, count=5)):  # type: ignore[arg-type]
        ends = [each.first for each in found[place + 1 :]] + [date.max]
        spans = list(zip([each.first for each in found[place:]], ends, strict=True))
        members = [each for each in profiles if (days_of := _days(each, as_of, zone)) and _in(days_of[0], spans[0])]
        active = tuple(sum(any(_in(d, span) for d in _days(m, as_of, zone)) for m in members) for span in spans)
        assert cohort.active == active


def _days(profile: Profile, as_of: datetime, zone: object) -> list[date]:
    return [local(row.at, zone).date() for row in profile.until(as_of).rows("orders")]  # type: ignore[arg-type]


def _in(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day < span[1]


def test_lifetime_value_adds_up_period_by_period() -> None:
    january, february, march = lifetime_values(PlainPopulation(PEOPLE), AS_OF, count=3)
    assert (january.size, january.spent) == (2, (350, 350, 360))
    assert (february.size, february.spent) == (1, (300, 330))
    assert (march.size, march.spent) == (1, (7,))
    assert january.each(2) == 180


def test_cohorts_and_their_values_are_plain_rows() -> None:
    population, january = PlainPopulation(PEOPLE), date(2026, 1, 1)
    bought = [row for each in cohorts(population, AS_OF, count=3) for row in each.rows]
    assert bought[:3] == [
        {"first": january, "later": 0, "size": 2, "active": 2},
        {"first": january, "later": 1, "size": 2, "active": 0},
        {"first": january, "later": 2, "size": 2, "active": 1},
    ]
    spent = [row for each in lifetime_values(population, AS_OF, count=3) for row in each.rows]
    assert spent[2] == {"first": january, "later": 2, "size": 2, "spent": 360}
    assert len(bought) == len(spent) == 3 + 2 + 1
    assert pl.DataFrame(spent).columns == ["first", "later", "size", "spent"]


def test_lifetime_value_is_of_an_amount() -> None:
    with pytest.raises(WrongKind, match="cannot be spent"):
        lifetime_values(PlainPopulation([]), AS_OF, amount="item_count")
    with pytest.raises(UnmappedName):
        lifetime_values(PlainPopulation([]), AS_OF, amount="totl")


def test_periods_are_few_and_known() -> None:
    with pytest.raises(UnknownChoice, match="month"):
        cohorts(PlainPopulation([]), AS_OF, by="mnth")  # type: ignore[arg-type]
    with pytest.raises(FactError, match="1 to 120"):
        cohorts(PlainPopulation([]), AS_OF, count=0)


# Changes. -------------------------------------------------------------------------------------------------------------


def test_who_entered_and_who_left_between_two_instants() -> None:
    recent = Segment("recent", orders.within(days(30)).any())
    found = changed(recent, PlainPopulation(PEOPLE), at(2026, 2, 10), AS_OF)
    assert found == [
        {"id": "b", "entered": False, "left": True},
        {"id": "d", "entered": False, "left": True},
        {"id": "e", "entered": True, "left": False},
    ]


def test_who_enters_and_leaves_when_a_definition_is_edited() -> None:
    twice = Segment("repeat", orders.count() >= 2)
    big = Segment("repeat", orders.total.sum() >= won(300))
    found = changed(twice, PlainPopulation(PEOPLE), AS_OF, AS_OF, edited=big)
    assert [(each["id"], each["entered"]) for each in found] == [("a", False)]


def test_the_earlier_instant_comes_first() -> None:
    with pytest.raises(FactError, match="comes before"):
        changed(SEGMENTS["new"], PlainPopulation([]), AS_OF, AS_OF - timedelta(days=1))


def test_instants_are_read_in_their_own_zone() -> None:
    today = Segment("today", orders.within(days(1)).any())
    assert utc(AS_OF) == AS_OF
    assert changed(today, PlainPopulation(PEOPLE), AS_OF, AS_OF.astimezone(UTC)) == []
