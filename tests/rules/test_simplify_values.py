"""What becomes of the values and selections in a rule: one line for each way in which they get shorter."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from retention.money import won
from retention.rules.nodes import (
    FALSE,
    TRUE,
    Aggregate,
    Ago,
    All,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Follows,
    Literal,
    Rule,
    Shift,
    Value,
)
from retention.rules.simplify import simplify
from retention.spans import (
    Duration,
    Months,
    Span,
    calendar_days,
    days,
    hours,
    months,
    this_month,
    this_week,
    today,
    years,
)

COUNTRY, SIZE, AT = Attribute("country"), Attribute("shoe_size"), Column("at")
ORDERS, NOTHING = Events("orders"), Events("orders", FALSE)
PAID = Compare("==", Column("status"), Literal("paid"))
JANUARY = datetime(2024, 1, 1, tzinfo=UTC)


def since(span: Span, operator: Comparison = ">") -> Rule:
    return Compare(operator, AT, Ago(span))


def both(*rules: Rule) -> Rule:
    return All(rules)


VALUES: list[tuple[Value, Value]] = [
    (Arithmetic("+", SIZE, Literal(0)), SIZE),
    (Arithmetic("*", Literal(1), SIZE), SIZE),
    (Arithmetic("+", Literal(0), SIZE), SIZE),
    (Arithmetic("/", SIZE, Literal(1)), SIZE),
    (Arithmetic("*", SIZE, Literal(0)), Arithmetic("*", SIZE, Literal(0))),
    (Apply("casefold", Apply("casefold", COUNTRY)), Apply("casefold", COUNTRY)),
    (Shift(Shift(AT, days(1)), hours(1)), Shift(AT, hours(25))),
    (Shift(Shift(AT, days(1)), hours(1), -1), Shift(Shift(AT, days(1)), hours(1), -1)),
    (Shift(Shift(AT, days(366_000)), days(1)), Shift(Shift(AT, days(366_000)), days(1))),
    (Shift(AT, days(0)), AT),
    (Shift(AT, months(0)), AT),
    (Shift(Literal(JANUARY), days(1), -1), Literal(datetime(2023, 12, 31, tzinfo=UTC))),
    (Shift(Literal(JANUARY), months(1)), Shift(Literal(JANUARY), months(1))),
    (Arithmetic("+", Literal(won(1)), Literal(won(2))), Arithmetic("+", Literal(won(1)), Literal(won(2)))),
    (Arithmetic("/", Literal(1), Literal(4)), Literal(Fraction(1, 4))),
    (Arithmetic("*", Literal(10**30), Literal(10**30)), Arithmetic("*", Literal(10**30), Literal(10**30))),
    (Aggregate("max", ORDERS, "at"), Aggregate("last", ORDERS, "at")),
    (Aggregate("min", ORDERS, "at"), Aggregate("first", ORDERS, "at")),
    (Aggregate("last", Events("orders", PAID, 1), "total"), Aggregate("first", Events("orders", PAID), "total")),
    (Aggregate("max", Events("orders", PAID, -1), "total"), Aggregate("last", Events("orders", PAID), "total")),
    (Aggregate("first", Events("orders", PAID, 2), "total"), Aggregate("first", Events("orders", PAID, 2), "total")),
    (Aggregate("distinct", NOTHING, "status"), Literal(0)),
    (Aggregate("sum", NOTHING, "total"), Aggregate("sum", NOTHING, "total")),
]

SELECTIONS = [
    (Events("orders", TRUE), ORDERS),
    (Events(Events("orders", PAID), since(days(3))), Events("orders", both(PAID, since(days(3))))),
    (Events(Events("orders", PAID), None, -1), Events("orders", PAID, -1)),
    (Events(ORDERS, PAID), Events("orders", PAID)),
    (Events(Events("orders", PAID, 1), since(days(3))), Events(Events("orders", PAID, 1), since(days(3)))),
    (Events(Events("orders", PAID, 1), None), Events("orders", PAID, 1)),
    (Events(Events("orders", PAID, 3), None, -1), Events("orders", PAID, 3)),
    (Events(Events("orders", PAID, 3), None, 2), NOTHING),
    (Events(NOTHING, PAID), NOTHING),
    (Events("orders", both(since(days(30)), since(days(90)))), Events("orders", since(days(30)))),
    (Events("orders", both(since(months(1)), since(years(1)))), Events("orders", since(months(1)))),
    (Events("orders", both(since(today(), ">="), since(this_month(), ">="))), Events("orders", since(today(), ">="))),
    (
        Events("orders", both(since(months(1)), since(days(30)))),
        Events("orders", both(since(months(1)), since(days(30)))),
    ),
    (Events("orders", both(since(days(7)), since(days(30), "<="))), NOTHING),
    (
        Events("orders", both(since(days(7), ">="), since(days(7), "<="))),
        Events("orders", both(since(days(7), ">="), since(days(7), "<="))),
    ),
    (Events("orders", both(PAID, since(days(0), "<="))), Events("orders", PAID)),
    (Events("orders", since(days(0))), NOTHING),
]


@pytest.mark.parametrize(("value", "shorter"), VALUES)
def test_a_value_becomes(value: Value, shorter: Value) -> None:
    other = Attribute("something_else")
    assert simplify(Compare("==", value, other)) == simplify(Compare("==", shorter, other))
    assert simplify(Compare("==", shorter, other)) in (Compare("==", shorter, other), Compare("==", other, shorter))


@pytest.mark.parametrize(("events", "shorter"), SELECTIONS)
def test_a_selection_becomes(events: Events, shorter: Events) -> None:
    rule = Follows(ORDERS, events, days(1), missed=True)
    assert simplify(rule) == Follows(ORDERS, shorter, days(1), missed=True)


def test_lengths_of_time_are_compared_across_their_kinds() -> None:
    def stays(span: Span, other: Span) -> bool:
        rule = both(since(span), since(other))
        return simplify(Follows(Events("orders", rule), ORDERS, days(1))) == Follows(
            Events("orders", rule), ORDERS, days(1)
        )

    assert not stays(Duration(0), months(1))
    assert not stays(months(1), days(40))
    assert not stays(days(20), months(1))
    assert stays(days(31), months(1))
    assert not stays(Months(0), days(1))
    assert not stays(calendar_days(7), days(12))
    assert stays(calendar_days(7), days(7))
    assert not stays(this_week(), days(10))
    assert not stays(this_week(), calendar_days(7))
    assert stays(this_week(), calendar_days(6))
