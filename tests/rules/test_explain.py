"""Why, and why not."""

from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from retention.activity import Search, Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.errors import CurrencyMismatch, NaiveInstant, UnsupportedRule
from retention.money import usd, won
from retention.order import Order, OrderLine
from retention.profile import Profile
from retention.rules import at_least, cart, customer, orders, purchases, searches, visits
from retention.rules.backends.explain import explain
from retention.rules.backends.explanation import Explanation, Observation, Witness
from retention.rules.backends.observations import instant_text, number_text
from retention.rules.nodes import FALSE, TRUE, Ago, Attribute, Compare, IsIn, Reference
from retention.rules.rule import Rule
from retention.spans import days, months, utc
from retention.testing.backends import Question, ask, assert_same

SEOUL = ZoneInfo("Asia/Seoul")


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SEOUL)


NOW = at(3, 1, 9)
PROFILE = Profile.build(
    Customer(
        "c-17",
        joined_at=at(11, 3, 10, year=2025),
        country="KR",
        name="김하늘",
        email="sky@example.com",
        phone="+82-10-1234-5678",
        postal_code="04524",
        notes="left at the door",
        birthday=date(1990, 3, 9),
        tags=frozenset({"vip"}),
    ),
    [
        Order("o-1", at(1, 5, 11), lines=[OrderLine("bean", amount=won(18_000), category="coffee")]),
        Order("o-2", at(2, 20, 9, 30), lines=[OrderLine("cup", amount=won(20_000), category="ware")]),
        CartEvent("k-1", at(2, 26, 11), kind="added", quantity=2),
        CartEvent("k-2", at(2, 26, 11, 5), kind="removed"),
        Visit("v-1", at(2, 26, 10, 50)),
        Search("s-1", at(2, 26, 10, 51), query="gift for Jiwoo"),
    ],
)
NEW = customer.joined_at.within(days(7))
LEFT = cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()


def explained(rule: Rule) -> Explanation:
    return explain(rule.node, PROFILE, NOW)


# The tree. ------------------------------------------------------------------------------------------------------------


def test_a_tree_reads_from_the_verdict_to_the_rows() -> None:
    rule = at_least(2, NEW.named("new"), LEFT.named("left a cart"), orders.total.sum() >= won(500_000))
    assert str(explained(rule)).splitlines() == [
        "as of 2026-03-01 09:00 KST",
        "✗ at least 2 of",
        "│ would be true with 462,000원 more in orders.total.sum()",
        "├─ ✗ new: customer.joined_at within 7 days           2025-11-03 10:00",
        "│    since 2025-11-10 10:00",
        "├─ ✓ left a cart: all of",
        "│  │ since 2026-02-27 11:05, until 2026-03-05 11:05",
        "│  ├─ ✓ cart.at.last() between 1 day and 7 days ago  2026-02-26 11:05",
        "│  │    cart k-2 (2026-02-26 11:05)",
        "│  │    since 2026-02-27 11:05, until 2026-03-05 11:05",
        "│  │    would be false with 1 more of cart",
        "│  └─ ✓ orders.after(cart.at.last()).none()          0",
        "│       would be false with 1 more of orders.after(cart.at.last())",
        "└─ ✗ orders.total.sum() >= 500000 KRW                38,000원",
        "     orders o-2 (2026-02-20 09:30), orders o-1 (2026-01-05 11:00)",
        "     would be true with 462,000원 more in orders.total.sum()",
    ]


def test_a_narrow_terminal_wraps_and_never_cuts() -> None:
    found = explained(LEFT.named("left a cart")).render(44)
    assert max(map(len, found.splitlines())) <= 44
    assert "orders.after(cart.at.last()).none()" in found
    assert explained(LEFT).render(1) == explained(LEFT).render(40)


def test_colours_are_laid_over_the_same_text() -> None:
    found = explained(LEFT).render(90, colour=True)
    assert "\x1b[32m✓" in found
    assert "\x1b[31m✗" in explained(NEW).render(colour=True)
    plain = found
    for code in ("0", "1", "2", "31", "32"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == explained(LEFT).render(90)


def test_rules_of_no_parts() -> None:
    assert explain(TRUE, PROFILE, NOW).words == "always"
    assert not explain(FALSE, PROFILE, NOW).holds


def test_a_window_of_two_comparisons_is_one_part() -> None:
    found = explained(NEW & (customer.country == "KR"))
    assert [each.words for each in found.parts] == ["customer.joined_at within 7 days", 'customer.country == "KR"']


def test_the_complement_of_a_joint_shows_its_parts() -> None:
    found = explained(~LEFT)
    assert (found.joint, found.holds) == ("not", False)
    assert found.parts[0].joint == "all of"
    assert found.parts[0].holds


# What was seen. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (customer.country == "KR", '"KR"'),
        (customer.tags.has("vip"), "vip"),
        (visits.count() > 2, "1"),
        (orders.total.mean() > won(1), "19,000원"),
        (orders.total.sum() / 7 > won(1), "≈ 5,429원"),
        (orders.total.sum() / won(7000) > 1, "≈ 5.4286"),
        (cart.quantity.last() > 1, "missing"),
        (cart.quantity.last() + 1 > 1, "missing"),
        (orders.at.last().on(date(2026, 2, 20)), "2026-02-20"),
        (orders.at.last() > at(1, 1), "2026-02-20 09:30"),
        (customer.gender.is_missing(), "missing"),
        (customer.birthday.returns_within(10), "•••"),
    ],
)
def test_what_was_seen(rule: Rule, shown: str) -> None:
    assert [each.shown for each in explained(rule).observed] == [shown]


