"""A simplified rule has the same answers, is not larger, and cannot be simplified again."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.rules.backends.reference import holds
from retention.rules.junctions import negated
from retention.rules.nodes import Not, Rule
from retention.rules.simplify import simplify
from retention.rules.validate import validate
from retention.rules.walk import measure
from retention.schema import STANDARD
from retention.testing.histories import profiles_of
from retention.testing.rules import EXTENDED
from retention.testing.scenes import scenes
from tests.property.related_rules import related_rules

EXAMPLES = max(1, int(os.environ.get("RETENTION_EXAMPLES", "2000")) // 30)
many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@many
@given(st.data())
def test_the_answers_are_the_same(data: st.DataObject) -> None:
    schema, scene = data.draw(st.sampled_from((STANDARD, EXTENDED))), data.draw(scenes())
    (rule,) = data.draw(related_rules(schema, scene))
    simple = simplify(rule)
    for _ in range(3):
        profile, as_of = data.draw(profiles_of(scene, schema)), data.draw(scene.as_ofs())
        assert holds(simple, profile, as_of, schema) is holds(rule, profile, as_of, schema), simple


@many
@given(st.data())
def test_the_negation_is_the_complement(data: st.DataObject) -> None:
    scene = data.draw(scenes())
    (rule,) = data.draw(related_rules(EXTENDED, scene))
    profile, as_of = data.draw(profiles_of(scene, EXTENDED)), data.draw(scene.as_ofs())
    assert holds(negated(rule), profile, as_of, EXTENDED) is not holds(rule, profile, as_of, EXTENDED)


def size(rule: Rule) -> int:
    """Nodes and the options of lists, which are constants like others."""
    found = measure(rule)
    return found.nodes + found.items


@many
@given(st.data())
def test_once_is_enough_and_nothing_grows(data: st.DataObject) -> None:
    (rule,) = data.draw(related_rules(EXTENDED, data.draw(scenes())))
    for each in (rule, Not(rule)):
        simple = simplify(each)
        assert size(simple) <= size(each)
        assert simplify(simple) is simple


@many
@given(st.data())
def test_a_valid_rule_stays_valid(data: st.DataObject) -> None:
    (rule,) = data.draw(related_rules(EXTENDED, data.draw(scenes())))
    validate(rule, EXTENDED)
    validate(simplify(rule), EXTENDED)
