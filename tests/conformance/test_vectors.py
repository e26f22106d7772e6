"""Every engine gives every vector's answer."""

from collections.abc import Iterator
from typing import get_args

import pytest

from retention.rules.backends import jsonform, reference, timeline
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Anniversary,
    AnniversaryWindow,
    Apply,
    Arithmetic,
    Compare,
    Comparison,
    Events,
    Function,
    LeapDay,
    Node,
    Operation,
    Reduction,
    Rule,
    Shift,
    Value,
)
from retention.rules.validate import validate
from retention.rules.walk import iter_nodes
from retention.schema import STANDARD
from retention.spans import LocalPeriod, Span
from tests.conformance.vectors import Vector, vectors
from tests.engines import ENGINES, REFERENCE, Engine

VECTORS = list(vectors())
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)


def test_there_are_enough_and_each_says_something() -> None:
    assert len(VECTORS) >= 60
    assert all(vector.says.endswith(".") for vector in VECTORS)


def nodes_of_all() -> Iterator[Node]:
    for vector in VECTORS:
        yield from iter_nodes(vector.written)


def test_every_kind_of_node_and_every_word_of_the_language_occurs() -> None:
    found = list(nodes_of_all())
    assert {type(each) for each in found} == {*get_args(Rule), *get_args(Value), Events}
    assert {each.operator for each in found if isinstance(each, Compare)} == {*get_args(Comparison)}
    assert {each.operation for each in found if isinstance(each, Arithmetic)} == {*get_args(Operation)}
    assert {each.function for each in found if isinstance(each, Apply)} == {*get_args(Function)}
    assert {each.function for each in found if isinstance(each, Aggregate)} == {*get_args(Reduction)}
    assert {type(each.window) for each in found if isinstance(each, Anniversary)} == {*get_args(AnniversaryWindow)}
    assert {each.leap for each in found if isinstance(each, Anniversary)} == {*get_args(LeapDay)}


def test_every_kind_of_span_occurs() -> None:
    spans = [each.span for each in nodes_of_all() if isinstance(each, Ago | Shift)]
    assert {type(each) for each in spans} == {*get_args(Span)}
    assert {each.unit for each in spans if isinstance(each, LocalPeriod)} == {"week", "month", "year"}


@each_vector
def test_the_rule_is_valid_and_written_as_json_writes_it(vector: Vector) -> None:
    validate(vector.rule)
    assert jsonform.to_json(vector.written) == vector.form


@pytest.mark.parametrize("engine", [REFERENCE, *ENGINES], ids=lambda engine: engine.name)
@each_vector
def test_the_answer(vector: Vector, engine: Engine) -> None:
    (answers,) = engine.answers([vector.rule], [vector.profile], vector.as_of, STANDARD)
    assert answers in ([vector.holds], (vector.holds,))


@pytest.mark.parametrize("engine", [REFERENCE, *ENGINES], ids=lambda engine: engine.name)
def test_the_answers_of_all_rules_together(engine: Engine) -> None:
    for currency in ("KRW", "USD"):
        some = [each for each in VECTORS if currency in reference.currencies(each.rule)]
        assert some
        for vector in some:
            rows = engine.answers([each.rule for each in some], [vector.profile], vector.as_of, STANDARD)
            answers = rows[some.index(vector)]
            assert answers in ([vector.holds], (vector.holds,))


@each_vector
def test_the_next_change(vector: Vector) -> None:
    assert timeline.next_change(vector.rule, vector.profile, vector.as_of) == vector.next_change
