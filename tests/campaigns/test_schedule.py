"""Occurrences of audiences, on local clocks."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from dateutil.rrule import rrulestr

from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.schedule import next_date, occurrences
from retention.rules import orders
from tests.campaigns.shop import NEW_YORK, SEOUL, at, campaign, profile

EVERYBODY = orders.none()


def recurring(rule: str, start: datetime, after: datetime, until: datetime) -> list[datetime]:
    made = campaign(entry=Recurring(rule=rule, start=start, audience=EVERYBODY))
    return [each.at for each in occurrences(made, after, until)]


def test_once_is_one_occurrence() -> None:
    made = campaign(entry=Once(at=at(2), audience=EVERYBODY), again="never")
    (found,) = occurrences(made, at(1), at(2))
    assert (found.name, found.at) == ("2026-03-02T03:00:00Z", at(2))
    assert found.at.tzinfo is UTC
    assert occurrences(made, at(2), at(3)) == ()


def test_every_tuesday() -> None:
    found = recurring("FREQ=WEEKLY;BYDAY=TU", at(2, 10), at(1), at(31))
    assert found == [at(day, 10) for day in (3, 10, 17, 24, 31)]


def test_intervals_laid_end_to_end_have_each_once() -> None:
    rule, start = "FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0;BYSECOND=0", at(1, 0)
    whole = recurring(rule, start, at(1), at(20))
    halves = [each for day in range(1, 20) for each in recurring(rule, start, at(day), at(day + 1))]
    assert whole == halves
    assert len(whole) == 38


def test_the_start_of_the_phase_is_the_start() -> None:
    assert recurring("FREQ=DAILY;INTERVAL=3", at(2), at(1), at(12)) == [at(2), at(5), at(8), at(11)]
    assert recurring("FREQ=DAILY;INTERVAL=3", at(2), at(6), at(12)) == [at(8), at(11)]


def test_local_clocks_that_change() -> None:
    """2:30 does not exist on 8 March 2026 in New York; on 1 November 1:30 comes twice."""
    day = datetime(2026, 3, 6, 2, 30, tzinfo=NEW_YORK)
    found = recurring("FREQ=DAILY", day, day, datetime(2026, 3, 10, tzinfo=NEW_YORK))
    assert [each.astimezone(NEW_YORK).time() for each in found] == [time(2, 30), time(3), time(2, 30)]
    autumn = datetime(2026, 10, 31, 1, 30, tzinfo=NEW_YORK)
    found = recurring("FREQ=DAILY", autumn, autumn, datetime(2026, 11, 3, tzinfo=NEW_YORK))
    assert found == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 2, 6, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;COUNT=4", "FREQ=YEARLY", "FREQ=HOURLY"]
)
def test_as_dateutil_says_where_clocks_do_not_change(rule: str) -> None:
    start, end = datetime(2026, 1, 31, 10, tzinfo=SEOUL), datetime(2026, 12, 1, 0, 30, tzinfo=SEOUL)
    assert recurring(rule, start, start, end) == rrulestr(rule, dtstart=start).between(start, end)


@pytest.mark.parametrize(
    "entry", [Enters(segment="x"), Leaves("x"), Happens(event=orders.any()), OnDate(attribute="birthday", at=time(9))]
)
def test_other_ways_in_have_no_occurrences(entry: Any) -> None:
    made = campaign(entry=entry)
    assert occurrences(made, at(1), at(20)) == ()
    assert next_date(made, profile(), at(1)) is None


def test_a_birthday_at_the_ends_of_the_calendar() -> None:
    made = campaign(entry=OnDate(attribute="birthday", at=time(9)))
    born = datetime(1, 1, 1).date()
    assert next_date(made, profile(birthday=born), datetime(9999, 12, 30, tzinfo=UTC)) is None
    assert next_date(made, profile(birthday=datetime(9998, 1, 1).date()), at(1)) is None
    assert next_date(made, profile(birthday=born), datetime(1, 1, 2, tzinfo=UTC)) == datetime(2, 1, 1, 9, tzinfo=UTC)
