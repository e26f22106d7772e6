"""The contract that every rule engine keeps: the answers of the reference, to the last customer.

An engine is handed to ``check_backend`` as a function of many rules and many profiles at one instant, the shape that
suits one customer at a time as well as a database.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, final

from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.reference import holds
from retention.rules.nodes import Rule
from retention.schema import STANDARD, Schema
from retention.testing.choices import Choices
from retention.testing.clues import Clues
from retention.testing.histories import write_profile
from retention.testing.rules import EXTENDED, write_rule
from retention.testing.scenes import SCENES, Scene
from retention.testing.tables import apart

Answers: TypeAlias = Sequence[bool] | UnsupportedRule
Backend: TypeAlias = Callable[[Sequence[Rule], Sequence[Profile], datetime, Schema], Sequence[Answers]]
"""Rules, profiles, instant and schema to one row of answers for each rule, one answer for each profile.

In place of a row there may be the error with which the rule was refused. The ids of the profiles are distinct.
"""

_MOST_SHRINKABLE = 50
_LEAST_SEEDED = 8  # the first of those that shrink is always the emptiest there is: customers without a fact
_SCHEMAS = (STANDARD, EXTENDED, evolve(EXTENDED, currency="USD"))


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


def write_question(
    choices: Choices, *, rules: int = 4, profiles: int = 3, instants: int = 2, schema: Schema | None = None
) -> Question:
    """Random rules, profiles and instants of a scene, over the standard schema or a host's own if none is given."""
    schema, scene = schema or choices.among(_SCHEMAS), choices.among(SCENES)
    people = apart(write_profile(choices, scene, schema) for _ in range(profiles))
    moments = tuple(scene.choose_as_of(choices) for _ in range(instants))
    clues = Clues.of(people, moments, schema)
    several = tuple(_write_rule(choices, schema, scene, clues) for _ in range(rules))
    return Question(several, people, moments, schema)


def _write_rule(choices: Choices, schema: Schema, scene: Scene, clues: Clues) -> Rule:
    """A rule that says the same of everybody finds few faults: it is replaced once."""
    rule = write_rule(choices, schema, scene, clues)
    return rule if clues.differ(rule) else write_rule(choices, schema, scene, clues)


@st.composite
def questions(draw: st.DrawFn, /, **size: Any) -> Question:
    """See ``write_question``."""
    return write_question(Choices.drawn(draw), **size)


def ask(
    check: Callable[[Question], None],
    examples: int,
    *,
    rules: int = 4,
    profiles: int = 3,
    instants: int = 2,
    schema: Schema | None = None,
) -> None:
    """Raise what ``check`` raises for one of many questions: first for some that shrink, then for the rest, fast.

    ``examples`` counts triples of a rule, a profile and an instant. See ``write_question`` for the rest.
    """
    times = max(1, examples // (rules * profiles * instants))
    size: dict[str, Any] = {"rules": rules, "profiles": profiles, "instants": instants, "schema": schema}

    @settings(
        max_examples=min(times, _MOST_SHRINKABLE),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(questions(**size))
    def shrinkable(question: Question) -> None:
        check(question)

    shrinkable()
    for seed in range(max(_LEAST_SEEDED, times - _MOST_SHRINKABLE)):
        check(write_question(Choices.seeded(seed), **size))


def check_backend(
    backend: Backend, *, examples: int = 2000, rules: int = 4, profiles: int = 3, may_refuse: float = 0.0
) -> tuple[UnsupportedRule, ...]:
    """Raises AssertionError with a small counter-example unless the engine agrees with the reference.

    ``examples`` counts triples of a rule, a profile and an instant; ``rules`` and ``profiles`` are how many of them one
    call is to answer. ``may_refuse`` is the largest share of the rules that may be refused; the refusals are returned.
    """
    asked: list[Answers] = []

    def agrees(question: Question) -> None:
        for as_of in question.instants:
            answers = backend(question.rules, question.profiles, as_of, question.schema)
            asked.extend(answers)
            for rule, row in zip(question.rules, answers, strict=True):
                if isinstance(row, UnsupportedRule):
                    continue
                for profile, answer in zip(question.profiles, row, strict=True):
                    assert_same(answer, rule, profile, as_of, question.schema)

    ask(agrees, examples, rules=rules, profiles=profiles)
    refused = tuple(row for row in asked if isinstance(row, UnsupportedRule))
    most = int(may_refuse * len(asked))
    assert len(refused) <= most, f"{len(refused)} of {len(asked)} rules were refused, at most {most} may be"
    return refused


def assert_same(answer: bool, rule: Rule, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> None:
    """Raises AssertionError, showing all that it takes to ask again, unless the reference answers the same."""
    expected = holds(rule, profile, as_of, schema)
    if answer is not expected:
        question = Question((rule,), (profile,), (as_of,), schema)
        raise AssertionError(f"the answer is {answer}, the reference says {expected}: {question!r}")
