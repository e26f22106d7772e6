"""What expires soon, and when it is said."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention import days, months
from retention.errors import NaiveInstant
from retention.loyalty.ledger.commands import Adjust, Redeem
from retention.loyalty.ledger.head import Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme import Expiry, Reminders, expiring_within
from retention.loyalty.programme.dates import validity
from tests.loyalty.programme.shop import PLACED, SEOUL, at, ledger, programme

ACCOUNT = programme().account("c1")
NOTICES = Reminders(days_before=(30, 7), zone=SEOUL)


def give(to: Ledger, amount: int, expiry: Expiry, now: datetime, pending: int = 0) -> Head:
    lot = validity(now, pending, expiry, SEOUL)
    command = Adjust(key=f"{now}{expiry}", amount=amount, reason="gift", actor="staff", validity=lot)
    to.run(ACCOUNT, command, now=now)
    return to.head(ACCOUNT, now=now)


def test_a_notice_before_the_last_day() -> None:
    head = give(ledger(), 500, Expiry(days=60), PLACED)
    first, second = NOTICES.of(head)
    assert (first.at, first.days_before) == (at(2026, 4, 1, 10), 30)
    assert (second.at, second.days_before) == (at(2026, 4, 24, 10), 7)
    assert first.expiring == second.expiring
    assert (first.expiring.amount, first.expiring.last_day) == (500, date(2026, 5, 1))
    assert first.key == "mileage:c1:expires:2026-05-01T15%3A00%3A00Z:30"


def test_what_expires_together_is_one_notice() -> None:
    books = ledger()
    give(books, 500, Expiry(month_end=True), PLACED)
    head = give(books, 300, Expiry(month_end=True), PLACED + timedelta(days=3))
    (notice,) = Reminders(days_before=(7,), zone=SEOUL).of(head)
    assert notice.expiring.amount == 800
    assert len(notice.expiring.lots) == 2


def test_due_once_and_only_for_what_is_left() -> None:
    books = ledger()
    give(books, 500, Expiry(days=60), PLACED)
    when = at(2026, 4, 1, 10)
    before, after = when - timedelta(hours=1), when + timedelta(hours=1)
    head = books.head(ACCOUNT, now=before)
    assert [each.at for each in NOTICES.due(head, since=before, until=when)] == [when]
    assert NOTICES.due(head, since=when, until=after) == ()
    books.run(ACCOUNT, Redeem(key="k", amount=500, order="o"), now=before)
    assert NOTICES.due(books.head(ACCOUNT, now=before), since=before, until=when) == ()


def test_nothing_is_said_of_what_is_gone() -> None:
    head = give(ledger(), 500, Expiry(days=60), PLACED)
    assert NOTICES.due(head, since=PLACED, until=at(2026, 6, 1)) == ()


def test_what_is_for_ever_needs_no_notice() -> None:
    assert NOTICES.of(give(ledger(), 500, Expiry(), PLACED)) == ()


def test_what_expires_within_a_span() -> None:
    books = ledger()
    give(books, 500, Expiry(days=29), PLACED)
    give(books, 200, Expiry(days=400), PLACED + timedelta(hours=1))
    pending = give(books, 300, Expiry(days=5), PLACED + timedelta(hours=2), pending=7)
    now = (PLACED + timedelta(hours=2)).astimezone(SEOUL)
    assert [each.amount for each in expiring_within(pending, days(30), now=now)] == [500]
    assert [each.amount for each in expiring_within(pending, months(24), now=now)] == [500, 200]
    later = now + timedelta(days=8)
    assert [each.amount for each in expiring_within(pending, days(30), now=later)] == [300, 500]
    with pytest.raises(NaiveInstant):
        expiring_within(pending, days(30), now=datetime(2026, 3, 3))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 400),
    st.sampled_from([ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), SEOUL]),
    st.sampled_from([time(0), time(2, 30), time(10)]),
)
def test_on_the_wall_clock_so_many_days_before(event: datetime, lasting: int, zone: ZoneInfo, told: time) -> None:
    books = ledger()
    lot = validity(event, 0, Expiry(days=lasting), zone)
    books.run(ACCOUNT, Adjust(key="k", amount=9, reason="r", actor="a", validity=lot), now=event)
    (notice,) = Reminders(days_before=(7,), at=told, zone=zone).of(books.head(ACCOUNT, now=event))
    assert notice.expiring.last_day == event.astimezone(zone).date() + timedelta(days=lasting)
    local = notice.at.astimezone(zone)
    assert local.date() == notice.expiring.last_day - timedelta(days=7)
    assert local.time() == told or local.time() in (time(1), time(3))  # where the clock leaves that time out
