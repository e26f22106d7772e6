"""What becomes of a rule: one line for each way in which it gets shorter."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from retention.money import Money, won
from retention.rules.nodes import (
    FALSE,
    TRUE,
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Reference,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.rules.simplify import simplify
from retention.spans import (
    Span,
    calendar_days,
    days,
    months,
    this_month,
    this_week,
    this_year,
    today,
    years,
)

COUNTRY, GRADE, SIZE = Attribute("country"), Attribute("grade"), Attribute("shoe_size")
ORDERS = Events("orders")
COUNT, TOTAL = Aggregate("count", ORDERS), Aggregate("sum", ORDERS, "total")
AT, TAGS, BORN = Column("at"), Attribute("tags"), Attribute("birthday")
NOTHING = Events("orders", FALSE)
KOREAN, JAPANESE, GOLD = (
    Compare("==", value, Literal(text)) for value, text in ((COUNTRY, "KR"), (COUNTRY, "JP"), (GRADE, "gold"))
)
PAID = Compare("==", Column("status"), Literal("paid"))


def than(operator: Comparison, value: Value, constant: Scalar) -> Rule:
    return Compare(operator, value, Literal(constant))


def since(span: Span, operator: Comparison = ">") -> Rule:
    return Compare(operator, AT, Ago(span))


def is_in(value: Value, *options: Scalar) -> Rule:
    return IsIn(value, options)


def both(*rules: Rule) -> Rule:
    return All(rules)


def either(*rules: Rule) -> Rule:
    return AnyOf(rules)


JUNCTIONS = [
    (both(), TRUE),
    (either(), FALSE),
    (both(KOREAN), KOREAN),
    (both(KOREAN, both(GOLD, KOREAN)), both(KOREAN, GOLD)),
    (either(KOREAN, either(GOLD, KOREAN)), either(KOREAN, GOLD)),
    (both(KOREAN, TRUE), KOREAN),
    (either(KOREAN, TRUE), TRUE),
    (both(KOREAN, FALSE), FALSE),
    (either(KOREAN, FALSE), KOREAN),
    (Not(Not(KOREAN)), KOREAN),
    (Not(TRUE), FALSE),
    (both(KOREAN, Not(KOREAN)), FALSE),
    (either(KOREAN, Not(KOREAN)), TRUE),
    (both(Reference("vip"), Not(Named("important", Reference("vip")))), FALSE),
    (both(KOREAN, either(KOREAN, GOLD)), KOREAN),
    (either(KOREAN, both(KOREAN, GOLD)), KOREAN),
    (both(KOREAN, either(Not(KOREAN), GOLD)), both(KOREAN, GOLD)),
    (either(KOREAN, both(Not(KOREAN), GOLD)), either(KOREAN, GOLD)),
    (both(Not(KOREAN), Not(GOLD)), Not(either(KOREAN, GOLD))),
    (Not(both(Not(KOREAN), GOLD)), either(KOREAN, Not(GOLD))),
    (Not(both(KOREAN, GOLD)), Not(both(KOREAN, GOLD))),
    (Not(both(than(">", COUNT, 2), than("<", TOTAL, won(5)))), either(than("<=", COUNT, 2), than(">=", TOTAL, won(5)))),
]

NAMES = [
    (Named("Korea", KOREAN), Named("Korea", KOREAN)),
    (Named("all", TRUE), TRUE),
    (Named("Korea", Named("Korea", KOREAN)), Named("Korea", KOREAN)),
    (Named("Korea", Named("home", KOREAN)), Named("Korea", Named("home", KOREAN))),
    (both(KOREAN, Named("Korea", KOREAN)), Named("Korea", KOREAN)),
    (both(Named("Korea", KOREAN), KOREAN), Named("Korea", KOREAN)),
    (both(Named("Korea", both(KOREAN, GOLD)), TRUE), Named("Korea", both(KOREAN, GOLD))),
]

AT_LEAST = [
    (AtLeast(0, (KOREAN, GOLD)), TRUE),
    (AtLeast(3, (KOREAN, GOLD)), FALSE),
    (AtLeast(2, (KOREAN, GOLD)), both(KOREAN, GOLD)),
    (AtLeast(1, (KOREAN, GOLD)), either(KOREAN, GOLD)),
    (AtLeast(2, (KOREAN, TRUE, FALSE, GOLD)), either(KOREAN, GOLD)),
    (AtLeast(2, (KOREAN, KOREAN, GOLD)), AtLeast(2, (KOREAN, KOREAN, GOLD))),
    (AtLeast(2, (KOREAN, Not(KOREAN), GOLD)), GOLD),
    (AtLeast(1, (KOREAN, Not(KOREAN))), TRUE),
]

COUNTS = [
    (than(">", COUNT, 0), than(">=", COUNT, 1)),
    (than("<", COUNT, 1), than("==", COUNT, 0)),
    (than("<=", COUNT, 0), than("==", COUNT, 0)),
    (Not(than("==", COUNT, 0)), than(">=", COUNT, 1)),
    (Not(than(">=", COUNT, 1)), than("==", COUNT, 0)),
    (Not(than(">=", COUNT, 3)), than("<=", COUNT, 2)),
    (than(">", COUNT, Fraction(5, 2)), than(">=", COUNT, 3)),
    (than("<", COUNT, Fraction(5, 2)), than("<=", COUNT, 2)),
    (than("<=", COUNT, Fraction(5, 2)), than("<=", COUNT, 2)),
    (than("==", COUNT, Fraction(5, 2)), FALSE),
    (than("==", COUNT, -1), FALSE),
    (than("<", COUNT, 0), FALSE),
    (than(">=", COUNT, 0), TRUE),
    (than(">=", Apply("size", Attribute("badges")), 0), Not(Missing(Attribute("badges")))),
    (is_in(COUNT, -1, 2, Fraction(1, 2)), than("==", COUNT, 2)),
    (both(than(">=", COUNT, 3), than("<", COUNT, 4)), than("==", COUNT, 3)),
    (either(than(">=", COUNT, 3), than("<", COUNT, 3)), TRUE),
    (
        than(">=", Aggregate("count", Events("orders", PAID, 3)), 1),
        than(">=", Aggregate("count", Events("orders", PAID)), 3),
    ),
    (
        than("==", Aggregate("count", Events("orders", PAID, -2)), 0),
        than("<=", Aggregate("count", Events("orders", PAID)), 1),
    ),
    (
        than("==", Aggregate("count", Events("orders", PAID, 1)), 0),
        than("==", Aggregate("count", Events("orders", PAID)), 0),
    ),
    (than(">=", Aggregate("count", Events("orders", PAID, 1)), 2), FALSE),
    (than("<=", Aggregate("count", Events("orders", PAID, 1)), 2), TRUE),
    (than("<=", Aggregate("count", Events("orders", PAID, 1)), 1), TRUE),
]

BOUNDS = [
    (both(than(">", SIZE, 3), than(">=", SIZE, 5)), than(">=", SIZE, 5)),
    (both(than(">", SIZE, 5), than(">=", SIZE, 5)), than(">", SIZE, 5)),
    (both(than(">=", SIZE, 5), than(">", SIZE, 5)), than(">", SIZE, 5)),
    (both(than("<=", SIZE, 5), than("<", SIZE, 5)), than("<", SIZE, 5)),
    (either(than("<", SIZE, 5), than("<=", SIZE, 5)), than("<=", SIZE, 5)),
    (either(than(">", SIZE, 5), than(">=", SIZE, 5)), than(">=", SIZE, 5)),
    (either(than(">", SIZE, 3), than(">=", SIZE, 5)), than(">", SIZE, 3)),
    (both(than("<", SIZE, 3), than("<=", SIZE, 5)), than("<", SIZE, 3)),
    (both(than(">", SIZE, 5), than("<", SIZE, 3)), FALSE),
    (both(than("<", SIZE, 5), than(">=", SIZE, 5)), FALSE),
    (both(than("<=", SIZE, 5), than(">=", SIZE, 5)), than("==", SIZE, 5)),
    (either(than("<", SIZE, 5), than(">=", SIZE, 5)), Not(Missing(SIZE))),
    (either(than("<", SIZE, 5), than(">", SIZE, 5)), either(than("<", SIZE, 5), than(">", SIZE, 5))),
    (either(than("<", TOTAL, won(5)), than(">=", TOTAL, won(5))), TRUE),
    (both(than("==", SIZE, 7), than(">", SIZE, 3)), than("==", SIZE, 7)),
    (both(than("==", SIZE, 2), than(">", SIZE, 3)), FALSE),
    (both(than(">", SIZE, 5), Not(than("==", SIZE, 3))), than(">", SIZE, 5)),
    (both(than(">", SIZE, 5), Not(Missing(SIZE))), than(">", SIZE, 5)),
    (both(than(">", SIZE, 5), Missing(SIZE)), FALSE),
    (both(Missing(SIZE), Not(than(">", SIZE, 5))), Missing(SIZE)),
    (either(Missing(SIZE), Not(than(">", SIZE, 5))), Not(than(">", SIZE, 5))),
    (Not(than("<", SIZE, 5)), Not(than("<", SIZE, 5))),
    (Not(than("<", TOTAL, won(5))), than(">=", TOTAL, won(5))),
    (
        both(than(">=", TOTAL, won(5)), than("<", TOTAL, Money(3, "USD"))),
        both(than(">=", TOTAL, won(5)), than("<", TOTAL, Money(3, "USD"))),
    ),
]

LISTS = [
    (is_in(COUNTRY), FALSE),
    (is_in(COUNTRY, "KR"), KOREAN),
    (is_in(COUNTRY, "KR", "KR"), KOREAN),
    (either(KOREAN, JAPANESE), is_in(COUNTRY, "KR", "JP")),
    (either(is_in(COUNTRY, "KR", "US"), is_in(COUNTRY, "US", "JP")), is_in(COUNTRY, "KR", "US", "JP")),
    (both(is_in(COUNTRY, "KR", "US"), is_in(COUNTRY, "US", "JP")), than("==", COUNTRY, "US")),
    (both(KOREAN, JAPANESE), FALSE),
    (both(is_in(COUNTRY, "KR", "US"), Not(KOREAN)), than("==", COUNTRY, "US")),
    (both(Not(KOREAN), Not(JAPANESE)), Not(is_in(COUNTRY, "KR", "JP"))),
    (either(Not(is_in(COUNTRY, "KR", "JP")), Not(is_in(COUNTRY, "KR", "US"))), Not(KOREAN)),
    (both(is_in(SIZE, 1, 5, 9), than(">", SIZE, 3)), is_in(SIZE, 5, 9)),
    (either(is_in(SIZE, 1, 5, 9), than(">", SIZE, 3)), either(than("==", SIZE, 1), than(">", SIZE, 3))),
    (both(is_in(COUNTRY, "KR", "JP"), than("starts_with", COUNTRY, "K")), KOREAN),
    (both(is_in(COUNTRY, "KR", "US", "JP"), Not(is_in(COUNTRY, "KR", "FR"))), is_in(COUNTRY, "US", "JP")),
    (is_in(Literal("KR"), "KR", "JP"), TRUE),
    (is_in(Literal("US"), "KR", "JP"), FALSE),
]

CONSTANTS = [
    (Compare("<", Literal(1), Literal(2)), TRUE),
    (Compare("==", Literal("a"), Literal("b")), FALSE),
    (Compare("<=", Literal(2), Literal(2)), TRUE),
    (Compare(">", Literal(Fraction(1, 2)), Literal(1)), FALSE),
    (Compare(">=", Literal(date(2024, 1, 2)), Literal(date(2024, 1, 1))), TRUE),
    (Compare("contains", Literal("abc"), Literal("b")), TRUE),
    (Compare("starts_with", Literal("abc"), Literal("b")), FALSE),
    (Compare("ends_with", Literal("abc"), Literal("bc")), TRUE),
    (Compare("<", Literal(won(1)), Literal(Money(2, "USD"))), Compare("<", Literal(won(1)), Literal(Money(2, "USD")))),
    (Compare("<", Literal(3), SIZE), than(">", SIZE, 3)),
    (Compare("<=", Ago(days(3)), AT), since(days(3), ">=")),
    (Compare("==", COUNTRY, COUNTRY), Not(Missing(COUNTRY))),
    (Compare("<", SIZE, SIZE), FALSE),
    (Compare(">=", COUNT, COUNT), TRUE),
    (than("contains", COUNTRY, ""), Not(Missing(COUNTRY))),
    (than("starts_with", Attribute("id"), ""), TRUE),
    (than("has", TAGS, "vip"), than("has", TAGS, "vip")),
    (than(">", Arithmetic("+", Literal(1), Literal(Fraction(1, 2))), Fraction(1, 2)), TRUE),
    (than("==", Arithmetic("/", Literal(6), Literal(3)), 2), TRUE),
    (than("==", Arithmetic("-", Literal(6), Literal(3)), 3), TRUE),
    (than("==", Arithmetic("*", Literal(6), Literal(3)), 17), FALSE),
    (than(">", Arithmetic("/", SIZE, Literal(0)), 2), FALSE),
    (Missing(Arithmetic("/", SIZE, Literal(0))), TRUE),
    (Missing(Arithmetic("/", SIZE, Literal(2))), Missing(SIZE)),
    (Missing(Arithmetic("+", COUNT, SIZE)), Missing(SIZE)),
    (Missing(Arithmetic("*", SIZE, COUNT)), Missing(SIZE)),
    (Missing(Arithmetic("/", COUNT, COUNT)), Missing(Arithmetic("/", COUNT, COUNT))),
    (Missing(Apply("casefold", COUNTRY)), Missing(COUNTRY)),
    (Missing(Shift(AT, days(1))), FALSE),
    (Missing(TAGS), FALSE),
    (Missing(TOTAL), FALSE),
    (Missing(Arithmetic("+", COUNT, COUNT)), FALSE),
    (Missing(Arithmetic("/", COUNT, Literal(2))), FALSE),
    (than("<", Apply("bucket", Attribute("id"), "s"), 1), TRUE),
    (than(">=", Apply("bucket", Attribute("id"), "s"), 1), FALSE),
    (than("==", Apply("bucket", Attribute("id"), "s"), 2), FALSE),
    (
        than("<", Apply("bucket", Attribute("id"), "s"), Fraction(1, 2)),
        than("<", Apply("bucket", Attribute("id"), "s"), Fraction(1, 2)),
    ),
    (
        than("==", Apply("bucket", Attribute("id"), "s"), Fraction(1, 2)),
        than("==", Apply("bucket", Attribute("id"), "s"), Fraction(1, 2)),
    ),
    (than("<", Apply("bucket", COUNTRY, "s"), 1), than("<", Apply("bucket", COUNTRY, "s"), 1)),
]

JANUARY = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = [
    (Compare("<=", Ago(years(1)), Ago(days(30))), TRUE),
    (Compare(">", Ago(years(1)), Ago(days(30))), FALSE),
    (Compare(">=", Ago(today()), Ago(calendar_days(3))), TRUE),
    (Compare("<", Ago(this_month()), Ago(this_year())), FALSE),
    (Compare("<", Ago(this_week()), Ago(this_month())), Compare("<", Ago(this_week()), Ago(this_month()))),
    (Compare("==", Ago(days(1)), Ago(days(2))), Compare("==", Ago(days(1)), Ago(days(2)))),
    (Compare("<", Literal(JANUARY), Ago(days(2))), Compare("<", Literal(JANUARY), Ago(days(2)))),
]

WHOLE_YEAR = MonthDays((1, 1), (12, 31))
OTHERS = [
    (Missing(Aggregate("last", NOTHING, "at")), TRUE),
    (than(">", Aggregate("mean", NOTHING, "total"), won(1)), FALSE),
    (than("==", Aggregate("count", NOTHING), 0), TRUE),
    (Anniversary(Aggregate("first", NOTHING, "at"), WHOLE_YEAR), FALSE),
    (Anniversary(BORN, WHOLE_YEAR), Anniversary(BORN, WHOLE_YEAR)),
    (both(Anniversary(BORN, NearDays(0, 3)), Anniversary(BORN, NearDays(-1, 7))), Anniversary(BORN, NearDays(0, 3))),
    (both(Anniversary(BORN, NearDays(0, 3)), Anniversary(BORN, NearDays(4, 7))), FALSE),
    (both(Anniversary(BORN, NearMonths(0, 0)), Anniversary(BORN, NearMonths(1, 2))), FALSE),
    (
        both(Anniversary(BORN, MonthDays((12, 1), (1, 31))), Anniversary(BORN, MonthDays((1, 5), (1, 6)))),
        Anniversary(BORN, MonthDays((1, 5), (1, 6))),
    ),
    (both(Anniversary(BORN, MonthDays((12, 1), (1, 31))), Anniversary(BORN, MonthDays((2, 1), (11, 30)))), FALSE),
    (both(Anniversary(BORN, NearDays(0, 0)), Missing(BORN)), FALSE),
    (Follows(NOTHING, ORDERS, days(1)), FALSE),
    (Follows(ORDERS, NOTHING, days(1)), FALSE),
    (Follows(ORDERS, NOTHING, days(1), True), Follows(ORDERS, NOTHING, days(1), True)),
    (both(Follows(ORDERS, ORDERS, days(1)), Follows(ORDERS, ORDERS, days(3))), Follows(ORDERS, ORDERS, days(1))),
    (
        both(Follows(ORDERS, ORDERS, months(1), True), Follows(ORDERS, ORDERS, months(3), True)),
        Follows(ORDERS, ORDERS, months(3), True),
    ),
    (both(than("starts_with", COUNTRY, "KR"), than("starts_with", COUNTRY, "K")), than("starts_with", COUNTRY, "KR")),
    (both(than("ends_with", COUNTRY, "KR"), than("contains", COUNTRY, "K")), than("ends_with", COUNTRY, "KR")),
    (both(than("starts_with", COUNTRY, "K"), than("starts_with", COUNTRY, "J")), FALSE),
    (both(than("ends_with", COUNTRY, "ab"), than("ends_with", COUNTRY, "b")), than("ends_with", COUNTRY, "ab")),
    (both(than("ends_with", COUNTRY, "ab"), than("ends_with", COUNTRY, "ac")), FALSE),
    (Reference("vip"), Reference("vip")),
    *(
        (rule, rule)
        for rule in (
            both(Follows(ORDERS, ORDERS, days(31)), Follows(ORDERS, ORDERS, months(1))),
            both(Follows(ORDERS, ORDERS, days(1)), Follows(ORDERS, ORDERS, days(3), True)),
            both(Anniversary(BORN, NearDays(0, 3)), Anniversary(BORN, NearDays(4, 7), "mar1")),
            both(Anniversary(BORN, NearDays(0, 3)), Anniversary(BORN, NearMonths(0, 0))),
            both(Anniversary(BORN, NearDays(0, 3)), Anniversary(BORN, NearDays(300, 366))),
            both(Anniversary(BORN, NearMonths(0, 0), "mar1"), Anniversary(BORN, NearMonths(1, 11), "mar1")),
            both(than("starts_with", COUNTRY, "K"), than("contains", COUNTRY, "R")),
            both(than("ends_with", COUNTRY, "K"), than("starts_with", COUNTRY, "KR")),
        )
    ),
]


@pytest.mark.parametrize(
    ("rule", "shorter"),
    [*JUNCTIONS, *NAMES, *AT_LEAST, *COUNTS, *BOUNDS, *LISTS, *CONSTANTS, *MOMENTS, *OTHERS],
    ids=lambda rule: str(rule)[:60],
)
def test_a_rule_becomes(rule: Rule, shorter: Rule) -> None:
    assert simplify(rule) == shorter


def test_a_rule_that_is_short_already_comes_back_itself() -> None:
    rule = both(KOREAN, Not(GOLD), than(">=", COUNT, 3))
    assert simplify(rule) is rule


def test_long_lists_of_parts_are_searched_for_equal_and_opposite_ones() -> None:
    parts = tuple(Compare("contains", COUNTRY, Literal(f"{number:03}")) for number in range(100))
    assert simplify(AnyOf(parts + parts)) == AnyOf(parts)
    assert simplify(AnyOf((*parts, Not(parts[50])))) == TRUE
    assert simplify(All((*parts, Not(parts[50])))) == FALSE
