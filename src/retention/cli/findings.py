"""What is told of a shop's customers, as values: the pages print it and the JSON form carries it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import final

from attrs import frozen

from retention.cli.phases import Phases
from retention.cli.screen import Screen
from retention.order import Order
from retention.profile import Profile
from retention.rules.backends.timeline import timeline
from retention.rules.nodes import Attribute, Events
from retention.rules.walk import iter_nodes
from retention.segments import ELEVEN_GROUPS, FIVE_GROUPS, RFM, Change, Counts, Scale, Segment, SegmentSet, changes
from retention.segments.progress import Progress, watched
from retention.spans import days, local, shift, utc


@final
@frozen
class Overlap:
    """Two segments that share customers, none of them inside the other."""

    one: Segment
    other: Segment
    only_one: int
    both: int
    only_other: int

    @property
    def alike(self) -> float:
        """The shared part of all customers in either, from 0 to 1."""
        return self.both / (self.only_one + self.both + self.only_other)


@final
@frozen
class Due:
    """A customer whose membership changes at ``at`` if nothing new happens."""

    at: datetime
    customer: str
    segment: Segment
    enters: bool


@final
@frozen
class Lane:
    """A segment over time: for each slot, the part of it (0 to 1) that the customer was in."""

    segment: Segment
    shares: tuple[float, ...]


@final
@frozen
class Life:
    """One customer up to an instant: order counts and memberships in equal slots of time, and the latest changes."""

    profile: Profile
    start: datetime
    end: datetime
    orders: tuple[int, ...]
    lanes: tuple[Lane, ...]
    changes: tuple[Change, ...]


@final
@frozen
class Findings:
    """Everything that is told of a population at one instant."""

    as_of: datetime
    until: datetime
    segments: SegmentSet
    counts: Counts
    lacking: Mapping[str, frozenset[str]]
    scale: Scale
    best: RFM
    eleven: Mapping[str, int]
    five: Mapping[str, int]
    overlaps: tuple[Overlap, ...]
    due: tuple[Due, ...]


def find(
    segments: SegmentSet,
    profiles: Sequence[Profile],
    as_of: datetime,
    screen: Screen,
    phases: Phases,
    people: str = "customers",
) -> Findings:
    """Asks every question of customers who have all ordered by ``as_of``. Costs a few passes over them."""
    until = local(shift(as_of, days(7), 1, UTC), as_of.tzinfo or UTC)
    with phases.timed("counting segments"), screen.progress("counting segments", people) as advance:
        counts = segments.count(profiles, as_of, progress=advance)
    with phases.timed("learning RFM scores"), screen.progress("learning RFM scores", people) as advance:
        scale = Scale.learn(profiles, as_of, schema=segments.schema, progress=advance)
        best = _best(scale, profiles, as_of)
        eleven = scale.count(profiles, as_of, ELEVEN_GROUPS)
        five = scale.count(profiles, as_of, FIVE_GROUPS)
    with phases.timed("finding what is due"), screen.progress("finding what is due", people) as advance:
        coming = due(tuple(segments), profiles, as_of, until, progress=advance)
    lacking = without_facts(segments, profiles)
    found = overlaps(segments, counts)
    return Findings(as_of, until, segments, counts, lacking, scale, best, eleven, five, found, tuple(coming))


def _best(scale: Scale, profiles: Iterable[Profile], as_of: datetime) -> RFM:
    """The highest recency, frequency and monetary score that anybody has, not always the same one."""
    scores = [scale.score(profile, as_of) for profile in profiles]
    return RFM(max(each.r for each in scores), max(each.f for each in scores), max(each.m for each in scores))


def told(found: Findings, person: Profile, own: Iterable[str]) -> list[str]:
    """Keys of what is explained of a person: the segments they are in, then the shop's own, then those due.

    When there is none of these, the first segment that asks for nothing that nobody has.
    """
    holding = found.segments.labels(person, found.as_of)
    inside = [key for key in found.segments.keys if key in holding]
    coming = [each.segment.key for each in found.due if each.customer == person.customer.id]
    some = list(dict.fromkeys((*inside, *own, *coming)))
    return some or [key for key in found.segments.keys if key not in found.lacking][:1]


def overlaps(segments: SegmentSet, counts: Counts) -> tuple[Overlap, ...]:
    """Pairs that share customers though neither contains the other, the most alike first."""
    found = (
        Overlap(segments[one], segments[other], counts.size(one) - both, both, counts.size(other) - both)
        for one, other, both in counts.overlaps()
    )
    telling = (each for each in found if each.only_one and each.only_other)
    return tuple(sorted(telling, key=lambda each: (-each.alike, each.one.key, each.other.key)))


def without_facts(segments: SegmentSet, profiles: Iterable[Profile]) -> dict[str, frozenset[str]]:
    """The segments that ask for collections or attributes of which no customer has anything, with what is not there."""
    asked = {segment.key: _asked(segment) for segment in segments}
    unseen = set().union(*asked.values())
    for profile in profiles:
        if not unseen:
            break
        unseen -= {each for each in unseen if _has(profile, each)}
    return {key: frozenset(name for _, name in facts & unseen) for key, facts in asked.items() if facts & unseen}


def _asked(segment: Segment) -> set[tuple[str, str]]:
    nodes = tuple(iter_nodes(segment.meaning))
    collections = {("collection", node.collection) for node in nodes if isinstance(node, Events)}
    return collections | {("attribute", node.name) for node in nodes if isinstance(node, Attribute)}


def _has(profile: Profile, fact: tuple[str, str]) -> bool:
    what, name = fact
    return bool(profile.rows(name)) if what == "collection" else profile.value(name) not in (None, frozenset())


def due(
    segments: Sequence[Segment],
    profiles: Iterable[Profile],
    as_of: datetime,
    until: datetime,
    *,
    progress: Progress | None = None,
) -> list[Due]:
    """Every change in ``(as_of, until]`` that time alone will bring, in order of time."""
    found = [each for profile in watched(profiles, progress) for each in _due(segments, profile, as_of, until)]
    return sorted(found, key=lambda each: each.at)


def _due(segments: Sequence[Segment], profile: Profile, as_of: datetime, until: datetime) -> Iterator[Due]:
    for segment in segments:
        at = segment.next_change(profile, as_of)
        if at is not None and at <= until:
            yield Due(at, profile.customer.id, segment, not segment.contains(profile, as_of))


def orders_of(profile: Profile) -> list[Order]:
    """The customer's orders in order of time."""
    return [row for row in profile.rows("orders") if isinstance(row, Order)]


