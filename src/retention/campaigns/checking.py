"""Whether a campaign can run at all: asked once, when it is made. The first thing that is wrong is raised.

What would show only after weeks, in the one customer who comes that way, shows here: a step that is not there, a way on
which nobody ever waits, a birthday that comes once in a life.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from retention.campaigns.checking_entries import check_again, check_entry
from retention.campaigns.checking_steps import check_step
from retention.campaigns.entries import Happens
from retention.campaigns.errors import CampaignError
from retention.campaigns.flow import after, named, named_at_once, place_of
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.steps import Branch, Step, WaitFor
from retention.errors import RuleError, nearest
from retention.permission.media import MessageKind
from retention.rules.rule import Rule
from retention.rules.validate import validate
from retention.segments.segment import Segment

if TYPE_CHECKING:
    from retention.campaigns.campaign import Campaign

_LONGEST = 128
_KEY_HINT = f"Give 1 to {_LONGEST} printable characters that neither begin nor end with a space"


def check(campaign: "Campaign") -> None:
    """Raises CampaignError."""
    _check_whole(campaign)
    _check_steps(campaign.key, campaign.steps)
    _check_ways(campaign.key, campaign.steps)
    _check_rules(campaign)
    for step in campaign.steps:
        check_step(campaign.key, step)
    check_entry(campaign.key, campaign.entry, campaign.schema)
    check_again(campaign.key, campaign.entry, campaign.again, campaign.pause)
    _check_migrations(campaign)


def is_key(key: object) -> bool:
    """Whether it can be part of a stored key, and be told apart from another by people."""
    return isinstance(key, str) and 0 < len(key) <= _LONGEST and key.isprintable() and key == key.strip()


def _check_whole(campaign: "Campaign") -> None:
    key = campaign.key
    if not is_key(key):
        raise CampaignError(str(key)[:40], "its key cannot be stored", hint=_KEY_HINT)
    if not isinstance(campaign.kind, MessageKind):
        raise CampaignError(key, "it does not say what its messages are to the law", hint="Give kind=MessageKind.…")
    if type(campaign.version) is not int or campaign.version < 1:
        raise CampaignError(key, "its version is no whole number from 1", hint="Write version=2 for the next")
    if not _is_share(campaign.holdout):
        raise CampaignError(key, "its holdout is no share from 0 to 1", hint="Write holdout=0.1 for one in ten")
    if type(campaign.priority) is not int:
        raise CampaignError(key, "its priority is no whole number", hint="Write priority=10")
    for tag in campaign.tags:
        if not is_key(tag):
            raise CampaignError(key, "a tag of it cannot be stored", hint=_KEY_HINT)


def _is_share(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1  # which NaN is not


# Steps and the ways between them. ------------------------------------------------------------------------------------


def _check_steps(key: str, steps: Sequence[Step]) -> None:
    if not isinstance(steps, tuple) or not steps:
        raise CampaignError(key, "it has no steps", hint='Give a tuple: steps=(Send("hello", …),)')
    seen: set[str] = set()
    for place, step in enumerate(steps):
        if not isinstance(step, get_args(Step)):
            raise CampaignError(key, f"steps[{place}] is a {type(step).__name__}, not a step", hint="Give Send(…)")
        if not is_key(step.id):
            raise CampaignError(key, f"the id of steps[{place}] cannot be stored", hint=_KEY_HINT)
        if step.id in seen:
            raise CampaignError(key, "its id comes twice", step=step.id, hint="Give each step an id of its own")
        seen.add(step.id)
    for step in steps:
        for target in named(step):
            if target is not None:
                _check_known(key, target, steps, step.id)


def _check_known(key: str, target: str, steps: Sequence[Step], step: str | None) -> None:
    known = [each.id for each in steps]
    if target not in known:
        like = nearest(target, known) if isinstance(target, str) else None
        hint = f"Did you mean {like!r}?" if like else f"Its steps are {', '.join(known[:12])}"
        raise CampaignError(key, f"there is no step {target!r}", step=step, nearest=like, hint=hint)


def _check_ways(key: str, steps: Sequence[Step]) -> None:
    places = {step.id: place for place, step in enumerate(steps)}
    ways = [_places(steps, places, place, named(step)) for place, step in enumerate(steps)]
    reached, waiting = {0}, [0]
    while waiting:
        for place in ways[waiting.pop()] - reached:
            reached.add(place)
            waiting.append(place)
    if len(reached) < len(steps):
        lost = next(step.id for place, step in enumerate(steps) if place not in reached)
        raise CampaignError(key, "no way leads to it", step=lost, hint="Name it in a Branch, or take it out")
    ring = _ring([_places(steps, places, place, named_at_once(step)) for place, step in enumerate(steps)])
    if ring:
        through = " -> ".join(steps[place].id for place in (*ring, ring[0]))
        hint = "Put a Wait into the ring, or go back by Jump(to=…, at_most=…)"
        raise CampaignError(key, f"{through} would go round for ever at one instant", step=steps[ring[0]].id, hint=hint)


def _places(
    steps: Sequence[Step], places: Mapping[str, int], place: int, targets: tuple[str | None, ...]
) -> frozenset[int]:
    there = (after(steps, place, to) for to in targets)
    return frozenset(places[each] for each in there if each is not None)


def _ring(ways: Sequence[frozenset[int]]) -> tuple[int, ...]:
    """Places that lead to one another in a ring, in order; empty if there is none. Depth first, without recursion."""
    done: set[int] = set()
    for start in range(len(ways)):
        trail: dict[int, Iterator[int]] = {start: iter(sorted(ways[start]))}
        while trail:
            last = next(reversed(trail))
            ahead = next(trail[last], None)
            if ahead is None:
                del trail[last]
                done.add(last)
            elif ahead in trail:
                road = list(trail)
                return tuple(road[road.index(ahead) :])
            elif ahead not in done:
                trail[ahead] = iter(sorted(ways[ahead]))
    return ()


# Versions and rules. -------------------------------------------------------------------------------------------------


def _check_migrations(campaign: "Campaign") -> None:
    key, seen = campaign.key, set[int]()
    for each in campaign.migrates:
        if type(each.version) is not int or not 1 <= each.version < campaign.version:
            hint = f"Migrate from 1 to {campaign.version - 1}" if campaign.version > 1 else "Give this version=2"
            raise CampaignError(key, f"version {each.version!r} is not older than this one", hint=hint)
        if each.version in seen:
            raise CampaignError(key, f"it migrates version {each.version} twice", hint="Put both into one Migration")
        seen.add(each.version)
        for target in each.steps.values():
            if place_of(campaign.steps, target) is None:
                _check_known(key, target, campaign.steps, None)


def _check_rules(campaign: "Campaign") -> None:
    """Every rule and segment of it, against the campaign's schema. What they refer to is looked up by ``decide``."""
    for question, step in _of_runs(campaign):
        if isinstance(question, OfEntry) and not isinstance(campaign.entry, Happens):
            problem = "OfEntry asks of the fact that began the run, and no fact begins its runs"
            raise CampaignError(campaign.key, problem, step=step, hint="Ask SinceEntry(…), or come in by Happens(…)")
        _check_rule(campaign, question.rule if isinstance(question, SinceEntry | OfEntry) else question, step)
    for question, step in _of_facts(campaign):
        _check_rule(campaign, question, step)


