"""One rule, every engine, the same answer: compiled rules and timelines against the reference.

The number of (rule, profile, instant) triples is ``RETENTION_EXAMPLES``; ``make thorough`` asks for 100,000.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.evaluate import compile_rule, compile_rules
from retention.rules.backends.reference import holds
from retention.rules.backends.timeline import Prepared, prepare
from retention.rules.nodes import Not, Rule
from retention.rules.validate import validate
from retention.schema import Schema
from retention.spans import TICK, local, utc
from retention.testing.backends import Question, ask, assert_same, check_backend, write_question
from retention.testing.choices import Choices
from retention.testing.rules import EXTENDED, rules
from tests.counted import Counted, RecordProperty
from tests.engines import ENGINES, Engine

TRIPLES = int(os.environ.get("RETENTION_EXAMPLES", "3000"))
LONG = timedelta(days=1500)


@settings(max_examples=min(TRIPLES // 20, 1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(EXTENDED))
def test_random_rules_are_valid(rule: Rule) -> None:
    validate(rule, EXTENDED)


def test_random_questions_are_telling() -> None:
    """Few faults show in rules that say the same of everybody, or that time alone never changes."""
    mixed: list[bool] = []
    changing: list[bool] = []
    for seed in range(100):
        asked = write_question(Choices.seeded(seed))
        for rule in asked.rules:
            check = compile_rule(rule, asked.schema)
            mixed.append(len({check.at(when)(each) for each in asked.profiles for when in asked.instants}) > 1)
            try:
                prepared = prepare(rule, asked.schema)
            except UnsupportedRule:
                continue
            changing += [prepared.next_change(each, asked.instants[0]) is not None for each in asked.profiles]
    assert sum(mixed) >= 0.4 * len(mixed)
    assert sum(changing) >= 0.15 * len(changing)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_engine_agrees_with_the_reference(engine: Engine, record_property: RecordProperty) -> None:
    counted = Counted(engine.answers)
    check_backend(counted, examples=max(24, int(TRIPLES * engine.share)))
    counted.tell(engine.name, record_property)


def test_an_engine_that_is_wrong_is_found_out() -> None:
    def contrary(
        several: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema
    ) -> list[list[bool]]:
        return [[not holds(rule, profile, as_of, schema) for profile in profiles] for rule in several]

    with pytest.raises(AssertionError, match="the reference says"):
        check_backend(contrary, examples=24)


def test_every_customer_is_either_in_or_out() -> None:
    def split(question: Question) -> None:
        inside = compile_rules(question.rules, question.schema).at(question.instants[0])
        outside = compile_rules([Not(rule) for rule in question.rules], question.schema).at(question.instants[0])
        for profile in question.profiles:
            assert inside(profile) == tuple(not answer for answer in outside(profile)), question

    ask(split, TRIPLES, instants=1)


Timed = Callable[[Prepared, Profile, datetime, Sequence[datetime]], None]


def ask_over_time(check: Timed, triples: int) -> None:
    """Ask of each rule, each profile and the first instant; the others of the scene come along."""

    def each(question: Question) -> None:
        as_of, *others = question.instants
        for rule in question.rules:
            try:
                prepared = prepare(rule, question.schema)
            except UnsupportedRule:  # two moments that both move are not compared
                continue
            for profile in question.profiles:
                check(prepared, profile, as_of, others)

    ask(each, 6 * triples, instants=6)


def moments(zone: tzinfo, start: datetime, end: datetime, others: Sequence[datetime]) -> list[datetime]:
    """Instants in ``[start, end)``, on the zone's wall clock: both ends, some between, and likely edges by a tick."""
    shares = [start + (end - start) * part // 1000 for part in (3, 377, 918)]
    edges = [utc(each) + nudge for each in others for nudge in (-TICK, timedelta(0), TICK)]
    found = {start, start + TICK, *shares, *edges, end - TICK}
    return [local(each, zone) for each in sorted(found) if start <= each < end]


def test_next_change_is_the_first() -> None:
    def check(prepared: Prepared, profile: Profile, as_of: datetime, others: Sequence[datetime]) -> None:
        change = prepared.next_change(profile, as_of)
        zone, now, known = as_of.tzinfo or UTC, utc(as_of), profile.until(as_of)
        answer = holds(prepared.rule, known, as_of, prepared.schema)
        if change is not None:
            assert change > now
            assert change.tzinfo is UTC
            assert_same(not answer, prepared.rule, known, local(change, zone), prepared.schema)
        for moment in moments(zone, now, change or now + LONG, others):
            assert_same(answer, prepared.rule, known, moment, prepared.schema)

    ask_over_time(check, TRIPLES)


def test_timelines_are_the_reference_over_time() -> None:
    def check(prepared: Prepared, profile: Profile, start: datetime, others: Sequence[datetime]) -> None:
        zone, end = start.tzinfo or UTC, utc(start) + timedelta(days=100)
        pieces = prepared.timeline(profile, start, end)
        assert (pieces[0].start, pieces[-1].end) == (utc(start), end)
        for before, after in pairwise(pieces):
            assert before.end == after.start
            assert before.holds is not after.holds
        for piece in pieces:
            for moment in moments(zone, piece.start, piece.end, others):
                assert_same(piece.holds, prepared.rule, profile, moment, prepared.schema)

    ask_over_time(check, TRIPLES // 8)


def test_since_is_when_the_present_answer_began() -> None:
    def check(prepared: Prepared, profile: Profile, as_of: datetime, others: Sequence[datetime]) -> None:
        since = prepared.since(profile, as_of)
        zone, now = as_of.tzinfo or UTC, utc(as_of)
        answer = holds(prepared.rule, profile, as_of, prepared.schema)
        if since is not None:
            assert since <= now
            assert_same(not answer, prepared.rule, profile, local(since - TICK, zone), prepared.schema)
        for moment in moments(zone, since or now - LONG, now + TICK, others):
            assert_same(answer, prepared.rule, profile, moment, prepared.schema)

    ask_over_time(check, TRIPLES // 8)
