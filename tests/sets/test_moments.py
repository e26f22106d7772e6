"""A comparison of a local date becomes pieces of time: the same answer for every instant."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from retention.rules.backends.reference import compared
from retention.rules.backends.sets.moments import Moving, compare_days, compare_moments
from retention.rules.backends.sets.terms import AT, Both, Constant, Either, Is, Test
from retention.rules.nodes import Comparison
from retention.spans import EARLIEST, LATEST, TICK, local, months, shift

DAY = date(2026, 3, 8)  # on which New York's clocks are set forward, and Havana's at midnight
ORDERINGS = [each for each in get_args(Comparison) if each in ("==", "<", "<=", ">", ">=")]


def _holds(test: Test, at: datetime) -> bool:
    if isinstance(test, Both):  # of no tests at all if it is always true
        return all(_holds(each, at) for each in test.tests)
    if isinstance(test, Either):
        return any(_holds(each, at) for each in test.tests)
    assert isinstance(test, Is)
    assert test.left == AT
    assert isinstance(test.right, Constant)
    return compared(test.operator, at, test.right.value)


@pytest.mark.parametrize("zone", [UTC, *map(ZoneInfo, ("America/New_York", "America/Havana", "Asia/Seoul"))], ids=str)
@pytest.mark.parametrize("operator", ORDERINGS)
def test_a_local_date_beside_a_constant_one(operator: Comparison, zone: tzinfo) -> None:
    test = compare_days(operator, Moving(AT), DAY, zone)
    start = datetime(2026, 3, 6, tzinfo=UTC)
    for half_hours in range(4 * 48):
        for at in (start + timedelta(minutes=30 * half_hours) + tick * TICK for tick in (-1, 0, 1)):
            assert _holds(test, at) is compared(operator, local(at, zone).date(), DAY), at


ENDS = [date(1, 1, 1), date(1, 1, 2), date(9999, 12, 30), date(9999, 12, 31)]


@pytest.mark.parametrize("zone", [UTC, *map(ZoneInfo, ("America/New_York", "Asia/Seoul"))], ids=str)
@pytest.mark.parametrize("operator", ORDERINGS)
@pytest.mark.parametrize("day", ENDS, ids=str)
def test_a_local_date_at_the_ends_of_the_calendar(day: date, operator: Comparison, zone: tzinfo) -> None:
    test = compare_days(operator, Moving(AT), day, zone)
    for hours in range(4 * 24):
        for at in (EARLIEST + timedelta(hours=hours), LATEST - timedelta(hours=hours)):
            assert _holds(test, at) is compared(operator, local(at, zone).date(), day), at


@pytest.mark.parametrize("operator", ORDERINGS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("bound", [EARLIEST, EARLIEST + TICK, LATEST - TICK, LATEST], ids=str)
def test_a_moved_instant_at_the_ends_of_the_calendar(bound: datetime, sign: int, operator: Comparison) -> None:
    test = compare_moments(operator, Moving(AT, ((months(1), sign),)), bound, UTC)
    near = [EARLIEST + TICK * by for by in range(3)] + [LATEST - TICK * by for by in range(3)]
    for at in near + [each + timedelta(days=32 * way) for each, way in ((EARLIEST, 1), (LATEST, -1))]:
        assert _holds(test, at) is compared(operator, shift(at, months(1), sign, UTC), bound), at