def life(segments: SegmentSet, profile: Profile, as_of: datetime, slots: int) -> Life:
    """The customer from the first fact known to ``as_of``, in ``slots`` equal pieces of time."""
    now = utc(as_of)
    start = min((each for each in profile.instants()), default=shift(now, days(1), -1, UTC))
    slot = (now - start) / slots or timedelta(microseconds=1)
    orders = [0] * slots
    for order in orders_of(profile):
        orders[min(slots - 1, (order.at - start) // slot)] += 1
    lanes = tuple(_lane(segment, profile, local(start, as_of.tzinfo or UTC), as_of, slots) for segment in segments)
    past = changes(segments, profile, local(start, as_of.tzinfo or UTC), as_of)
    return Life(profile, start, now, tuple(orders), tuple(lane for lane in lanes if any(lane.shares)), past)


def _lane(segment: Segment, profile: Profile, start: datetime, end: datetime, slots: int) -> Lane:
    slot = (utc(end) - utc(start)) / slots
    shares = [0.0] * slots
    for interval in timeline(segment.meaning, profile, start, end, segment.schema):
        if interval.holds:
            _fill(shares, (interval.start - start) / slot, (interval.end - start) / slot)
    return Lane(segment, tuple(shares))


def _fill(shares: list[float], begin: float, finish: float) -> None:
    """Adds to each slot its part of the stretch from ``begin`` to ``finish``, counted in slots."""
    for place in range(int(begin), min(len(shares), int(finish) + 1)):
        shares[place] += max(0.0, min(finish, place + 1) - max(begin, place))
