"""``check_backend`` of engines that refuse, as any engine may."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.reference import holds
from retention.rules.nodes import Not, Rule
from retention.schema import Schema
from retention.testing.backends import Answers, check_backend


def cautious(rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema) -> list[Answers]:
    """Knows no complements."""
    refusal = UnsupportedRule("a complement")
    return [
        refusal if isinstance(rule, Not) else [holds(rule, profile, as_of, schema) for profile in profiles]
        for rule in rules
    ]


def test_an_engine_may_refuse_what_it_is_allowed_to() -> None:
    refusals = check_backend(cautious, examples=480, rules=12, profiles=4, may_refuse=0.9)
    assert refusals
    assert {each.problem for each in refusals} == {"a complement"}


def test_an_engine_that_refuses_too_much_fails() -> None:
    with pytest.raises(AssertionError, match=r"\d+ of \d+ rules were refused, at most 0 may be"):
        check_backend(cautious, examples=480, rules=12, profiles=4)


def test_one_call_is_of_as_many_rules_and_profiles_as_asked() -> None:
    sizes = set()

    def counting(rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema) -> list[Answers]:
        sizes.add((len(rules), len({each.customer.id for each in profiles})))
        return cautious(rules, profiles, as_of, schema)

    check_backend(counting, examples=100, rules=5, profiles=7, may_refuse=1)
    assert sizes == {(5, 7)}
