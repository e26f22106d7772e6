"""Settling early: customers that a pass leaves out and tallies that it forgets change no answer."""

import os
from datetime import UTC, datetime
from typing import Any, TypeAlias

from retention import days, won
from retention.errors import UnsupportedRule
from retention.rules import Rule, cart, consents, customer, orders, purchases
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Pass, Plan
from retention.rules.backends.sets.reading import of_customer, parts
from retention.rules.backends.sets.settled import of_nothing, settle
from retention.rules.backends.sets.terms import (
    ALWAYS,
    Both,
    Constant,
    Either,
    Followed,
    Is,
    Negation,
    Tally,
    Test,
    Trait,
)
from retention.schema import STANDARD
from retention.testing.backends import Question, ask
from retention.testing.tables import apart, flat
from tests.sets import interpreter
from tests.sets.interpreter import World
from tests.sets.layouts import plain_layout

Values: TypeAlias = dict[Tally | Followed, Any]

TRIPLES = int(os.environ.get("RETENTION_EXAMPLES", "3000"))
AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAYOUT = plain_layout(STANDARD, "KRW")
COUNT, SUM, LAST = (Tally(function, "orders", ALWAYS) for function in ("count", "sum", "max"))


def settled(*rules: Rule) -> Plan:
    return settle(arrange([lower(each.node, AS_OF, LAYOUT) for each in rules]))


def passes(plan: Plan) -> dict[str, Pass]:
    return {step.collection: step for step in plan.steps if isinstance(step, Pass)}


# Laws. ----------------------------------------------------------------------------------------------------------------


def test_whoever_does_not_matter_is_answered_as_if_nothing_were_found() -> None:
    forgotten = 0

    def check(question: Question) -> None:
        nonlocal forgotten
        tables = flat(apart(question.profiles), question.schema)
        layout = plain_layout(question.schema)
        for as_of in question.instants:
            tests = _tests(question, as_of, layout)
            plan = settle(arrange(tests))
            for row in tables["customers"]:
                world = World(row, tables, layout, known={})
                forgotten += _carry_out(plan, world)
                plain = World(row, tables, layout)
                expected = [interpreter.true(each, plain) for each in tests]
                assert [interpreter.true(each, world) for each in plan.tests] == expected

    ask(check, TRIPLES)
    assert forgotten


def _carry_out(plan: Plan, world: World) -> int:
    """Learn what the passes find, nothing where it does not matter; how many passes that were."""
    assert world.known is not None
    forgotten = 0
    for step in plan.steps:
        if not isinstance(step, Pass):
            world.known[step.followed] = interpreter.is_followed(step.followed, world)
            continue
        rows = world.rows(step.collection, step.where)
        found: Values = {
            each: interpreter.tally_of(each, step.collection, rows, rest, world) for each, rest in step.tallies
        }
        nothing: Values = {each: interpreter.tallied(each.function, []) for each, _ in step.tallies}
        world.known.update(found)
        if not interpreter.true(step.matters, world):
            forgotten += 1
            world.known.update(nothing)
    return forgotten


def test_the_answer_for_nobody_is_what_empty_tallies_give() -> None:
    def check(question: Question) -> None:
        layout = plain_layout(question.schema)
        for test in _tests(question, question.instants[0], layout):
            _check_nobody(test, layout)

    ask(check, TRIPLES, instants=1)


def _check_nobody(test: Test, layout: Layout[Any, Any]) -> None:
    tallies = [each for each in of_customer(test) if isinstance(each, Tally)]
    nothing: Values = {each: interpreter.tallied(each.function, []) for each in tallies}
    found = of_nothing(test)
    if found is not None:
        assert interpreter.true(test, World({}, {}, layout, known=nothing)) is found
    if isinstance(test, Both | Either | Negation):
        for inner in parts(test):
            assert isinstance(inner, Test)
            _check_nobody(inner, layout)


