"""Journeys: every customer is at exactly one stage, the first in the list whose rule holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import final

from attrs import evolve, field, frozen

from retention.errors import ConfigurationError, UnknownName
from retention.profile import Profile
from retention.rules.bound import Bound, together
from retention.rules.rule import Rule, RuleLike, all_of
from retention.schema import STANDARD, Schema
from retention.segments.progress import Progress, watched
from retention.segments.segment import Segment

Stages = Mapping[str, RuleLike] | Iterable[tuple[str, RuleLike]]


def _in_order(stages: Stages) -> tuple[tuple[str, Rule], ...]:
    pairs = stages.items() if isinstance(stages, Mapping) else stages
    return tuple((name, rule.as_rule()) for name, rule in pairs)


@final
@frozen
class Journey:
    """Stages as ``(name, rule)``, the most advanced first; ``otherwise`` is the stage of whoever meets none of them.

    The stages need not exclude each other: an earlier one wins. Raises ConfigurationError for a name that comes twice,
    RuleError for a rule that the schema cannot serve or that refers to segments by key.
    """

    stages: tuple[tuple[str, Rule], ...] = field(converter=_in_order)
    otherwise: str
    schema: Schema = field(default=STANDARD, kw_only=True, repr=False, hash=False)
    _members: Mapping[str, Segment] = field(init=False, repr=False, eq=False)
    _answers: Bound[tuple[bool, ...]] = field(init=False, repr=False, eq=False)

    @_members.default
    def _disjoint_segments(self) -> Mapping[str, Segment]:
        twice = [name for name, times in Counter(self.names).items() if times > 1]
        if twice:
            raise ConfigurationError(f"two stages are called {twice[0]!r}", hint="Join their rules with |")
        return {name: Segment(name, self._disjoint(name), schema=self.schema) for name in self.names}

    @_answers.default
    def _compiled_when_asked(self) -> Bound[tuple[bool, ...]]:
        rules = tuple(Segment(name, rule, schema=self.schema).meaning for name, rule in self.stages)
        return together(rules, self.schema)

    @property
    def names(self) -> tuple[str, ...]:
        """The stages in order, ``otherwise`` last."""
        return (*(name for name, _ in self.stages), self.otherwise)

    def stage(self, profile: Profile, as_of: datetime) -> str:
        """The one stage at which the customer is. Raises NaiveInstant."""
        answers = self._answers.at(as_of)(profile)
        return self.stages[answers.index(True)][0] if True in answers else self.otherwise

    def rule(self, name: str) -> Rule:
        """A stage as an ordinary rule that excludes all others. Raises UnknownName."""
        if name not in self._members:
            raise UnknownName("stage", name, self.names)
        return self._members[name].rule

    def segments(self, prefix: str = "") -> tuple[Segment, ...]:
        """The stages as segments that exclude each other; their keys are the stages' names after ``prefix``."""
        return tuple(evolve(segment, key=prefix + name) for name, segment in self._members.items())

    def next_change(self, profile: Profile, as_of: datetime) -> datetime | None:
        """When the customer comes to another stage if nothing new happens; None if never."""
        return self._members[self.stage(profile, as_of)].next_change(profile, as_of)

    def count(
        self, profiles: Iterable[Profile], as_of: datetime, *, progress: Progress | None = None
    ) -> dict[str, int]:
        """Customers by stage, in order; the profiles are read once."""
        found = Counter(self.stage(profile, as_of) for profile in watched(profiles, progress))
        return {name: found[name] for name in self.names}

    def _disjoint(self, name: str) -> Rule:
        """The stage's own rule and none of the earlier ones."""
        position = self.names.index(name)
        own = [rule for _, rule in self.stages[position : position + 1]]
        return all_of(*own, *(~rule for _, rule in self.stages[:position])).named(name)
