"""Money: what people write, what is refused, and how a refusal reads."""

import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from retention.currencies import EXPONENTS, exponent
from retention.errors import CurrencyMismatch, FactError, UnknownChoice
from retention.money import LARGEST, Money, Rounding, eur, usd, won, yen


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("₩12,900", won(12_900)),
        ("￦12,900", won(12_900)),
        ("12,900원", won(12_900)),
        (" 12900 원 ", won(12_900)),
        ("KRW 12900", won(12_900)),
        ("$1,234.50", usd("1234.50")),
        ("US$5", usd(5)),
        ("-$5.00", usd(-5)),
        ("$-5.00", usd(-5)),
        ("\u22125.00 USD", usd(-5)),
        ("EUR 3.20", eur("3.2")),
        ("3.2€", eur("3.20")),
        ("€3", eur(3)),
        ("¥1,200", yen(1200)),
        ("£0.01", Money(1, "GBP")),
        ("1.234 KWD", Money(1234, "KWD")),
        ("5元", Money(500, "CNY")),
        ("0 CHF", Money(0, "CHF")),
    ],
)
def test_parse_reads_what_people_write(text: str, amount: Money) -> None:
    assert Money.parse(text) == amount


def test_parse_takes_the_currency_that_is_asked_for() -> None:
    assert Money.parse("12,900", "KRW") == won(12_900)
    assert Money.parse("$5", "CAD") == Money(500, "CAD")
    assert Money.parse("¥5", "CNY") == Money(500, "CNY")
    assert Money.parse("$5", "USD") == usd(5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "won",
        "1.234,50 EUR",
        "12,90원",
        "1,2345 KRW",
        "--5 USD",
        "-$-5",
        "1e3 USD",
        "5",
        "$5 USD",
        "٣ KRW",
        "$1.234",
        None,
        "9" * 70 + " KRW",
        "$" + "9" * 40,
    ],
)
def test_parse_refuses_everything_else(text: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.") as caught:
        Money.parse(text)
    assert caught.value.hint


@pytest.mark.parametrize(("text", "nearest"), [("5 EUE", "EUR"), ("usd 5", "USD"), ("5 元¥", None)])
def test_parse_of_an_unknown_currency_suggests_the_nearest(text: str, nearest: str | None) -> None:
    with pytest.raises(UnknownChoice) as caught:
        Money.parse(text)
    assert caught.value.nearest == nearest


def test_parse_of_another_currency_than_asked_for_is_a_mismatch() -> None:
    with pytest.raises(CurrencyMismatch):
        Money.parse("EUR 3.20", "USD")
    with pytest.raises(CurrencyMismatch):
        Money.parse("$3.20", "EUR")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (won(12_900), "12,900원"),
        (won(-12_900), "-12,900원"),
        (usd("1234.5"), "$1,234.50"),
        (usd("-0.05"), "-$0.05"),
        (Money(123_450, "CHF"), "1,234.50 CHF"),
        (yen(1200), "1,200 JPY"),
        (Money(-1, "KWD"), "-0.001 KWD"),
    ],
)
def test_format_is_neutral(amount: Money, text: str) -> None:
    assert amount.format() == str(amount) == text
    assert repr(amount) == f"Money({text!r})"


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [
        ("12.34", "USD", 1234),
        (12, "USD", 1200),
        (Decimal("0.5"), "KWD", 500),
        ("12.300", "USD", 1230),
        ("-1", "KRW", -1),
        (Decimal("1E+3"), "KRW", 1000),
        ("+7", "CLF", 70_000),
    ],
)
def test_of_reads_major_units(major: int | str | Decimal, currency: str, minor: int) -> None:
    assert Money.of(major, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "major",
    [0.1, True, "1,000", "", "1e3", "NaN", "٣", "1.234", None, Decimal("NaN"), Decimal("1e999999"), Decimal("0.001")],
)
def test_of_refuses_what_is_not_exact_in_the_currency(major: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.of: ") as caught:
        Money.of(major, "USD")
    assert type(major).__name__ in str(caught.value)


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1), LARGEST + 1, -LARGEST - 1])
def test_minor_units_are_whole_and_fit_a_database(minor: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.minor: "):
        Money(minor, "KRW")


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("KWR", "KRW"),
        ("krw", "KRW"),
        ("UDS", "USD"),
        ("Eur", "EUR"),
        ("JPP", "JPY"),
        ("DOLLARS!!", None),
        (5, None),
        (None, None),
    ],
)
def test_an_unknown_currency_suggests_the_nearest(code: Any, nearest: str | None) -> None:
    with pytest.raises(UnknownChoice) as caught:
        Money(1, code)
    assert caught.value.nearest == nearest
    assert caught.value.field == "Money.currency"
    assert (nearest or "AED") in str(caught.value)


@pytest.mark.parametrize(("code", "digits"), [("KRW", 0), ("USD", 2), ("BHD", 3), ("CLF", 4), ("MGA", 2), ("ISK", 0)])
def test_exponents_are_those_of_iso_4217(code: str, digits: int) -> None:
    assert exponent(code) == digits


