"""What one cell of a CSV file says."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from retention.adapters.cells import CellForm, Unreadable, quantity
from retention.errors import ConfigurationError, UnknownChoice
from retention.money import Money, usd, won

SEOUL = CellForm("KRW", ZoneInfo("Asia/Seoul"))
NEW_YORK = CellForm("USD", ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", datetime(2024, 2, 29, 15, tzinfo=UTC)),
        ("2024-03-01 09:30", datetime(2024, 3, 1, 0, 30, tzinfo=UTC)),
        ("2024-03-01T09:30:15", datetime(2024, 3, 1, 0, 30, 15, tzinfo=UTC)),
        ("2024-03-01T09:30:15.25", datetime(2024, 3, 1, 0, 30, 15, 250_000, tzinfo=UTC)),
        ("2024-03-01T09:30:15Z", datetime(2024, 3, 1, 9, 30, 15, tzinfo=UTC)),
        ("2024-03-01 09:30:15 UTC", datetime(2024, 3, 1, 9, 30, 15, tzinfo=UTC)),
        ("2024-03-01 09:30:15 -0500", datetime(2024, 3, 1, 14, 30, 15, tzinfo=UTC)),
        ("2024-03-01T09:30+09:00", datetime(2024, 3, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_iso_instants(text: str, expected: datetime) -> None:
    assert SEOUL.instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-3-1",
        "20240301",
        "2024-W09-5",
        "01/03/2024",
        "2024-03-01+09:00",
        "2024-03-01 9:30",
        "٢٠٢٤-03-01",
    ],
)
def test_what_is_not_written_as_an_instant(text: str) -> None:
    with pytest.raises(Unreadable, match="is not a date such as"):
        SEOUL.instant(text)


@pytest.mark.parametrize("text", ["2024-02-30", "2023-02-29", "2024-13-01", "2024-03-01 24:00", "2024-03-01T09:60"])
def test_instants_that_do_not_exist(text: str) -> None:
    with pytest.raises(Unreadable, match="does not exist"):
        SEOUL.instant(text)


def test_a_wall_time_skipped_by_the_clocks_is_the_first_instant_after_the_gap() -> None:
    assert NEW_YORK.instant("2024-03-10 02:30") == datetime(2024, 3, 10, 7, tzinfo=UTC)


def test_a_wall_time_that_occurs_twice_is_the_first() -> None:
    assert NEW_YORK.instant("2024-11-03 01:30") == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)


def test_date_formats_are_tried_in_order_and_nothing_else_is_read() -> None:
    form = CellForm("EUR", UTC, ("%d/%m/%Y %H:%M", "%d/%m/%Y"))
    assert form.instant("02/03/2024 10:15") == datetime(2024, 3, 2, 10, 15, tzinfo=UTC)
    assert form.instant("02/03/2024") == datetime(2024, 3, 2, tzinfo=UTC)
    with pytest.raises(Unreadable, match=r"is not written as %d/%m/%Y %H:%M or %d/%m/%Y"):
        form.instant("2024-03-02")


def test_a_date_format_with_a_zone_overrides_the_file_s() -> None:
    form = CellForm("EUR", ZoneInfo("Asia/Seoul"), ("%d/%m/%Y %H:%M %z",))
    assert form.instant("02/03/2024 10:15 +0100") == datetime(2024, 3, 2, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("pattern", ["", "%H:%M", "%m/%Y", "%Q", "%d.%m."])
def test_a_format_that_holds_no_whole_date_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a date format"):
        CellForm("EUR", UTC, (pattern,))


def test_a_currency_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="KRW"):
        CellForm("krw", UTC)


@pytest.mark.parametrize("text", ["12900", "12,900", "12,900원", "₩12,900", "12900.0"])
def test_amounts_in_won(text: str) -> None:
    assert SEOUL.amount(text) == won(12_900)


@pytest.mark.parametrize(
    ("text", "expected"), [("1234.5", usd("1234.50")), ("$1,234.50", usd("1234.50")), ("-3", usd(-3))]
)
def test_amounts_in_dollars(text: str, expected: Money) -> None:
    assert NEW_YORK.amount(text) == expected


def test_an_amount_in_another_currency_says_which() -> None:
    with pytest.raises(Unreadable, match="is an amount in USD, not in KRW"):
        SEOUL.amount("$12")


@pytest.mark.parametrize("text", ["12,90", "1.234,50", "free", "NaN", "1e3", "12.5", "12 900"])
def test_what_is_not_an_amount_in_won(text: str) -> None:
    with pytest.raises(Unreadable, match="is not an amount in KRW, such as 1,234,500원"):
        SEOUL.amount(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("2", 2), ("1,000", 1000), ("0.5", Fraction(1, 2)), ("3.0", 3), ("-1", -1)]
)
def test_quantities(text: str, expected: int | Fraction) -> None:
    found = quantity(text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["", "two", "1e3", "NaN", "inf", "1/2", "²", "9" * 30])
def test_what_is_not_a_quantity(text: str) -> None:
    with pytest.raises(Unreadable, match="is not a number"):
        quantity(text)