def test_values_of_settled_tests_are_used_by_nothing_else() -> None:
    def check(question: Question) -> None:
        plan = settle(arrange(_tests(question, question.instants[0], plain_layout(question.schema))))
        early = {*plan.settled, *(each for step in passes(plan).values() for each in step.settled)}
        own = {value for test in early for value in of_customer(test)}
        left = {value for test in plan.tests for value in _outside(test, early)}
        assert not own & left
        assert not own & {need for step in plan.steps for need in step.needs}

    ask(check, TRIPLES, instants=1)


def _outside(part: Any, early: set[Test]) -> set[Any]:
    """The values of the customer that a term uses, but for those of some tests."""
    if part in early:
        return set()
    if isinstance(part, Trait | Tally | Followed):
        return {part}
    return {value for inner in parts(part) for value in _outside(inner, early)}


def _tests(question: Question, as_of: datetime, layout: Layout[Any, Any]) -> list[Test]:
    found = []
    for rule in question.rules:
        try:
            found.append(lower(rule, as_of, layout))
        except UnsupportedRule:
            continue
    return found


# Examples. ------------------------------------------------------------------------------------------------------------


def test_a_test_that_has_its_tallies_to_itself_is_settled_and_only_who_passes_it_matters() -> None:
    coffee = purchases.where(purchases.category == "coffee").within(days(30))
    plan = settled((coffee.order_id.distinct() >= 2) & (coffee.amount.sum() >= won(30_000)))
    step = passes(plan)["purchases"]
    assert step.settled == (plan.tests[0],)
    assert step.matters == plan.tests[0]


def test_a_tally_that_two_tests_use_is_kept() -> None:
    plan = settled(orders.count() >= 3, orders.count() >= 4)
    (step,) = passes(plan).values()
    assert step.settled == ()
    assert step.matters == Either(plan.tests)


def test_a_test_that_several_rules_share_is_settled_once() -> None:
    given = consents.where(consents.channel == "email").given.last()
    plan = settled(given & customer.tags.has("vip"), given & (orders.count() >= 3))
    assert len(passes(plan)["consents"].settled) == 1
    assert len(plan.settled) == 1


def test_attributes_that_one_test_uses_are_settled_before_any_pass() -> None:
    plan = settled(customer.joined_at.within(days(7)), (customer.country == "KR") & (orders.count() >= 1))
    window, (country, _) = plan.tests[0], parts(plan.tests[1])
    assert plan.settled == (window, country)


def test_attributes_that_two_tests_use_are_kept() -> None:
    assert settled(customer.country == "KR", customer.country == "JP").settled == ()


def test_attributes_that_rows_need_are_kept() -> None:
    plan = settled(orders.where(orders.channel == customer.language).any(), customer.language == "ko")
    assert plan.settled == ()


def test_tallies_that_rows_need_matter_for_everyone() -> None:
    plan = settled(orders.where(orders.total > orders.total.mean()).count() >= 2)
    first, second = plan.steps
    assert isinstance(first, Pass)
    assert isinstance(second, Pass)
    assert first.matters == ALWAYS
    assert first.settled == ()
    assert second.matters == plan.tests[0]


def test_who_fails_what_a_conjunction_demands_does_not_matter_to_the_rest_of_it() -> None:
    plan = settled(cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none())
    found = passes(plan)
    assert isinstance(found["cart"].matters, Both)
    assert found["orders"].matters == ALWAYS
    assert found["cart"].settled == ()


def test_a_test_that_is_true_of_nothing_matters_where_it_is_false() -> None:
    plan = settled(orders.count() < 3)
    (step,) = passes(plan).values()
    assert step.matters == Negation(plan.tests[0])
    assert of_nothing(plan.tests[0]) is True


def test_a_comparison_of_tallies_is_not_plain_to_see() -> None:
    assert of_nothing(Is(">=", COUNT, SUM)) is None
    assert of_nothing(Both((Is(">=", COUNT, SUM), Is(">=", COUNT, Constant(1))))) is None
    assert of_nothing(Either((Is("==", COUNT, Constant(0)), Is(">", LAST, Constant(AS_OF))))) is True
