"""One rule for each thing that can be said, by name; ``tests/golden/rules`` holds each of them as JSON and as text."""

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

from retention.money import Money, usd, won
from retention.rules import cart, customer, orders, purchases
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
    Shift,
)
from retention.spans import (
    Duration,
    calendar_days,
    days,
    hours,
    minutes,
    months,
    this_month,
    this_week,
    this_year,
    today,
    years,
)

ORDERS = Events("orders")
COUNT = Aggregate("count", ORDERS)
LAST = Aggregate("last", ORDERS, "at")
JOINED = Attribute("joined_at")
BIRTHDAY = Attribute("birthday")
REGULAR = Compare(">=", COUNT, Literal(3))
KOREAN = Compare("==", Attribute("country"), Literal("KR"))
VIP = Compare("has", Attribute("tags"), Literal("vip"))
PAID = Compare("==", Column("status"), Literal("paid"))
SEOUL = timezone(timedelta(hours=9))


def at(operator: str, value: object) -> Compare:
    return Compare(operator, Column("at"), value)  # type: ignore[arg-type]


def rows(collection: str, where: Rule | None = None, pick: int | None = None) -> Compare:
    return Compare(">=", Aggregate("count", Events(collection, where, pick)), Literal(1))


DESIGN: dict[str, Rule] = {
    "design-new": customer.joined_at.within(days(7)).node,
    "design-dormant": orders.placed_at.last().older_than(days(90)).node,
    "design-high-value": (orders.total.sum() >= won(500_000)).node,
    "design-cart-abandoned": (cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()).node,
    "design-coffee": (
        purchases.where(purchases.category == "coffee").within(days(30)).amount.sum() >= won(30_000)
    ).node,
}

LOGIC: dict[str, Rule] = {
    "all": All((REGULAR, KOREAN)),
    "all-of-none": TRUE,
    "all-of-one": All((REGULAR,)),
    "all-in-all": All((All((REGULAR, KOREAN)), VIP)),
    "any": AnyOf((REGULAR, KOREAN)),
    "any-of-none": FALSE,
    "any-of-one": AnyOf((REGULAR,)),
    "any-in-all": All((AnyOf((REGULAR, KOREAN)), VIP)),
    "all-in-any": AnyOf((All((REGULAR, KOREAN)), VIP)),
    "not": Not(All((REGULAR, KOREAN))),
    "not-not": Not(Not(VIP)),
    "at-least": AtLeast(2, (REGULAR, KOREAN, VIP)),
    "at-least-none": AtLeast(0, ()),
    "named": Named('our "regulars"', All((REGULAR, VIP))),
    "reference": Reference("dormant"),
}

TESTS: dict[str, Rule] = {
    "equal": KOREAN,
    "not-equal": Not(KOREAN),
    "less": Compare("<", COUNT, Literal(3)),
    "at-most": Compare("<=", COUNT, Literal(3)),
    "more": Compare(">", COUNT, Literal(3)),
    "at-least-as-much": REGULAR,
    "constant-first": Compare("<", Literal(3), COUNT),
    "contains": Compare("contains", Attribute("city"), Literal("서울")),
    "starts-with": Compare("starts_with", Attribute("postal_code"), Literal("06")),
    "ends-with": Compare("ends_with", Attribute("email"), Literal("@example.com")),
    "has": VIP,
    "has-any": AnyOf((VIP, Compare("has", Attribute("tags"), Literal("staff")))),
    "has-all": All((VIP, Compare("has", Attribute("tags"), Literal("staff")))),
    "has-all-and-more": All((VIP, Compare("has", Attribute("tags"), Literal("staff")), KOREAN)),
    "in": IsIn(Attribute("country"), ("KR", "JP")),
    "in-nothing": IsIn(Attribute("country"), ()),
    "in-numbers": IsIn(COUNT, (1, Fraction(5, 2), Fraction(1, 3))),
    "not-in": Not(IsIn(Attribute("country"), ("KR", "JP"))),
    "missing": Missing(BIRTHDAY),
    "present": Not(Missing(BIRTHDAY)),
    "between-numbers": All((Compare(">=", COUNT, Literal(2)), Compare("<=", COUNT, Literal(5)))),
    "between-and-more": All((Compare(">=", COUNT, Literal(2)), Compare("<=", COUNT, Literal(5)), VIP)),
    "flag": rows("reviews", Compare("==", Column("has_photo"), Literal(True))),
    "not-flag": rows("reviews", Compare("==", Column("has_photo"), Literal(False))),
    "any-rows": rows("orders"),
    "no-rows": Compare("==", COUNT, Literal(0)),
}

