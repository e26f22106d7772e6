"""What comes at an awkward moment: a deploy, a roll back, an answer that is late, a function that raises."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from sqlalchemy import Engine

from retention import Customer, Profile, Segment, won
from retention.campaigns import AskStaff, Call, Campaign, Enters, GivePoints, Happens, Tag
from retention.campaigns.effects import Effect, OpenTicket
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.engine import Retention
from retention.permission import MessageKind, Outbound, Person
from retention.plugins import Plugins, hookimpl
from retention.rules import messages, orders
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.sql import SqlShopStore
from tests.engine.shop import ANNA, BUYERS, DAY, DORMANT, MINUTE, NOON, SEOUL, agreed, mail, order, shop, told
from tests.engine.test_sending import HOUR, thanks

WRITTEN = Segment("written", messages.where(messages.kind == "sent").any())
RICH = Segment("rich", orders.total.sum() >= won(500_000))
ASKED_BACK = Campaign(
    "back", kind=MessageKind.MARKETING, entry=Enters(segment="dormant"), steps=(Tag("tag", "asked-back"),)
)


# Releases. -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["a roll back", "a rehearsal"])
def test_definitions_are_noted_in_the_store_that_they_are_of(ledger_engine: Engine, first: str) -> None:
    engine = shop(SqlShopStore(ledger_engine), segments=[DORMANT], campaigns=[ASKED_BACK])
    if first == "a rehearsal":
        engine.rehearse([Profile.build(Customer("ben"))], start=NOON, until=NOON + DAY)
    else:
        with ledger_engine.connect() as connection:
            engine.using(SqlShopStore.on(connection)).handle("ben", order(), now=NOON)
            connection.rollback()
    engine.handle("anna", order("o2"), now=NOON)
    later = shop(SqlShopStore(ledger_engine), segments=[DORMANT, RICH], campaigns=[ASKED_BACK])
    later.wake(NOON + 91 * DAY)
    asked = later.ask("anna", now=NOON + 91 * DAY)
    assert asked is not None
    assert asked.profile.customer.tags == {"asked-back"}, "what was due is done, whatever else is defined since"


def test_what_has_just_become_known_survives_new_definitions() -> None:
    store = MemoryShopStore()
    thanked = Campaign(
        "after", kind=MessageKind.SERVICE, entry=Enters(segment="written"), steps=(Tag("tag", "was-written-to"),)
    )
    campaigns = [thanks("mail"), thanked]
    engine = shop(store, segments=[WRITTEN], campaigns=campaigns)
    told(engine)
    engine.wake(NOON)
    assert engine.deliver(NOON + MINUTE) == {"sent": 1}
    later = shop(store, segments=[WRITTEN, RICH, BUYERS], campaigns=campaigns)
    assert later.wake(NOON + 2 * MINUTE) == 2, "who was due, and everybody by definitions that are new"
    assert later.members("written") == ("anna",)
    assert later.members("buyers") == ("anna",)
    asked = later.ask("anna", now=NOON + 2 * MINUTE)
    assert asked is not None
    assert "was-written-to" in asked.profile.customer.tags


def test_two_releases_at_work_do_not_undo_each_other() -> None:
    store = MemoryShopStore()
    old, new = shop(store, segments=[DORMANT], campaigns=[]), shop(store, segments=[DORMANT, RICH], campaigns=[])
    for number in range(250):
        old.handle(f"c{number:03}", now=NOON)
    turns = [(old, new)[number % 2].wake(NOON, limit=100) for number in range(12)]
    assert turns[-2:] == [0, 0]
    with store.work() as work:
        assert {each.definitions for each in work.browse("", 250)} == {new.shop.definitions}


# Doubts. -------------------------------------------------------------------------------------------------------------


class Slow(MemoryChannel):
    """Takes messages, and its answer is lost; asked about them, it knows their names."""

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        super().send(batch)
        return [Unknown("time-out") for _ in batch]


def _in_doubt(on_unknown: str) -> tuple[Retention, Slow]:
    channel = Slow("mail", mail(can_query=True, receipts=frozenset({"delivered", "complained"})).capabilities)
    engine = shop(campaigns=[thanks("mail", on_unknown=on_unknown)], channels=[channel], segments=[WRITTEN])
    told(engine)
    assert set(engine.deliver(NOON)) <= {"waiting", "held"}
    return engine, channel


def test_what_was_reported_of_a_message_in_doubt_counts_when_it_is_found() -> None:
    engine, channel = _in_doubt(on_unknown="query")
    found = channel.query(channel.delivered[0].key)
    assert isinstance(found, Accepted)
    complaint = Receipt(provider_id=found.provider_id, status="complained", at=NOON)
    engine.report("mail", [complaint], now=NOON)
    assert engine.deliver(NOON + HOUR) == {"sent": 1}
    engine.wake(NOON + HOUR)
    assert engine.members("written") == ("anna",)
    (refused,) = engine.handle("anna", order("o2", NOON + HOUR), now=NOON + HOUR).parcels
    assert [each.code for each in refused.reasons] == ["complaint"]


def test_what_staff_found_to_be_sent_is_a_fact() -> None:
    engine, _ = _in_doubt(on_unknown="hold")
    (held,) = engine.outbox("held")
    assert engine.settle(held.key, sent=True, now=NOON + HOUR)
    engine.wake(NOON + HOUR)
    assert engine.members("written") == ("anna",)


def test_what_may_not_go_again_stays_held() -> None:
    engine, _ = _in_doubt(on_unknown="hold")
    (held,) = engine.outbox("held")
    assert engine.redrive(held.key, now=NOON + 5 * DAY) == (), "it has expired"
    assert engine.outbox("held") == (held,)


# Others. -------------------------------------------------------------------------------------------------------------


def test_a_function_that_raises_when_answers_are_stored_sends_nothing_twice() -> None:
    away = [False]

    class Mail(MemoryChannel):
        def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
            away[0] = not self.delivered
            return super().send(batch)

    def person_of(customer: Customer) -> Person:
        if away[0] and customer.id == "ben":
            raise ConnectionError("the shop's own database is away")
        return Person(country="KR")

    channel = Mail("mail", mail().capabilities, outcomes={"ben@example.com": Rejected(reason="nobody")})
    receipts = thanks("mail", kind=MessageKind.TRANSACTIONAL)
    engine = shop(campaigns=[receipts], channels=[channel], segments=[], person_of=person_of)
    for id in ("anna", "ben", "cleo"):
        engine.handle(Customer(id, email=f"{id}@example.com"), order(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 2, "waiting": 1}
    away[0] = False
    assert engine.deliver(NOON + HOUR) == {"dead": 1}
    assert sorted(each.address for each in channel.delivered) == ["anna@example.com", "cleo@example.com"]


def test_hooks_are_not_called_when_the_lease_is_over() -> None:
    calls: list[str | None] = []
    now = [NOON]

    def slow(key: str, customer: str | None, data: object) -> None:
        calls.append(customer)
        now[0] += timedelta(minutes=8)

    entry = Happens(event=orders.any(), each="id")
    campaign = Campaign("call", kind=MessageKind.SERVICE, entry=entry, steps=(Call("it", hook="slow"),))
    engine = shop(campaigns=[campaign], segments=[], hooks={"slow": slow}, clock=lambda: now[0])
    for number in range(4):
        engine.handle(f"c{number}", order(), now=NOON)
    assert engine.deliver() == {"sent": 2, "waiting": 2}
    assert engine.deliver() == {"sent": 2}
    assert len(calls) == len(set(calls)) == 4


def test_observers_are_told_of_what_time_alone_brought_with_its_words() -> None:
    heard: list[tuple[str, Effect]] = []

    class Watches:
        @hookimpl
        def retention_effect_stored(self, customer: str, effect: Effect) -> None:
            heard.append((customer, effect))

    steps = (
        AskStaff("ticket", topic="retention", words="Call her"),
        GivePoints("points", amount=10, programme="mileage"),
        GivePoints("none", amount=2**63 - 1, programme="mileage"),
        Call("it", hook="crm"),
    )
    campaign = evolve(ASKED_BACK, steps=steps)
    hooks = {"crm": lambda *_: None}
    engine = shop(segments=[DORMANT], campaigns=[campaign], hooks=hooks, plugins=Plugins(Watches()))
    engine.handle("anna", order(), now=NOON)
    assert heard == []
    engine.wake(NOON + 91 * DAY)
    assert [(customer, type(effect).__name__) for customer, effect in heard] == [
        ("anna", "OpenTicket"),
        ("anna", "GrantPoints"),
    ]
    assert isinstance(heard[0][1], OpenTicket)
    assert heard[0][1].words == "Call her"


def test_a_zone_that_has_no_name_is_told_of() -> None:
    from dateutil import tz

    engine = shop(campaigns=[thanks("mail")], zone_of=lambda _: tz.gettz("Asia/Seoul"))
    engine.handle(ANNA, now=NOON)
    with pytest.raises(Exception, match="zone_of gives a tzfile"):
        engine.handle("anna", order(), now=NOON)


def test_what_the_engine_keeps_is_not_taken_from_the_host() -> None:
    engine = shop(campaigns=[thanks("mail")], person_of=lambda _: Person(country="KR", consents=(agreed(),)))
    engine.handle(ANNA, now=NOON)
    with pytest.raises(Exception, match=r"person_of gives consents.*consent\(\)"):
        engine.handle("anna", order(), now=NOON)


def test_a_calendar_is_read_in_the_zone_of_its_start() -> None:
    from zoneinfo import ZoneInfo

    from retention.campaigns.entries import Recurring
    from retention.campaigns.schedule import occurrences

    def at_ten(start: datetime) -> list[int]:
        entry = Recurring(rule="FREQ=DAILY;BYHOUR=10", start=start, audience=BUYERS)
        campaign = Campaign(
            "daily", kind=MessageKind.MARKETING, entry=entry, steps=(Tag("tag", "x"),), again="each crossing"
        )
        return [each.at.hour for each in occurrences(campaign, NOON, NOON + DAY)]

    start = datetime(2026, 1, 1, 9, tzinfo=SEOUL)
    assert at_ten(start) == [1]
    assert at_ten(start.astimezone(ZoneInfo("UTC"))) == [10], "the same instant on other clocks"
