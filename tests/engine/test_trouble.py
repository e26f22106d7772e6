"""What goes wrong around the engine: definitions that come and go, one bad customer, channels that lie."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from retention import Customer, Order, Segment, days, won
from retention.campaigns import Campaign, Enters, Once, Recurring, Send, Tag
from retention.channels import Accepted, MemoryChannel, Outcome, Receipt, Rejected, Unknown
from retention.engine import CustomerFailed, Retention
from retention.errors import ConfigurationError
from retention.permission import Cap, MessageKind, Outbound, Person
from retention.plugins import Plugins, hookimpl
from retention.rules import orders
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.records import Parcel, Shopper
from tests.engine.shop import (
    ANNA,
    BUYERS,
    DAY,
    DORMANT,
    MINUTE,
    NOON,
    TOKENS,
    WIN_BACK,
    agreed,
    mail,
    order,
    shop,
    text,
    told,
)
from tests.engine.test_sending import HOUR, thanks, the_message

LAPSED = evolve(WIN_BACK, key="lapsed", steps=(Tag("t", "lapsed"),))


def asked(engine: Retention, at: datetime = NOON, id: str = "anna") -> Any:
    found = engine.ask(id, now=at)
    assert found is not None
    return found


# Definitions and campaigns that come and go. --------------------------------------------------------------------------


def test_a_campaign_that_was_taken_away_holds_nobody_up() -> None:
    store = MemoryShopStore()
    waits = evolve(WIN_BACK, steps=WIN_BACK.steps[3:])
    told(shop(store, campaigns=[waits]))
    shop(store, campaigns=[waits]).wake(NOON + 90 * DAY)
    engine = shop(store, campaigns=[])
    engine.wake(NOON + 100 * DAY)
    engine.handle("anna", order("o2", NOON + 100 * DAY), now=NOON + 100 * DAY)
    engine.wake(NOON + 200 * DAY)
    assert asked(engine, NOON + 200 * DAY).since["dormant"] == NOON + 190 * DAY


def test_definitions_that_come_back_are_judged_again() -> None:
    store = MemoryShopStore()
    told(shop(store, segments=[DORMANT, BUYERS]))
    for segments in ([BUYERS], [DORMANT, BUYERS]):
        shop(store, segments=segments, campaigns=[]).wake(NOON + DAY)
    engine = shop(store)
    engine.wake(NOON + 91 * DAY)
    assert asked(engine, NOON + 91 * DAY).since["dormant"] == NOON + 90 * DAY


def test_the_first_news_after_a_new_definition_is_news() -> None:
    store = MemoryShopStore()
    twice = Segment("twice", orders.count() >= 2)
    told(shop(store, campaigns=[]))
    loyal = evolve(LAPSED, entry=Enters(segment="twice"), goal=None)
    engine = shop(store, segments=[DORMANT, BUYERS, twice], campaigns=[loyal])
    handled = engine.handle("anna", order("o2", NOON + DAY), now=NOON + DAY)
    assert ("twice", "entered", NOON + DAY) in handled.changes
    assert asked(engine, NOON + DAY).profile.customer.tags == {"lapsed"}


def test_of_missed_occurrences_the_last_alone_is_made_up_for() -> None:
    daily = Campaign(
        "daily",
        kind=MessageKind.MARKETING,
        entry=Recurring(rule="FREQ=DAILY", start=NOON, audience=BUYERS),
        steps=(Send("it", template="miss-you", channels=("mail",), expires=days(20)),),
        again="each crossing",
    )
    engine = shop(campaigns=[daily])
    told(engine)
    engine.wake(NOON + MINUTE)
    engine.wake(NOON + 10 * DAY + MINUTE)
    assert engine.deliver(NOON + 10 * DAY + MINUTE) == {"sent": 1}
    engine.wake(NOON + 11 * DAY)
    assert engine.deliver(NOON + 11 * DAY) == {"sent": 1}


def test_an_audience_is_served_however_much_else_is_due() -> None:
    sale = Campaign(
        "sale", kind=MessageKind.SERVICE, entry=Once(at=NOON + DAY, audience=BUYERS), steps=(Tag("t", "in the sale"),)
    )
    engine = shop(campaigns=[sale])
    told(engine)
    for _ in range(3):
        engine.wake(NOON + 91 * DAY, limit=1)
    assert "in the sale" in asked(engine, NOON + 91 * DAY).profile.customer.tags


# Customers as they change. --------------------------------------------------------------------------------------------


def test_a_message_goes_to_the_address_that_the_customer_has_by_then() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    engine.handle(evolve(ANNA, email="new@example.com"), now=NOON + MINUTE)
    assert engine.deliver(NOON + MINUTE) == {"waiting": 1}
    assert engine.deliver(NOON + MINUTE) == {"sent": 1}
    assert mailbox.delivered[0].address == "new@example.com"


def test_the_address_that_bounced_is_suppressed_and_not_the_new_one() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    engine.handle(evolve(ANNA, email="new@example.com"), now=NOON + MINUTE)
    engine.report("mail", [Receipt(provider_id="m1", status="bounced", at=NOON, suppress=True)], now=NOON + HOUR)
    engine.handle("anna", order("o2", NOON + HOUR), now=NOON + HOUR)
    assert engine.deliver(NOON + HOUR) == {"sent": 1}


def test_tags_that_campaigns_gave_outlive_the_hosts_record() -> None:
    engine = shop(campaigns=[LAPSED])
    told(engine)
    engine.wake(NOON + 90 * DAY)
    engine.handle(evolve(ANNA, tags={"vip"}), now=NOON + 91 * DAY)
    assert asked(engine, NOON + 91 * DAY).profile.customer.tags == {"vip", "lapsed"}


def test_customers_whom_the_shop_had_before_are_introduced_silently() -> None:
    engine = shop(campaigns=[WIN_BACK, thanks("mail")])
    engine.consent("anna", agreed(NOON - 300 * DAY), now=NOON)
    handled = engine.introduce(ANNA, order("old", NOON - 200 * DAY), now=NOON)
    assert handled.parcels == ()
    assert asked(engine).since.keys() == {"dormant", "buyers"}
    assert not engine.deliver(NOON)
    engine.handle("anna", order("new", NOON + DAY), now=NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 1}, "from then on everything counts"


def test_who_buys_in_time_is_not_reminded() -> None:
    """A text that waited for the morning is not sent when the run has reached its goal meanwhile."""
    remind = evolve(WIN_BACK, steps=(Send("it", template="miss-you", channels=("text",), expires=days(3)),))
    engine = shop(campaigns=[evolve(remind, steps=(*remind.steps, WIN_BACK.steps[3]))], channels=[text()])
    night = NOON + 10 * HOUR
    engine.handle(ANNA, now=night)
    engine.consent("anna", agreed(night, medium="sms"), now=night)
    engine.handle("anna", order("o1", night), now=night)
    engine.wake(night + 90 * DAY)
    assert the_message(engine, night + 90 * DAY).status == "waiting"
    engine.handle("anna", order("o2", night + 90 * DAY + HOUR), now=night + 90 * DAY + HOUR)
    assert engine.deliver(night + 91 * DAY) == {"cancelled": 1}


def test_a_corrected_order_is_no_second_one() -> None:
    engine = shop(campaigns=[thanks("mail")])
    told(engine)
    engine.deliver(NOON)
    engine.handle("anna", order("o1", NOON + timedelta(seconds=1)), now=NOON + MINUTE)
    assert not engine.deliver(NOON + MINUTE)


def test_the_customers_zone_is_what_the_gate_hears_of() -> None:
    from zoneinfo import ZoneInfo

    engine = shop(campaigns=[thanks("text")], channels=[text()], zone_of=lambda customer: ZoneInfo("America/New_York"))
    engine.handle(evolve(ANNA, country="US"), now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    engine.handle("anna", order(), now=NOON)
    morning = datetime(2026, 1, 1, 10, tzinfo=ZoneInfo("America/New_York"))  # strict, where the state is unknown
    assert the_message(engine).due_at == morning


# One bad customer, and channels that lie. -----------------------------------------------------------------------------


def test_one_customer_who_fails_stops_nobody_else() -> None:
    def zone_of(given: Customer) -> None:
        if given.id == "bad":
            raise LookupError("no zone for sera@example.com")

    store = MemoryShopStore()
    for id in ("bad", "worse than none"):
        quiet = shop(store)
        quiet.handle(Customer(id, email="a@example.com"), now=NOON)
        quiet.handle(id, order(), now=NOON)
    engine = shop(store, zone_of=zone_of)
    with pytest.raises(CustomerFailed) as caught:
        engine.wake(NOON + 91 * DAY)
    assert caught.value.customer == "bad"
    assert "sera" not in str(caught.value)
    assert "dormant" in asked(shop(store), NOON + 91 * DAY, "worse than none").since
    assert engine.wake(NOON + 91 * DAY) == 0, "an hour later again"


def test_one_customer_whom_the_store_refuses_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who are due are stored together, and the store does not say whom it means."""
    store = MemoryShopStore()
    for id in ("bad", "good"):
        shop(store).handle(id, order(), now=NOON)
    with store.work() as work:
        kind = type(work)
    kept = kind.keep

    def keep(self: Any, shoppers: Sequence[Shopper]) -> None:
        for each in shoppers:
            if each.customer.id == "bad" and "dormant" in each.segments:
                raise OSError("a value that it does not hold")
        kept(self, shoppers)

    monkeypatch.setattr(kind, "keep", keep)
    with pytest.raises(CustomerFailed) as caught:
        shop(store).wake(NOON + 91 * DAY)
    assert caught.value.customer == "bad"
    assert "dormant" in asked(shop(store), NOON + 91 * DAY, "good").since