CONSTANTS: dict[str, Rule] = {
    "whole-number": Compare("==", COUNT, Literal(-3)),
    "decimal": Compare("<", Apply("bucket", Attribute("id"), "spring sale"), Literal(Fraction(1, 10))),
    "long-decimal": Compare("<", COUNT, Literal(Fraction(10**20 + 1, 10**10))),
    "fraction": Compare(">", COUNT, Literal(Fraction(-1, 3))),
    "won": Compare(">=", Aggregate("sum", ORDERS, "total"), Literal(won(30_000))),
    "dollars": Compare(">=", Aggregate("max", ORDERS, "total"), Literal(usd("-12.50"))),
    "dinars": Compare("<", Aggregate("min", ORDERS, "total"), Literal(Money(12_345, "KWD"))),
    "text": Compare("==", Attribute("notes"), Literal('a "quoted" \\ line\nand ä, 한국, 😀')),
    "empty-text": Compare("==", Attribute("notes"), Literal("")),
    "true": Compare("==", Aggregate("last", Events("consents"), "given"), Literal(True)),
    "false": Compare("==", Aggregate("last", Events("consents"), "given"), Literal(False)),
    "instant": Compare(">=", JOINED, Literal(datetime(2026, 3, 1, 9, tzinfo=SEOUL).astimezone(UTC))),
    "microseconds": Compare("<", JOINED, Literal(datetime(2026, 3, 1, 9, 30, 15, 250, tzinfo=UTC))),
    "date": Compare("==", BIRTHDAY, Literal(date(1990, 2, 28))),
}

VALUES: dict[str, Rule] = {
    "count": Compare(">", COUNT, Literal(0)),
    "sum": Compare(">", Aggregate("sum", Events("points"), "amount"), Literal(100)),
    "mean": Compare(">", Aggregate("mean", Events("surveys"), "score"), Literal(8)),
    "min": Compare(">", Aggregate("min", Events("reviews"), "rating"), Literal(3)),
    "max": Compare(">", Aggregate("max", Events("reviews"), "rating"), Literal(3)),
    "distinct": Compare(">", Aggregate("distinct", Events("purchases"), "category"), Literal(3)),
    "first": Compare("==", Aggregate("first", ORDERS, "coupon"), Literal("WELCOME")),
    "last": Compare("==", Aggregate("last", ORDERS, "status"), Literal("delivered")),
    "plus-minus": Compare(
        ">", Arithmetic("-", Arithmetic("+", COUNT, Literal(1)), Arithmetic("+", COUNT, Literal(2))), Literal(-5)
    ),
    "times-divided": Compare(
        ">", Arithmetic("*", Arithmetic("+", COUNT, Literal(1)), Arithmetic("/", COUNT, Literal(2))), Literal(5)
    ),
    "ratio": Compare(
        "<",
        Arithmetic("/", Aggregate("sum", ORDERS, "refunded"), Aggregate("sum", ORDERS, "total")),
        Literal(Fraction(1, 5)),
    ),
    "casefold": Compare("==", Apply("casefold", Attribute("city")), Literal("busan")),
    "size": Compare(">", Apply("size", Attribute("tags")), Literal(2)),
    "size-of-a-column": rows("purchases", Compare(">", Apply("size", Column("tags")), Literal(2))),
    "bucket": Compare("<", Apply("bucket", Attribute("city"), ""), Literal(Fraction(1, 2))),
    "local-date": Compare("==", Apply("local_date", JOINED), Literal(date(2026, 3, 1))),
    "shift": Compare(">", Shift(LAST, days(30)), Ago(days(0))),
    "shift-back": Compare("<", Shift(Shift(LAST, months(1), -1), hours(36)), JOINED),
    "date-of-a-shift": Compare("<", Apply("local_date", Shift(JOINED, days(1))), Literal(date(2026, 3, 1))),
}

