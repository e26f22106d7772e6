"""Why, and why not: the tree of verdicts of one rule for one profile at one instant.

Answers come from the reference engine, instants from timelines. It is the slow engine; it is asked by people.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never, cast, final

from attrs import evolve, field, frozen

from retention.errors import UnsupportedRule
from retention.profile import Profile, Row
from retention.rules.backends.clocks import moving
from retention.rules.backends.explanation import Explanation, Observation, Witness
from retention.rules.backends.flips import flips
from retention.rules.backends.observations import Reader, words
from retention.rules.backends.reference import World, cells, check_currency, deciding, read, selected, truth
from retention.rules.backends.text.shapes import value_window
from retention.rules.backends.timeline import Prepared, prepare
from retention.rules.declared import own_names, require_names, require_profile
from retention.rules.nodes import (
    Aggregate,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Compare,
    Events,
    Follows,
    IsIn,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.walk import children, iter_nodes
from retention.schema import STANDARD, Schema


def explain(rule: Rule, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> Explanation:
    """Why the rule is true or false of the profile at an instant: ``str()`` of it is a tree to read.

    Names, e-mail addresses, telephone numbers, postal codes, birthdays, notes and what was typed into a search are
    never shown. Raises NaiveInstant, CurrencyMismatch, and RuleError for a rule that is not valid.
    """
    require_profile(profile)
    require_names(profile.schema, own_names(iter_nodes(rule)))
    world = World.at(profile, as_of, schema)
    check_currency(rule, world.profile)
    return _Explainer(profile, Reader.of(rule, world)).explained(rule)


@final
@frozen
class _Explainer:
    profile: Profile
    reader: Reader
    _prepared: dict[int, Prepared] = field(factory=dict, init=False)  # by identity; each holds on to its rule

    @property
    def world(self) -> World:
        return self.reader.world

    def explained(self, rule: Rule) -> Explanation:
        match rule:
            case Named(name, inner):
                found = self.explained(inner)
                return evolve(found, words=name, joint=found.joint or found.words)
            case All(rules):
                if len(rules) == 2 and value_window(rules) is not None:
                    return self.leaf(rule)
                return self.joint(rule, "all of", tuple(_grouped(rules)))
            case AnyOf(rules):
                return self.joint(rule, "any of", rules)
            case AtLeast(count, rules):
                return self.joint(rule, f"at least {count} of", rules)
            case Not(inner):
                return self.joint(rule, "not", (inner,)) if _is_joint(inner) else self.leaf(rule)
            case Compare() | IsIn() | Missing() | Anniversary() | Follows() | Reference():
                return self.leaf(rule)
            case _:
                assert_never(rule)

    def joint(self, rule: Rule, how: str, rules: tuple[Rule, ...]) -> Explanation:
        parts = tuple(self.explained(each) for each in rules)
        return evolve(self.verdict(rule), words="", joint=how, parts=parts) if parts else self.leaf(rule)

    def leaf(self, rule: Rule) -> Explanation:
        observed = self.observed(rule)
        return evolve(self.verdict(rule), observed=observed, witnesses=tuple(dict.fromkeys(self.witnesses(rule))))

    def verdict(self, rule: Rule) -> Explanation:
        holds, as_of = truth(rule, self.world), self.world.as_of
        bare = Explanation(words(rule), holds, as_of, flips=flips(rule, self.reader))
        try:
            prepared = self.prepared(rule)
        except UnsupportedRule:
            return evolve(bare, timed=False)
        since, until = prepared.since(self.profile, as_of), prepared.next_change(self.profile, as_of)
        return evolve(bare, since=since, until=until)

    def prepared(self, rule: Rule) -> Prepared:
        found = self._prepared.get(id(rule))
        if found is None:
            found = self._prepared[id(rule)] = prepare(rule, self.world.schema)
        return found

    def observed(self, rule: Rule) -> tuple[Observation, ...]:
        if isinstance(rule, Follows):
            several = ((words(events), len(selected(events, self.world))) for events in (rule.first, rule.then))
            return tuple(Observation(f"{text}.count()", str(count)) for text, count in several)
        return tuple(self.reader.observations(*_values(rule)))

    def witnesses(self, rule: Rule) -> Iterator[Witness]:
        """The rows that decided, in order; of a count or a sum all that were counted."""
        if isinstance(rule, Not | Named):
            yield from self.witnesses(rule.rule)
        elif isinstance(rule, Follows):
            pairs = ((rule.first, one, rule.then, other) for one, other in deciding(rule, self.world))
            for first, one, then, other in pairs:
                yield _witness(first, one)
                if other is not None:
                    yield _witness(then, other)
        else:
            found = dict.fromkeys(each for value in _values(rule) for each in _aggregates(value))
            for each in found:
                yield from (_witness(each.events, row) for row in self.deciding_rows(each))

    def deciding_rows(self, value: Aggregate) -> Iterable[Row]:
        rows = selected(value.events, self.world)
        match value.function:
            case "count" | "sum" | "mean" | "distinct":
                return rows
            case "first":
                return rows[:1]
            case "last":
                return rows[-1:]
            case "min" | "max":
                found = read(value, self.world)
                return () if found is None else rows[cells(rows, str(value.column), self.world).index(found) :][:1]
            case _:
                assert_never(value.function)


def _values(rule: Rule) -> tuple[Value, ...]:
    """What a leaf asks the customer for, without what moves by itself."""
    found: list[Value] = []
    for each in iter_nodes(rule):
        if isinstance(each, Compare):
            found += (each.left, each.right)
        elif isinstance(each, IsIn | Missing | Anniversary):
            found.append(each.value)
        elif isinstance(each, Aggregate | Follows):
            break  # what lies inside is about rows
    return tuple(dict.fromkeys(each for each in found if moving(each) is None))


def _aggregates(value: Value) -> Iterator[Aggregate]:
    """The aggregates that a value is made of."""
    if isinstance(value, Aggregate):
        yield value
    elif isinstance(value, Arithmetic | Apply | Shift):
        for _, inner in children(value):
            yield from _aggregates(cast(Value, inner))


def _is_joint(rule: Rule) -> bool:
    return isinstance(rule, Named | AnyOf | AtLeast) or (isinstance(rule, All) and value_window(rule.rules) is None)


def _grouped(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The parts of a conjunction; two neighbours that make one window are one part."""
    left = list(rules)
    while left:
        size = 2 if len(left) > 1 and value_window(left[:2]) is not None else 1
        yield left[0] if size == 1 else All(tuple(left[:2]))
        del left[:size]


def _witness(events: Events, row: Row) -> Witness:
    return Witness(events.collection, row.id, row.at)
