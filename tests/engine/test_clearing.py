"""What is old is deleted, and nothing is planned or counted otherwise because of it."""

from datetime import timedelta

import pytest
from attrs import evolve

from retention import Customer, days
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Happens
from retention.campaigns.steps import Send
from retention.channels.protocol import Receipt
from retention.engine import Cleared, ResultNotices, Retention, StillCounted
from retention.errors import NaiveInstant
from retention.permission import Cap, Medium, MessageKind, Person
from retention.rules import orders
from retention.spans import TICK
from retention.storage.shop.records import ParcelStatus
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, agreed, mail, order, shop, told

SEND = Send("it", template="miss-you", channels=("mail",), expires=days(3))
THANKS = Campaign(
    "thanks",
    kind=MessageKind.MARKETING,
    entry=Happens(event=orders.any(), each="id"),
    steps=(SEND,),
    again="each crossing",
)
SOON, LATE = NOON + 10 * DAY, NOON + 100 * DAY
NOTICES = Templates([Template("result", Medium.EMAIL, "{{ consent.act }}", subject="결과")])


def written_to(engine: Retention) -> None:
    """Anna ordered on New Year's Day, was thanked, and read it."""
    told(engine)
    assert engine.deliver(NOON) == {"sent": 1}
    (parcel,) = engine.outbox("sent")
    assert parcel.provider_id is not None
    engine.report("mail", [Receipt(provider_id=parcel.provider_id, status="read", at=NOON + MINUTE)], now=NOON + MINUTE)


def test_what_is_old_is_deleted_with_its_receipts_and_never_planned_again() -> None:
    engine = shop(campaigns=[THANKS])
    written_to(engine)
    assert engine.clear(before=SOON, now=LATE) == Cleared(messages=1, receipts=1)
    assert engine.clear(before=SOON, now=LATE) == Cleared(messages=0, receipts=0)
    assert engine.outbox("sent") == ()
    assert not engine.handle("anna", order(), now=LATE).parcels
    assert not engine.handle("anna", evolve(order(), status="paid", paid_at=NOON), now=LATE).parcels
    engine.wake(LATE)
    assert engine.outbox("waiting") == ()
    assert engine.handle("anna", order("o2", LATE), now=LATE).parcels


def test_what_is_no_older_than_that_stays() -> None:
    engine = shop(campaigns=[THANKS])
    written_to(engine)
    ends = NOON + 3 * DAY  # until when it might have been sent
    assert engine.clear(before=ends - TICK, now=LATE) == Cleared(messages=0, receipts=0)
    assert engine.clear(before=ends, now=LATE) == Cleared(messages=1, receipts=1)


@pytest.mark.parametrize("status", ["waiting", "held"])
def test_what_waits_for_somebody_stays(status: ParcelStatus) -> None:
    engine = shop(campaigns=[THANKS])
    told(engine)
    (parcel,) = engine.outbox("waiting")
    with engine.storage.work() as work:
        work.finish([evolve(each, status=status, due_at=NOON) for each in work.claim(NOON, 1, timedelta(1))])
    assert engine.clear(before=SOON, now=LATE) == Cleared(messages=0, receipts=0)
    assert [each.key for each in engine.outbox(status)] == [parcel.key]


def test_what_was_refused_is_deleted() -> None:
    engine = shop(campaigns=[THANKS])
    engine.handle(ANNA, order(), now=NOON)
    assert [each.status for each in engine.outbox("refused")] == ["refused"]
    assert engine.clear(before=SOON, now=LATE).messages == 1


