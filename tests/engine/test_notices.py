"""What customers are told because of their consents: in time, once, and again while nothing went out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from retention.channels import Accepted, MemoryChannel, Rejected
from retention.engine import ResultNotices, Retention
from retention.errors import ConfigurationError
from retention.permission import Medium
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, TEMPLATES, agreed, mail, shop, text

TOLD = Templates(
    [
        *TEMPLATES,
        Template("result", Medium.EMAIL, "{{ consent.medium }}: {{ consent.act }}", subject="처리 결과"),
        Template("result", Medium.SMS, "{{ consent.medium }}: {{ consent.act }}"),
    ]
)
RESULTS = ResultNotices(template="result", channels=("mail",))
NOBODY = evolve(ANNA, email=None)
HOUR = timedelta(hours=1)


def telling(store: ShopStore | None = None, **given: Any) -> Retention:
    """The shop with notices, after it has looked at everybody for the first time."""
    parts: dict[str, Any] = {"templates": TOLD, "notices": [RESULTS], "campaigns": []}
    engine = shop(store, **(parts | given))
    engine.wake(NOON)
    return engine


def texts(channel: MemoryChannel) -> list[str]:
    return [each.content.text for each in channel.delivered]


def days_of_waking(engine: Retention, first: int, last: int) -> list[int]:
    """The days on which there was anything to do, an hour after the hour of ``NOON``."""
    return [day for day in range(first, last + 1) if engine.wake(NOON + day * DAY + HOUR)]


# Results. -------------------------------------------------------------------------------------------------------------


def test_a_notice_that_no_channel_could_carry_is_planned_again_and_goes_once() -> None:
    """KR Network Act art. 50(7): the duty stands for 14 days."""
    mailbox = mail()
    engine = telling(channels=[mailbox])
    engine.handle(NOBODY, now=NOON)
    handled = engine.consent("anna", agreed(medium="sms"), now=NOON)
    assert [each.status for each in handled.parcels] == ["refused"]
    assert not engine.wake(NOON + DAY - MINUTE), "nobody is looked at before it is time"
    assert engine.wake(NOON + DAY) == 1
    assert engine.outbox("refused")[0].reasons[0].code == "no-address"
    engine.handle(ANNA, now=NOON + DAY + MINUTE)
    engine.wake(NOON + 2 * DAY)
    assert engine.deliver(NOON + 2 * DAY) == {"sent": 1}
    assert texts(mailbox) == ["sms: given"]
    assert days_of_waking(engine, 2, 40) == [3], "a look after it went out finds nothing to do, and is the last"
    assert len(mailbox.delivered) == 1


def test_nobody_is_looked_at_when_the_days_are_over() -> None:
    engine = telling()
    engine.handle(NOBODY, now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    assert days_of_waking(engine, 0, 40) == [*range(1, 16)]
    engine.handle(ANNA, now=NOON + 41 * DAY)
    assert not engine.outbox("waiting")


def test_what_a_channel_did_not_take_is_planned_again() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    mailbox.outcomes["sera@example.com"] = Rejected(reason="no such user")
    assert engine.deliver(NOON) == {"dead": 1}
    mailbox.outcomes["sera@example.com"] = Rejected(reason="busy", retry_after=timedelta(days=20))
    engine.wake(NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"expired": 1}, "it may be tried again only after the 14 days"
    mailbox.outcomes["sera@example.com"] = Accepted("m")
    engine.wake(NOON + 2 * DAY)
    assert engine.deliver(NOON + 2 * DAY) == {"sent": 1}


def test_what_may_have_gone_out_is_not_told_twice() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 1}
    engine.consent("anna", agreed(NOON + MINUTE, medium="sms"), now=NOON + MINUTE)
    for day in range(1, 20):
        engine.wake(NOON + day * DAY)
        engine.deliver(NOON + day * DAY)
    assert texts(mailbox) == ["email: given", "sms: given"]


def test_another_channel_takes_what_the_first_refused() -> None:
    phone = text()
    engine = telling(channels=[mail(), phone], notices=[evolve(RESULTS, channels=("mail", "text"))])
    engine.handle(evolve(NOBODY, phone=None), now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    handled = engine.handle(NOBODY, now=NOON + DAY)
    assert not handled.parcels, "it is looked at first"
    engine.wake(NOON + 2 * DAY)
    engine.deliver(NOON + 2 * DAY)
    assert texts(phone) == ["email: given"]


def test_facts_that_come_when_it_is_time_to_look_put_nothing_off() -> None:
    engine = telling()
    engine.handle(NOBODY, now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    handled = engine.handle(ANNA, now=NOON + DAY)
    assert not handled.parcels, "as the customer was until then"
    assert engine.handle("anna", now=NOON + 2 * DAY).parcels[0].status == "waiting"


def test_who_begins_to_tell_looks_at_everybody_once() -> None:
    store = MemoryShopStore()
    before = shop(store, campaigns=[], notices=[])
    before.handle(ANNA, now=NOON)
    before.consent("anna", agreed(), now=NOON)
    engine = telling(store)
    engine.wake(NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 1}
    assert not engine.wake(NOON + DAY)


def test_the_last_day_ends_by_the_clocks_of_the_customers_country() -> None:
    engine = telling()
    engine.handle(evolve(ANNA, country="KR"), now=NOON)
    late = datetime.fromisoformat("2026-01-01T23:30:00+09:00")
    engine.consent("anna", agreed(late), now=late)
    (parcel,) = engine.outbox("waiting")
    assert parcel.effect.expires_at == datetime.fromisoformat("2026-01-16T00:00:00+09:00")  # type: ignore[union-attr]


def test_two_notices_of_a_sort_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="ResultNotices twice"):
        telling(notices=[RESULTS, RESULTS])
    with pytest.raises(ConfigurationError, match="ResultNotices: the shop has no channel 'post'"):
        telling(notices=[evolve(RESULTS, channels=("post",))])
