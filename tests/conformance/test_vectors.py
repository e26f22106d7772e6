"""Every engine gives every vector's answer."""

import pytest

from retention.rules.backends import explain, jsonform, reference, timeline
from retention.rules.backends.evaluate import compile_rule, compile_rules
from retention.rules.validate import validate
from tests.conformance.vectors import Vector, vectors

VECTORS = list(vectors())
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)


def test_there_are_enough_and_each_says_something() -> None:
    assert len(VECTORS) >= 60
    assert all(vector.says.endswith(".") for vector in VECTORS)


@each_vector
def test_the_rule_is_valid_and_written_as_json_writes_it(vector: Vector) -> None:
    validate(vector.rule)
    assert jsonform.to_json(vector.rule) == vector.form


@each_vector
def test_the_answer(vector: Vector) -> None:
    assert reference.holds(vector.rule, vector.profile, vector.as_of) is vector.holds
    assert compile_rule(vector.rule).at(vector.as_of)(vector.profile) is vector.holds
    assert explain.explain(vector.rule, vector.profile, vector.as_of).holds is vector.holds


def test_the_answers_of_all_rules_compiled_together() -> None:
    for currency in ("KRW", "USD"):
        some = [each for each in VECTORS if currency in reference.currencies(each.rule)]
        assert some
        for vector in some:
            answers = compile_rules([each.rule for each in some]).at(vector.as_of)(vector.profile)
            assert answers[some.index(vector)] is vector.holds


@each_vector
def test_the_next_change(vector: Vector) -> None:
    assert timeline.next_change(vector.rule, vector.profile, vector.as_of) == vector.next_change
