"""Definitions that are taken back, occasions that are moved, and workers that come late."""

from datetime import date, time, timedelta

import pytest
from attrs import evolve

from retention import Segment, days, hours
from retention.campaigns import Campaign, Enters, Once, OnDate, Recurring, Send, SendMessage, Wait
from retention.campaigns.campaign import Again
from retention.engine import Retention
from retention.permission import MessageKind
from retention.rules import orders
from retention.storage.shop.memory import MemoryShopStore
from tests.engine.shop import ANNA, DAY, NOON, agreed, shop, told

SEND = Send("s", template="miss-you", channels=("mail",), expires=hours(2))


def live(engine: Retention, first: int, last: int) -> None:
    for day in range(first, last + 1):
        while engine.wake(NOON + day * DAY):
            pass
        engine.deliver(NOON + day * DAY)


def planned(engine: Retention) -> list[tuple[str, int, str]]:
    """Of each message its campaign, the day for which it was planned, and what became of it."""
    asked = engine.ask("anna", now=NOON + 400 * DAY)
    assert asked is not None
    return [
        (each.effect.campaign, (each.planned_at - NOON).days, each.status)
        for each in asked.messages
        if isinstance(each.effect, SendMessage)
    ]


def test_a_definition_that_is_taken_back_finds_everybody_again() -> None:
    short, long = (Segment("dormant", orders.placed_at.last().older_than(days(number))) for number in (90, 365))
    campaign = Campaign("back", kind=MessageKind.MARKETING, entry=Enters(segment="dormant"), steps=(SEND,))
    store = MemoryShopStore()
    engine = shop(store, segments=[short], campaigns=[campaign])
    told(engine)
    live(engine, 0, 10)
    live(shop(store, segments=[long], campaigns=[campaign]), 11, 20)
    engine = shop(store, segments=[short], campaigns=[campaign])
    live(engine, 21, 100)
    assert engine.members("dormant") == ("anna",)
    assert planned(engine) == [("back", 90, "sent")]


def test_a_campaign_that_is_put_back_knows_the_dates_of_who_came_meanwhile() -> None:
    birthday = Campaign(
        "birthday",
        kind=MessageKind.SERVICE,
        entry=OnDate(attribute="birthday", at=time(12)),
        again="each crossing",
        steps=(SEND,),
    )
    store = MemoryShopStore()
    live(shop(store, segments=[], campaigns=[birthday]), 0, 5)
    without = shop(store, segments=[], campaigns=[])
    live(without, 6, 8)
    without.handle(evolve(ANNA, birthday=date(1990, 2, 20)), now=NOON + 8 * DAY)
    engine = shop(store, segments=[], campaigns=[birthday])
    live(engine, 9, 60)
    assert [campaign for campaign, _, _ in planned(engine)] == ["birthday"]


@pytest.mark.parametrize("moved_to", [20, 24, 26])
def test_a_day_that_is_moved_is_kept_once(moved_to: int) -> None:
    def on(day: int, version: int) -> Campaign:
        entry = Once(at=NOON + day * DAY, audience=orders.none())
        return Campaign("party", kind=MessageKind.MARKETING, version=version, entry=entry, steps=(SEND,))

    store = MemoryShopStore()
    engine = shop(store, campaigns=[on(24, 1)], segments=[])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    live(engine, 0, 1)
    engine = shop(store, campaigns=[on(moved_to, 2)], segments=[])
    live(engine, 2, 30)
    assert planned(engine) == [("party", moved_to, "sent")]


@pytest.mark.parametrize(
    ("entry", "again"),
    [
        (Once(at=NOON + 10 * DAY, audience=orders.none()), "never"),
        (Once(at=NOON + 10 * DAY, audience=orders.none(), fixed="dispatch"), "never"),
        (Recurring(rule="FREQ=MONTHLY", start=NOON + 10 * DAY, audience=orders.none()), "each crossing"),
    ],
    ids=["once", "once, asked as it is sent", "recurring"],
)
def test_who_is_looked_at_late_came_in_at_the_occurrence(entry: Once | Recurring, again: Again) -> None:
    """A reminder for ten in the morning is no good two days later; what waits two days does not wait four."""
    steps = (SEND, Wait("two days", days(2)), evolve(SEND, id="t", expires=days(1)))
    campaign = Campaign("sale", kind=MessageKind.MARKETING, entry=entry, again=again, steps=steps)
    engine = shop(campaigns=[campaign], segments=[])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.wake(NOON)
    late = NOON + 12 * DAY + timedelta(hours=3)
    while engine.wake(late):
        pass
    engine.deliver(late)
    assert planned(engine) == [("sale", 10, "expired"), ("sale", 12, "sent")]


def test_a_pause_of_a_week_lets_a_weekly_letter_through_whoever_wakes_when() -> None:
    entry = Recurring(rule="FREQ=WEEKLY;COUNT=4", start=NOON + 7 * DAY, audience=orders.none())
    letter = Campaign(
        "letter", kind=MessageKind.MARKETING, entry=entry, again="after entry", pause=days(7), steps=(SEND,)
    )
    engine = shop(campaigns=[letter], segments=[])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.wake(NOON)
    for week, seconds in enumerate((30, 5, 20, 10), start=1):
        at = NOON + 7 * week * DAY + timedelta(seconds=seconds)
        while engine.wake(at):
            pass
        engine.deliver(at)
    assert [day for _, day, _ in planned(engine)] == [7, 14, 21, 28]
