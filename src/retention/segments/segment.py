"""Segment: a rule with a key and a name, asked about one profile or many."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, final

from attrs import evolve, field, frozen

from retention.errors import AmbiguousTruth, ConfigurationError, RuleError, WrongKind
from retention.profile import Profile
from retention.rules import nodes
from retention.rules.bound import Ready, ready
from retention.rules.declared import require_profile
from retention.rules.references import references
from retention.rules.rule import Rule, RuleLike
from retention.rules.validate import validate
from retention.schema import STANDARD, Schema
from retention.segments.asking import question, require
from retention.segments.progress import Progress, watched

if TYPE_CHECKING:
    from sqlalchemy import Select

    from retention.arrays import Snapshot
    from retention.frames import Frames
    from retention.rules.backends.explanation import Explanation
    from retention.rules.backends.timeline import Interval
    from retention.sql import Tables

F = TypeVar("F")
_LONGEST_KEY = 128
_ASK = "Write segment.select(tables, as_of), segment.filter(frames, as_of) or segment.ids(snapshot, as_of)"


def _usable_key(segment: object, attribute: object, key: str) -> None:
    if not _is_usable(key):
        raise ConfigurationError(
            f"a segment's key is 1 to {_LONGEST_KEY} printable characters, not {type(key).__name__} {str(key)[:40]!r}",
            hint='Write Segment("dormant", rule)',
        )


def _is_usable(key: object) -> bool:
    return isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and key.isprintable() and key == key.strip()


def _is_rule(segment: object, attribute: object, rule: Rule) -> None:
    given: object = rule
    if not isinstance(given, Rule):
        raise WrongKind(
            f"a segment is made of a rule about the customer, not of {type(rule).__name__}",
            hint="Finish it: purchases.where(...).any(), orders.count() >= 3, customer.tags.has(...)",
        )


@final
@frozen
class Segment:
    """Customers for whom a rule holds. The rule is checked against ``schema`` when the segment is made.

    ``key`` is what other segments, stored memberships and text rules call it; ``name`` is for people. Raises RuleError
    with the path of what is wrong in the rule. A rule that refers to other segments by key is asked through a
    SegmentSet that has them.
    """

    key: str = field(validator=_usable_key)
    rule: Rule = field(validator=_is_rule)
    name: str = field(default="", kw_only=True)
    description: str = field(default="", kw_only=True, repr=False)
    schema: Schema = field(default=STANDARD, kw_only=True, repr=False, hash=False)
    _meaning: nodes.Rule | None = field(init=False, repr=False, hash=False)
    _ready: Ready | None = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        validate(self.rule.node, self.schema)
        _settle(self, None if references(self.rule.node) else self.rule.node)

    @property
    def meaning(self) -> nodes.Rule:
        """The rule's tree, references resolved. Raises RuleError for a rule with references outside a SegmentSet."""
        if self._meaning is None:
            self._refuse()
        return self._meaning

    @property
    def words(self) -> str:
        """The name, or the key of a segment without one."""
        return self.name or self.key

    def contains(self, profile: Profile, as_of: datetime) -> bool:
        """Whether the customer is in the segment at ``as_of``; what happened later is not seen.

        About a microsecond when ``as_of`` is the instant of the last call; another instant is bound first. Raises
        NaiveInstant.
        """
        answer = self._asked.answers.at(as_of)
        try:
            return answer(profile)
        except AttributeError:
            require_profile(profile)
            raise

    def explain(self, profile: Profile, as_of: datetime) -> "Explanation":
        """Why the customer is in the segment, or why not: a tree that prints."""
        from retention.rules.backends.explain import explain

        return explain(nodes.Named(self.words, self.meaning), profile, as_of, self.schema)

    def next_change(self, profile: Profile, as_of: datetime) -> datetime | None:
        """The first instant after ``as_of`` at which the answer differs if nothing new happens; None if never."""
        return self._asked.over_time.get().next_change(profile, as_of)

    def timeline(self, profile: Profile, start: datetime, end: datetime) -> "tuple[Interval, ...]":
        """The answers from ``start``, inside, to ``end``, outside, as half-open intervals ``[start, end)``.

        Each fact is unknown until its instant comes. Neighbours differ in their answers; calendar words are read in the
        zone of ``start``. Raises NaiveInstant.
        """
        return self._asked.over_time.get().timeline(profile, start, end)

    def count(self, profiles: Iterable[Profile], as_of: datetime, *, progress: Progress | None = None) -> int:
        """How many of the profiles are in the segment. They are read once, one at a time."""
        return sum(map(self._asked.answers.at(as_of), watched(profiles, progress)))

    def select(self, tables: "Tables", as_of: datetime) -> "Select[Any]":
        """A statement that selects the ids of the customers in the segment from the host's own tables.

        Nothing runs before the host executes it. Raises UnmappedName for what the tables are not mapped to,
        UnsupportedRule for what a database cannot do, NaiveInstant.
        """
        require(tables, "Tables", "select", _ASK)
        return tables.chosen(question(self.meaning, self.schema, as_of, tables.layout))

    def filter(self, frames: "Frames[F]", as_of: datetime) -> F:
        """The customers in the segment: rows of the customers' frame, of the same kind, lazy if that is lazy.

        Raises what ``select`` raises.
        """
        require(frames, "Frames", "filter", _ASK)
        return frames.chosen(question(self.meaning, self.schema, as_of, frames.layout))

    def ids(self, snapshot: "Snapshot", as_of: datetime) -> list[str]:
        """The ids of the customers in the segment, in the order of the snapshot. Raises what ``select`` raises."""
        require(snapshot, "Snapshot", "ids", _ASK)
        return snapshot.chosen(question(self.meaning, self.schema, as_of, snapshot.layout))

    def as_rule(self) -> Rule:
        """The rule under the segment's name, to be part of another; a segment of a set brings what it refers to."""
        return Rule(nodes.Named(self.words, self._meaning or self.rule.node))

    def __and__(self, other: RuleLike) -> Rule:
        return self.as_rule() & other

    def __or__(self, other: RuleLike) -> Rule:
        return self.as_rule() | other

    if not TYPE_CHECKING:

        def __rand__(self, other: object) -> Rule:
            return other & self.as_rule()

        def __ror__(self, other: object) -> Rule:
            return other | self.as_rule()

    def __invert__(self) -> Rule:
        return ~self.as_rule()

    def __bool__(self) -> NoReturn:
        raise AmbiguousTruth(f"segment {self.key!r}")

    @property
    def _asked(self) -> Ready:
        return self._ready or self._refuse()

    def _refuse(self) -> NoReturn:
        others = ", ".join(map(repr, references(self.rule.node)))
        raise RuleError(
            f"segment {self.key!r} refers to {others} and cannot be asked alone",
            hint=f"Ask SegmentSet([...])[{self.key!r}]",
        )


def resolved(segment: Segment, meaning: nodes.Rule, schema: Schema) -> Segment:
    """The segment as one of a set: its references are resolved in ``meaning``, its ``rule`` is as it was written."""
    member = evolve(segment, schema=schema)
    _settle(member, meaning)
    return member


def _settle(segment: Segment, meaning: nodes.Rule | None) -> None:
    """What a segment derives from its parts."""
    object.__setattr__(segment, "_meaning", meaning)
    object.__setattr__(segment, "_ready", None if meaning is None else ready(meaning, segment.schema))
