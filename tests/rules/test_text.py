"""The query language: round trips, what people may write, and how mistakes are shown."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import RuleError, RuleSyntaxError, RuleTooLarge, UnknownName, WrongKind
from retention.money import usd, won
from retention.rules.backends.text import parse, to_text
from retention.rules.backends.text.words import RESERVED
from retention.rules.limits import TEXT_BYTES
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    AnyOf,
    Arithmetic,
    Attribute,
    Column,
    Compare,
    Events,
    IsIn,
    Literal,
    Missing,
    Not,
    Rule,
    Scalar,
    Shift,
)
from retention.rules.validate import validate
from retention.rules.written import plain
from retention.schema import STANDARD, Kind
from retention.spans import Duration, Months, calendar_days, days, this_month, today
from retention.testing.rules import EXTENDED, rules
from tests.rules.examples import COUNT, JOINED, KOREAN, LAST, PAID, REGULAR, VIP, at, rows

_ODD = sorted(
    {*RESERVED, "any", "all", "at_least", "least", "count", "first", "within", "followed", "KRW", "days", "of"}
)
_FIELDS = dict(zip(_ODD, [*Kind] * 9, strict=False))
ODD_NAMES = STANDARD.extend(
    attributes=_FIELDS,
    collections={
        name: {**_FIELDS, "placed_at": Kind.INSTANT}
        for name in ("customer", "not", "at_least", "any", "first", "customer_2", "über", "नमस्ते")
    },
)
"""A host that calls its fields as the language calls its words."""


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(rules(EXTENDED))
def test_every_rule_comes_back_equal(rule: Rule) -> None:
    written = to_text(rule)
    found = parse(written, EXTENDED)
    assert found == rule
    validate(found, EXTENDED)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(rules(ODD_NAMES))
def test_names_that_are_words_of_the_language_come_back(rule: Rule) -> None:
    assert parse(to_text(rule), ODD_NAMES) == rule


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_comes_back(constant: str) -> None:
    rule = All((Compare("==", Attribute("city"), Literal(constant)), IsIn(Attribute("city"), (constant, constant))))
    assert parse(to_text(rule)) == rule


NUMBERS = st.integers(-(10**20), 10**20) | st.fractions(-(10**9), 10**9, max_denominator=1_000).map(plain)
LISTS: dict[str, st.SearchStrategy[Scalar]] = {
    "shoe_size": NUMBERS,
    "wallet": st.integers(-(10**17), 10**17).map(won),
    "nickname": st.text(st.characters(codec="utf-8")),
    "vip": st.booleans(),
    "wedding": st.dates(),
    "last_seen": st.datetimes(timezones=st.just(UTC)),
}


@pytest.mark.parametrize("attribute", sorted(LISTS))
@given(data=st.data())
def test_every_list_comes_back_with_its_types(attribute: str, data: st.DataObject) -> None:
    options = tuple(data.draw(st.lists(LISTS[attribute])))
    rule = IsIn(Attribute(attribute), options)
    found = parse(to_text(rule), EXTENDED)
    assert isinstance(found, IsIn)
    assert found == rule
    assert [type(each) for each in found.options] == [type(each) for each in options]


@given(st.lists(st.decimals(-(10**9), 10**9, places=2)))
def test_amounts_with_decimals_come_back(amounts: list[Decimal]) -> None:
    rule = IsIn(Aggregate("sum", Events("orders"), "total"), tuple(usd(each) for each in amounts))
    assert parse(to_text(rule)) == rule


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(rules(EXTENDED), rules(EXTENDED), st.sampled_from(["all", "any"]), st.booleans())
def test_logic_in_logic_comes_back(one: Rule, other: Rule, word: str, negated: bool) -> None:
    inner = Not(AnyOf((one, other))) if negated else All((one, other))
    rule = All((inner, one, AnyOf((inner,)))) if word == "all" else AnyOf((inner, other, All((inner, one))))
    assert parse(to_text(rule), EXTENDED) == rule


SAME: list[tuple[str, str]] = [
    ("orders.any()", "orders.count() >= 1"),
    ("orders.none()", "orders.count() == 0"),
    ("not customer.country == \"KR\"", "customer.country != \"KR\""),
    ("not customer.birthday is missing", "customer.birthday is present"),
    ("orders.at.last() older than 1 day", "orders.placed_at.last() older than 24 hours"),
    ("orders.at.last() <= 7 days ago", "orders.placed_at.last() older than 1 week"),
    ("orders.at.last() between 7 days ago and now", "orders.at.last() >= 7 days ago and orders.at.last() < now"),
    ("customer.joined_at before 7 days ago", "customer.joined_at < 7 days ago"),
    ("customer.joined_at after 7 days ago", "customer.joined_at > 7 days ago"),
    ("customer.birthday after 1990-01-01", "customer.birthday > 1990-01-01"),
    ("customer.birthday between 1990-01-01 and 1999-12-31",
     "customer.birthday >= 1990-01-01 and customer.birthday <= 1999-12-31"),
    ("customer.joined_at on 2026-03-01", "customer.joined_at.local_date() == 2026-03-01"),
    ("orders.within(30 days).any()", "orders[at > 30 days ago].any()"),
    ("orders.within(30 days).any()", "orders.after(30 days ago).any()"),
    ("orders[placed_at within 30 days].any()", "orders.within(30 days).any()"),
    ("orders.within(today).any()", "orders.since(start of today).any()"),
    ("orders.between(2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z).any()",
     "orders.since(2026-01-01T00:00:00Z).before(2026-02-01T00:00:00Z).any()"),
    ("orders.between(7 days ago, now).any()", "orders.since(7 days ago).before(now).any()"),
    ('orders[status == "paid"][channel == "web"].any()', 'orders[status == "paid" and channel == "web"].any()'),
    ("orders.total.nth(2) > 5 KRW", "orders.nth(2).total.first() > 5 KRW"),
    ("consents.given.last()", "consents.given.last() == true"),
    ('customer.tags has any of ["vip"]', 'customer.tags has "vip"'),
    ("orders.count() in [007, 1_0, 1.50, - 3, fraction(4, 8), 5]", "orders.count() in [7,10,1.5,-3,0.5,5]"),
    ('customer.tags has any of []', "never"),
    ('customer.tags has all of []', "always"),
    ("customer.tags.size() > 2", "customer.tags.count() > 2"),
    ('customer.bucket("x") < 0.5', 'customer.id.bucket("x") < 0.50'),
    ("orders.count() >= 1_000", "orders.count() >= 1000"),
    ("orders.count() >= fraction(6, 2)", "orders.count() >= 3"),
    ("orders.total.sum() > 5 USD", "orders.total.sum() > 5.00 USD"),
    ("customer.joined_at > 2026-03-01T09:00:00+09:00", "customer.joined_at > 2026-03-01T00:00Z"),
    ("customer.birthday returns in days 0 to 0", "customer.birthday returns today"),
    ("customer.birthday returns in months 0 to 0 leap feb28", "customer.birthday returns this month"),
    ("customer.birthday returns from December 20 to January 5", "customer.birthday returns from Dec 20 to Jan 5"),
    ("(((orders.any())))", "orders . any ( )"),
    ("orders.any()\n  and\tcart.any()", "orders.any() and cart.any()"),
    ("orders.any() or cart.any() and visits.any()", "orders.any() or (cart.any() and visits.any())"),
    ("not orders.any() and cart.any()", "(not orders.any()) and cart.any()"),
    ("`orders`.`count`() > 1", "orders.count() > 1"),
    ("customer.joined_at within 7 days and orders.any()",
     "customer.joined_at > 7 days ago and customer.joined_at <= now and orders.any()"),
    ("orders.count() + 2 * 3 - 1 > 0", "(orders.count() + (2 * 3)) - 1 > 0"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_both_say_the_same(one: str, other: str) -> None:
    assert parse(one) == parse(other)


DIFFERENT: list[tuple[str, str]] = [
    ("(orders.any() and cart.any()) and visits.any()", "orders.any() and cart.any() and visits.any()"),
    ("(customer.joined_at within 7 days) and orders.any()", "customer.joined_at within 7 days and orders.any()"),
    ("views not followed by orders within 3 days", "not (views followed by orders within 3 days)"),
    ("orders.first().all().any()", "orders.first().any()"),
    ("all of (orders.any())", "orders.any()"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_both_are_told_apart(one: str, other: str) -> None:
    assert parse(one) != parse(other)


def test_windows_of_rows_are_about_the_customer() -> None:
    """A column cannot be meant there: it would be one of the rows that are being narrowed."""
    with pytest.raises(UnknownName):
        parse("orders[purchases.after(paid_at).any()].any()")
    inner = Aggregate("count", Events("purchases", at(">", Column("at"))))
    rule = rows("orders", Compare(">", inner, Literal(0)))
    assert to_text(rule) == "orders[purchases[at > at].count() > 0].any()"
    assert parse(to_text(rule)) == rule


def test_a_column_that_is_called_placed_at_is_told_from_the_shops_name_for_at() -> None:
    schema = STANDARD.extend(collections={"rentals": {"placed_at": Kind.INSTANT}})
    assert parse("rentals.placed_at.last() > now", schema) != parse("rentals.at.last() > now", schema)
    own = Compare(">", Aggregate("last", Events("orders"), "placed_at"), Ago(days(0)))
    assert to_text(own) == "orders.`placed_at`.last() > now"
    assert parse("orders.placed_at.last() > now") == Compare(">", LAST, Ago(days(0)))


@pytest.mark.parametrize(
    ("node", "written"),
    [
        (COUNT, "orders.count()"),
        (JOINED, "customer.joined_at"),
        (Column("not"), "`not`"),
        (Literal(won(3)), "3 KRW"),
        (Ago(Duration(0)), "now"),
        (Ago(Months(0)), "0 months ago"),
        (Ago(this_month()), "start of this month"),
        (Shift(JOINED, days(1)), "customer.joined_at + 1 day"),
        (Arithmetic("*", Arithmetic("+", COUNT, COUNT), COUNT), "(orders.count() + orders.count()) * orders.count()"),
        (Events("orders", PAID, 2), 'orders[status == "paid"].nth(2)'),
    ],
)
def test_parts_of_rules_are_printed_too(node: Any, written: str) -> None:
    assert to_text(node) == written


WINDOWS: list[tuple[Rule, str]] = [
    (Compare("<=", LAST, Ago(days(0))), "orders.placed_at.last() <= now"),
    (Compare("<=", LAST, Ago(Months(0))), "orders.placed_at.last() <= 0 months ago"),
    (Compare("<", LAST, Ago(days(7))), "orders.placed_at.last() < 7 days ago"),
    (Compare("<=", LAST, Ago(today())), "orders.placed_at.last() <= start of today"),
    (Compare(">", LAST, Ago(days(7))), "orders.placed_at.last() > 7 days ago"),
    (
        All((Compare(">", JOINED, Ago(days(1))), Compare("<=", JOINED, Ago(days(7))))),
        "customer.joined_at > 1 day ago and customer.joined_at older than 7 days",
    ),
    (
        All((Compare(">=", JOINED, Ago(this_month())), Compare("<", JOINED, Ago(today())))),
        "customer.joined_at >= start of this month and customer.joined_at older than today",
    ),
    (All((REGULAR, Compare("<=", COUNT, COUNT))), "orders.count() between 3 and orders.count()"),
    (
        All((Compare(">=", JOINED, LAST), Compare("<=", JOINED, LAST))),
        "customer.joined_at >= orders.placed_at.last() and customer.joined_at <= orders.placed_at.last()",
    ),
    (AnyOf((All((REGULAR, Compare("<=", COUNT, Literal(5)))), VIP)),
     'orders.count() between 3 and 5 or customer.tags has "vip"'),
    (All((All((REGULAR, Compare("<=", COUNT, Literal(5)))), VIP)),
     '(orders.count() between 3 and 5) and customer.tags has "vip"'),
    (Not(All((REGULAR, Compare("<=", COUNT, Literal(5))))), "not orders.count() between 3 and 5"),
    (Not(Missing(JOINED)), "customer.joined_at is present"),
    (All((KOREAN, VIP, VIP)), 'customer.country == "KR" and customer.tags has all of ["vip", "vip"]'),
    (AnyOf((KOREAN, VIP, VIP)),
     'customer.country == "KR" or customer.tags has "vip" or customer.tags has "vip"'),
    (rows("orders", All((at(">=", Ago(calendar_days(7))), at("<", Ago(calendar_days(2)))))),
     "orders.between(2 calendar days, 7 calendar days).any()"),
    (rows("orders", All((at("<=", Ago(days(1))), at(">", Ago(days(7)))))),
     "orders.older_than(1 day).within(7 days).any()"),
    (rows("orders", All((All((PAID,)), at(">", Ago(days(7)))))),
     'orders[all of (status == "paid") and at within 7 days].any()'),
    (rows("orders", All((at("<=", Ago(days(0))), PAID))), 'orders[at <= now and status == "paid"].any()'),
    (rows("orders", at(">", Shift(Column("paid_at"), days(1)))), "orders[at > paid_at + 1 day].any()"),
    (rows("orders", at("<=", Ago(days(0)))), "orders.older_than(0 days).any()"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "written"), WINDOWS)
def test_a_convenient_form_is_printed_only_where_it_says_the_same(rule: Rule, written: str) -> None:
    assert to_text(rule) == written
    assert parse(written) == rule


LARGE: list[tuple[str, str]] = [
    ("(" * 33 + "orders.any()", "depth"),
    ("not " * 40 + "orders.any()", "depth"),
    ("orders[" * 40, "depth"),
    ("orders.after(" * 40, "depth"),
    ("all of (" * 40, "depth"),
    ('"x": (' * 40, "depth"),
    ("1" + " + 1" * 40 + " > 3", "depth"),
    ("1" + " * 1" * 40 + " > 3", "depth"),
    ("customer.city" + ".casefold()" * 40 + ' == "x"', "depth"),
    ("orders" + ".all()" * 40 + ".any()", "depth"),
    ("orders" + ".all()" * 5_000 + ".any()", "nodes"),
    (" or ".join(["orders.any()"] * 400), "nodes"),
    (" or ".join(["1 == 1"] * 2_000), "nodes"),
    (f"customer.city in [{','.join(['1'] * 10_001)}]".replace("city", "id").replace("1", '"1"'), "list items"),
    (f"customer.birthday in [{','.join(['2026-01-01'] * 5_900)}]", ""),
    (" " * (TEXT_BYTES + 1), "bytes of text"),
    ('customer.city == "' + "한" * (TEXT_BYTES // 3) + '"', "bytes of text"),
]


@pytest.mark.parametrize(("source", "what"), LARGE, ids=range(len(LARGE)))
def test_what_is_too_large_is_refused(source: str, what: str) -> None:
    if not what:
        assert parse(source)
        return
    with pytest.raises(RuleTooLarge, match=what) as caught:
        parse(source)
    assert caught.value.found > caught.value.limit


def test_list_items_are_counted_together() -> None:
    half = "customer.city in [" + ",".join(['"x"'] * 5_000) + "]"
    assert parse(f"{half} and {half}")
    with pytest.raises(RuleTooLarge, match="list items"):
        parse(f'{half} and {half} and customer.city in ["x\\n"]')


def test_a_sugared_part_counts_as_what_it_stands_for() -> None:
    source = "orders.any()"
    for _ in range(14):  # each window says its value twice, so the tree doubles while the text grows by a little
        source = f"orders[at between orders[{source}].at.last() and now].any()"
    with pytest.raises(RuleTooLarge):
        parse(source)


def test_the_largest_rule_comes_back() -> None:
    rule = All(tuple(Compare("has", Attribute("tags"), Literal(f"tag-{n}")) for n in range(333)))
    assert parse(to_text(rule)) == rule
    deep: Rule = Missing(JOINED)
    for n in range(30):
        deep = Not(deep) if n % 2 else All((deep,))
    assert parse(to_text(deep)) == deep


def test_a_tree_that_no_engine_would_run_is_not_printed() -> None:
    rule: Rule = KOREAN
    for _ in range(100_000):
        rule = Not(rule)
    with pytest.raises(RuleTooLarge, match="depth"):
        to_text(rule)


def test_half_a_character_in_the_text_is_refused() -> None:
    with pytest.raises(RuleSyntaxError, match="half a character") as caught:
        parse('customer.city == "\ud83d"')
    assert caught.value.position == 18
    assert str(caught.value).encode()


def test_an_instant_without_a_zone_is_not_printed() -> None:
    with pytest.raises(RuleError, match="no zone"):
        to_text(Compare("<", JOINED, Literal(datetime(2026, 3, 1))))


@pytest.mark.parametrize("constant", [0.5, None, b"x"])
def test_what_is_no_constant_is_not_printed(constant: Any) -> None:
    with pytest.raises(WrongKind, match=type(constant).__name__):
        to_text(Compare("<", COUNT, Literal(constant)))
