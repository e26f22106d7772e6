"""A small shop for the tests of campaigns: its clocks, its steps, and a way to write histories down."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from retention import CartEvent, Customer, Order, Profile, won
from retention.campaigns.campaign import Campaign
from retention.campaigns.decide import decide
from retention.campaigns.effects import SendMessage
from retention.campaigns.entries import Enters
from retention.campaigns.state import Decision, State
from retention.campaigns.steps import Send, Step, Wait
from retention.campaigns.triggers import FactArrived, SegmentEntered, TimePassed, Trigger
from retention.permission.media import MessageKind
from retention.profile import Fact
from retention.spans import days, hours

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
ENTERED = SegmentEntered("dormant")
PASSED = TimePassed()


def at(day: int, hour: int = 12, minute: int = 0, *, month: int = 3, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


def send(id: str, **more: Any) -> Send:
    return Send(id, **{"template": id, "channels": ("email",), "expires": hours(6), **more})


def wait(id: str, count: int = 1) -> Wait:
    return Wait(id, days(count))


def campaign(*steps: Step, key: str = "test", **more: Any) -> Campaign:
    defaults = {"kind": MessageKind.MARKETING, "entry": Enters(segment="dormant"), "again": "each crossing"}
    return Campaign(key, steps=steps or (send("hello"),), **{**defaults, **more})


def profile(*facts: Fact, id: str = "c-1", **more: Any) -> Profile:
    return Profile.build(Customer(id, **more), facts)


def order(id: str, placed: datetime, **more: Any) -> Order:
    return Order(id, placed, **{"total": won(10_000), **more})


def carted(id: str, when: datetime, cart: str | None = "k-1", kind: str = "added") -> CartEvent:
    return CartEvent(id, when, kind=kind, cart_id=cart)


def decided(
    made: Campaign, *steps: tuple[datetime, Trigger], of: Profile | None = None, state: State | None = None, **more: Any
) -> list[Decision]:
    """One decision after the other; each sees what was known at its instant."""
    known, found = of or profile(), []
    for now, trigger in steps:
        decision = decide(made, state or State(), trigger, known.until(now), now=now, **more)
        state = decision.state
        found.append(decision)
    return found


def told(facts: Iterable[Fact]) -> list[tuple[datetime, Trigger]]:
    return [(fact.at.astimezone(SEOUL), FactArrived(fact)) for fact in facts]


def sends(decisions: Iterable[Decision]) -> list[str]:
    return [each.template for made in decisions for each in made.effects if isinstance(each, SendMessage)]


def codes(decision: Decision) -> list[str]:
    return [note.code for note in decision.notes]
