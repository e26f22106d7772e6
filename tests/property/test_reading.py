"""What no rule of the shop asks about need not be read: the engine does the same as one that reads everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from retention import CartEvent, Customer, Order, Segment, Visit, days, hours, won
from retention.activity import TicketEvent
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Entry, Happens
from retention.campaigns.steps import Branch, Call, Stop, Tag, Wait, WaitFor
from retention.engine import Retention
from retention.permission import MessageKind
from retention.profile import Fact
from retention.rules import Rule, cart, orders, tickets, visits
from retention.schema import STANDARD
from retention.storage.shop.memory import MemoryShopStore
from tests.engine.shop import NOON, SEOUL

_RULES: tuple[Rule, ...] = (
    orders.within(days(2)).any(),
    cart.at.last().older_than(hours(30)),
    visits.within(days(1)).any(),
    tickets.count() >= 2,
)
_ENTRIES: tuple[Entry, ...] = (
    Enters(segment="s0"),
    Happens(event=orders.any(), each="id"),
    Happens(event=cart.where(cart.kind == "added").any()),
    Happens(event=visits.any(), such_as=cart.any()),
)
_rules = st.sampled_from(_RULES)


@st.composite
def campaigns(draw: st.DrawFn, key: str) -> Campaign:
    waits = (Wait("wait", hours(draw(st.sampled_from([1, 20, 50])))), Call("rang", hook="ring"))
    several = (
        WaitFor("until", event=draw(st.sampled_from([orders.any(), visits.any()])), at_most=days(1), otherwise="late"),
        Tag("seen", "seen"),
        Stop("over"),
        Tag("late", "late"),
    )
    branch = (Branch("which", when=((draw(_rules), "one"),), otherwise="two"), Tag("one", "one"), Tag("two", "two"))
    return Campaign(
        key,
        kind=MessageKind.MARKETING,
        entry=draw(st.sampled_from(_ENTRIES)),
        steps=draw(st.sampled_from([waits, several, branch])),
        goal=draw(st.none() | _rules),
        leave=draw(st.none() | _rules),
        again=draw(st.sampled_from(["never", "each crossing"])),
    )


@st.composite
def facts(draw: st.DrawFn) -> list[tuple[datetime, Fact]]:
    """Some given twice, and some corrected."""
    found: list[tuple[datetime, Fact]] = []
    at = NOON
    for _ in range(draw(st.integers(1, 12))):
        at += timedelta(hours=draw(st.sampled_from([0, 1, 13, 31])))
        id = draw(st.sampled_from("abcd"))
        made: Sequence[Fact] = (
            Order(id, at, total=won(1_000)),
            CartEvent(id, at, kind=draw(st.sampled_from(["added", "cleared"]))),
            Visit(id, at, page="/"),
            TicketEvent(id, at, kind="opened", ticket_id=id),
        )
        found.append((at, draw(st.sampled_from(made))))
    return found


def engine(segments: Sequence[Segment], several: Sequence[Campaign]) -> Retention:
    return Retention(
        MemoryShopStore(), zone=SEOUL, segments=segments, campaigns=several, secret=b"s" * 32, hooks={"ring": _ring}
    )


def _ring(key: str, customer: str | None, data: object) -> None:
    """Nobody is there."""


@settings(max_examples=150)
@given(st.lists(_rules, min_size=1, max_size=2), campaigns("one"), campaigns("other"), facts())
def test_what_no_rule_asks_about_is_not_read(
    rules: list[Rule], one: Campaign, other: Campaign, life: list[tuple[datetime, Fact]]
) -> None:
    segments = [Segment(f"s{number}", rule) for number, rule in enumerate(rules)]
    some, all = engine(segments, [one, other]), engine(segments, [one, other])
    object.__setattr__(all.shop, "collections", frozenset(STANDARD.collections))
    for each in (some, all):
        each.handle(Customer("anna"), now=NOON)
    for at, fact in life:
        assert some.handle("anna", fact, now=at) == all.handle("anna", fact, now=at)
        assert some.wake(at + timedelta(hours=3)) == all.wake(at + timedelta(hours=3))
    end = life[-1][0] + timedelta(days=9)
    assert some.wake(end) == all.wake(end)
    mine, theirs = some.ask("anna", now=end), all.ask("anna", now=end)
    assert mine is not None
    assert theirs is not None
    assert mine.profile == theirs.profile
    assert (mine.since, mine.campaigns, mine.messages) == (theirs.since, theirs.campaigns, theirs.messages)
