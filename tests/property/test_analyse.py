"""What analyse says is never contradicted by a customer."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.rules.analyse import Finding, always_empty, contained
from retention.rules.backends.reference import holds
from retention.rules.examples import example
from retention.rules.nodes import Not
from retention.rules.windows import no_later
from retention.schema import STANDARD
from retention.spans import LocalDays, Months, Span, ago, days
from retention.testing.histories import profiles_of
from retention.testing.rules import EXTENDED
from retention.testing.scenes import Scene, scenes, spans
from tests.property.related_rules import related_rules

EXAMPLES = max(1, int(os.environ.get("RETENTION_EXAMPLES", "2000")) // 30)
many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@many
@given(st.data())
def test_nobody_is_in_an_empty_rule(data: st.DataObject) -> None:
    schema, scene = data.draw(st.sampled_from((STANDARD, EXTENDED))), data.draw(scenes())
    (rule,) = data.draw(related_rules(schema, scene))
    for each in (rule, Not(rule)):
        if always_empty(each, schema) is Finding.YES:
            for _ in range(3):
                assert not holds(each, data.draw(profiles_of(scene, schema)), data.draw(scene.as_ofs()), schema)


@many
@given(st.data())
def test_whoever_is_in_the_part_is_in_the_whole(data: st.DataObject) -> None:
    schema, scene = data.draw(st.sampled_from((STANDARD, EXTENDED))), data.draw(scenes())
    part, whole = data.draw(related_rules(schema, scene, several=2))
    if contained(part, whole, schema) is Finding.YES:
        for _ in range(3):
            profile, as_of = data.draw(profiles_of(scene, schema)), data.draw(scene.as_ofs())
            assert holds(whole, profile, as_of, schema) or not holds(part, profile, as_of, schema)


@many
@given(st.data())
def test_an_example_is_in_the_rule(data: st.DataObject) -> None:
    (rule,) = data.draw(related_rules(EXTENDED, data.draw(scenes())))
    found = example(rule, EXTENDED, attempts=20)
    if found is not None:
        assert holds(rule, found.profile, found.as_of, EXTENDED)
        assert always_empty(rule, EXTENDED) is not Finding.YES


def lengths() -> st.SearchStrategy[Span]:
    return (
        spans()
        | st.builds(days, st.integers(0, 400))
        | st.builds(Months, st.integers(0, 30))
        | st.builds(LocalDays, st.integers(1, 400))
    )


@many
@given(lengths(), lengths(), st.data(), scenes())
def test_the_earlier_moment_is_never_later(old: Span, recent: Span, data: st.DataObject, scene: Scene) -> None:
    if no_later(old, recent):
        as_of = data.draw(scene.as_ofs())
        assert ago(old, as_of) <= ago(recent, as_of)
