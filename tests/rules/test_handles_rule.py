"""A Rule asks every engine and every form from one place, and is a value like any other."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retention.customer import Customer
from retention.errors import NaiveInstant, RuleError, RuleSyntaxError, RuleTooLarge, UnknownName
from retention.money import won
from retention.order import Order
from retention.profile import Profile
from retention.rules import (
    Collection,
    CustomerAttributes,
    FlagField,
    NumberField,
    Rule,
    all_of,
    consents,
    customer,
    declare,
    nodes,
    orders,
    segment,
)
from retention.rules.backends import evaluate
from retention.schema import Schema
from retention.spans import days

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

BUYER = Profile.build(
    Customer("c-1", country="KR"),
    [Order(f"o-{n}", NOW - timedelta(days=30 * n), total=won(10_000 * n)) for n in (1, 2, 3)],
)
VISITOR = Profile.build(Customer("c-2"))
KOREAN_BUYER = (orders.count() >= 3) & (customer.country == "KR")


class Rider(CustomerAttributes):
    height = NumberField()
    member = FlagField()


class Rentals(Collection):
    minutes = NumberField()


rider = Rider()
rentals = Rentals("rentals")


class Standing:
    """What stands for a rule without being one, as a segment does."""

    def as_rule(self) -> Rule:
        return orders.any().named("buyers")


def test_a_rule_matches_some_and_not_others() -> None:
    assert KOREAN_BUYER.matches(BUYER, as_of=NOW)
    assert not KOREAN_BUYER.matches(VISITOR, NOW)
    assert (~KOREAN_BUYER).matches(VISITOR, NOW)


def test_what_was_compiled_is_kept_for_a_schema() -> None:
    shop = declare(rentals, rider)
    tall = rider.height > 180
    with pytest.raises(UnknownName):
        tall.matches(BUYER, NOW)
    rower = Profile.build(Customer("c-3", attributes={"height": 190, "member": True}), schema=shop)
    assert tall.matches(rower, NOW)
    assert tall.matches(rower, NOW - timedelta(days=1))
    assert KOREAN_BUYER.matches(BUYER, NOW)
    assert not KOREAN_BUYER.matches(rower, NOW)
    assert KOREAN_BUYER.matches(BUYER, NOW)


def test_an_equal_schema_is_the_same_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[nodes.Rule] = []
    compile_rule = evaluate.compile_rule

    def counted(rule: nodes.Rule, schema: Schema) -> evaluate.CompiledRule:
        made.append(rule)
        return compile_rule(rule, schema)

    monkeypatch.setattr(evaluate, "compile_rule", counted)
    tall = rider.height > 180
    here = Profile.build(Customer("c-3", attributes={"height": 190}), schema=declare(rentals, rider))
    away = pickle.loads(pickle.dumps(here))
    assert away.schema is not here.schema
    assert all(tall.matches(profile, NOW) for profile in (here, away, here, away))
    assert made == [tall.node]


def test_a_timeline_is_half_open_and_answers_like_matches() -> None:
    rule = orders.count() >= 3
    newest = NOW - timedelta(days=30)
    pieces = rule.timeline(BUYER, newest - timedelta(days=1), NOW)
    assert [(each.start, each.end, each.holds) for each in pieces] == [
        (newest - timedelta(days=1), newest, False),
        (newest, NOW, True),
    ]


def test_a_flag_is_a_rule() -> None:
    shop = declare(rentals, rider)
    member, former, unknown = (
        Profile.build(Customer("c", attributes=known), schema=shop)
        for known in ({"member": True}, {"member": False}, {})
    )
    asked: list[tuple[Rule, list[bool]]] = [
        (rider.member, [True, False, False]),
        (~rider.member, [False, True, True]),
        (rider.member.is_false(), [False, True, False]),
        (rider.member.is_missing(), [False, False, True]),
        (rider.member.is_present(), [True, True, False]),
    ]
    for rule, answers in asked:
        assert [rule.matches(profile, NOW) for profile in (member, former, unknown)] == answers
    assert all_of(rider.member, orders.none()).matches(member, NOW)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        KOREAN_BUYER.matches(BUYER, datetime(2026, 3, 1))


def test_what_stands_for_a_rule_combines_with_rules() -> None:
    named = nodes.Named("buyers", orders.any().node)
    assert (KOREAN_BUYER & Standing()).node == nodes.All((*_parts(KOREAN_BUYER), named))
    assert (orders.none() | Standing()).node == nodes.AnyOf((orders.none().node, named))
    assert all_of(Standing(), orders.none()).node == nodes.All((named, orders.none().node))
    assert KOREAN_BUYER.as_rule() is KOREAN_BUYER


def test_explain_says_the_same_as_matches() -> None:
    for profile in (BUYER, VISITOR):
        explanation = KOREAN_BUYER.explain(profile, as_of=NOW)
        assert explanation.holds == KOREAN_BUYER.matches(profile, NOW)


def test_the_next_change_is_the_instant_at_which_the_answer_flips() -> None:
    dormant = orders.at.last().older_than(days(90))
    flips = dormant.next_change(BUYER, as_of=NOW)
    assert flips == NOW + timedelta(days=60)
    assert not dormant.matches(BUYER, flips - timedelta(microseconds=1))
    assert dormant.matches(BUYER, flips)
    assert dormant.next_change(VISITOR, NOW) is None


def test_a_simpler_rule_says_the_same() -> None:
    doubled = KOREAN_BUYER & KOREAN_BUYER & ~~orders.any()
    simpler = doubled.simplify()
    assert len(_parts(simpler)) < len(_parts(doubled))
    assert [simpler.matches(profile, NOW) for profile in (BUYER, VISITOR)] == [True, False]


def test_validate_takes_the_standard_schema_or_the_shops_own() -> None:
    KOREAN_BUYER.validate()
    (rentals.minutes.sum() > 3).validate(declare(rentals))
    with pytest.raises(UnknownName):
        (rentals.minutes.sum() > 3).validate()


@pytest.mark.parametrize(
    "rule", [KOREAN_BUYER, segment("dormant"), consents.given.last(), orders.any().named("buyers"), all_of()]
)
def test_text_and_json_give_an_equal_rule_back(rule: Rule) -> None:
    assert Rule.from_text(rule.to_text()) == rule
    assert Rule.from_json(rule.to_json()) == rule
    assert Rule.from_json(json.dumps(rule.to_json())) == rule
    assert repr(rule) == rule.to_text()


def test_text_and_json_are_validated_against_the_schema() -> None:
    shop = declare(rentals, rider)
    tall = rider.height > 180
    assert Rule.from_text(tall.to_text(), shop) == tall
    assert Rule.from_json(tall.to_json(), shop) == tall
    with pytest.raises(UnknownName):
        Rule.from_text(tall.to_text())
    with pytest.raises(UnknownName):
        Rule.from_json(tall.to_json())
    with pytest.raises(RuleSyntaxError):
        Rule.from_text("orders.count() >=")
    with pytest.raises(RuleError):
        Rule.from_json({"retention": 99})


@pytest.mark.parametrize(
    "subject",
    [orders, orders.last(), orders.total, orders.total.sum(), orders.total > won(3), customer.tags, consents.given],
)
def test_every_handle_shows_itself_in_the_language(subject: Any) -> None:
    shown = repr(subject)
    assert shown.startswith(("orders", "total", "customer", "given"))
    assert "(node=" not in shown


def test_what_is_too_large_to_be_written_shows_itself_briefly() -> None:
    rule = orders.any()
    for _ in range(40):  # each time twice as large
        rule = ~(rule & rule.named("again"))
    with pytest.raises(RuleTooLarge):
        rule.to_text()
    assert repr(rule) == "<Not, too large to show>"


@pytest.mark.parametrize("rule", [KOREAN_BUYER, consents.given.last()])
def test_a_rule_travels_with_what_it_has_compiled_left_behind(rule: Rule) -> None:
    rule.matches(BUYER, NOW)
    for copied in (pickle.loads(pickle.dumps(rule)), copy.copy(rule), copy.deepcopy(rule)):
        assert type(copied) is type(rule)
        assert copied == rule
        assert copied.matches(BUYER, NOW) == rule.matches(BUYER, NOW)


def _parts(rule: Rule) -> tuple[nodes.Rule, ...]:
    assert isinstance(rule.node, nodes.All)
    return rule.node.rules