@pytest.mark.parametrize("code", ["XAX", "usd", "", None, []])
def test_exponent_of_an_unknown_code_is_refused(code: Any) -> None:
    with pytest.raises(UnknownChoice):
        exponent(code)


def test_the_table_holds_three_letter_codes_only() -> None:
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in EXPONENTS)
    assert {"XAU", "XTS"}.isdisjoint(EXPONENTS)


def test_two_currencies_do_not_mix() -> None:
    for mixed in (
        lambda: won(1) + usd(1),
        lambda: won(1) - usd(1),
        lambda: won(1) < usd(1),
        lambda: won(1) <= usd(1),
        lambda: won(1) > usd(1),
        lambda: won(1) >= usd(1),
        lambda: won(1) / usd(1),
    ):
        with pytest.raises(CurrencyMismatch, match="is in USD where KRW is expected"):
            mixed()
    assert won(1) != usd(1)


def test_money_is_true_unless_it_is_zero() -> None:
    assert won(1)
    assert won(-1)
    assert not won(0)


def test_sums_begin_with_nothing() -> None:
    assert sum([won(1), won(2)]) == won(3)
    assert sum([], Money.zero("KRW")) == won(0)


@pytest.mark.parametrize("times", [0.5, True, Decimal(1), Fraction(1, 2)])
def test_a_product_with_anything_but_a_whole_number_shows_the_repair(times: Any) -> None:
    with pytest.raises(FactError, match=r"times\("):
        won(1) * times
    with pytest.raises(FactError, match=r"times\("):
        times * won(1)


@pytest.mark.parametrize("divisor", [2, 0.5, Fraction(1, 2)])
def test_a_quotient_with_a_number_shows_the_repair(divisor: Any) -> None:
    with pytest.raises(FactError, match=r"split\("):
        won(1) / divisor


def test_other_types_may_answer_for_money() -> None:
    stranger: Any = "1"
    operations: tuple[Callable[[], object], ...] = (
        lambda: won(1) + stranger,
        lambda: won(1) - stranger,
        lambda: won(1) * stranger,
        lambda: won(1) / stranger,
        lambda: won(1) < stranger,
        lambda: won(1) <= stranger,
        lambda: won(1) > stranger,
        lambda: won(1) >= stranger,
        lambda: stranger + won(1),
        lambda: 1 + won(1),
    )
    for operation in operations:
        with pytest.raises(TypeError):
            operation()


def test_a_ratio_is_exact() -> None:
    assert won(1) / won(3) == Fraction(1, 3)
    with pytest.raises(ZeroDivisionError):
        won(1) / won(0)


@pytest.mark.parametrize(
    ("minor", "rounding", "expected"),
    [
        (1, "floor", 0), (1, "ceil", 1), (1, "half_up", 1), (1, "half_even", 0), (3, "half_even", 2),
        (-1, "floor", -1), (-1, "ceil", 0), (-1, "half_up", -1), (-1, "half_even", 0), (-3, "half_even", -2),
    ],
)  # fmt: skip
def test_times_rounds_as_it_is_told(minor: int, rounding: Rounding, expected: int) -> None:
    assert won(minor).times("0.5", rounding=rounding) == won(expected)
    assert won(minor).times(Decimal("0.5"), rounding=rounding) == won(expected)
    assert won(minor).times(Fraction(1, 2), rounding=rounding) == won(expected)


def test_times_takes_points_off_a_price() -> None:
    assert won(12_900).times("0.015", rounding="floor") == won(193)
    assert won(7).times(3, rounding="floor") == won(21)


@pytest.mark.parametrize("factor", [0.015, True, "1/3", "1,5", "", None, Decimal("Infinity"), Decimal("1e-999999")])
def test_times_refuses_an_inexact_factor(factor: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.times: is not an exact number"):
        won(1).times(factor, rounding="floor")


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (0.5, 0.5), (True,)])
def test_allocate_refuses_weights_that_share_out_nothing(weights: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.allocate: "):
        won(100).allocate(weights)


@pytest.mark.parametrize("parts", [0, -1, 2.0, True])
def test_split_needs_a_number_of_parts(parts: Any) -> None:
    with pytest.raises(FactError, match=r"^Money\.split: "):
        won(100).split(parts)


def test_the_earlier_of_equals_gets_the_unit_left_over() -> None:
    assert usd(10).split(3) == (usd("3.34"), usd("3.33"), usd("3.33"))
    assert usd(-10).split(3) == (usd("-3.34"), usd("-3.33"), usd("-3.33"))
    assert won(10).allocate((1, 0, 3)) == (won(3), won(0), won(7))
    assert won(7).allocate((Fraction(1, 3), Fraction(2, 3))) == (won(2), won(5))


def test_major_units_have_the_digits_of_the_currency() -> None:
    assert str(usd(12).major) == "12.00"
    assert str(won(12).major) == "12"
    assert str(Money(-5, "KWD").major) == "-0.005"


def test_money_survives_pickling_and_is_hashable() -> None:
    assert pickle.loads(pickle.dumps(usd(5))) == usd(5)
    assert len({won(1), won(1), usd(1)}) == 2
