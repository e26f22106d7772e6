"""Random campaigns and lives to run them on: small vocabularies, instants that meet."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen
from hypothesis import assume
from hypothesis import strategies as st

from retention import CartEvent, Customer, Order, Profile, Visit, won
from retention.campaigns.campaign import Again, Campaign
from retention.campaigns.entries import Enters, Entry, Happens, OnDate, Recurring
from retention.campaigns.errors import CampaignError
from retention.campaigns.own import OfEntry, Question, SinceEntry
from retention.campaigns.simulate import Happening, happenings
from retention.campaigns.steps import (
    Branch,
    Call,
    GivePoints,
    Jump,
    Send,
    Split,
    Step,
    Stop,
    Wait,
    WaitFor,
    WaitUntil,
)
from retention.permission.media import MessageKind
from retention.rules import Rule, cart, customer, orders, visits
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.spans import Duration, days, hours, months

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 3, 4, 12, tzinfo=ZONE)  # the clocks go forward on the 8th
END = datetime(2026, 3, 20, 12, tzinfo=ZONE)
SEGMENTS = SegmentSet(
    [Segment("seen", visits.within(days(2)).any()), Segment("cold", visits.at.last().older_than(days(1)))]
)

_IDS = ("a", "b", "c", "d", "e", "f")
_RULES: tuple[Rule, ...] = (
    orders.any(),
    orders.count() >= 2,
    visits.within(days(1)).any(),
    cart.at.last().older_than(hours(30)),
    customer.bucket("x") < 0.5,
    orders.none(),
)
_EVENTS: tuple[Rule, ...] = (
    cart.where(cart.kind == "added").any(),
    orders.any(),
    orders.where(orders.paid_at.is_present()).any(),
    visits.any(),
    cart.where(cart.kind == "cleared").any(),
)
_SPANS = (hours(1), hours(6), days(1), days(2), months(1))
_OF_RUNS: tuple[Question, ...] = (
    *_RULES,
    SinceEntry(orders.any()),
    SinceEntry(cart.count() >= 2),
    SinceEntry(cart.last().where(cart.kind == "cleared").any()),
    OfEntry(orders.where(orders.paid_at.is_present()).any()),
)
_spans, _questions, _events = st.sampled_from(_SPANS), st.sampled_from(_OF_RUNS), st.sampled_from(_EVENTS)
_SOME_DAYS = frozenset({0, 2, 6})
_AGAIN: tuple[tuple[Again, Duration | None], ...] = (
    ("never", None),
    ("after entry", days(2)),
    ("after exit", days(1)),
    ("each crossing", None),
)
_to = st.none() | st.sampled_from(_IDS)

_MAKERS: tuple[st.SearchStrategy[Any], ...] = (
    st.builds(lambda: lambda id: Send(id, template=id, channels=("email",), expires=hours(6))),
    st.builds(lambda span: lambda id: Wait(id, span), _spans),
    st.builds(lambda hour: lambda id: WaitUntil(id, at=time(hour, 30), weekdays=_SOME_DAYS), st.integers(0, 3)),
    st.builds(
        lambda event, span, then, other: lambda id: WaitFor(id, event=event, at_most=span, then=then, otherwise=other),
        _events, _spans, _to, _to,
    ),
    st.builds(lambda rule, to, other: lambda id: Branch(id, when=((rule, to),), otherwise=other), _questions, _to, _to),
    st.builds(lambda one, two: lambda id: Split(id, (("x", 1, one), ("y", 2, two))), _to, _to),
    st.builds(lambda to, most: lambda id: Jump(id, to=to, at_most=most), st.sampled_from(_IDS), st.integers(1, 3)),
    st.builds(lambda: lambda id: GivePoints(id, amount=5, programme="points")),
    st.builds(lambda: lambda id: Call(id, hook="crm")),
    st.just(Stop),
)  # fmt: skip

_ENTRIES: tuple[Entry, ...] = (
    Enters(segment="seen", backfill=True),
    Enters(segment="cold"),
    Happens(event=_EVENTS[0], each="cart_id"),
    Happens(event=_EVENTS[1]),
    Happens(event=_EVENTS[2], each="id"),
    Happens(event=_EVENTS[3], such_as=orders.any()),
    OnDate(attribute="birthday", at=time(2, 30)),
    Recurring(rule="FREQ=DAILY;INTERVAL=3", start=START, audience=visits.any()),
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """One to six steps, which may name one another in any way."""
    count = draw(st.integers(1, len(_IDS)))
    return tuple(draw(st.one_of(_MAKERS))(id) for id in _IDS[:count])


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    """A campaign that can run."""
    again, pause = draw(st.sampled_from(_AGAIN))
    try:
        return Campaign(
            "test",
            kind=MessageKind.MARKETING,
            entry=draw(st.sampled_from(_ENTRIES)),
            steps=draw(steps()),
            again=again,
            pause=pause,
            goal=draw(st.none() | st.none() | _questions),
            leave=draw(st.none() | st.none() | _questions),
            holdout=draw(st.sampled_from([0, 0, 0.5])),
        )
    except CampaignError:
        assume(False)
        raise


def _facts(at: datetime, number: int, kind: int) -> Any:
    id = f"f{number}"
    match kind:
        case 0 | 1:
            return CartEvent(id, at, kind="added", cart_id=f"k-{kind}")
        case 2:
            return CartEvent(id, at, kind="cleared", cart_id="k-0")
        case 3:
            return Visit(id, at)
        case 4:
            return Order(id, at, total=won(5_000))
        case _:
            return Order(id, at, total=won(5_000), paid_at=at + timedelta(hours=6), delivered_at=at + timedelta(days=2))


_instants = st.integers(1, 60).map(lambda number: START.astimezone(UTC) + number * timedelta(hours=6))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Up to eight facts on a grid of six hours."""
    drawn = draw(st.lists(st.tuples(_instants, st.integers(0, 5)), max_size=8))
    facts = [_facts(at, number, kind) for number, (at, kind) in enumerate(drawn)]
    born = draw(st.sampled_from([None, datetime(1990, 3, 8).date(), datetime(2000, 3, 11).date()]))
    return Profile.build(Customer(draw(st.sampled_from(["c-1", "c-2", "c-3"])), birthday=born), facts)


@frozen
class Life:
    """A campaign, a customer, and what happens, in order."""

    campaign: Campaign
    profile: Profile
    happenings: tuple[Happening, ...]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    campaign, profile = draw(campaigns()), draw(profiles())
    return Life(campaign, profile, happenings(campaign, profile, START, END, SEGMENTS))


def hops(most: int = 12) -> st.SearchStrategy[list[datetime]]:
    """Instants at which somebody looks, for no reason."""
    minutes = st.integers(0, (END - START) // timedelta(minutes=1))
    looks = minutes.map(lambda number: START.astimezone(UTC) + timedelta(minutes=number))
    return st.lists(looks, max_size=most).map(sorted)
