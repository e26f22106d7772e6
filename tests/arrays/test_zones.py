"""Wall clocks over columns: as ``retention.spans`` reads them one by one."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from retention.rules.backends.arrays.zones import DAY, EPOCH, FIRST, LAST, instants, local_days, microseconds
from retention.spans import TICK, local, resolve

ZONES: tuple[tzinfo, ...] = (
    UTC,
    ZoneInfo("Asia/Seoul"),
    ZoneInfo("America/New_York"),
    ZoneInfo("America/Sao_Paulo"),  # midnights that were skipped
    ZoneInfo("Australia/Lord_Howe"),  # changes by half an hour
    ZoneInfo("Pacific/Apia"),  # a day that never was
    timezone(timedelta(hours=-9, minutes=-30)),
)
MOMENTS = [
    datetime(2011, 12, 28, tzinfo=UTC),
    datetime(2018, 11, 3, 20, tzinfo=UTC),
    datetime(2026, 3, 7, 20, tzinfo=UTC),
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 10, tzinfo=UTC),
    datetime(2026, 10, 31, 23, tzinfo=UTC),
]


def around() -> list[datetime]:
    return [moment + timedelta(minutes=13 * step, microseconds=step % 2) for moment in MOMENTS for step in range(330)]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_dates_are_those_of_the_zone(zone: tzinfo) -> None:
    given = around()
    days = local_days(np.array([microseconds(each) for each in given]), zone)
    assert [EPOCH.date() + timedelta(int(day)) for day in days] == [local(each, zone).date() for each in given]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_wall_times_are_resolved(zone: tzinfo) -> None:
    walls = [each.replace(tzinfo=None) for each in around()]
    found = instants(np.array([microseconds(each.replace(tzinfo=UTC)) for each in walls]), zone)
    assert [EPOCH + int(each) * TICK for each in found] == [resolve(each, zone) for each in walls]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_the_ends_of_the_calendar(zone: tzinfo) -> None:
    edges = [FIRST, FIRST + 1, LAST - 1, LAST]
    days = local_days(np.array(edges), zone)
    assert [EPOCH.toordinal() + int(day) for day in days] == [
        local(EPOCH + each * TICK, zone).date().toordinal() for each in edges
    ]
    assert instants(np.array(edges), UTC).tolist() == edges


def test_of_no_instant() -> None:
    assert local_days(np.zeros(0, np.int64), ZONES[1]).tolist() == []
    assert instants(np.zeros(0, np.int64), ZONES[2]).tolist() == []
    assert DAY == 86_400_000_000