WINDOWS: dict[str, Rule] = {
    "now": Compare(">", Aggregate("last", Events("coupons"), "expires_at"), Ago(days(0))),
    "ago": Compare("==", JOINED, Ago(days(7))),
    "start-of": Compare("==", JOINED, Ago(calendar_days(7))),
    "within": All((Compare(">", JOINED, Ago(hours(36))), Compare("<=", JOINED, Ago(days(0))))),
    "within-whole-days": All((Compare(">=", JOINED, Ago(this_month())), Compare("<=", JOINED, Ago(days(0))))),
    "older-than": Compare("<=", LAST, Ago(days(90))),
    "older-than-whole-days": Compare("<", LAST, Ago(calendar_days(30))),
    "between-spans": All((Compare(">", JOINED, Ago(months(3))), Compare("<=", JOINED, Ago(days(1))))),
    "between-whole-days": All((Compare(">=", JOINED, Ago(calendar_days(7))), Compare("<", JOINED, Ago(today())))),
    "between-instants": All(
        (
            Compare(">=", JOINED, Literal(datetime(2026, 1, 1, tzinfo=UTC))),
            Compare("<", JOINED, Literal(datetime(2026, 2, 1, tzinfo=UTC))),
        )
    ),
    "rows-within": rows("orders", at(">", Ago(minutes(90)))),
    "rows-within-today": rows("orders", at(">=", Ago(today()))),
    "rows-this-week": rows("orders", at(">=", Ago(this_week()))),
    "rows-this-year": rows("orders", at(">=", Ago(this_year()))),
    "rows-older-than": rows("orders", at("<=", Ago(years(1)))),
    "rows-between": rows("orders", All((at(">", Ago(days(7))), at("<=", Ago(days(1)))))),
    "rows-since": rows("orders", at(">=", JOINED)),
    "rows-after": rows("orders", at(">", Aggregate("last", Events("cart"), "at"))),
    "rows-before": rows("orders", at("<", Literal(datetime(2026, 1, 1, tzinfo=UTC)))),
    "rows-at-odd-spans": rows("orders", at(">", Ago(Duration(1_500_000)))),
    "rows-beside-a-column": rows("orders", at("<", Column("paid_at"))),
    "anniversary": Anniversary(BIRTHDAY, NearDays(0, 0)),
    "anniversary-ahead": Anniversary(BIRTHDAY, NearDays(0, 7)),
    "anniversary-back": Anniversary(BIRTHDAY, NearDays(-1, 0)),
    "anniversary-around": Anniversary(BIRTHDAY, NearDays(-3, 3), "mar1"),
    "anniversary-month": Anniversary(BIRTHDAY, NearMonths(0, 0), "skip"),
    "anniversary-months": Anniversary(BIRTHDAY, NearMonths(-1, 1)),
    "anniversary-range": Anniversary(BIRTHDAY, MonthDays((12, 20), (1, 5))),
    "anniversary-of-a-day": Anniversary(Apply("local_date", JOINED), MonthDays((2, 29), (2, 29))),
}

ROWS: dict[str, Rule] = {
    "where": rows("orders", PAID),
    "where-all": rows("orders", All((PAID, Compare(">", Column("total"), Literal(won(5_000)))))),
    "where-all-of-one": rows("orders", All((at(">", Ago(days(7))),))),
    "where-all-in-all": rows("orders", All((All((PAID, PAID)), at(">", Ago(days(7)))))),
    "where-and-windows": rows("orders", All((PAID, at(">", Ago(days(30))), at("<=", Ago(days(7)))))),
    "window-first": rows("orders", All((at(">", Ago(days(30))), PAID))),
    "where-in-where": rows("orders", Compare(">", Column("total"), Aggregate("mean", Events("orders", PAID), "total"))),
    "pick-first": Compare("==", Aggregate("first", Events("orders", pick=1), "status"), Literal("paid")),
    "pick-last": Compare("==", Aggregate("first", Events("orders", PAID, pick=-1), "channel"), Literal("web")),
    "pick-third": rows("orders", pick=3),
    "pick-then-where": Compare("==", Aggregate("count", Events(Events("orders", pick=-1), PAID)), Literal(1)),
    "pick-then-pick": Compare("==", Aggregate("count", Events(Events("orders", pick=5), pick=1)), Literal(1)),
    "where-then-where": Compare("==", Aggregate("count", Events(Events("orders", PAID), PAID)), Literal(1)),
    "rows-of-rows": Compare("==", Aggregate("count", Events(Events("orders"))), Literal(1)),
    "rows-of-rows-of-rows": Compare("==", Aggregate("count", Events(Events(Events("orders"), PAID, 2))), Literal(1)),
    "followed-by": Follows(Events("views"), Events("purchases"), days(3)),
    "not-followed-by": Follows(
        Events("views", Compare("==", Column("product_id"), Literal("p-1"))),
        Events("purchases", Compare("==", Column("product_id"), Literal("p-1"))),
        months(1),
        missed=True,
    ),
    "not-a-sequence": Not(Follows(Events("views"), Events("purchases"), days(3))),
}

EXAMPLES: dict[str, Rule] = {**DESIGN, **LOGIC, **TESTS, **CONSTANTS, **VALUES, **WINDOWS, **ROWS}
