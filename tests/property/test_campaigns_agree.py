"""Decisions against a second model: straight flows, written as one loop over the day, without states or triggers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from attrs import frozen
from hypothesis import event, given, settings
from hypothesis import strategies as st

from retention import Customer, Order, Profile, won
from retention.campaigns.campaign import Again, Campaign
from retention.campaigns.decide import decide
from retention.campaigns.effects import SendMessage
from retention.campaigns.entries import Enters
from retention.campaigns.state import State
from retention.campaigns.steps import Send, Step, Wait, WaitFor
from retention.campaigns.triggers import FactArrived, SegmentEntered, TimePassed, Trigger
from retention.permission.media import MessageKind
from retention.rules import orders
from retention.spans import hours

_START = datetime(2026, 3, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_PAUSE = 5

Sent = tuple[datetime, str, int]
"""When, by which step, in which run."""


@frozen
class Scene:
    """``flow`` is messages (0), waits of so many hours, and waits for an order of at most so many hours (below 0)."""

    flow: tuple[int, ...]
    again: Again
    goal: bool
    entered: tuple[datetime, ...]
    ordered: tuple[datetime, ...]


_whole = st.integers(0, 60).map(lambda number: _START + number * _HOUR)
_scenes = st.builds(
    Scene,
    flow=st.lists(st.sampled_from([0, 0, 1, 4, -3, -8]), min_size=1, max_size=6).map(tuple),
    again=st.sampled_from(["never", "after entry", "after exit", "each crossing"]),
    goal=st.booleans(),
    entered=st.lists(_whole, max_size=6, unique=True).map(sorted).map(tuple),
    ordered=st.lists(_whole.map(lambda at: at + _HOUR / 2), max_size=5, unique=True).map(sorted).map(tuple),
)


# The second model. ---------------------------------------------------------------------------------------------------


def expected(scene: Scene) -> list[Sent]:
    sent, number, began, ended = list[Sent](), 0, _START, _START
    for at in scene.entered:
        pause = {"after entry": began, "after exit": ended}.get(scene.again, _START - _PAUSE * _HOUR)
        if number and (ended > at or scene.again == "never" or at < pause + _PAUSE * _HOUR):
            continue
        number, began = number + 1, at
        over = max(at, scene.ordered[0]) if scene.goal and scene.ordered else datetime.max.replace(tzinfo=UTC)
        clock = at
        for place, step in enumerate(scene.flow):
            if step == 0 and clock < over:
                sent.append((clock, f"s{place}", number))
            came = [each for each in scene.ordered if clock < each < clock - step * _HOUR]
            clock = came[0] if came else clock + abs(step) * _HOUR
        ended = min(clock, over)
    return sent


# The decisions. ------------------------------------------------------------------------------------------------------


def _steps(flow: Sequence[int]) -> Iterator[Step]:
    for place, number in enumerate(flow):
        if number == 0:
            yield Send(f"s{place}", template="t", channels=("email",), expires=hours(1))
        elif number > 0:
            yield Wait(f"s{place}", hours(number))
        else:
            yield WaitFor(f"s{place}", event=orders.any(), at_most=hours(-number))


def decided(scene: Scene) -> list[Sent]:
    campaign = Campaign(
        "test",
        kind=MessageKind.MARKETING,
        entry=Enters(segment="x"),
        steps=tuple(_steps(scene.flow)),
        again=scene.again,
        pause=hours(_PAUSE) if scene.again.startswith("after") else None,
        goal=orders.any() if scene.goal else None,
    )
    facts = [Order(f"o-{number}", at, total=won(1)) for number, at in enumerate(scene.ordered)]
    profile = Profile.build(Customer("c-1"), facts)
    told: list[tuple[datetime, Trigger]] = [(at, SegmentEntered("x")) for at in scene.entered]
    told += [(fact.at, FactArrived(fact)) for fact in facts]
    state, sent = State(), list[Sent]()
    for at, trigger in sorted([*told, (_START + 200 * _HOUR, TimePassed())], key=lambda each: each[0]):
        known = profile.until(at - timedelta(microseconds=1))
        for given_trigger, view in ((TimePassed(), known), (trigger, profile.until(at))):
            made = decide(campaign, state, given_trigger, view, now=at)
            state = made.state
            sent += [
                (effect.planned_at, effect.step, int(effect.key.split(":")[4]))
                for effect in made.effects
                if isinstance(effect, SendMessage)
            ]
    return sent


@given(_scenes)
@settings(max_examples=200)
def test_the_second_model_sends_the_same(scene: Scene) -> None:
    found = decided(scene)
    event(f"{min(len(found), 3)} messages or more")
    assert found == expected(scene)
