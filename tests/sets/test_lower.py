"""Lowering alone, with no engine: terms asked of plain rows answer as the reference does."""

import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from retention import days, months, won
from retention.errors import CurrencyMismatch, NaiveInstant, RuleCurrencyMismatch, UnmappedName, UnsupportedRule
from retention.profile import Profile
from retention.rules import Rule, cart, customer, orders, purchases
from retention.rules import nodes as n
from retention.rules.backends.reference import compared, holds
from retention.rules.backends.sets.build import both
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.moments import Moving, compare_moments
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.terms import (
    ALWAYS,
    NEVER,
    Absent,
    Cell,
    Constant,
    Followed,
    Is,
    Negation,
    Product,
    Tally,
    Test,
    Trait,
)
from retention.schema import STANDARD, Kind
from retention.spans import Duration, Months, shift
from retention.testing.backends import Question, ask, write_question
from retention.testing.choices import Choices
from retention.testing.tables import apart, flat, with_strays
from tests.sets import interpreter
from tests.sets.layouts import plain_layout

TRIPLES = int(os.environ.get("RETENTION_EXAMPLES", "3000"))
SEOUL = ZoneInfo("Asia/Seoul")
AS_OF = datetime(2026, 3, 1, 12, tzinfo=SEOUL)
LAYOUT = plain_layout(STANDARD, "KRW")
AT = Cell("at", Kind.INSTANT)
SO_FAR = Is("<=", AT, Constant(AS_OF.astimezone(UTC)))


def expected(rule: n.Rule, profile: Profile, as_of: datetime, question: Question) -> bool:
    """The reference's answer; whoever deals in another currency is in no rule that speaks of money."""
    try:
        return holds(rule, profile, as_of, question.schema)
    except CurrencyMismatch:
        return False


def test_terms_answer_as_the_reference_does() -> None:
    def check(question: Question) -> None:
        profiles = apart(question.profiles)
        tables = with_strays(flat(profiles, question.schema))
        layout = plain_layout(question.schema)
        for as_of in question.instants:
            for rule in question.rules:
                try:
                    test = lower(rule, as_of, layout)
                except UnsupportedRule:
                    continue
                found = interpreter.answers(test, tables, layout)
                shared = interpreter.answers(arrange([test]).tests[0], tables, layout)
                for profile in profiles:
                    answer = expected(rule, profile, as_of, question)
                    assert (found[profile.customer.id], shared[profile.customer.id]) == (answer, answer), rule

    ask(check, TRIPLES)


def test_few_random_rules_are_refused() -> None:
    refused: Counter[str] = Counter()
    asked = 0
    for seed in range(300):
        question = write_question(Choices.seeded(seed))
        for rule in question.rules:
            asked += 1
            try:
                lower(rule, question.instants[0], plain_layout(question.schema))
            except UnsupportedRule as error:
                refused[error.problem] += 1
    assert refused.total() < 0.04 * asked, refused
    assert set(refused) <= {
        "a quotient of quotients of quotients",
        "a sequence within calendar months",
        "a stored instant that is moved by months is compared with another stored value",
        "a stored instant that is moved by months twice",
        "the local date of an instant that is moved by months",
        "the labels of one row are searched for what another row says",
    }


# What conveniences become. --------------------------------------------------------------------------------------------


def lowered(rule: Rule) -> Test:
    return lower(rule.node, AS_OF, LAYOUT)


def test_a_window_becomes_plain_comparisons_of_the_stored_instant() -> None:
    assert lowered(orders.within(days(7)).count() >= 2) == Is(
        ">=",
        Tally(
            "count",
            "orders",
            both(SO_FAR, Is(">", AT, Constant(datetime(2026, 2, 22, 3, tzinfo=UTC)))),
        ),
        Constant(2),
    )


def test_a_mean_becomes_a_product() -> None:
    """Of the cells that are there: a host's table may lack a total, which an order of the library never does."""
    cell = Cell("total", Kind.AMOUNT)
    total, count = Tally("sum", "orders", SO_FAR, cell), Tally("count", "orders", both(SO_FAR, Negation(Absent(cell))))
    assert lowered(orders.total.mean() >= won(30_000)) == both(
        Is(">", count, Constant(0)), Is(">=", total, Product(Constant(30_000), count))
    )


def test_an_order_after_the_last_cart_event_is_a_last_order_after_it() -> None:
    last_order = Tally("max", "orders", SO_FAR, AT)
    last_cart = Tally("max", "cart", SO_FAR, AT)
    assert lowered(orders.after(cart.at.last()).none()) == Negation(Is(">", last_order, last_cart))


def test_a_bound_between_two_whole_numbers_is_rounded_the_right_way() -> None:
    count = Tally("count", "orders", SO_FAR)
    for operator, meaning in {">=": (">", 2), ">": (">", 2), "<": ("<=", 2), "<=": ("<=", 2)}.items():
        rule = n.Compare(operator, n.Aggregate("count", n.Events("orders")), n.Literal(Fraction(5, 2)))  # type: ignore[arg-type]
        assert lower(rule, AS_OF, LAYOUT) == Is(meaning[0], count, Constant(meaning[1]))  # type: ignore[arg-type]
    equal = n.Compare("==", n.Aggregate("count", n.Events("orders")), n.Literal(Fraction(5, 2)))
    assert lower(equal, AS_OF, LAYOUT) == NEVER


