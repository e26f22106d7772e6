"""Who entered and left which segment, at which instant, and what made it so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, TypeAlias, final

from attrs import frozen

from retention.errors import FactError
from retention.profile import Profile
from retention.rules import nodes
from retention.rules.rule import Rule
from retention.rules.walk import iter_nodes
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.spans import LATEST, TICK, local, utc

Direction: TypeAlias = Literal["entered", "left"]


@final
@frozen
class KnownFact:
    """Something that became known of a customer: a row, or one of its later instants such as ``delivered_at``."""

    collection: str
    id: str
    column: str = "at"


@final
@frozen
class ByEvent:
    """Something happened: without these facts the answer would have stayed as it was."""

    facts: tuple[KnownFact, ...]


@final
@frozen
class ByTime:
    """Time passed: the answer changed, or would have changed just so, with nothing new."""


@final
@frozen
class ByDefinition:
    """The shop changed the rule. ``old`` is None for a segment that is new, ``new`` for one that was taken away."""

    old: Rule | None
    new: Rule | None


Cause: TypeAlias = ByEvent | ByTime | ByDefinition


@final
@frozen
class Change:
    """A customer entered or left the segment of that key at ``at`` (UTC), because of ``cause``."""

    segment: str
    direction: Direction
    at: datetime
    cause: Cause


def changes(segments: SegmentSet, profile: Profile, before: datetime, after: datetime) -> tuple[Change, ...]:
    """Every change in ``(before, after]``, in order of time, then of the set.

    Each answer is taken from the facts known at that instant, so a change that a later one undid is there too. Calendar
    words are read in the zone of ``after``. Raises NaiveInstant, and FactError when ``after`` comes before ``before``.
    """
    start, end = utc(before, "before"), utc(after, "after")
    if end < start:
        raise FactError("after", "comes before the other instant", got=after, hint="Give the earlier instant first")
    found = (change for segment in segments for change in _changes(segment, profile, start, after))
    return tuple(sorted(found, key=lambda each: each.at))


def redefined(old: SegmentSet, new: SegmentSet, profile: Profile, as_of: datetime) -> tuple[Change, ...]:
    """What replacing one set of definitions by another changes for a customer at one instant.

    In the order of ``new``, then of what it no longer has. Raises NaiveInstant.
    """
    was, is_now = old.labels(profile, as_of), new.labels(profile, as_of)
    keys = dict.fromkeys((*new.keys, *old.keys))
    return tuple(
        Change(key, "entered" if key in is_now else "left", utc(as_of), ByDefinition(_rule(old, key), _rule(new, key)))
        for key in keys
        if (key in was) != (key in is_now)
    )


def _rule(segments: SegmentSet, key: str) -> Rule | None:
    return segments[key].rule if key in segments else None


def _changes(segment: Segment, profile: Profile, before: datetime, after: datetime) -> Iterator[Change]:
    zone = after.tzinfo or UTC
    beyond = after + TICK if utc(after) < LATEST else after  # intervals are half-open, ``after`` itself is asked about
    pieces = segment.timeline(profile, local(before, zone), beyond)
    for piece in pieces[1:]:
        at = local(piece.start, zone)
        yield Change(
            segment.key, "entered" if piece.holds else "left", utc(at), _cause(segment, profile, at, piece.holds)
        )


def _cause(segment: Segment, profile: Profile, at: datetime, holds: bool) -> ByEvent | ByTime:
    """By time if the facts of a moment earlier give the new answer as well."""
    if segment.contains(profile.until(at - TICK), at) is holds:
        return ByTime()
    return ByEvent(_became_known(segment.meaning, profile, utc(at)))


def _became_known(node: nodes.Rule, profile: Profile, at: datetime) -> tuple[KnownFact, ...]:
    """What became known at an instant in the collections that the rule reads; refunds are read with their orders."""
    read = {each.collection for each in iter_nodes(node) if isinstance(each, nodes.Events)}
    if "orders" in read:
        read.add("refunds")
    known = (each for name in profile.schema.collections if name in read for each in _facts_at(profile, name, at))
    return tuple(known)


def _facts_at(profile: Profile, collection: str, at: datetime) -> Iterator[KnownFact]:
    fields = profile.schema.collection(collection).columns.values()
    dated = [each.name for each in fields if each.name == "at" or each.occurs]
    for row in profile.rows(collection):
        for column in dated:
            if profile.cell(row, column) == at:
                yield KnownFact(collection, profile.cell(row, "id"), column)
