"""Every engine, once: the property tests, the conformance vectors and ``make thorough`` run over this tuple."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from retention.profile import Profile
from retention.rules.backends import reference
from retention.rules.backends.evaluate import compile_rule, compile_rules
from retention.rules.backends.explain import explain
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.testing.backends import Backend


@frozen
class Engine:
    """An engine; ``share`` is the part of the random questions that it is asked, less than 1 for a slow one."""

    name: str
    answers: Backend
    share: float = 1


def _reference(rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema) -> list[list[bool]]:
    return [[reference.holds(rule, profile, as_of, schema) for profile in profiles] for rule in rules]


def _alone(rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema) -> list[list[bool]]:
    checks = [compile_rule(rule, schema).at(as_of) for rule in rules]
    return [[check(profile) for profile in profiles] for check in checks]


def _together(
    rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema
) -> list[tuple[bool, ...]]:
    check = compile_rules(rules, schema).at(as_of)
    return list(zip(*map(check, profiles), strict=True))


def _explained(rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema) -> list[list[bool]]:
    return [[explain(rule, profile, as_of, schema).holds for profile in profiles] for rule in rules]


REFERENCE = Engine("reference", _reference)
"""What every other engine is compared with, itself held to the vectors only."""

ENGINES = (
    Engine("compiled alone", _alone),
    Engine("compiled together", _together),
    Engine("explained", _explained, share=0.1),
)
