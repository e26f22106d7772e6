"""What makes no sense is refused where it is written, by a typed error that names the kinds and the repair."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retention.errors import AmbiguousTruth, ConfigurationError, CurrencyMismatch, NaiveInstant, RuleError, WrongKind
from retention.money import usd, won
from retention.rules import (
    Collection,
    NumberField,
    all_of,
    any_of,
    at_least,
    cart,
    consents,
    customer,
    declare,
    orders,
    purchases,
    segment,
    views,
)
from retention.spans import calendar_days, days, months, this_month

# Any, because mypy refuses every line below: that is what tests/typing is about.
the_customer: Any = customer
the_orders: Any = orders
the_purchases: Any = purchases
the_consents: Any = consents
the_views: Any = views
anything_else: Any = []

Attempt = Callable[[], object]

MISFITS: list[tuple[Attempt, str]] = [
    (lambda: the_orders.count() >= "3", "a number cannot be compared with a text. Write the number without quotes"),
    (lambda: the_orders.count() == "3", "a number cannot be compared with a text"),
    (lambda: the_orders.count() != "3", "a number cannot be compared with a text"),
    (lambda: the_orders.count() >= True, "a number cannot be compared with a flag"),
    (lambda: the_orders.count() >= won(3), "a number cannot be compared with an amount of money"),
    (lambda: the_orders.count() >= the_orders.total.sum(), "a number cannot be compared with an amount of money"),
    (lambda: the_orders.total.sum() >= 500_000, r"Say which money: won\(500_000\)"),
    (lambda: the_orders.total.sum() >= "5", r"Give money: won\(500_000\)"),
    (lambda: the_customer.country == 82, "a text cannot be compared with a number. Write it in quotes"),
    (lambda: the_customer.country == None, r"nothing is equal to None. Ask .is_missing\(\)"),  # noqa: E711
    (lambda: the_customer.country < "KR", "a text has no order"),
    (lambda: the_customer.country >= the_customer.city, "a text has no order"),
    (lambda: the_customer.country.is_in("KR"), "is_in takes several options"),
    (lambda: the_customer.country.is_in(82), "is_in takes several options"),
    (lambda: the_customer.country.is_in(["KR", 82]), "a text cannot be compared with a number"),
    (lambda: the_customer.country.contains(the_orders.count()), "a text cannot be compared with a number"),
    (lambda: the_customer.country == ["KR"], "a list cannot stand in a rule"),
    (lambda: the_customer.country == the_orders.any(), "a value cannot be compared with a rule"),
    (lambda: the_customer.tags == "vip", "a set of labels cannot be compared as a whole"),
    (lambda: the_customer.tags != "vip", "a set of labels cannot be compared as a whole"),
    (lambda: the_customer.tags.has(5), "a set of labels cannot be compared with a number"),
    (lambda: the_customer.tags.has_any(["vip"]), "a list cannot stand in a rule"),
    (lambda: the_customer.joined_at > date(2026, 3, 1), r"Use .on\(date\)"),
    (lambda: the_customer.joined_at > "2026-03-01", "Give an aware datetime"),
    (lambda: the_customer.joined_at > days(3), "a span of time is not an instant"),
    (lambda: the_customer.joined_at > timedelta(days=3), "a span of time is not an instant"),
    (lambda: the_customer.joined_at.on(datetime(2026, 3, 1, tzinfo=UTC)), "a date cannot be compared with an instant"),
    (lambda: the_customer.joined_at.within(7), "an int is not a span"),
    (lambda: the_customer.joined_at.within(timedelta(days=7)), "a timedelta is not a span"),
    (lambda: the_customer.joined_at.older_than("7"), "a str is not a span"),
    (lambda: the_customer.joined_at.between(days(1), 7), "an int is not a span"),
    (lambda: the_customer.joined_at + calendar_days(1), "whole local days have no length"),
    (lambda: the_customer.joined_at - this_month(), "whole local days have no length"),
    (lambda: the_customer.birthday == "1990-05-03", r"Give a date: date\(2026, 3, 1\)"),
    (lambda: the_orders.total + 3, "an amount of money [+] a number has no meaning. Add numbers to numbers"),
    (lambda: the_orders.count() - won(1), "a number - an amount of money has no meaning"),
    (lambda: won(1) - the_orders.count(), "an amount of money - a number has no meaning"),
    (lambda: the_orders.total * the_orders.total, "an amount of money [*] an amount of money has no meaning"),
    (lambda: 3 / the_orders.total.sum(), "a number / an amount of money has no meaning"),
    (lambda: the_orders.count() + "3", "a number [+] a text has no meaning"),
    (lambda: the_orders.where(the_customer.country == "KR"), "orders.where takes rules about a row of orders"),
    (lambda: the_orders.where(True), "orders.where takes rules about a row of orders"),
    (lambda: the_orders.where(the_purchases.category == "x"), "says nothing about a row of orders"),
    (lambda: the_orders.where(the_orders.within(days(3)).total > won(1)), "is put to others"),
    (lambda: the_orders.total == the_purchases.amount, "a row of orders cannot be asked about a row of purchases"),
    (lambda: the_orders.total + the_purchases.amount, "a row of orders cannot be asked about a row of purchases"),
    (
        lambda: the_orders.first().total == the_orders.last().total,
        "two different selections of orders meet in one row rule",
    ),
    (lambda: the_orders.total.mean().between(the_orders.total, won(1)), "Begin with the row's column"),
    (lambda: the_views.followed_by("orders", within=days(1)), "what follows rows is rows"),
    (lambda: the_views.followed_by(the_orders, within=this_month()), "whole local days have no length"),
    (lambda: the_views.followed_by(the_orders, within=3), "an int is not a span"),
    (lambda: the_orders.stopped(quiet=days(30), active=months(1)), "the two spans cannot be added up"),
    (lambda: the_orders.restarted(quiet=months(1), active=days(30)), "the two spans cannot be added up"),
    (lambda: the_orders.stopped(quiet=this_month(), active=days(30)), "the two spans cannot be added up"),
]

MIXTURES: list[tuple[Attempt, str]] = [
    (lambda: the_orders.any() & (the_orders.total > won(1)), r"Ask the rows: orders.where\(…\).any\(\)"),
    (lambda: the_orders.any() | (the_orders.total > won(1)), r"Ask the rows: orders.where\(…\).any\(\)"),
    (lambda: (the_orders.total > won(1)) & the_orders.any(), r"Put the row rule inside orders.where\(…\)"),
    (lambda: (the_orders.total > won(1)) | segment("dormant"), r"Put the row rule inside orders.where\(…\)"),
    (lambda: (the_orders.total > won(1)) | True, "a bool is not a rule"),
    (lambda: (the_orders.total > won(1)) & (the_purchases.amount > won(1)), "a row of orders cannot be asked"),
    (lambda: the_orders.any() & True, "a bool is not a rule"),
    (lambda: the_orders.any() | False, "a bool is not a rule"),
    (lambda: True & the_orders.any(), "a bool is not a rule"),
    (lambda: False | the_orders.any(), "a bool is not a rule"),
    (lambda: True & (the_orders.total > won(1)), "a bool is not a rule"),
    (lambda: False | the_consents.given, "a bool is not a rule"),
    (lambda: the_consents.given & True, "a bool is not a rule"),
    (lambda: all_of(the_orders.any(), the_orders.total > won(1)), r"Put the row rule inside orders.where\(…\)"),
    (lambda: any_of(the_orders.any(), the_orders.count()), "a Number is not a rule"),
    (lambda: at_least(1, the_orders.any(), anything_else), "a list is not a rule"),
    (lambda: at_least(1, the_orders.total > won(1), anything_else), "a list is not a rule"),
    (lambda: the_orders.count() >= 3 & the_orders.count() <= 5, "bind tighter than comparisons"),
    (lambda: the_orders.count() | the_orders.any(), "bind tighter than comparisons"),
]

UNDECIDED: list[Attempt] = [
    lambda: bool(orders.any()),
    lambda: orders.any() and cart.any(),
    lambda: orders.any() or cart.any(),
    lambda: not orders.any(),
    lambda: 1 < the_orders.count() < 5,
    lambda: customer.country in ["KR"],
    lambda: bool(orders.count()),
    lambda: "vip" in the_customer.tags,
    lambda: bool(orders.total > won(1)),
    lambda: "x" in the_orders.any(),
    lambda: bool(orders),
    lambda: "x" in the_orders,
]

UNUSABLE: list[Attempt] = [
    lambda: orders.count() >= float("nan"),  # noqa: PLW0177
    lambda: orders.count() >= float("inf"),
    lambda: orders.count() >= Decimal("NaN"),
    lambda: orders.count() >= Decimal("-Infinity"),
    lambda: orders.nth(0),
    lambda: the_orders.nth("2"),
    lambda: orders.total.nth(0),
    lambda: consents.given.nth(0),
    lambda: customer.birthday.returns_between((2, 30), (3, 1)),
    lambda: customer.birthday.returns_between((1, 1), (13, 1)),
    lambda: the_customer.birthday.returns_between(1, 2),
    lambda: customer.birthday.returns_within(-1),
    lambda: the_customer.birthday.returns_within(1.5),
    lambda: customer.birthday.returned_within(-1),
    lambda: the_customer.birthday.returns_this_month("next"),
    lambda: the_customer.birthday.returns_today(leap="feb29"),
    lambda: orders.between(days(7), days(1)),
    lambda: customer.joined_at.between(months(7), months(1)),
    lambda: orders.in_periods(4, of=3, every=days(7)),
    lambda: orders.in_periods(0, of=3, every=days(7)),
    lambda: orders.in_periods(1, of=367, every=days(7)),
    lambda: at_least(-1, orders.any()),
    lambda: the_orders.any().named(""),
    lambda: the_orders.any().named(5),
    lambda: (the_orders.total > won(1)).named(" "),
    lambda: segment(""),
]


@pytest.mark.parametrize(("attempt", "words"), MISFITS + MIXTURES)
def test_a_wrong_combination_is_a_wrong_kind(attempt: Attempt, words: str) -> None:
    with pytest.raises(WrongKind, match=words) as refused:
        attempt()
    assert isinstance(refused.value, TypeError)
    assert refused.value.hint


@pytest.mark.parametrize("attempt", UNDECIDED)
def test_a_rule_has_no_truth_while_it_is_written(attempt: Attempt) -> None:
    with pytest.raises(AmbiguousTruth, match="Write `a & b` for `a and b`"):
        attempt()


@pytest.mark.parametrize("attempt", UNUSABLE)
def test_what_can_never_be_meant_is_a_rule_error(attempt: Attempt) -> None:
    with pytest.raises(RuleError) as refused:
        attempt()
    assert refused.value.hint


@pytest.mark.parametrize("subject", [orders, orders.any(), orders.count(), customer.tags, orders.total > won(1)])
def test_nothing_can_be_looped_over_or_measured(subject: Any) -> None:
    with pytest.raises(WrongKind, match="cannot be looped over"):
        list(iter(subject))
    with pytest.raises(WrongKind, match="has no length yet"):
        len(subject)


def test_a_value_cannot_be_hashed_because_equality_makes_a_rule() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(orders.total)


def test_strangers_are_left_to_python() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        the_orders.any() & object()
    with pytest.raises(TypeError, match="unsupported operand"):
        the_orders.any() | 3


def test_a_naive_instant_is_refused() -> None:
    for attempt in (lambda: customer.joined_at > datetime(2026, 3, 1), lambda: orders.since(datetime(2026, 3, 1))):
        with pytest.raises(NaiveInstant):
            attempt()


MIXED_MONEY: list[Attempt] = [
    lambda: orders.total.sum() + won(1) > usd(1),
    lambda: orders.total.sum() + won(1) != usd(1),
    lambda: orders.total.sum() + won(1) - usd(1),
    lambda: orders.total.sum() / won(1) + orders.total.sum() / usd(1),
    lambda: orders.total.sum().between(won(1), usd(1)),
    lambda: orders.total.sum().is_in([won(1), usd(1)]),
    lambda: (orders.total.sum() - won(1)).is_in([usd(1)]),
]


@pytest.mark.parametrize("attempt", MIXED_MONEY)
def test_two_currencies_in_one_comparison_are_refused(attempt: Attempt) -> None:
    with pytest.raises(CurrencyMismatch):
        attempt()


def test_a_column_may_not_hide_a_method() -> None:
    with pytest.raises(ConfigurationError, match=r"Rentals.count would hide the method count.*of=\"count\""):
        type("Rentals", (Collection,), {"count": NumberField()})
    with pytest.raises(ConfigurationError, match="would hide the method bucket"):
        type("Rider", (type(customer),), {"bucket": NumberField()})


def test_a_taken_name_is_refused_when_it_is_declared() -> None:
    class Again(Collection):
        amount = NumberField()

    with pytest.raises(ConfigurationError, match="taken"):
        declare(Again("orders"))