def test_what_is_constant_is_folded() -> None:
    assert lower(n.Compare("<", n.Literal(1), n.Literal(2)), AS_OF, LAYOUT) == ALWAYS
    assert lower(n.Missing(n.Ago(days(3))), AS_OF, LAYOUT) == NEVER
    assert lower(n.Missing(n.Arithmetic("/", n.Literal(1), n.Literal(0))), AS_OF, LAYOUT) == ALWAYS


def test_a_local_date_becomes_a_piece_of_time() -> None:
    joined = Trait("joined_at", Kind.INSTANT)
    assert lowered(customer.joined_at.on(date(2026, 2, 3))) == both(
        Is(">=", joined, Constant(datetime(2026, 2, 2, 15, tzinfo=UTC))),
        Is("<", joined, Constant(datetime(2026, 2, 3, 15, tzinfo=UTC))),
    )


def test_a_sequence_keeps_its_span() -> None:
    followed = lowered(orders.followed_by(orders, within=days(30)))
    assert isinstance(followed, Followed)
    assert followed.microseconds == 30 * 86_400_000_000


# Months, on the stored side. ------------------------------------------------------------------------------------------

ZONES = (UTC, SEOUL, ZoneInfo("America/New_York"), ZoneInfo("America/St_Johns"), ZoneInfo("Europe/London"))


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(("<", "<=", "==", ">=", ">")),
    st.sampled_from((1, 2, 6, 12, 13)),
    st.sampled_from((1, -1)),
    st.sampled_from(ZONES),
    st.integers(-4 * 86_400, 4 * 86_400),
)
def test_a_comparison_with_months_is_turned_round_exactly(
    bound: datetime, operator: str, count: int, sign: int, zone: ZoneInfo, seconds: int
) -> None:
    """Around the month's end, where clamped days make several pieces of one comparison."""
    limit = bound.replace(tzinfo=UTC)
    moving = Moving(Trait("joined_at", Kind.INSTANT)).moved(Months(count), sign)
    test = compare_moments(operator, moving, limit, zone)  # type: ignore[arg-type]
    stored = shift(limit, Months(count), -sign, zone) + timedelta(seconds=seconds)
    world = interpreter.World({"joined_at": stored}, {}, LAYOUT)
    assert interpreter.true(test, world) is compared(operator, shift(stored, Months(count), sign, zone), limit)  # type: ignore[arg-type]


def test_exact_steps_before_and_after_months_are_taken_along() -> None:
    moving = Moving(Trait("joined_at", Kind.INSTANT)).moved(Duration(5), 1).moved(months(1), 1).moved(Duration(7), -1)
    limit = datetime(2026, 3, 31, 9, tzinfo=UTC)
    test = compare_moments(">=", moving, limit, UTC)
    for microseconds in (-10, -2, 2, 10):
        stored = datetime(2026, 2, 28, 9, tzinfo=UTC) + timedelta(days=3, microseconds=microseconds)
        moved = shift(stored + timedelta(microseconds=5), months(1), 1, UTC) - timedelta(microseconds=7)
        world = interpreter.World({"joined_at": stored}, {}, LAYOUT)
        assert interpreter.true(test, world) is (moved >= limit)


# Refusals. ------------------------------------------------------------------------------------------------------------


def test_what_is_not_mapped_is_refused_by_name() -> None:
    without = evolve(LAYOUT, collections={"orders": LAYOUT.collections["orders"]})
    with pytest.raises(UnmappedName, match="purchases"):
        lower(purchases.any().node, AS_OF, without)
    with pytest.raises(UnmappedName, match="refunds"):
        lower((orders.refunded.sum() > won(0)).node, AS_OF, without)


def test_money_of_another_currency_than_the_tables_is_refused() -> None:
    with pytest.raises(RuleCurrencyMismatch):
        lower((orders.total.sum() >= won(1)).node, AS_OF, plain_layout(STANDARD, "USD"))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        lower(orders.any().node, datetime(2026, 3, 1), LAYOUT)


def test_a_reference_is_refused() -> None:
    with pytest.raises(UnsupportedRule, match="only named"):
        lower(n.Reference("dormant"), AS_OF, LAYOUT)


# What grows. ----------------------------------------------------------------------------------------------------------


def test_quotients_within_quotients_are_refused_before_they_fill_the_memory() -> None:
    quotient: n.Value = n.Aggregate("sum", n.Events("orders"), "item_count")
    for _ in range(8):
        quotient = n.Arithmetic("/", n.Aggregate("sum", n.Events("orders"), "item_count"), quotient)
    with pytest.raises(UnsupportedRule, match="quotient of quotients"):
        lower(n.Compare(">", quotient, n.Literal(1)), AS_OF, LAYOUT)


def test_picks_within_picks_are_arranged_in_no_time() -> None:
    events = n.Events("orders")
    for _ in range(25):
        events = n.Events(events, n.Compare("==", n.Column("status"), n.Literal("paid")), -1)
    test = lower(n.Compare(">=", n.Aggregate("count", events), n.Literal(2)), AS_OF, LAYOUT)
    assert len(arrange([test]).steps) == 1