def test_nothing_is_deleted_that_caps_count() -> None:
    policy = evolve(POLICY, caps=(Cap(key="a month", limit=1, window=days(30)),))
    engine = shop(campaigns=[THANKS], policy=policy)
    written_to(engine)
    now = NOON + 30 * DAY - MINUTE
    with pytest.raises(StillCounted) as refused:
        engine.clear(before=SOON, now=now)
    assert refused.value.latest == now - 32 * DAY  # two days more, for zones
    with pytest.raises(StillCounted, match=r"Give before= as .* or earlier"):
        engine.clear(before=refused.value.latest + TICK, now=now)
    assert engine.clear(before=refused.value.latest, now=now) == Cleared(messages=0, receipts=0)
    (parcel,) = engine.handle("anna", order("o2", now), now=now).parcels
    assert parcel.status == "refused"


def test_nothing_is_deleted_that_a_customers_own_limit_counts() -> None:
    def one_a_quarter(customer: Customer) -> Person:
        return Person(country="KR", at_most=Cap(key="own", limit=1, window=days(90)))

    engine = shop(campaigns=[THANKS], person_of=one_a_quarter)
    written_to(engine)
    now = NOON + 90 * DAY - MINUTE
    assert engine.clear(before=SOON, now=now) == Cleared(messages=0, receipts=0)
    (parcel,) = engine.handle("anna", order("o2", now), now=now).parcels
    assert parcel.status == "refused"
    assert engine.clear(before=SOON, now=LATE).messages == 1


def test_without_caps_the_limits_of_platforms_count_still() -> None:
    engine = shop(campaigns=[THANKS])
    written_to(engine)
    with pytest.raises(StillCounted):
        engine.clear(before=NOON + TICK, now=NOON + 2 * DAY)


def test_a_notice_that_is_in_time_is_not_told_twice() -> None:
    notices = ResultNotices(template="result", channels=("mail",))
    engine = shop(channels=[mail()], templates=NOTICES, notices=[notices], campaigns=[])
    engine.handle(ANNA, now=NOON)
    assert len(engine.consent("anna", agreed(), now=NOON).parcels) == 1
    engine.deliver(NOON)
    assert engine.clear(before=SOON, now=NOON + 13 * DAY) == Cleared(messages=0, receipts=0)
    withdrawn = agreed(NOON + 13 * DAY, act="withdrawn")
    (told,) = engine.consent("anna", withdrawn, now=NOON + 13 * DAY).parcels
    assert engine.deliver(NOON + 13 * DAY) == {"sent": 1}
    assert engine.clear(before=NOON + 15 * DAY, now=NOON + 17 * DAY) == Cleared(messages=1, receipts=0)
    assert [each.key for each in engine.outbox("sent")] == [told.key]
    given = agreed(NOON + 17 * DAY)
    assert len(engine.consent("anna", given, now=NOON + 17 * DAY).parcels) == 1  # of this consent alone


def test_what_names_nobody_stays_and_is_not_planned_for_who_comes_again() -> None:
    engine = shop(campaigns=[THANKS])
    written_to(engine)
    engine.erase("anna", now=NOON + DAY)
    assert engine.clear(before=SOON, now=LATE) == Cleared(messages=0, receipts=0)
    handled = engine.handle(Customer("anna", email="anew@example.com"), order(), now=LATE)
    assert (len(handled.effects), handled.parcels) == (1, ())


def test_many_pages_are_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retention.shell.clearing._PAGE", 2)
    engine = shop(campaigns=[THANKS])
    told(engine)
    for number in range(6):
        engine.handle("anna", order(f"more-{number}", NOON), now=NOON)
    engine.handle("anna", order("new", SOON), now=SOON)
    receipts = [Receipt(provider_id=f"unknown-{number}", status="read", at=NOON) for number in range(5)]
    engine.deliver(NOON)
    engine.report("mail", [*receipts, Receipt(provider_id="unknown-9", status="read", at=SOON)], now=SOON)
    assert engine.clear(before=SOON, now=LATE) == Cleared(messages=7, receipts=5)
    assert [each.planned_at for each in engine.outbox("waiting")] == [SOON]


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(NaiveInstant):
        shop().clear(before=SOON.replace(tzinfo=None), now=LATE)