def test_missing_values_are_named_once() -> None:
    found = explained((customer.gender == "f") & (customer.gender == "m") & (cart.quantity.last() * 2 > 1))
    assert found.missing == ("customer.gender", "cart.quantity.last()")


def test_two_values_are_told_apart() -> None:
    found = explained(orders.count() > cart.count())
    assert found.observed == (Observation("orders.count()", "2"), Observation("cart.count()", "2"))
    assert "orders.count() 2 · cart.count() 2" in str(found)


@pytest.mark.parametrize(
    ("number", "text"),
    [(1200, "1,200"), (Fraction(5, 2), "2.5"), (Fraction(1, 3), "≈ 0.3333"), (Fraction(-3, 1), "-3")],
)
def test_numbers(number: int | Fraction, text: str) -> None:
    assert number_text(number) == text


def test_instants_between_minutes_and_in_repeated_hours() -> None:
    assert instant_text(datetime(2026, 1, 1, 0, 0, 1, tzinfo=SEOUL), SEOUL) == "2026-01-01 00:00:01"
    assert instant_text(datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=SEOUL), SEOUL) == "2026-01-01 00:00:00.000005"
    york = ZoneInfo("America/New_York")
    twice = [instant_text(datetime(2024, 11, 3, 1, 30, tzinfo=york, fold=fold), york) for fold in (0, 1)]
    assert twice == ["2024-11-03 01:30 UTC-04:00", "2024-11-03 01:30 UTC-05:00"]


# Who decided. ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        (orders.count() > 1, ["o-1", "o-2"]),
        (orders.total.max() > won(1), ["o-2"]),
        (orders.total.min() > won(1), ["o-1"]),
        (orders.at.first() > at(1, 1), ["o-1"]),
        (purchases.where(purchases.category == "coffee").amount.sum() > won(1), ["o-1/000001"]),
        (orders.total.sum() / orders.count() > won(1), ["o-1", "o-2"]),
        (visits.followed_by(cart, within=days(1)), ["v-1", "k-1"]),
        (cart.not_followed_by(orders, within=days(1)), ["k-1", "k-2"]),
        (~(orders.count() > 1), ["o-1", "o-2"]),
        (cart.quantity.max() > 5, ["k-1"]),
        (orders.where(orders.status == "paid").total.min() > won(1), []),
        (customer.country == "KR", []),
    ],
)
def test_the_rows_that_decided(rule: Rule, ids: list[str]) -> None:
    assert [each.id for each in explained(rule).witnesses] == ids


def test_witnesses_are_kept_whole_and_shown_in_part() -> None:
    several = [Visit(f"v{number}", at(2, number)) for number in range(1, 8)]
    found = explain((visits.count() > 1).node, Profile.build(Customer("c1"), several), NOW)
    assert len(found.witnesses) == 7
    assert found.witnesses[0] == Witness("visits", "v1", utc(at(2, 1)))
    shown = "visits v7 (2026-02-07 00:00), visits v6 (2026-02-06 00:00), visits v5 (2026-02-05 00:00) and 4 before"
    assert shown in found.render(200)


