"""What customers are told because of their consents: in time, once, and again while nothing went out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from retention import Segment
from retention.channels import Accepted, MemoryChannel, Receipt, Rejected
from retention.engine import ReconfirmationNotices, ResultNotices, Retention
from retention.errors import ConfigurationError
from retention.permission import Medium
from retention.rules import consents
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, BUYERS, DAY, MINUTE, NOON, TEMPLATES, TOKENS, agreed, mail, order, shop, text, told
from tests.engine.test_sending import thanks
from tests.engine.test_trouble import asked

TOLD = Templates(
    [
        *TEMPLATES,
        Template("result", Medium.EMAIL, "{{ consent.medium }}: {{ consent.act }}", subject="처리 결과"),
        Template("result", Medium.SMS, "{{ consent.medium }}: {{ consent.act }}"),
        Template(
            "again",
            Medium.EMAIL,
            "{{ consent.medium }} {{ consent.purpose }} {{ consent.at | date: '%Y-%m-%d' }}",
            subject="수신동의 확인",
        ),
    ]
)
RESULTS = ResultNotices(template="result", channels=("mail",))
AGAIN = ReconfirmationNotices(template="again", channels=("mail",))
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
    assert not engine.handle(NOBODY, now=NOON + HOUR).parcels, "it is not yet time to look again"
    engine.wake(NOON + DAY)
    engine.deliver(NOON + DAY)
    assert texts(phone) == ["email: given"]


def test_facts_that_come_when_it_is_time_to_look_put_nothing_off() -> None:
    engine = telling()
    engine.handle(NOBODY, now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    engine.handle("anna", order(), now=NOON + DAY)
    assert asked(engine).since["buyers"] == NOON + DAY
    handled = engine.handle(ANNA, order("o2", NOON + 2 * DAY), now=NOON + 2 * DAY)
    assert [each.status for each in handled.parcels] == ["waiting"], "as the customer is now"
    engine.wake(NOON + 92 * DAY)
    assert asked(engine, NOON + 92 * DAY).since["dormant"] == NOON + 92 * DAY


def test_who_moves_to_another_country_is_owed_what_its_law_asks_for() -> None:
    engine = telling(notices=[RESULTS, AGAIN])
    engine.handle(evolve(ANNA, country="DE"), now=NOON)
    assert not engine.consent("anna", agreed(), now=NOON).parcels
    handled = engine.handle(ANNA, now=NOON + DAY)
    assert [each.effect.step for each in handled.parcels] == ["result notice"]  # type: ignore[union-attr]
    engine.deliver(NOON + DAY)
    engine.wake(NOON + 2 * DAY)
    assert engine.wake(at("2027-12-03T10:00")) == 1


def test_a_withdrawal_that_a_clock_ahead_of_ours_noted_is_told_too() -> None:
    engine = telling()
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON + MINUTE), now=NOON + MINUTE)
    engine.deliver(NOON + MINUTE)
    address = TOKENS.address("anna", Medium.EMAIL, None, NOON)
    engine.unsubscribe(address.removeprefix(TOKENS.url), now=NOON)
    engine.wake(NOON + MINUTE)
    assert engine.deliver(NOON + MINUTE) == {"sent": 1}


def test_who_begins_to_tell_looks_at_everybody_once() -> None:
    store = MemoryShopStore()
    before = shop(store, campaigns=[], notices=[])
    before.handle(ANNA, now=NOON)
    before.consent("anna", agreed(), now=NOON)
    engine = telling(store)
    engine.wake(NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 1}
    assert not engine.wake(NOON + DAY)


def test_who_tells_nobody_any_more_looks_at_nobody() -> None:
    store = MemoryShopStore()
    engine = telling(store)
    engine.handle(NOBODY, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    silent = telling(store, notices=[])
    assert not silent.wake(NOON + 2 * DAY)


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


def test_who_ends_it_with_the_provider_is_told_too_and_rules_know() -> None:
    mailbox = mail()
    left = Segment("left", ~consents.to("email"))
    engine = telling(channels=[mailbox], campaigns=[thanks("mail")], segments=[BUYERS, left])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    said = Receipt(provider_id="m1", status="unsubscribed", at=NOON + MINUTE)
    engine.report("mail", [said, said], now=NOON + MINUTE)
    engine.report("mail", [said], now=NOON + 2 * MINUTE)
    engine.deliver(NOON + 2 * MINUTE)
    assert texts(mailbox)[-1] == "email: withdrawn"
    assert len(mailbox.delivered) == 3
    assert engine.members("left") == ("anna",)


# Reconfirmations. -----------------------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def lives(engine: Retention, since: datetime, until: datetime) -> list[datetime]:
    """Wake and deliver once a day; when there was anybody to look at."""
    seen = []
    for moment in [since + n * DAY for n in range((until - since) // DAY + 1)]:
        if engine.wake(moment):
            seen.append(moment)
        engine.deliver(moment)
    return seen


def test_a_consent_is_confirmed_again_every_two_years_before_its_date() -> None:
    """KR Network Act art. 50(8), Decree art. 62-3: by 31 December, for a consent of 1 January."""
    mailbox = mail()
    engine = telling(channels=[mailbox], notices=[AGAIN])
    engine.handle(ANNA, now=NOON)
    assert not engine.consent("anna", agreed(), now=NOON).parcels
    assert not engine.wake(at("2027-12-03T00:00")), "nobody is looked at for two years"
    for year in (2027, 2029, 2031):
        lives(engine, at(f"{year}-11-30T12:00"), at(f"{year + 1}-01-02T12:00"))
    assert [each.sent_at for each in mailbox.delivered] == [
        at("2027-12-03T12:00"),
        at("2029-12-03T12:00"),
        at("2031-12-03T12:00"),
    ]
    assert set(texts(mailbox)) == {"email marketing 2026-01-01"}


def test_it_opens_in_the_morning_and_ends_before_the_date() -> None:
    engine = telling(notices=[AGAIN])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    assert not engine.wake(at("2027-12-03T09:59"))
    engine.wake(at("2027-12-03T10:00"))
    (parcel,) = engine.outbox("waiting")
    assert parcel.effect.expires_at == at("2028-01-01T00:00")  # type: ignore[union-attr]


def test_the_night_is_confirmed_apart_and_each_consent_in_its_own_time() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox], notices=[AGAIN, RESULTS])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    engine.deliver(NOON)
    engine.consent("anna", agreed(NOON + 40 * DAY, medium="sms", purpose="night"), now=NOON + 40 * DAY)
    engine.deliver(NOON + 40 * DAY)
    lives(engine, at("2027-11-30T12:00"), at("2028-01-20T12:00"))
    assert texts(mailbox) == ["sms: given", "sms: given", "sms marketing 2026-01-01", "sms night 2026-02-10"]


def test_what_was_refused_is_tried_again_until_the_date() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox], notices=[AGAIN])
    engine.handle(NOBODY, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    tried = lives(engine, at("2027-11-30T12:00"), at("2028-02-01T12:00"))
    assert tried[0] == at("2027-12-03T12:00")
    assert tried[-1] == at("2028-01-01T12:00"), "once more, to find the next date"
    assert len(tried) == 30
    engine.handle(ANNA, now=at("2028-02-02T12:00"))
    lives(engine, at("2029-11-30T12:00"), at("2029-12-04T12:00"))
    assert len(mailbox.delivered) == 1


def test_nobody_is_asked_about_a_consent_that_was_taken_back_nor_about_an_old_one_anew() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox], notices=[AGAIN])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.consent("anna", agreed(NOON + 300 * DAY), now=NOON + 300 * DAY)
    assert lives(engine, NOON + 700 * DAY, NOON + 730 * DAY) == []
    engine.consent("anna", agreed(NOON + 801 * DAY, act="withdrawn"), now=NOON + 801 * DAY)
    assert not engine.wake(NOON + 3000 * DAY)
    assert mailbox.delivered == []


def test_a_consent_from_before_the_engine_is_confirmed_at_its_next_date() -> None:
    mailbox = mail()
    engine = telling(channels=[mailbox], notices=[AGAIN])
    engine.introduce(ANNA, now=NOON)
    engine.consent("anna", agreed(at("2022-01-20T00:00")), now=NOON)
    assert engine.deliver(NOON) == {"sent": 1}, "the 28 days have begun"
