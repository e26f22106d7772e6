"""Days of a zone, whatever its clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retention.loyalty.programme import NEVER, During, Expiry, Pending, birthday_in
from retention.loyalty.programme.dates import happened_at, validity
from retention.order import Order
from tests.loyalty.programme.shop import PLACED, SEOUL, at, order

NEW_YORK = ZoneInfo("America/New_York")
CAIRO = ZoneInfo("Africa/Cairo")  # midnight is skipped: on 24 April 2026 the first instant is 01:00
SAO_PAULO = ZoneInfo("America/Sao_Paulo")  # so it was, until 2018
APIA = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
ZONES = (SEOUL, NEW_YORK, CAIRO, SAO_PAULO, APIA, ZoneInfo("Australia/Lord_Howe"))

instants = st.datetimes(datetime(2005, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
expiries = st.one_of(
    st.builds(Expiry, days=st.integers(0, 800), month_end=st.booleans()),
    st.builds(Expiry, months=st.integers(0, 40), month_end=st.booleans()),
    st.builds(Expiry, month_end=st.just(True)),
)


@given(instants, st.integers(0, 60), expiries, st.sampled_from(ZONES))
@example(datetime(2011, 12, 29, 12, tzinfo=UTC), 1, Expiry(days=0), APIA)
@example(datetime(2018, 11, 3, 12, tzinfo=UTC), 1, Expiry(days=0), SAO_PAULO)
@example(datetime(2026, 3, 7, 12, tzinfo=UTC), 1, Expiry(days=0), NEW_YORK)
def test_a_lot_lives_whole_local_days(event: datetime, days: int, expiry: Expiry, zone: ZoneInfo) -> None:
    found = validity(event, days, expiry, zone)
    local = found.available_at.astimezone(zone)
    assert local.date() == found.day
    assert found.available_at >= event
    if days:
        assert (found.available_at - timedelta(microseconds=1)).astimezone(zone).date() < found.day
    assert found.expires_at is not None
    last = (found.expires_at - timedelta(microseconds=1)).astimezone(zone).date()
    assert found.expires_at.astimezone(zone).date() > last >= found.day
    assert found.expires_at > found.available_at


@given(instants, st.integers(0, 60), st.sampled_from(ZONES))
def test_days_are_counted_on_the_calendar(event: datetime, days: int, zone: ZoneInfo) -> None:
    found = validity(event, days, Expiry(days=3), zone)
    asked = event.astimezone(zone).date() + timedelta(days=days)
    assert found.day == asked or (zone is APIA and asked == date(2011, 12, 30))
    assert found.expires_at is not None
    end = found.expires_at.astimezone(zone).date()
    assert end == found.day + timedelta(days=4) or (zone is APIA and end == date(2011, 12, 31))


@pytest.mark.parametrize(
    ("zone", "event", "available", "expires"),
    [
        # Clocks go forward in New York on 8 March 2026: the day has 23 hours.
        (NEW_YORK, datetime(2026, 3, 7, 12), datetime(2026, 3, 8), datetime(2026, 3, 9)),
        (NEW_YORK, datetime(2026, 10, 31, 12), datetime(2026, 11, 1), datetime(2026, 11, 2)),
        (CAIRO, datetime(2026, 4, 23, 12), datetime(2026, 4, 24, 1), datetime(2026, 4, 25)),
        (SAO_PAULO, datetime(2018, 11, 3, 12), datetime(2018, 11, 4, 1), datetime(2018, 11, 5)),
        (APIA, datetime(2011, 12, 29, 12), datetime(2011, 12, 31), datetime(2012, 1, 1)),
    ],
)
def test_the_first_instant_of_a_day(zone: ZoneInfo, event: datetime, available: datetime, expires: datetime) -> None:
    found = validity(event.replace(tzinfo=zone).astimezone(UTC), 1, Expiry(days=0), zone)
    assert found.available_at == available.replace(tzinfo=zone)
    assert found.expires_at == expires.replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("expiry", "available", "last"),
    [
        (NEVER, date(2026, 3, 2), None),
        (Expiry(days=0), date(2026, 3, 2), date(2026, 3, 2)),
        (Expiry(days=30), date(2026, 3, 2), date(2026, 4, 1)),
        (Expiry(months=1), date(2026, 1, 31), date(2026, 2, 28)),
        (Expiry(months=12), date(2024, 2, 29), date(2025, 2, 28)),
        (Expiry(months=1, month_end=True), date(2026, 1, 15), date(2026, 2, 28)),
        (Expiry(days=20, month_end=True), date(2026, 1, 15), date(2026, 2, 28)),
        (Expiry(month_end=True), date(2026, 1, 31), date(2026, 1, 31)),
        (Expiry(months=366_000), date(2026, 1, 31), date.max),
        (Expiry(days=366_000), date(9000, 1, 31), date(9999, 12, 31)),
    ],
)
def test_the_last_day(expiry: Expiry, available: date, last: date | None) -> None:
    assert expiry.last_day(available) == last


def test_a_life_beyond_the_calendar_is_for_ever() -> None:
    assert validity(PLACED, 0, Expiry(months=366_000), SEOUL).expires_at is None
    assert validity(PLACED, 0, NEVER, SEOUL).expires_at is None


def test_at_once_is_the_instant_itself() -> None:
    found = validity(at(2026, 3, 2, 23), 0, Expiry(days=1), SEOUL)
    assert (found.day, found.available_at, found.expires_at) == (date(2026, 3, 2), at(2026, 3, 2, 23), at(2026, 3, 4))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1900, 2100))
def test_a_birthday_is_kept_once_a_year(birthday: date, year: int) -> None:
    found = birthday_in(year, birthday)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (birthday.month, birthday.day) == (2, 29) and not leap:
        assert found == date(year, 2, 28)
    else:
        assert (found.month, found.day, found.year) == (birthday.month, birthday.day, year)


def test_a_campaign_may_have_no_end() -> None:
    assert During(first=date(2026, 3, 2)).covers(PLACED, SEOUL)
    assert not During(last=date(2026, 3, 1)).covers(PLACED, SEOUL)
    assert During().covers(PLACED, SEOUL)
    assert During.month(2028, 2).last == date(2028, 2, 29)
    assert str(During(first=date(2026, 3, 2))) == "2026-03-02 to …"


def test_an_order_says_when_it_happened() -> None:
    noon = datetime.combine(date(2026, 3, 3), time(12), SEOUL)
    bought: Order = order(delivered_at=noon, confirmed_at=noon + timedelta(days=1))
    assert happened_at(bought, "placed") == PLACED
    assert happened_at(bought, "paid") == PLACED + timedelta(hours=1)
    assert happened_at(bought, "delivered") == noon
    assert happened_at(bought, "confirmed") == noon + timedelta(days=1)
    assert str(Pending(event="delivered")) == "once the order is delivered"