def test_one_message_that_cannot_be_judged_stops_no_other() -> None:
    def person_of(given: Customer) -> Any:
        from retention.permission import Person

        if given.id == "bad" and failing:
            raise LookupError(given.email)
        return Person(country="KR")

    failing: list[int] = []
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox], person_of=person_of)
    for id in ("bad", "good"):
        engine.handle(Customer(id, email=f"{id}@example.com"), now=NOON)
        engine.consent(id, agreed(), now=NOON)
        engine.handle(id, order(), now=NOON)
    failing.append(1)
    assert engine.deliver(NOON) == {"sent": 1, "waiting": 1}
    assert [each.address for each in mailbox.delivered] == ["good@example.com"]


def test_a_telephone_that_is_none_stops_nobody() -> None:
    engine = shop(campaigns=[thanks("mail")], channels=[mail(), text()])
    engine.handle(evolve(ANNA, phone="n/a"), now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.handle("anna", order(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 1}
    assert engine.erase("anna", now=NOON)


class Lying(MemoryChannel):
    """A channel whose answers are what it is told."""

    answers: Any = None

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        super().send(batch)
        found: Sequence[Outcome] = self.answers
        return found


@pytest.mark.parametrize(
    "answers",
    [
        None,
        [None],
        "x",
        [Accepted("a\0b")],
        [Accepted("")],
        [Accepted("a" * 8000)],
        [],
        [Unknown("x")] * 2,
        [Accepted("\ud800")],
    ],
)
def test_an_answer_that_is_none_is_unknown_and_nothing_is_sent_again_at_once(answers: Any) -> None:
    channel = Lying("mail", mail().capabilities)
    channel.answers = answers
    engine = shop(campaigns=[thanks("mail", on_unknown="hold")], channels=[channel])
    told(engine)
    assert engine.deliver(NOON) == {"held": 1}
    assert len(channel.delivered) == 1


def test_nobody_waits_for_a_channel_for_ever() -> None:
    mailbox = mail()
    mailbox.outcomes["sera@example.com"] = Rejected(reason="later", retry_after=timedelta.max)
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    assert engine.deliver(NOON) == {"expired": 1}


def test_a_provider_who_says_that_somebody_unsubscribed_is_heeded() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    engine.report("mail", [Receipt(provider_id="m1", status="unsubscribed", at=NOON + MINUTE)], now=NOON + MINUTE)
    engine.handle("anna", order("o2", NOON + HOUR), now=NOON + HOUR)
    refused = the_message(engine, NOON + HOUR)
    assert [why.code for why in refused.reasons] == ["opt-out", "withdrawn"], "of the address, and of the customer"


# Withdrawals. ---------------------------------------------------------------------------------------------------------


def test_a_withdrawal_holds_at_once_whatever_the_clocks_say() -> None:
    engine = shop(campaigns=[thanks("mail")])
    told(engine)
    engine.consent("anna", agreed(NOON + 2 * HOUR, act="withdrawn"), now=NOON + 90 * timedelta(seconds=1))
    assert engine.deliver(NOON) == {"refused": 1}, "a worker whose clock is behind"


def test_a_token_that_is_posted_fifty_times_is_one_withdrawal() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    engine.deliver(NOON)
    token = mailbox.delivered[0].headers["List-Unsubscribe"].strip("<>").removeprefix(TOKENS.url)
    for minute in range(50):
        engine.unsubscribe(token, now=NOON + minute * MINUTE)
    assert [each.act for each in asked(engine, NOON + DAY).consents] == ["given", "withdrawn"]
    engine.erase("anna", now=NOON + DAY)
    engine.unsubscribe(token, now=NOON + DAY)
    assert engine.ask("anna") is None, "nobody is made anew"


# The host's transaction, observers, and settings. ---------------------------------------------------------------------


class Watching:
    """An observer of memberships and messages."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def retention_message_changed(self, parcel: Parcel) -> None:
        self.seen.append(f"{parcel.customer} {parcel.status}")

    @hookimpl
    def retention_membership_changed(self, segment: str) -> None:
        self.seen.append(segment)


def test_observers_hear_of_what_is_stored_and_not_of_what_a_host_may_roll_back() -> None:
    watching, store = Watching(), MemoryShopStore()
    engine = shop(store, plugins=Plugins(watching))
    engine.handle(ANNA, now=NOON)
    inside = engine.using(store)
    assert inside.handle("anna", order(), now=NOON).changes
    assert watching.seen == []
    with pytest.raises(ConfigurationError, match="transaction"):
        inside.deliver(NOON)
    engine.handle(Customer("ben"), order("o9"), now=NOON)
    assert watching.seen == ["buyers"]


SALE = Campaign(
    "sale",
    kind=MessageKind.MARKETING,
    entry=Once(at=NOON + DAY, audience=BUYERS),
    steps=(Send("it", template="miss-you", channels=("mail",), expires=days(3)),),
)


@pytest.mark.parametrize("entry", [SALE.entry, Enters(segment="buyers", backfill=True)])
def test_observers_hear_of_pages_of_audiences(entry: Once | Enters) -> None:
    engine = shop(campaigns=[])
    told(engine)
    watching = Watching()
    engine = shop(engine.storage, campaigns=[evolve(SALE, entry=entry)], plugins=Plugins(watching))
    engine.wake(NOON + DAY)
    assert watching.seen == ["anna waiting"]
    engine.wake(NOON + DAY)
    assert watching.seen == ["anna waiting"], "once"


def test_observers_hear_of_no_page_that_was_not_stored() -> None:
    engine = shop(campaigns=[])
    told(engine)
    engine.handle(Customer("ben"), order("o9"), now=NOON)
    watching = Watching()

    def person(customer: Customer) -> Person:
        if customer.id == "ben":
            raise RuntimeError("the host's own")
        return Person(country="KR")

    engine = shop(engine.storage, campaigns=[SALE], plugins=Plugins(watching), person_of=person)
    with pytest.raises(CustomerFailed):
        engine.wake(NOON + DAY)
    assert watching.seen == ["anna waiting"]


def test_channels_need_a_secret_when_the_shop_is_put_together() -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        shop(secret=b"short")
    with pytest.raises(ConfigurationError, match="without /"):
        shop(channels=[MemoryChannel("a/b")], campaigns=[])
    with pytest.raises(ConfigurationError, match="engine's own"):
        shop(campaigns=[evolve(WIN_BACK, key="notices")])


def test_a_rehearsal_of_a_channel_that_takes_three_a_second_comes_to_its_end() -> None:
    from retention import Profile

    engine = shop(campaigns=[thanks("mail")], channels=[mail(per_second=3.0)])
    several = [Order(f"o{number}", NOON + HOUR, total=won(9)) for number in range(7)]
    found = engine.rehearse([Profile.build(ANNA, several)], start=NOON, until=NOON + DAY, consents={"anna": [agreed()]})
    assert [each.what for each in found].count("sent") == 7


# What was given up. ---------------------------------------------------------------------------------------------------


def test_a_dead_message_is_driven_again_under_the_same_key() -> None:
    mailbox = mail()
    mailbox.outcomes["sera@example.com"] = Rejected(reason="spam")
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    assert engine.deliver(NOON) == {"dead": 1}
    (dead,) = engine.outbox("dead")
    mailbox.outcomes.clear()
    assert [each.key for each in engine.redrive(dead.key, "no key", now=NOON + HOUR)] == [dead.key]
    assert engine.deliver(NOON + HOUR) == {"sent": 1}
    assert {each.key for each in mailbox.delivered} == {f"shop/{dead.key}/mail"}
    assert engine.redrive(dead.key, now=NOON + HOUR) == (), "it is sent"


@pytest.mark.parametrize(("sent", "then"), [(True, "sent"), (False, "dead")])
def test_staff_say_what_became_of_a_held_message(sent: bool, then: str) -> None:
    mailbox = mail()
    mailbox.outcomes["sera@example.com"] = Unknown("time-out")
    engine = shop(campaigns=[thanks("mail", on_unknown="hold")], channels=[mailbox])
    told(engine)
    engine.deliver(NOON)
    (held,) = engine.outbox("held")
    assert engine.settle(held.key, sent=sent, now=NOON)
    assert the_message(engine).status == then
    assert not engine.settle(held.key, sent=sent, now=NOON)


def test_what_a_provider_could_not_deliver_later_goes_by_the_channel_it_falls_back_to() -> None:
    receipts = frozenset({"delivered", "failed"})
    mailbox = mail(fallback=("text",), receipts=receipts)
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox, text()])
    told(engine)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    engine.report("mail", [Receipt(provider_id="m1", status="failed", at=NOON + MINUTE)], now=NOON + MINUTE)
    assert engine.deliver(NOON + MINUTE) == {"sent": 1}
    assert the_message(engine).channel == "text"
    engine.report("mail", [Receipt(provider_id="m1", status="failed", at=NOON + MINUTE)], now=NOON + MINUTE)
    assert not engine.deliver(NOON + MINUTE), "once"


def test_who_is_in_a_segment_is_asked_of_the_store() -> None:
    engine = shop()
    told(engine)
    assert engine.members("buyers") == ("anna",)
    assert engine.members("buyers", after="anna") == ()


def test_spellings_of_an_erased_telephone_are_one() -> None:
    store = MemoryShopStore()
    engine = shop(store, campaigns=[thanks("text")], channels=[text()])
    engine.handle(ANNA, now=NOON)
    engine.erase("anna", now=NOON)
    engine.handle(Customer("again", phone="010-1234-5678", country="KR"), now=NOON)
    engine.consent("again", agreed(medium="sms"), now=NOON)
    handled = engine.handle("again", order(), now=NOON)
    assert [each.status for each in handled.parcels] == ["refused"]


def test_what_may_have_gone_out_never_goes_by_another_channel_too() -> None:
    mailbox, phone = mail(), text()
    engine = shop(campaigns=[thanks("mail", "text")], channels=[mailbox, phone])
    told(engine)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    mailbox.outcomes["sera@example.com"] = Unknown("time-out")
    assert engine.deliver(NOON) == {"waiting": 1}
    mailbox.outcomes["sera@example.com"] = Rejected(reason="I have it already", code="409")
    assert engine.deliver(NOON + HOUR) == {"held": 1}
    assert phone.delivered == []


def test_a_query_that_raises_is_no_answer_and_stops_no_other_message() -> None:
    class Mute(MemoryChannel):
        def query(self, key: str) -> Outcome | None:
            raise OSError("gone")

    channel = Mute("mail", mail(can_query=True).capabilities)
    engine = shop(campaigns=[thanks("mail", on_unknown="query")], channels=[channel])
    told(engine)
    channel.outcomes["sera@example.com"] = Unknown("time-out")
    assert engine.deliver(NOON) == {"waiting": 1}
    assert engine.deliver(NOON + HOUR) == {"waiting": 1}
    assert engine.deliver(NOON + 2 * DAY) == {"held": 1}, "and it comes to an end: it may have gone out"


def test_how_often_a_customer_wants_to_hear_of_the_shop_is_kept_to() -> None:
    def person_of(given: Customer) -> Person:
        return Person(country="KR", at_most=Cap(key="own", limit=1, window=days(30)))

    engine = shop(campaigns=[thanks("mail")], person_of=person_of)
    told(engine)
    assert engine.deliver(NOON) == {"sent": 1}
    engine.handle("anna", order("o2", NOON + 20 * DAY), now=NOON + 20 * DAY)
    assert the_message(engine, NOON + 20 * DAY).reasons[0].code == "cap-reached"


def test_nothing_that_erasure_leaves_names_anybody() -> None:
    store = MemoryShopStore()
    engine = shop(store, campaigns=[thanks("mail")])
    id = "sera@shop.example"
    engine.handle(evolve(ANNA, id=id), now=NOON)
    engine.consent(id, agreed(), now=NOON)
    engine.handle(id, order(), now=NOON)
    engine.deliver(NOON)
    engine.erase(id, now=NOON)
    (left,) = engine.outbox("sent")
    assert left.customer is None
    assert "sera" not in repr(left) + left.key + str(left.effect)
