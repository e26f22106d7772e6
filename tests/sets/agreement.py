"""One rule, every set-based engine, the same answer: what each engine's property tests have in common.

``RETENTION_EXAMPLES`` is the number of (rule, profile, instant) triples that each engine is asked; ``make thorough``
asks for 20,000.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from attrs import evolve

from retention.errors import CurrencyMismatch, UnsupportedRule
from retention.money import Money
from retention.profile import Profile
from retention.rules.backends.reference import holds
from retention.rules.nodes import Not, Rule
from retention.schema import STANDARD
from retention.testing.backends import Answers, Backend, Question, ask, check_backend, write_question
from retention.testing.choices import Choices
from retention.testing.tables import changed
from tests.counted import Counted
from tests.sets.adapter import Adapter
from tests.sets.engines import Server, SetEngine

TRIPLES = int(os.environ.get("RETENTION_EXAMPLES", "320"))
_RULES, _PROFILES = 12, 8
_MEASURED = 24  # questions in which refusals are counted


def assert_agrees(engine: SetEngine, server: Server = None) -> Counted:
    """Many rules in one call, one rule in one call, and tables of two kinds that the usual profiles do not make.

    Returns how many answers were compared.
    """
    backend = engine.adapter(server)
    counted = Counted(backend)
    triples = int(TRIPLES * engine.share)
    try:
        refusals = check_backend(counted, examples=triples, rules=_RULES, profiles=_PROFILES, may_refuse=1)
        unlisted = [each for each in refusals if not engine.lists(each)]
        assert not unlisted, "the support table knows every refusal"
        _assert_refuses_few(backend, engine.may_refuse)
        ask(partial(_assert_right, counted), triples // 8, rules=1, profiles=_PROFILES)
        ask(partial(_in_whole_seconds, counted), triples // 8, rules=_RULES, profiles=_PROFILES)
        ask(partial(_in_two_currencies, counted), triples // 8, rules=_RULES // 2, profiles=_PROFILES, schema=STANDARD)
        return counted
    finally:
        backend.close()


def _assert_refuses_few(backend: Adapter, may_refuse: float) -> None:
    """Of rules that are the same in every run, so that the share that is refused is, too."""
    refused = 0
    for seed in range(_MEASURED):
        question = write_question(Choices.seeded(seed), rules=_RULES, profiles=1, instants=1)
        refused += len(backend.refusals(question.rules, question.profiles, question.instants[0], question.schema))
    asked = _MEASURED * _RULES
    assert refused <= may_refuse * asked, f"{refused} of {asked} rules were refused"


def _in_whole_seconds(backend: Backend, question: Question) -> None:
    """A shop that keeps no smaller ones, asked at instants and with spans that have them."""
    _assert_right(backend, evolve(question, profiles=tuple(map(_to_the_second, question.profiles))))


def _to_the_second(profile: Profile) -> Profile:
    return changed(profile, lambda _, value: value.replace(microsecond=0) if isinstance(value, datetime) else value)


def _in_two_currencies(backend: Backend, question: Question) -> None:
    """A shop where one customer in three deals in dollars, asked by rules and their complements that speak of won."""
    people = tuple(each if place % 3 else _in_dollars(each) for place, each in enumerate(question.profiles))
    if {each.currency for each in people} - {None} == {"USD"}:
        return  # tables that are in dollars refuse such rules
    rules = tuple(each for rule in question.rules for each in (rule, Not(rule)))
    _assert_right(backend, evolve(question, rules=rules, profiles=people))


def _in_dollars(profile: Profile) -> Profile:
    return changed(profile, lambda _, value: Money(value.minor, "USD") if isinstance(value, Money) else value)


def _assert_right(backend: Backend, question: Question) -> None:
    for as_of in question.instants:
        answers = backend(question.rules, question.profiles, as_of, question.schema)
        for rule, row in zip(question.rules, answers, strict=True):
            _assert_row(row, rule, question.profiles, as_of, question)


def _assert_row(row: Answers, rule: Rule, profiles: Sequence[Profile], as_of: datetime, question: Question) -> None:
    if isinstance(row, UnsupportedRule):
        return
    for profile, answer in zip(profiles, row, strict=True):
        expected = _is_in(rule, profile, as_of, question)
        shown = Question((rule,), (profile,), (as_of,), question.schema)
        assert answer is expected, f"the answer is {answer}, the reference says {expected}: {shown!r}"


def _is_in(rule: Rule, profile: Profile, as_of: datetime, question: Question) -> bool:
    """A customer who deals in another currency than the rule's is in neither the rule nor its complement."""
    try:
        return holds(rule, profile, as_of, question.schema)
    except CurrencyMismatch:
        return False
