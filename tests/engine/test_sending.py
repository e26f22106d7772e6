"""Messages out: the gate at planning and at sending, retries, fallbacks, receipts, and the end of consent."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from retention import Customer, Segment, days
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Happens
from retention.campaigns.errors import CampaignError
from retention.campaigns.steps import Send
from retention.channels.errors import ChannelError, ForgedWebhook
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.engine import ResultNotices
from retention.errors import ConfigurationError
from retention.permission import Cap, Capabilities, Medium, MessageKind, Outbound
from retention.rules import messages, orders
from retention.shell.tokens import ForgedToken
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.records import Parcel
from retention.templates import Template, Templates
from tests.engine.shop import (
    ANNA,
    BUYERS,
    DAY,
    MINUTE,
    NOON,
    POLICY,
    TEMPLATES,
    TOKENS,
    agreed,
    mail,
    order,
    shop,
    text,
    told,
)

HOUR = timedelta(hours=1)


def thanks(*channels: str, kind: MessageKind = MessageKind.MARKETING, **given: object) -> Campaign:
    """A message after every order."""
    send = Send("it", template="miss-you", channels=channels, expires=days(1), **given)  # type: ignore[arg-type]
    entry = Happens(event=orders.any(), each="id")
    return Campaign("thanks", kind=kind, entry=entry, steps=(send,), again="each crossing")


def the_message(engine: object, now: datetime = NOON) -> Parcel:
    asked = engine.ask("anna", now=now)  # type: ignore[attr-defined]
    return asked.messages[-1]  # type: ignore[no-any-return]


def test_nothing_is_sent_without_consent_and_it_says_why() -> None:
    engine = shop(campaigns=[thanks("mail")])
    engine.handle(ANNA, now=NOON)
    handled = engine.handle("anna", order(), now=NOON)
    assert [each.status for each in handled.parcels] == ["refused"]
    assert [each.code for each in handled.parcels[0].reasons] == ["consent-missing"]
    assert not engine.deliver(NOON)


def test_a_withdrawal_between_planning_and_sending_stops_the_message() -> None:
    engine = shop(campaigns=[thanks("mail")])
    told(engine)
    engine.consent("anna", agreed(NOON + MINUTE, act="withdrawn"), now=NOON + MINUTE)
    assert engine.deliver(NOON + 2 * MINUTE) == {"refused": 1}
    assert engine.shop.channels["mail"].delivered == []  # type: ignore[attr-defined]


def test_a_text_at_night_waits_for_the_morning_and_one_that_would_be_late_waits_too() -> None:
    engine = shop(campaigns=[thanks("text")], channels=[text()])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    engine.handle("anna", order("o1", NOON + 10 * HOUR), now=NOON + 10 * HOUR)
    assert the_message(engine).due_at == NOON + 20 * HOUR, "08:00 on the next day"
    assert not engine.deliver(NOON + 20 * HOUR - MINUTE)
    assert engine.deliver(NOON + 20 * HOUR) == {"sent": 1}
    almost = NOON + 33 * HOUR - timedelta(seconds=30)  # 20:59:30
    engine.handle("anna", order("o2", almost), now=almost)
    assert engine.deliver(almost) == {"waiting": 1}, "the channel might be called after nine"
    assert engine.deliver(NOON + 44 * HOUR) == {"sent": 1}


def test_a_cap_holds_over_what_is_under_way() -> None:
    policy = evolve(POLICY, caps=(Cap(key="daily", limit=2, window=days(1)),))
    engine = shop(campaigns=[thanks("mail")], policy=policy)
    told(engine)
    for number in range(2, 6):
        engine.handle("anna", order(f"o{number}"), now=NOON)
    assert engine.deliver(NOON) == {"sent": 2, "refused": 3}


def test_the_preferred_channel_first_and_another_where_that_refuses() -> None:
    mailbox, phone = mail(), text()
    mailbox.outcomes["sera@example.com"] = Rejected(reason="no such mailbox", suppress=True)
    engine = shop(campaigns=[thanks("mail", "text")], channels=[mailbox, phone])
    told(engine)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    assert engine.deliver(NOON) == {"waiting": 1}
    assert engine.deliver(NOON) == {"sent": 1}
    assert phone.delivered[0].content.text.startswith("(광고)가게 ")
    engine.handle("anna", order("o2"), now=NOON)
    assert the_message(engine).channel == "text", "a mailbox that is not there is not written to again"


def test_a_message_that_every_channel_refuses_is_dead() -> None:
    mailbox = mail()
    mailbox.outcomes["sera@example.com"] = Rejected(reason="spam", code="554")
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    assert engine.deliver(NOON) == {"dead": 1}
    assert the_message(engine).reasons[0].code == "rejected"


def test_a_rejection_for_now_is_tried_again_and_never_after_the_message_expires() -> None:
    mailbox = mail()
    mailbox.outcomes["sera@example.com"] = Rejected(reason="greylisted", retry_after=timedelta(minutes=10))
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    assert engine.deliver(NOON) == {"waiting": 1}
    assert the_message(engine).due_at == NOON + 10 * MINUTE
    assert not engine.deliver(NOON + 9 * MINUTE)
    mailbox.outcomes["sera@example.com"] = Rejected(reason="greylisted", retry_after=timedelta(days=2))
    assert engine.deliver(NOON + 10 * MINUTE) == {"expired": 1}


@pytest.mark.parametrize(("on_unknown", "then"), [("retry", "waiting"), ("hold", "held"), ("query", "waiting")])
def test_what_nobody_knows_is_treated_as_the_message_says(on_unknown: str, then: str) -> None:
    mailbox = mail(can_query=True, idempotent_for=DAY)
    mailbox.outcomes["sera@example.com"] = Unknown("time-out")
    engine = shop(campaigns=[thanks("mail", on_unknown=on_unknown)], channels=[mailbox])
    told(engine)
    assert engine.deliver(NOON) == {then: 1}
    if on_unknown == "query":
        mailbox.outcomes.clear()
        assert engine.deliver(NOON + HOUR) == {"sent": 1}
        assert len(mailbox.delivered) == 1, "the provider had it, and was asked"


class Broken(MemoryChannel):
    """A channel whose provider is down."""

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        raise ChannelError("connection refused")


def test_a_channel_that_fails_as_a_whole_is_left_alone_for_a_while() -> None:
    engine = shop(campaigns=[thanks("mail")], channels=[Broken("mail", mail().capabilities)])
    told(engine)
    for number in range(2, 7):
        engine.handle("anna", order(f"o{number}"), now=NOON)
    for _ in range(6):
        assert engine.deliver(NOON, limit=1) == {"waiting": 1}
    asked = engine.ask("anna")
    assert asked is not None
    assert sorted(each.tries for each in asked.messages) == [0, 1, 1, 1, 1, 1], "the sixth was not even tried"
    assert [each.due_at for each in asked.messages if not each.tries] == [NOON + MINUTE]


def test_a_channel_is_given_no_more_than_it_takes() -> None:
    engine = shop(campaigns=[thanks("mail")], channels=[mail(per_second=2)])
    told(engine)
    for number in range(2, 6):
        engine.handle("anna", order(f"o{number}"), now=NOON)
    assert engine.deliver(NOON) == {"sent": 2, "waiting": 3}
    assert engine.deliver(NOON + timedelta(seconds=1.1))["sent"] == 2


class Reporting(MemoryChannel):
    """A channel whose provider reports in JSON, signed with a word."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        if headers.get("signature") != "right":
            raise ForgedWebhook("no")
        return [
            Receipt(provider_id=id, status=status, at=datetime.fromisoformat(at)) for id, status, at in json.loads(body)
        ]


