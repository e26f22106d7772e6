"""Small populations for the tests of snapshots."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from retention.arrays import Snapshot
from retention.errors import CurrencyMismatch, UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.reference import holds
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import Test
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.testing.backends import Question, write_question
from retention.testing.choices import Choices


def question(seed: int, *, rules: int = 8, profiles: int = 6) -> Question:
    """Random rules and profiles, no two profiles of one id."""
    asked = write_question(Choices.seeded(seed), rules=rules, profiles=profiles, instants=2)
    return evolve(asked, profiles=tuple(apart(asked.profiles, asked.schema)))


def apart(profiles: Iterable[Profile], schema: Schema) -> list[Profile]:
    """The same profiles, each under an id of its own."""
    return [
        Profile.build(evolve(each.customer, id=f"{each.customer.id}{number}"), each.facts(), schema=schema)
        for number, each in enumerate(profiles)
    ]


def lowered(rules: Sequence[Rule], as_of: datetime, snapshot: Snapshot) -> dict[str, Test]:
    """Those rules that can be lowered, by their number."""
    found = {}
    for number, rule in enumerate(rules):
        try:
            found[str(number)] = lower(rule, as_of, snapshot.layout)
        except UnsupportedRule:
            continue
    return found


def expected(rule: Rule, profiles: Iterable[Profile], as_of: datetime, schema: Schema) -> list[bool]:
    """What the reference answers; false of those who deal in another currency."""
    return [_holds(rule, each, as_of, schema) for each in profiles]


def _holds(rule: Rule, profile: Profile, as_of: datetime, schema: Schema) -> bool:
    try:
        return holds(rule, profile, as_of, schema)
    except CurrencyMismatch:
        return False


def asked(snapshot: Snapshot, tests: dict[str, Test]) -> dict[str, list[bool]]:
    """The answers as plain lists."""
    return {name: mask.tolist() for name, mask in snapshot.masks(tests).items()}
