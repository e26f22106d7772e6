"""What a rule must be before anything is asked of it."""

from datetime import datetime
from fractions import Fraction
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings

from retention.errors import CurrencyMismatch, RuleCurrencyMismatch, RuleError, RuleTooLarge, UnknownName, WrongKind
from retention.money import usd, won
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
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
from retention.rules.validate import validate
from retention.schema import STANDARD
from retention.spans import calendar_days, days
from retention.testing.rules import EXTENDED, rules
from tests.rules.examples import BIRTHDAY, COUNT, JOINED, KOREAN, PAID, VIP, rows

HALF = "half \ud83d"
SPENT = Aggregate("sum", Events("orders"), "total")


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(rules(EXTENDED))
def test_random_rules_are_valid(rule: Rule) -> None:
    validate(rule, EXTENDED)


@pytest.mark.parametrize(
    ("rule", "path", "nearest"),
    [
        (Compare("==", Attribute("contry"), Literal("KR")), "rule.left", "country"),
        (All((VIP, Not(Missing(Attribute("birthdy"))))), "rule.all[1].not.missing", "birthday"),
        (rows("ordrs"), "rule.left", "orders"),
        (rows("orders", Compare("==", Column("statu"), Literal("paid"))), "rule.left.count.where.left", "status"),
        (Follows(Events("viewz"), Events("purchases"), days(1)), "rule.events", "views"),
        (Follows(Events("views"), Events("purchase"), days(1)), "rule.followed_by", "purchases"),
        (Follows(Events("views"), Events("purchase"), days(1), True), "rule.not_followed_by", "purchases"),
        (IsIn(Attribute("citty"), ("Seoul",)), "rule.value", "city"),
        (Named("x", AnyOf((IsIn(Attribute("citty"), ()),))), "rule.rule.any[0].value", "city"),
        (Compare(cast(Any, "start_with"), Attribute("city"), Literal("S")), "rule.op", "starts_with"),
        (Anniversary(BIRTHDAY, NearDays(0, 0), cast(Any, "feb27")), "rule.leap", "feb28"),
    ],
)
def test_an_unknown_name_is_told_with_its_path_and_the_nearest(rule: Rule, path: str, nearest: str) -> None:
    with pytest.raises(UnknownName) as caught:
        validate(rule)
    assert (caught.value.path, caught.value.nearest) == (path, nearest)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (Compare(">=", COUNT, Literal("3")), "rule"),
        (All((Compare("==", Attribute("tags"), Attribute("tags")),)), "rule.all[0]"),
        (AtLeast(1, (Compare("contains", COUNT, Literal("3")),)), "rule.of[0]"),
        (IsIn(COUNT, (1, "2")), "rule.in[1]"),
        (IsIn(COUNT, (1, True)), "rule.in[1]"),
        (IsIn(Attribute("tags"), ()), "rule"),
        (Anniversary(JOINED, NearDays(0, 0)), "rule"),
        (Compare("==", Apply("size", Attribute("city")), Literal(1)), "rule.left"),
        (Compare("==", COUNT, Literal(cast(Any, 0.5))), "rule.right"),
        (IsIn(COUNT, (1, cast(Any, 0.5))), "rule.in[1]"),
        (Compare(">", JOINED, Shift(JOINED, cast(Any, calendar_days(1)))), "rule.right.by"),
        (Follows(Events("views"), Events("orders"), cast(Any, calendar_days(1))), "rule.within"),
        (Compare(">", JOINED, Ago(cast(Any, 7))), "rule.right.ago"),
        (rows("orders", Compare(">", Column("total"), Literal(3))), "rule.left.count.where"),
    ],
)
def test_a_wrong_kind_is_told_with_its_path(rule: Rule, path: str) -> None:
    with pytest.raises(WrongKind) as caught:
        validate(rule)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        (Compare("==", Column("status"), Literal("x")), "rule.left", "outside of a where"),
        (Missing(Aggregate("count", Events("orders"), "total")), "rule.missing", "count takes no column"),
        (AtLeast(-1, (VIP,)), "rule", "from 0 up"),
        (AtLeast(cast(Any, True), (VIP,)), "rule", "from 0 up"),
        (rows("orders", pick=0), "rule.left.count", "count from 1"),
        (rows("orders", pick=2_000_000), "rule.left.count", "count from 1"),
        (Anniversary(BIRTHDAY, MonthDays((2, 30), (3, 1))), "rule.window", "month and day"),
        (Anniversary(BIRTHDAY, MonthDays((1, 1), (13, 1))), "rule.window", "month and day"),
        (Anniversary(BIRTHDAY, MonthDays((1, 1), cast(Any, 5))), "rule.window", "month and day"),
        (Anniversary(BIRTHDAY, NearDays(3, 2)), "rule.window", "ends before it begins"),
        (Anniversary(BIRTHDAY, NearMonths(0, -1)), "rule.window", "ends before it begins"),
        (Anniversary(BIRTHDAY, NearDays(0, 5_000)), "rule.window", "ends beyond"),
        (Anniversary(BIRTHDAY, NearDays(cast(Any, 0.5), 1)), "rule.window", "whole numbers"),
        (Reference(" "), "rule.segment", "not empty"),
        (Named("", VIP), "rule.named", "not empty"),
        (Named(HALF, VIP), "rule.named", "half a character"),
        (Reference(HALF), "rule.segment", "half a character"),
        (Compare("==", Attribute("city"), Literal(HALF)), "rule.right", "half a character"),
        (IsIn(Attribute("city"), ("a", HALF)), "rule.in[1]", "half a character"),
        (Compare("<", Apply("bucket", Attribute("id"), HALF), Literal(1)), "rule.left.salt", "half a character"),
        (Compare("<", JOINED, Literal(datetime(2026, 3, 1))), "rule.right", "no zone"),
        (Compare("<", COUNT, Literal(10**40)), "rule.right", "40 digits"),
        (Compare("<", COUNT, Literal(Fraction(1, 10**40))), "rule.right", "40 digits"),
        (IsIn(COUNT, (1, -(10**40))), "rule.in[1]", "40 digits"),
    ],
)
def test_what_no_rule_can_say_is_told_with_its_path(rule: Rule, path: str, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        validate(rule)
    assert caught.value.path == path
    assert caught.value.hint


@pytest.mark.parametrize(
    "rule",
    [
        IsIn(Attribute("city"), ()),
        AtLeast(3, (VIP,)),
        Compare("<", COUNT, Literal(10**40 - 1)),
        Anniversary(BIRTHDAY, MonthDays((2, 29), (2, 29))),
        Anniversary(BIRTHDAY, MonthDays((12, 20), (1, 5))),
        rows("orders", Compare("==", Attribute("country"), Column("status"))),
        Compare(">", SPENT, Literal(won(1))),
    ],
)
def test_what_is_unusual_but_clear_is_accepted(rule: Rule) -> None:
    validate(rule)


def test_amounts_of_two_currencies_are_refused() -> None:
    rule = All((Compare(">", SPENT, Literal(won(1))), IsIn(SPENT, (won(2), usd(3)))))
    with pytest.raises(RuleCurrencyMismatch) as caught:
        validate(rule)
    assert (caught.value.expected, caught.value.found, caught.value.path) == ("KRW", "USD", "rule.all[1].in[1]")
    assert isinstance(caught.value, CurrencyMismatch)


def test_an_amount_of_another_currency_than_the_shops_is_refused() -> None:
    with pytest.raises(RuleCurrencyMismatch, match="is in USD where KRW is expected"):
        validate(Compare(">", SPENT, Literal(usd(1))), STANDARD.extend(currency="KRW"))


def test_limits_come_before_anything_else() -> None:
    wide = All(tuple(Compare("==", Attribute("no such"), Literal("x")) for _ in range(400)))
    with pytest.raises(RuleTooLarge) as caught:
        validate(wide)
    assert (caught.value.limit, caught.value.found) == (1_000, 1_001)


def test_list_items_are_counted_together() -> None:
    half = IsIn(Attribute("city"), ("x",) * 5_000)
    validate(All((half, half)))
    with pytest.raises(RuleTooLarge, match="list items"):
        validate(All((half, half, KOREAN, IsIn(Attribute("city"), ("x",)))))


def test_a_column_belongs_to_the_nearest_where() -> None:
    inner = Aggregate("mean", Events("purchases", Compare("==", Column("category"), Literal("coffee"))), "amount")
    validate(rows("orders", Compare(">", Column("total"), inner)))
    with pytest.raises(UnknownName) as caught:
        validate(rows("orders", Compare("==", Column("category"), Literal("coffee"))))
    assert caught.value.path == "rule.left.count.where.left"


def test_a_selection_of_a_selection_is_looked_into() -> None:
    twice = Events(Events("orders", PAID), Compare("==", Column("brand"), Literal("acme")))
    with pytest.raises(UnknownName) as caught:
        validate(Compare(">", Aggregate("count", twice), Literal(1)))
    assert caught.value.path == "rule.left.count.where.left"
    inner = Events(Events("orders", Compare("==", Column("brand"), Literal("acme"))), PAID)
    with pytest.raises(UnknownName) as caught:
        validate(Compare(">", Aggregate("count", inner), Literal(1)))
    assert caught.value.path == "rule.left.count.from.where.left"