def report(*receipts: tuple[str, str, datetime]) -> bytes:
    return json.dumps([(id, status, at.isoformat()) for id, status, at in receipts]).encode()


def test_receipts_move_forward_come_twice_and_come_early() -> None:
    store, signed = MemoryShopStore(), {"signature": "right"}
    mailbox = Reporting("mail", mail(receipts=frozenset({"delivered", "read"})).capabilities)
    engine = shop(store, campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    id = "memory-1"
    mailbox.outcomes["sera@example.com"] = Accepted(id)
    early = report((id, "delivered", NOON))
    assert engine.receive("mail", signed, early, now=NOON) == ()
    engine.deliver(NOON)
    assert the_message(engine).receipt == "delivered", "it waited for the name"
    engine.receive("mail", signed, report((id, "read", NOON + MINUTE)), now=NOON + MINUTE)
    engine.receive("mail", signed, report((id, "sent", NOON + MINUTE)), now=NOON + MINUTE)
    assert the_message(engine).receipt == "read"
    again = report((id, "read", NOON + MINUTE))
    assert engine.receive("mail", signed, again, now=NOON + HOUR) == ()
    with pytest.raises(ForgedWebhook):
        engine.receive("mail", {}, again)
    asked = engine.ask("anna", now=NOON + DAY)
    assert asked is not None
    kinds = {asked.profile.cell(each, "kind") for each in asked.profile.rows("messages")}
    assert kinds == {"delivered", "opened", "sent"}, "the one that came early too"


def test_a_complaint_stops_marketing_for_good() -> None:
    mailbox = Reporting("mail", mail().capabilities)
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    engine.receive("mail", {"signature": "right"}, report(("m1", "complained", NOON + MINUTE)), now=NOON + MINUTE)
    engine.handle("anna", order("o2", NOON + HOUR), now=NOON + HOUR)
    assert the_message(engine, NOON + HOUR).status == "refused"


def test_one_click_ends_it_and_a_changed_token_does_nothing() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    engine.deliver(NOON)
    token = mailbox.delivered[0].headers["List-Unsubscribe"].strip("<>").removeprefix(TOKENS.url)
    with pytest.raises(ForgedToken):
        engine.unsubscribe(token[:-1] + ("A" if token[-1] != "A" else "B"), now=NOON + HOUR)
    engine.unsubscribe(token, now=NOON + HOUR)
    engine.unsubscribe(token, now=NOON + 2 * HOUR)
    engine.handle("anna", order("o2", NOON + DAY), now=NOON + DAY)
    assert the_message(engine, NOON + DAY).status == "refused"
    with pytest.raises(ConfigurationError, match="tokens"):
        shop(tokens=None).unsubscribe(token)


def test_an_erased_person_is_gone_and_is_not_written_to_when_imported_again() -> None:
    store = MemoryShopStore()
    engine = shop(store, campaigns=[thanks("mail")])
    told(engine)
    assert engine.erase("anna", now=NOON)
    assert engine.ask("anna") is None
    assert not engine.deliver(NOON), "what waited is cancelled"
    imported = Customer("new-id", email="SERA@example.com", phone="010-1234-5678", country="KR")
    engine.handle(imported, now=NOON)
    engine.consent("new-id", agreed(), now=NOON)
    handled = engine.handle("new-id", order("o9"), now=NOON)
    assert [each.code for each in handled.parcels[0].reasons] == ["erased"]


def test_a_worker_that_dies_leaves_its_message_to_the_next() -> None:
    class Dying(MemoryChannel):
        def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
            super().send(batch)
            raise KeyboardInterrupt

    mailbox = Dying("mail", mail(idempotent_for=DAY).capabilities)
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    with pytest.raises(KeyboardInterrupt):
        engine.deliver(NOON)
    assert the_message(engine).status == "sending"
    assert not engine.deliver(NOON + MINUTE), "it is leased"
    with pytest.raises(KeyboardInterrupt):
        engine.deliver(NOON + HOUR)
    assert [each.attempt for each in mailbox.delivered] == [1], "the provider knows the key"


def test_transactional_messages_need_no_consent_and_carry_no_way_out() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail", kind=MessageKind.TRANSACTIONAL)], channels=[mailbox])
    engine.handle(ANNA, now=NOON)
    engine.handle("anna", order(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 1}
    assert "List-Unsubscribe" not in mailbox.delivered[0].headers
    assert "(광고)" not in (mailbox.delivered[0].content.subject or "")


def test_rules_can_ask_about_messages_as_soon_as_they_went_out() -> None:
    written = Segment("written to", messages.where(messages.kind == "sent").within(days(7)).any())
    engine = shop(campaigns=[thanks("mail")], segments=[BUYERS, written])
    told(engine)
    engine.deliver(NOON)
    engine.wake(NOON)
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    assert asked.since["written to"] == NOON


def test_a_template_that_lacks_something_of_a_customer_refuses_that_customer_alone() -> None:
    texts = Templates([Template("miss-you", Medium.EMAIL, "{{ customer.name }}님", subject="안녕")])
    engine = shop(campaigns=[thanks("mail")], templates=texts)
    engine.handle(evolve(ANNA, name=None), now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    handled = engine.handle("anna", order(), now=NOON)
    assert [each.code for each in handled.parcels[0].reasons] == ["unrendered"]


def test_a_template_that_is_not_written_for_a_channel_is_found_when_the_shop_is_put_together() -> None:
    with pytest.raises(CampaignError, match="no template 'miss-you' for sms"):
        shop(campaigns=[thanks("mail", "text")], channels=[mail(), text()], templates=Templates([*TEMPLATES][:1]))


NOTICES = Templates(
    [*TEMPLATES, Template("result", Medium.EMAIL, "{{ consent.medium }}: {{ consent.act }}", subject="처리 결과")]
)


def test_a_customer_is_told_what_became_of_a_consent_within_14_days() -> None:
    """KR Network Act art. 50(7), Decree art. 62-2."""
    mailbox = mail()
    notices = [ResultNotices(template="result", channels=("mail",))]
    engine = shop(channels=[mailbox], templates=NOTICES, notices=notices, campaigns=[])
    engine.handle(ANNA, now=NOON)
    handled = engine.consent("anna", agreed(), now=NOON)
    assert [(each.effect.kind, each.effect.expires_at) for each in handled.parcels] == [  # type: ignore[union-attr]
        (MessageKind.LEGAL_NOTICE, NOON.replace(hour=0) + 15 * DAY)
    ]
    assert not engine.consent("anna", agreed(), now=NOON + MINUTE).parcels, "once"
    engine.consent("anna", agreed(NOON + DAY, act="withdrawn"), now=NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 2}, "the withdrawal stops no notice of it"
    assert [each.content.text for each in mailbox.delivered] == ["email: given", "email: withdrawn"]


def test_nobody_is_told_where_no_law_asks_for_it() -> None:
    notices = [ResultNotices(template="result", channels=("mail",))]
    engine = shop(templates=NOTICES, notices=notices, campaigns=[])
    engine.handle(evolve(ANNA, country="DE"), now=NOON)
    assert not engine.consent("anna", agreed(), now=NOON).parcels


def test_bounces_come_another_way_than_by_a_webhook() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Accepted("m1")
    engine.deliver(NOON)
    bounce = Receipt(provider_id="m1", status="bounced", at=NOON + MINUTE, suppress=True)
    engine.report("mail", [bounce], now=NOON + MINUTE)
    assert the_message(engine).receipt == "failed"
    engine.handle("anna", order("o2", NOON + HOUR), now=NOON + HOUR)
    assert the_message(engine, NOON + HOUR).status == "refused"


def test_a_message_says_why_channels_before_its_own_did_not_take_it() -> None:
    """Until and after it went out: at planning, and when a provider turned it down later."""
    campaign = thanks("text", "mail")
    engine = shop(channels=[text(), mail()], campaigns=[campaign])
    engine.handle(evolve(ANNA, phone=None), now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    (parcel,) = engine.handle("anna", order(), now=NOON).parcels
    assert [(each.code, each.channel) for each in parcel.reasons] == [("no-address", "text")]
    assert engine.deliver(NOON) == {"sent": 1}
    (sent,) = engine.outbox("sent")
    assert (sent.channel, sent.reasons) == ("mail", parcel.reasons)


def test_a_message_that_its_provider_turned_down_says_so_by_the_next() -> None:
    said = text()
    said.outcomes["+821012345678"] = Rejected(reason="no such number")
    engine = shop(channels=[said, mail()], campaigns=[thanks("text", "mail", kind=MessageKind.TRANSACTIONAL)])
    told(engine)
    assert engine.deliver(NOON) == {"waiting": 1}
    (waiting,) = engine.outbox("waiting")
    assert [(each.code, each.channel) for each in waiting.reasons] == [("rejected", "text")]
    assert engine.deliver(NOON) == {"sent": 1}
    assert engine.outbox("sent")[0].reasons == waiting.reasons


@pytest.mark.parametrize(("batch", "calls"), [(3, [3] * 43 + [1]), (100, [100, 30]), (1_000, [100, 30])])
def test_a_channel_is_handed_as_many_as_it_takes_at_once_and_at_most_a_hundred(batch: int, calls: list[int]) -> None:
    class Counting(MemoryChannel):
        def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
            handed.append(len(batch))
            return super().send(batch)

    handed: list[int] = []
    channel = Counting("mail", Capabilities(medium=Medium.EMAIL, batch=batch))
    engine = shop(channels=[channel], campaigns=[thanks("mail", kind=MessageKind.TRANSACTIONAL)])
    engine.handle(ANNA, *[order(f"o{number}") for number in range(130)], now=NOON)
    assert engine.deliver(NOON, limit=1_000) == {"sent": 130}
    assert handed == calls


def test_the_footer_is_of_the_sender_in_the_customers_country() -> None:
    abroad = evolve(POLICY.sender, refusal="reply STOP")
    said = text()
    engine = shop(channels=[said], campaigns=[thanks("text")], policy=evolve(POLICY, senders={"DE": abroad}))
    for id, country in (("anna", "KR"), ("ben", "DE")):
        engine.handle(evolve(ANNA, id=id, country=country), now=NOON)
        engine.consent(id, agreed(medium="sms"), now=NOON)
        engine.handle(id, order(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 2}
    ends = {each.content.text.splitlines()[-1] for each in said.delivered}
    assert ends == {"무료수신거부 080-123-4567", "Opt out: reply STOP"}
