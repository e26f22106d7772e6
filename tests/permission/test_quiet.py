"""Hours on local clocks: gaps forward, folds to the first, weekdays, zones that are not known."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention.permission.quiet import EVERY_DAY, Hours, Week, first_open, is_open, zone_of
from retention.spans import TICK

BERLIN, SEOUL = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Seoul")
NEW_YORK, HONOLULU = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu")
DAYTIME: Week = (Hours(time(8), time(21)),)
NEVER = datetime(2030, 1, 1, tzinfo=UTC)


def opens(week: Week, now: datetime, *zones: ZoneInfo) -> datetime:
    return first_open(week, zones, now, NEVER)


def at(hour: int, minute: int = 0, *, zone: ZoneInfo = SEOUL, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


def test_the_opening_is_inside_and_the_closing_outside() -> None:
    assert not is_open(DAYTIME, at(8) - TICK, SEOUL)
    assert is_open(DAYTIME, at(8), SEOUL)
    assert is_open(DAYTIME, at(21) - TICK, SEOUL)
    assert not is_open(DAYTIME, at(21), SEOUL)


@pytest.mark.parametrize(
    ("now", "expected"), [(at(7, 59), at(8)), (at(8), at(8)), (at(12), at(12)), (at(21), at(8, day=24)), (at(0), at(8))]
)
def test_the_next_instant_of_the_hours(now: datetime, expected: datetime) -> None:
    assert opens(DAYTIME, now, SEOUL) == expected


def test_hours_may_go_past_midnight_and_round_the_clock() -> None:
    night = (Hours(time(20, 50), time(8)),)
    assert is_open(night, at(23), SEOUL)
    assert is_open(night, at(7, 59), SEOUL)
    assert opens(night, at(8), SEOUL) == at(20, 50)
    always = (Hours(time(0), time(0)),)
    assert all(is_open(always, at(hour), SEOUL) for hour in range(24))


def test_weekdays_are_those_on_which_the_hours_open() -> None:
    texas = (Hours(time(9), time(21), EVERY_DAY - {6}), Hours(time(12), time(21), frozenset({6})))
    assert opens(texas, at(9, day=22), SEOUL) == at(12, day=22)  # a Sunday
    friday_night = (Hours(time(22), time(2), frozenset({4})),)
    assert is_open(friday_night, at(1, day=28), SEOUL)  # early on Saturday
    assert opens(friday_night, at(2, day=28), SEOUL) == datetime(2026, 12, 4, 22, tzinfo=SEOUL)


def test_hours_on_no_day_never_open() -> None:
    assert opens((Hours(time(8), time(21), frozenset()),), at(8), SEOUL) == NEVER
    assert opens((), at(8), SEOUL) == NEVER


def test_nothing_is_promised_at_the_limit_or_later() -> None:
    assert first_open(DAYTIME, (SEOUL,), at(3), at(8)) == at(8)
    assert first_open(DAYTIME, (SEOUL,), at(3), at(7)) == at(7)


def test_an_opening_that_is_skipped_is_the_end_of_its_gap() -> None:
    week = (Hours(time(2, 30), time(5)),)
    midnight = datetime(2026, 3, 29, tzinfo=BERLIN)  # 02:00 becomes 03:00
    assert opens(week, midnight, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_hours_inside_a_gap_do_not_open_that_day() -> None:
    week = (Hours(time(2, 10), time(2, 50)),)
    midnight = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert opens(week, midnight, BERLIN) == datetime(2026, 3, 30, 2, 10, tzinfo=BERLIN)


def test_an_hour_that_comes_twice_opens_at_its_first() -> None:
    week = (Hours(time(2, 30), time(5)),)
    night = datetime(2026, 10, 25, tzinfo=BERLIN)  # 03:00 becomes 02:00
    assert opens(week, night, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_clocks_that_go_back_before_the_opening_close_again() -> None:
    week = (Hours(time(2, 30), time(5)),)
    back = datetime(2026, 10, 25, 1, tzinfo=UTC)  # they show 02:00 for the second time
    assert is_open(week, back - TICK, BERLIN)
    assert not is_open(week, back, BERLIN)
    assert opens(week, back, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_closes_at_its_first() -> None:
    week = (Hours(time(1), time(2, 30)),)
    closing = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    again = closing + timedelta(minutes=45)  # they show 02:15 for the second time
    assert is_open(week, closing - TICK, BERLIN)
    assert not is_open(week, again, BERLIN)
    assert opens(week, closing, BERLIN) == datetime(2026, 10, 26, 1, tzinfo=BERLIN)


def test_a_date_that_is_skipped_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")  # 30 December 2011, a Friday, never came
    friday = (Hours(time(8), time(21), frozenset({4})),)
    assert opens(friday, datetime(2011, 12, 29, 12, tzinfo=apia), apia) == datetime(2012, 1, 6, 8, tzinfo=apia)


def test_several_zones_open_when_all_of_them_are() -> None:
    morning = at(8, zone=NEW_YORK)
    assert opens(DAYTIME, morning, NEW_YORK, HONOLULU) == at(8, zone=HONOLULU)
    late = at(20, 59, zone=NEW_YORK)
    assert opens(DAYTIME, late, NEW_YORK, HONOLULU) == late
    assert opens(DAYTIME, late + timedelta(minutes=1), NEW_YORK, HONOLULU) == at(8, zone=HONOLULU, day=24)


def test_zones_with_nothing_in_common_never_open() -> None:
    office = (Hours(time(9), time(12)),)
    assert opens(office, at(9), SEOUL, NEW_YORK) == NEVER


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd", "Europe", "/etc", "Asia/Seoul\0"])
def test_a_name_that_is_no_zone_is_none(name: str | None) -> None:
    assert zone_of(name) is None


def test_a_zone_by_its_name() -> None:
    assert zone_of("Asia/Seoul") == SEOUL
