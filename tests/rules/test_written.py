"""Constants as both forms write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.rules.written import decimal_text, instant_text, is_whole_text, read_date, read_decimal, read_instant
from retention.spans import utc


@given(st.integers(-(10**15), 10**15), st.integers(0, 20))
def test_every_decimal_is_read_as_it_is_written(units: int, digits: int) -> None:
    number = Fraction(units, 10**digits)
    written = decimal_text(number)
    assert written is not None
    assert read_decimal(written) == number


@given(st.fractions(max_denominator=10**6))
def test_only_what_ends_is_a_decimal(number: Fraction) -> None:
    rest = number.denominator
    while rest % 2 == 0:
        rest //= 2
    while rest % 5 == 0:
        rest //= 5
    assert (decimal_text(number) is not None) == (rest == 1)


@pytest.mark.parametrize(
    "written", ["", "-", ".5", "5.", "1,5", "+1", "1e", "0x1", "NaN", "٣", "1e1000", "1e-41", "9" * 41]
)
def test_what_is_no_modest_decimal_is_not_read(written: str) -> None:
    assert read_decimal(written) is None


@pytest.mark.parametrize(
    ("written", "number"), [("-0", 0), ("1e3", 1000), ("2.50E1", 25), ("1e-3", Fraction(1, 1000)), ("007", 7)]
)
def test_decimals_are_exact(written: str, number: Fraction) -> None:
    assert read_decimal(written) == number


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))])))
def test_every_instant_is_read_as_it_is_written(instant: datetime) -> None:
    assert read_instant(instant_text(instant)) == utc(instant)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01",
        "2026-03-01T09:00:00",
        "2026-03-01 09:00Z",
        "20260301T0900Z",
        "2026-13-01T00:00Z",
        "2026-W01-1T00:00Z",
    ],
)
def test_what_is_no_instant_is_not_read(written: str) -> None:
    assert read_instant(written) is None


@pytest.mark.parametrize("written", ["2026-3-1", "20260301", "2026-W09-7", "2026-02-29", "0000-01-01", "٢٠٢٦-03-01"])
def test_what_is_no_date_is_not_read(written: str) -> None:
    assert read_date(written) is None


@given(st.dates())
def test_every_date_is_read_as_it_is_written(day: date) -> None:
    assert read_date(day.isoformat()) == day


@pytest.mark.parametrize(("text", "whole"), [("", True), ("한 😀", True), ("\ud83d", False), ("x\udc00", False)])
def test_half_a_character_is_seen(text: str, whole: bool) -> None:
    assert is_whole_text(text) is whole
