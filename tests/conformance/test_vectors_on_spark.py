"""Every vector on Spark: the customers of all are one population, in which each rule is asked at its own instant.

Other engines are asked one vector at a time (``tests/sets/test_vectors.py``); here that would be hundreds of jobs.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from retention.errors import UnsupportedRule
from retention.rules.backends.reference import holds
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import ALWAYS, Test
from retention.schema import STANDARD
from retention.testing.tables import apart
from tests.conformance.vectors import Vector, vectors
from tests.sets.adapter import Opened
from tests.sets.engines import SPARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AT_ONCE = 16
"""Rules in one plan. Spark takes much longer to plan all of them together than to run several plans."""


@pytest.mark.skipif("RETENTION_THOROUGH" not in os.environ, reason="takes minutes: make thorough")
def test_the_answers_of_all_vectors(spark: "SparkSession") -> None:
    asked = list(vectors())
    together = [each for each in asked if _whatever_the_id(each)]
    found = _answers(together, spark)
    for alone in (each for each in asked if each not in together):
        found |= _answers([alone], spark)
    assert {f"{each.id}: {each.says}" for each in asked if found.get(each.id, each.holds) is not each.holds} == set()
    assert len(found) >= 60


def _whatever_the_id(vector: Vector) -> bool:
    """Whether the customer may be renamed, which a population of customers who are all called c1 takes."""
    return holds(vector.rule, apart([vector.profile] * 2)[1], vector.as_of, STANDARD) is vector.holds


def _answers(asked: Sequence[Vector], session: "SparkSession") -> dict[str, bool]:
    """What Spark says of each vector's own customer; nothing where it refuses, as it says it does."""
    adapter, people = SPARK.adapter(session), apart(each.profile for each in asked)
    opened = adapter.open(adapter.host(people, STANDARD))
    found = {each.id: _buildable(each, opened) for each in asked}
    assert [
        each.problem for each in found.values() if isinstance(each, UnsupportedRule) and not SPARK.lists(each)
    ] == []
    tests = {id: test for id, test in found.items() if not isinstance(test, UnsupportedRule)}
    said = _said(tests, opened)
    opened.close()
    whose = {each.id: of.customer.id for each, of in zip(asked, people, strict=True)}
    return {id: said[id][whose[id]] for id in tests}


def _said(tests: Mapping[str, Test], opened: Opened) -> dict[str, dict[str, bool]]:
    """The answers of all customers by test."""
    found: dict[str, dict[str, bool]] = {}
    ids = list(tests)
    for some in (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)):
        answers = opened.answers({id: tests[id] for id in some}, ALWAYS)
        found |= {id: {customer: row[id] for customer, row in answers.items()} for id in some}
    return found


def _buildable(vector: Vector, opened: Opened) -> Test | UnsupportedRule:
    try:
        test = lower(vector.rule, vector.as_of, opened.layout)
        opened.build(test)
    except UnsupportedRule as refusal:
        return refusal
    return test
