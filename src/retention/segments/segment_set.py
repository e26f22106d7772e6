"""SegmentSet: segments that know each other by key, asked all at once."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, final

from retention.errors import ConfigurationError, UnknownName, WrongKind, with_article
from retention.profile import Profile
from retention.rules import nodes
from retention.rules.bound import together
from retention.rules.references import resolve_all
from retention.schema import STANDARD, Schema
from retention.segments.asking import question, require
from retention.segments.counts import Counts, count_answers
from retention.segments.progress import Progress, watched
from retention.segments.segment import Segment, resolved

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Select

    from retention.arrays import Snapshot
    from retention.frames import Frames
    from retention.rules.backends.sets.layout import Layout
    from retention.rules.backends.sets.terms import Test
    from retention.sql import Tables

F = TypeVar("F")
_ASK = "Write segments.select(tables, as_of), segments.label(frames, as_of) or segments.masks(snapshot, as_of)"


@final
class SegmentSet:
    """Segments with unique keys. Their rules are compiled together and compute once what they have in common.

    ``segment("dormant")`` inside one of them means the member of that key; its members answer with such references
    resolved. ``schema`` is the one of all members: without it, the one that a member names, or ``STANDARD``.

    Raises ConfigurationError for a key that comes twice, UnknownName for a reference to no member, ReferenceCycle for
    a ring of references, RuleError for a rule that the schema cannot serve.
    """

    __slots__ = ("_answers", "_members", "keys", "schema")

    keys: tuple[str, ...]
    schema: Schema

    def __init__(self, segments: Iterable[Segment], *, schema: Schema | None = None) -> None:
        given = _by_key(segments)
        self.keys = tuple(given)
        self.schema = schema or _common_schema(given.values())
        meanings = resolve_all({key: nodes.Named(each.words, each.rule.node) for key, each in given.items()})
        self._members: Mapping[str, Segment] = {
            key: resolved(each, _unnamed(meanings[key]), self.schema) for key, each in given.items()
        }
        self._answers = together(tuple(meanings.values()), self.schema)

    def __getitem__(self, key: str) -> Segment:
        """The segment of that key. Raises UnknownName with the nearest one."""
        found = self._members.get(key)
        if found is None:
            raise UnknownName("segment", key, self.keys)
        return found

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, item: object) -> bool:
        """Whether it is a member's key, or equal to a member."""
        return self._members.get(item.key) == item if isinstance(item, Segment) else item in self._members

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, SegmentSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"SegmentSet({', '.join(self.keys)})"

    def labels(self, profile: Profile, as_of: datetime) -> frozenset[str]:
        """The keys of the segments that the customer is in. Raises NaiveInstant."""
        answers = self._answers.at(as_of)(profile)
        return frozenset(key for key, holds in zip(self.keys, answers, strict=True) if holds)

    def memberships(self, profile: Profile, as_of: datetime) -> dict[str, bool]:
        """In or not, by key, in the order of the set."""
        return dict(zip(self.keys, self._answers.at(as_of)(profile), strict=True))

    def select(self, tables: "Tables", as_of: datetime) -> "Select[Any]":
        """A statement of every customer's ``id`` and one boolean column for each segment, named by its key.

        Each collection is read once for all the segments together. Raises what ``Segment.select`` raises.
        """
        require(tables, "Tables", "select", _ASK)
        return tables.answers(self._tests(as_of, tables.layout))

    def label(self, frames: "Frames[F]", as_of: datetime) -> F:
        """Every customer's id and one boolean column for each segment, as a frame of the same kind."""
        require(frames, "Frames", "label", _ASK)
        return frames.answers(self._tests(as_of, frames.layout))

    def masks(self, snapshot: "Snapshot", as_of: datetime) -> "dict[str, NDArray[np.bool_]]":
        """One array of answers for each segment, in the order of the snapshot's ids."""
        require(snapshot, "Snapshot", "masks", _ASK)
        return snapshot.masks(self._tests(as_of, snapshot.layout))

    def next_changes(self, profile: Profile, as_of: datetime) -> dict[str, datetime]:
        """When each answer next differs if nothing new happens, the soonest first; without those that never will."""
        found = {key: self[key].next_change(profile, as_of) for key in self.keys}
        due = ((at, key) for key, at in found.items() if at is not None)
        return {key: at for at, key in sorted(due, key=lambda each: each[0])}

    def count(self, profiles: Iterable[Profile], as_of: datetime, *, progress: Progress | None = None) -> Counts:
        """Sizes, and overlaps of pairs. The profiles are read once, one at a time; memory does not grow with them."""
        return count_answers(self.keys, map(self._answers.at(as_of), watched(profiles, progress)))

    def _tests(self, as_of: datetime, layout: "Layout[Any, Any]") -> "dict[str, Test]":
        return {key: question(each.meaning, self.schema, as_of, layout) for key, each in self._members.items()}


def _by_key(segments: Iterable[Segment]) -> dict[str, Segment]:
    if not isinstance(segments, Iterable):
        problem = f"a SegmentSet is made of a list of segments, not of {with_article(segments)}"
        raise WrongKind(problem, hint="Give a list: SegmentSet([segment])")
    given: dict[str, Segment] = {}
    for each in segments:
        if not isinstance(each, Segment):
            raise WrongKind(f"a SegmentSet is made of segments, not of {type(each).__name__}", hint="Give Segment(...)")
        if each.key in given:
            raise ConfigurationError(
                f"two segments have the key {each.key!r}", hint="Give one another: attrs.evolve(segment, key=...)"
            )
        given[each.key] = each
    return given


def _common_schema(segments: Iterable[Segment]) -> Schema:
    """The schema that a member names. ``STANDARD`` is part of every other one, so it gives way."""
    named: list[Schema] = []
    for each in segments:
        if each.schema != STANDARD and each.schema not in named:
            named.append(each.schema)
    if len(named) > 1:
        raise ConfigurationError("these segments are written for different schemas", hint="Give SegmentSet(schema=...)")
    return named[0] if named else STANDARD


def _unnamed(meaning: nodes.Rule) -> nodes.Rule:
    return meaning.rule if isinstance(meaning, nodes.Named) else meaning
