"""Plans: the rows that a pass leaves out change no tally, and each step needs earlier ones only."""

import os
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from retention import calendar_days, days, won
from retention.errors import UnsupportedRule
from retention.rules import Rule, cart, customer, orders, purchases
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import FollowPass, Pass, Plan
from retention.rules.backends.sets.reading import of_customer
from retention.rules.backends.sets.terms import ALWAYS, Cell, Constant, Is, Tally, Test, Trait
from retention.schema import STANDARD, Kind
from retention.testing.backends import Question, ask
from retention.testing.tables import apart, flat
from tests.sets import interpreter
from tests.sets.interpreter import World
from tests.sets.layouts import plain_layout

TRIPLES = int(os.environ.get("RETENTION_EXAMPLES", "3000"))
AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAYOUT = plain_layout(STANDARD, "KRW")


def planned(*rules: Rule) -> Plan:
    return arrange([lower(each.node, AS_OF, LAYOUT) for each in rules])


def test_the_rows_that_a_pass_leaves_out_change_no_tally() -> None:
    def check(question: Question) -> None:
        profiles = apart(question.profiles)
        tables = flat(profiles, question.schema)
        layout = plain_layout(question.schema)
        for as_of in question.instants:
            plan = arrange(_tests(question, as_of, layout))
            for step in plan.steps:
                if isinstance(step, Pass):
                    for row in tables["customers"]:
                        _check_tallies(step, World(row, tables, layout))

    ask(check, TRIPLES)


def _tests(question: Question, as_of: datetime, layout: Layout[Any, Any]) -> list[Test]:
    found = []
    for rule in question.rules:
        try:
            found.append(lower(rule, as_of, layout))
        except UnsupportedRule:
            continue
    return found


def _check_tallies(step: Pass, world: World) -> None:
    kept = [dict(row) for row in world.rows(step.collection, step.where)]
    less = evolve(world, tables={**world.tables, step.collection: kept})
    for tally, remaining in step.tallies:
        found = interpreter.read(evolve(tally, where=remaining), less)
        assert found == interpreter.read(tally, world), step


def test_each_step_needs_earlier_ones_only() -> None:
    def check(question: Question) -> None:
        plan = arrange(_tests(question, question.instants[0], plain_layout(question.schema)))
        known: set[object] = set()
        for step in plan.steps:
            assert {each for each in step.needs if not isinstance(each, Trait)} <= known
            known |= {each for each, _ in step.tallies} if isinstance(step, Pass) else {step.followed}
        used = {each for test in plan.tests for each in of_customer(test) if not isinstance(each, Trait)}
        assert used <= known

    ask(check, TRIPLES, instants=1)


def test_a_collection_is_read_once_for_all_rules() -> None:
    plan = planned(
        orders.count() >= 3,
        orders.total.sum() >= won(500_000),
        orders.placed_at.last().older_than(days(90)),
        cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none(),
    )
    assert [step.collection for step in plan.steps if isinstance(step, Pass)] == ["cart", "orders"]


def test_the_same_tally_is_made_once() -> None:
    plan = planned(orders.count() >= 3, orders.count() >= 4, ~(orders.count() == 7))
    (step,) = plan.steps
    assert isinstance(step, Pass)
    assert len(step.tallies) == 1


def test_what_all_rules_ask_of_a_row_is_asked_once_with_the_widest_window() -> None:
    coffee = purchases.where(purchases.category == "coffee")
    plan = planned(coffee.within(days(7)).count() >= 2, coffee.within(days(30)).count() >= 5)
    (step,) = plan.steps
    assert isinstance(step, Pass)
    at, month = Cell("at", Kind.INSTANT), Constant(datetime(2026, 1, 30, 12, tzinfo=UTC))
    assert Is("==", Cell("category", Kind.TEXT), Constant("coffee")) in step.where.tests  # type: ignore[union-attr]
    assert Is(">", at, month) in step.where.tests  # type: ignore[union-attr]
    (_, week_only), (_, all_of_them) = step.tallies
    assert week_only == Is(">", at, Constant(datetime(2026, 2, 22, 12, tzinfo=UTC)))
    assert all_of_them == ALWAYS


