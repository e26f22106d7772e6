"""A campaign over a customer's history, on a simulated clock: every decision with its instant, nothing carried out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import TypeAlias, assert_never, final

from attrs import frozen

from retention.campaigns.asking import holds, name_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.decide import decide
from retention.campaigns.effects import (
    CallHook,
    Effect,
    GrantPoints,
    IssueCoupon,
    OpenTicket,
    SendMessage,
    SetTag,
)
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.schedule import BACKFILL, occurrences
from retention.campaigns.state import Decision, Note, State
from retention.campaigns.triggers import (
    Chosen,
    CustomerChanged,
    FactArrived,
    SegmentEntered,
    SegmentLeft,
    TimePassed,
    Trigger,
)
from retention.order import Order
from retention.profile import Profile
from retention.segments.membership import changes
from retention.segments.segment_set import SegmentSet
from retention.spans import local, utc

_NONE: Mapping[int, Campaign] = MappingProxyType({})

Happening: TypeAlias = tuple[datetime, Trigger]


@final
@frozen
class Moment:
    """A decision at ``at`` that did something or said why not."""

    at: datetime
    trigger: Trigger
    effects: tuple[Effect, ...]
    notes: tuple[Note, ...]


@final
@frozen
class Trace:
    """What a campaign does with one customer; ``state`` is where it stands at the end. ``print`` it to read it."""

    moments: tuple[Moment, ...]
    state: State
    zone: tzinfo = UTC

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All of them, in order."""
        return tuple(effect for moment in self.moments for effect in moment.effects)

    def __str__(self) -> str:
        return "\n".join(line for moment in self.moments for line in _lines(moment, self.zone))


def trace(
    campaign: Campaign,
    profile: Profile,
    start: datetime,
    until: datetime,
    *,
    state: State | None = None,
    versions: Mapping[int, Campaign] = _NONE,
    segments: SegmentSet | None = None,
) -> Trace:
    """Every decision about the customer in ``(start, until]``, as if somebody looked whenever something was due.

    Facts arrive at the instants at which they became known, memberships of ``segments`` change as they would have, and
    audiences are chosen at each occurrence. Local clocks are those of the zone of ``until``. At ``start`` the campaign
    begins. Raises NaiveInstant.
    """
    zone = until.tzinfo or UTC
    stands, moments = state or State(), list[Moment]()

    def look(at: datetime, trigger: Trigger) -> None:
        nonlocal stands
        known = profile.until(at)
        made = decide(campaign, stands, trigger, known, now=local(at, zone), versions=versions, segments=segments)
        stands = made.state
        if made.effects or made.notes:
            moments.append(_moment(at, trigger, made))

    look(utc(start), Chosen(BACKFILL) if _was_in(campaign, profile, start, segments) else TimePassed())
    for at, trigger in (*happenings(campaign, profile, start, until, segments), (utc(until), TimePassed())):
        while (due := stands.next_due) is not None and due <= at:
            before = stands
            look(due, TimePassed())
            if stands == before:  # a run of a later version, which is not ours to end
                break
        look(at, trigger)
    return Trace(tuple(moments), stands, zone)


def happenings(
    campaign: Campaign, profile: Profile, start: datetime, until: datetime, segments: SegmentSet | None = None
) -> tuple[Happening, ...]:
    """What could move the campaign in ``(start, until]``, in order: facts, then memberships, then audiences."""
    found = (
        *_facts(profile, utc(start), utc(until)),
        *_memberships(campaign, profile, start, until, segments),
        *_audiences(campaign, profile, start, until, segments),
    )
    return tuple(sorted(found, key=lambda each: each[0]))


def _moment(at: datetime, trigger: Trigger, made: Decision) -> Moment:
    return Moment(at, trigger, made.effects, made.notes)


def _was_in(campaign: Campaign, profile: Profile, start: datetime, segments: SegmentSet | None) -> bool:
    entry = campaign.entry
    if not isinstance(entry, Enters) or not entry.backfill or segments is None:
        return False
    return segments[entry.segment].contains(profile.until(start), start)


def _facts(profile: Profile, start: datetime, until: datetime) -> Iterator[Happening]:
    """Each fact as it became known; an order once more for each of its later instants."""
    for at in profile.instants():
        if start < at <= until:
            for fact in profile.until(at).facts():
                if (fact.settled_at if isinstance(fact, Order) else fact.at) == at:
                    yield at, FactArrived(fact)


def _memberships(
    campaign: Campaign, profile: Profile, start: datetime, until: datetime, segments: SegmentSet | None
) -> Iterator[Happening]:
    match campaign.entry:
        case Enters(segment=key) | Leaves(segment=key):
            if segments is None:
                return
            for change in changes(SegmentSet([segments[key]]), profile, start, until):
                yield change.at, SegmentEntered(key) if change.direction == "entered" else SegmentLeft(key)
        case Once() | Recurring() | Happens() | OnDate():
            return
        case _:
            assert_never(campaign.entry)


def _audiences(
    campaign: Campaign, profile: Profile, start: datetime, until: datetime, segments: SegmentSet | None
) -> Iterator[Happening]:
    entry = campaign.entry
    if isinstance(entry, Once | Recurring):
        for each in occurrences(campaign, start, until):
            if holds(entry.audience, profile, local(each.at, until.tzinfo or UTC), segments):
                yield each.at, Chosen(each.name)


# In words. -----------------------------------------------------------------------------------------------------------


def _lines(moment: Moment, zone: tzinfo) -> Iterator[str]:
    yield f"{_wall(moment.at, zone)}  {_cause(moment.trigger)}"
    for note in moment.notes:
        place = " ".join(filter(None, (note.subject, note.step)))
        yield f"    {note.code}{f' [{place}]' if place else ''}: {note.words}"
    for effect in moment.effects:
        yield f"    -> {_deed(effect, zone)}"


def _cause(trigger: Trigger) -> str:
    match trigger:
        case SegmentEntered(segment):
            return f"entered {segment}"
        case SegmentLeft(segment):
            return f"left {segment}"
        case FactArrived(fact):
            return name_of(fact)
        case CustomerChanged():
            return "the customer changed"
        case TimePassed():
            return "time passed"
        case Chosen(occurrence):
            return f"chosen for {occurrence}"
        case _:
            assert_never(trigger)


def _deed(effect: Effect, zone: tzinfo) -> str:
    match effect:
        case SendMessage():
            by, latest = ", ".join(effect.channels), _wall(effect.expires_at, zone)
            return f"send {effect.template} ({effect.kind.value}) by {by} before {latest}"
        case GrantPoints(programme=programme, amount=amount, expires_at=expires_at):
            return f"grant {amount} points of {programme}{_ending(expires_at, zone)}"
        case IssueCoupon(coupon=coupon, expires_at=expires_at):
            return f"issue coupon {coupon}{_ending(expires_at, zone)}"
        case SetTag(tag=tag, remove=remove):
            return f"{'remove' if remove else 'set'} tag {tag}"
        case OpenTicket(topic=topic):
            return f"open a ticket on {topic}"
        case CallHook(hook=hook):
            return f"call {hook}"
        case _:
            assert_never(effect)


def _ending(expires_at: datetime | None, zone: tzinfo) -> str:
    return "" if expires_at is None else f" until {_wall(expires_at, zone)}"


def _wall(at: datetime, zone: tzinfo) -> str:
    return f"{local(at, zone):%Y-%m-%d %H:%M}"