# What would flip it. --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "flips"),
    [
        (orders.count() >= 5, ("3 more of orders",)),
        (orders.count() > 5, ("4 more of orders",)),
        (orders.count() < 5, ("3 more of orders",)),
        (orders.count() <= 5, ("4 more of orders",)),
        (orders.count() == 2, ("1 more of orders",)),
        (orders.count() == 4, ("2 more of orders",)),
        (orders.count() >= 2, ()),
        (orders.count() == 1, ()),
        (orders.status.distinct() > 1, ("1 more status in orders",)),
        (orders.total.sum() > won(40_000), ("more than 2,000원 more in orders.total.sum()",)),
        (orders.total.sum() > won(38_000), ("any more in orders.total.sum()",)),
        (orders.total.sum() >= won(38_000), ()),
        (orders.at.last().older_than(days(3)), ("1 more of orders",)),
        (orders.within(days(3)).at.last() > at(1, 1), ("1 more of orders.within(3 days)",)),
        (orders.where(orders.status == "paid").total.min() > won(1), ('1 of orders[status == "paid"]',)),
        (customer.country == "KR", ("another customer.country",)),
        (customer.gender == "f", ("a value for customer.gender",)),
        (customer.gender.is_missing(), ("a value for customer.gender",)),
        (customer.country.is_missing(), ()),
        (customer.country.is_in(["US"]), ("another customer.country",)),
        (customer.tags.has("vip"), ('"vip" taken from customer.tags',)),
        (customer.tags.has("new"), ('"new" added to customer.tags',)),
        (NEW, ()),
        (cart.followed_by(orders, within=days(3)), ("one of orders within 3 days after one of cart",)),
        (cart.followed_by(orders, within=months(1)), ("one of orders within 1 month after one of cart",)),
        (visits.followed_by(cart, within=days(3)), ()),
        ((orders.count() >= 5) | (cart.count() >= 4), ("3 more of orders", "2 more of cart")),
        ((orders.count() >= 5) & (cart.count() >= 4), ("3 more of orders and 2 more of cart",)),
        (~(orders.count() >= 5), ("3 more of orders",)),
        ((orders.count() >= 5) & (customer.country == "KR"), ("3 more of orders",)),
        (at_least(2, orders.count() >= 5, cart.count() >= 4, visits.count() >= 2).named("busy"), ()),
        (orders.last().count() >= 2, ()),
        (orders.count() >= cart.quantity.last(), ()),
    ],
)
def test_the_nearest_flips(rule: Rule, flips: tuple[str, ...]) -> None:
    assert explained(rule).flips == flips


def test_flips_of_amounts_in_cents() -> None:
    profile = Profile.build(Customer("c1"), [Order("o1", at(1, 1), total=usd("10.50"))])
    found = explain((orders.total.sum() >= usd(20)).node, profile, NOW)
    assert found.flips == ("$9.50 more in orders.total.sum()",)


# What is never shown. -------------------------------------------------------------------------------------------------

SECRETS = ("김하늘", "sky@example", "010-1234", "1234-5678", "04524", "left at the door", "1990", "Jiwoo")


@pytest.mark.parametrize(
    "rule",
    [
        customer.email == "sky@example.com",
        customer.email.casefold().contains("sky@example"),
        customer.name.is_in(["김하늘", "x"]),
        customer.phone.starts_with("+82-10-1234-5678"),
        customer.postal_code == "04524",
        customer.notes.contains("left at the door"),
        customer.birthday == date(1990, 3, 9),
        customer.birthday.returns_today(),
        searches.query.last() == "gift for Jiwoo",
        searches.where(searches.query.contains("Jiwoo")).any(),
        (orders.count() > 0) & ~(customer.email == "sky@example.com"),
    ],
)
def test_personal_values_are_masked(rule: Rule) -> None:
    found = explained(rule)
    shown = f"{found} {found!r}"
    assert not [secret for secret in SECRETS if secret in shown]


# Errors, and agreement with the reference. ----------------------------------------------------------------------------


def test_errors() -> None:
    with pytest.raises(NaiveInstant):
        explain(TRUE, PROFILE, datetime(2026, 3, 1))
    with pytest.raises(CurrencyMismatch):
        explain((orders.total.sum() > usd(1)).node, PROFILE, NOW)
    with pytest.raises(UnsupportedRule, match="dormant"):
        explain(Reference("dormant"), PROFILE, NOW)


def test_what_timelines_refuse_is_explained_without_them() -> None:
    found = explain(Compare("<", Ago(months(1)), Ago(days(1))), PROFILE, NOW)
    assert found.holds
    assert not found.timed
    assert "not known" in str(found)


def test_random_rules_are_explained_as_they_are_answered() -> None:
    """The root has the reference's answer, each joint that of its parts, and every tree prints."""

    def check(question: Question) -> None:
        for rule in question.rules:
            found = explain(rule, question.profiles[0], question.instants[0], question.schema)
            assert_same(found.holds, rule, question.profiles[0], question.instants[0], question.schema)
            assert_joined(found)
            assert all(line.strip() for line in found.render(60).splitlines())

    ask(check, 240, profiles=1, instants=1)


def assert_joined(found: Explanation) -> None:
    parts = [each.holds for each in found.parts]
    if parts:
        least = {"all of": len(parts), "any of": 1, "not": 1}.get(found.joint)
        needed = int(found.joint.split()[2]) if least is None else least
        assert found.holds is ((sum(parts) >= needed) is not (found.joint == "not"))
    for each in found.parts:
        assert_joined(each)


def test_a_masked_rule_is_still_text() -> None:
    found = explain(IsIn(Attribute("email"), ("a@example.com", "b@example.com")), PROFILE, NOW)
    assert found.words == 'customer.email in ["•••", "•••"]'