def test_windows_that_differ_in_length_alone_ask_for_one_last_row() -> None:
    plan = planned(orders.within(days(7)).any(), orders.within(days(30)).any(), orders.within(calendar_days(3)).any())
    (step,) = plan.steps
    assert isinstance(step, Pass)
    ((last, _),) = step.tallies
    assert last.function == "max"


def test_one_window_alone_is_counted_within_the_window() -> None:
    (step,) = planned(orders.within(days(7)).any()).steps
    assert isinstance(step, Pass)
    assert Is(">", Cell("at", Kind.INSTANT), Constant(datetime(2026, 2, 22, 12, tzinfo=UTC))) in step.where.tests  # type: ignore[union-attr]


def test_rows_that_must_know_a_tally_come_after_it() -> None:
    plan = planned(orders.where(orders.total > orders.total.mean()).count() >= 2)
    first, second = plan.steps
    assert isinstance(first, Pass)
    assert isinstance(second, Pass)
    assert set(second.needs) == {each for each, _ in first.tallies}


def test_rows_may_need_what_the_customer_is() -> None:
    (step,) = planned(orders.where(orders.channel == customer.language).count() >= 2).steps
    assert step.needs == (Trait("language", Kind.TEXT),)


def test_a_sequence_is_a_step_of_its_own() -> None:
    (step,) = planned(orders.followed_by(orders, within=days(30))).steps
    assert isinstance(step, FollowPass)


def test_a_plan_of_nothing_is_empty() -> None:
    assert arrange([]) == Plan((), ())
    assert arrange([ALWAYS]) == Plan((), (ALWAYS,))


def test_a_tally_in_a_tally_is_found() -> None:
    plan = planned(orders.where(orders.at > cart.at.first(), orders.total > won(5)).count() >= 2)
    assert [step.collection for step in plan.steps if isinstance(step, Pass)] == ["cart", "orders"]
    assert all(isinstance(each, Tally) for step in plan.steps for each in step.needs)


def test_a_last_row_that_must_be_recent_is_looked_for_among_recent_rows() -> None:
    abandoned = cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()
    at, week = Cell("at", Kind.INSTANT), Constant(datetime(2026, 2, 22, 12, tzinfo=UTC))
    steps = {step.collection: step for step in planned(abandoned).steps if isinstance(step, Pass)}
    assert Is(">", at, week) in steps["cart"].where.tests  # type: ignore[union-attr]
    assert steps["orders"].where == Is("<=", at, Constant(AS_OF))


def test_a_last_row_is_not_narrowed_where_all_rows_are_read_anyway() -> None:
    (step,) = planned(orders.placed_at.last().within(days(60)) & (orders.count() >= 4)).steps
    assert isinstance(step, Pass)
    assert [rest for _, rest in step.tallies] == [ALWAYS, ALWAYS]


def test_a_last_row_is_looked_for_in_the_widest_window_that_is_read() -> None:
    recent = orders.placed_at.last().within(days(60)) & (orders.within(days(365)).total.sum() >= won(5))
    (step,) = planned(recent).steps
    assert isinstance(step, Pass)
    assert [rest for _, rest in step.tallies] == [ALWAYS, ALWAYS]


def test_a_last_row_that_may_be_old_is_looked_for_among_all() -> None:
    recent = cart.at.last().within(days(7))
    (step,) = planned(recent, cart.at.last().older_than(days(30))).steps
    assert isinstance(step, Pass)
    assert step.where == Is("<=", Cell("at", Kind.INSTANT), Constant(AS_OF))
    ((_, rest),) = step.tallies
    assert rest == ALWAYS