def _check_rule(campaign: "Campaign", question: object, step: str | None) -> None:
    if not isinstance(question, Rule | Segment):
        problem = f"a {type(question).__name__} stands where a rule or a segment is needed"
        of_a_run = isinstance(question, SinceEntry | OfEntry)
        hint = "Only goal, leave and Branch ask it of a run" if of_a_run else "Finish it: orders.count() >= 3"
        raise CampaignError(campaign.key, problem, step=step, hint=hint)
    try:
        validate(question.as_rule().node, campaign.schema)
    except RuleError as wrong:
        raise CampaignError(campaign.key, wrong.problem, step=step, hint=wrong.hint) from wrong


def _of_runs(campaign: "Campaign") -> Iterator[tuple[object, str | None]]:
    yield from ((each, None) for each in (campaign.goal, campaign.leave) if each is not None)
    for step in campaign.steps:
        if isinstance(step, Branch):
            yield from ((question, step.id) for question, _ in step.when)


def _of_facts(campaign: "Campaign") -> Iterator[tuple[object, str | None]]:
    for name in ("audience", "event", "such_as"):
        if getattr(campaign.entry, name, None) is not None:
            yield getattr(campaign.entry, name), None
    yield from ((step.event, step.id) for step in campaign.steps if isinstance(step, WaitFor))
