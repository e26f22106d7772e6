"""The contract that every rule engine keeps: the answers of the reference, to the last customer.

An engine is handed to ``check_backend`` as a function of many rules and many profiles at one instant, the shape that
suits one customer at a time as well as a database.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, final

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.profile import Profile
from retention.rules.backends.reference import holds
from retention.rules.nodes import Rule
from retention.schema import STANDARD, Schema
from retention.testing.choices import Choices
from retention.testing.clues import Clues
from retention.testing.histories import write_profile
from retention.testing.rules import EXTENDED, write_rule
from retention.testing.scenes import SCENES, Scene

Backend: TypeAlias = Callable[[Sequence[Rule], Sequence[Profile], datetime, Schema], Sequence[Sequence[bool]]]
"""Rules, profiles, instant and schema to one row of answers for each rule, one answer for each profile."""

_MOST_SHRINKABLE = 50


@final
@frozen(repr=False)
class Question:
    """Rules to be asked of profiles at instants, all of one scene. Its ``repr`` shows all it takes to ask again."""

    rules: tuple[Rule, ...]
    profiles: tuple[Profile, ...]
    instants: tuple[datetime, ...]
    schema: Schema

    def __repr__(self) -> str:
        profiles = [[each.customer, dict(each.customer.attributes), *each.facts()] for each in self.profiles]
        return "\n  ".join(("Question", *map(repr, self.rules), *map(repr, profiles), *map(repr, self.instants)))

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))


def write_question(choices: Choices, *, rules: int = 4, profiles: int = 3, instants: int = 2) -> Question:
    """Random rules, profiles and instants of a scene, over the standard schema or a host's own."""
    schema, scene = choices.one_of(STANDARD, EXTENDED), choices.among(SCENES)
    people = tuple(write_profile(choices, scene, schema) for _ in range(profiles))
    moments = tuple(scene.choose_as_of(choices) for _ in range(instants))
    clues = Clues.of(people, moments, schema)
    several = tuple(_write_rule(choices, schema, scene, clues) for _ in range(rules))
    return Question(several, people, moments, schema)


def _write_rule(choices: Choices, schema: Schema, scene: Scene, clues: Clues) -> Rule:
    """A rule that says the same of everybody finds few faults: it is replaced once."""
    rule = write_rule(choices, schema, scene, clues)
    return rule if clues.differ(rule) else write_rule(choices, schema, scene, clues)


@st.composite
def questions(draw: st.DrawFn, *, rules: int = 4, profiles: int = 3, instants: int = 2) -> Question:
    """See ``write_question``."""
    return write_question(Choices.drawn(draw), rules=rules, profiles=profiles, instants=instants)


def ask(
    check: Callable[[Question], None], examples: int, *, rules: int = 4, profiles: int = 3, instants: int = 2
) -> None:
    """Raise what ``check`` raises for one of many questions: first for some that shrink, then for the rest, fast.

    ``examples`` counts triples of a rule, a profile and an instant.
    """
    times = max(1, examples // (rules * profiles * instants))

    @settings(
        max_examples=min(times, _MOST_SHRINKABLE),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(questions(rules=rules, profiles=profiles, instants=instants))
    def shrinkable(question: Question) -> None:
        check(question)

    shrinkable()
    for seed in range(times - _MOST_SHRINKABLE):
        check(write_question(Choices.seeded(seed), rules=rules, profiles=profiles, instants=instants))


def check_backend(backend: Backend, *, examples: int = 2000) -> None:
    """Raises AssertionError with a small counter-example unless the engine agrees with the reference.

    ``examples`` counts triples of a rule, a profile and an instant, half of them over a host's own schema.
    """

    def agrees(question: Question) -> None:
        for as_of in question.instants:
            answers = backend(question.rules, question.profiles, as_of, question.schema)
            for rule, row in zip(question.rules, answers, strict=True):
                for profile, answer in zip(question.profiles, row, strict=True):
                    assert_same(answer, rule, profile, as_of, question.schema)

    ask(agrees, examples)


def assert_same(answer: bool, rule: Rule, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> None:
    """Raises AssertionError, showing all that it takes to ask again, unless the reference answers the same."""
    expected = holds(rule, profile, as_of, schema)
    if answer is not expected:
        question = Question((rule,), (profile,), (as_of,), schema)
        raise AssertionError(f"the answer is {answer}, the reference says {expected}: {question!r}")
