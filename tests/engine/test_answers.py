"""What customers answer: STOP, YES, HELP, and what only people understand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from retention.channels import MemoryChannel
from retention.engine import OptOutConfirmations, ResultNotices, Retention
from retention.errors import UnknownChoice
from retention.permission import Capabilities, Consent, Medium, MessageKind, Person, Policy
from retention.storage.shop.memory import MemoryShopStore
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, TEMPLATES, agreed, mail, order, shop, text
from tests.engine.test_sending import thanks

TOLD = Templates(
    [
        *TEMPLATES,
        Template("stopped", Medium.SMS, "You get no more texts from us."),
        Template("result", Medium.SMS, "{{ consent.medium }}: {{ consent.act }}"),
    ]
)
STOPS = OptOutConfirmations(template="stopped", channels=("text",))
RESULTS = ResultNotices(template="result", channels=("text",))
BEN = evolve(ANNA, country="US", region="NY", phone="+12125550100")
DOUBLE = evolve(POLICY, double_opt_in=True)


def answering(**given: Any) -> Retention:
    parts: dict[str, Any] = {"channels": [mail(), text()], "templates": TOLD, "notices": [STOPS], "campaigns": []}
    return shop(MemoryShopStore(), **(parts | given))


def agreeing(engine: Retention, customer: Any = BEN, *media: str) -> None:
    engine.handle(customer, now=NOON)
    for medium in media or ("sms", "email"):
        engine.consent("anna", agreed(medium=medium), now=NOON)


def lines(engine: Retention) -> list[tuple[str, str, str]]:
    asked = engine.ask("anna", now=NOON + 9 * DAY)
    assert asked is not None
    return [(each.medium, each.act, each.scope) for each in asked.consents]


def words_of(engine: Retention) -> list[str]:
    channel: Any = engine.shop.channels["text"]
    return [each.content.text for each in channel.delivered]


# STOP. ----------------------------------------------------------------------------------------------------------------


def test_a_stop_ends_texts_at_once_and_is_confirmed_once() -> None:
    """47 CFR 64.1200(a)(10) and (12)."""
    engine = answering()
    agreeing(engine)
    found = engine.inbound("text", "anna", " Stop! ", now=NOON + MINUTE)
    assert found.meaning == "opt-out"
    assert [(each.channel, each.status) for each in found.handled.parcels] == [("text", "waiting")]
    assert lines(engine)[2:] == [("sms", "withdrawn", "medium")]
    assert engine.deliver(NOON + 2 * MINUTE) == {"sent": 1}
    again = engine.inbound("text", "anna", "UNSUBSCRIBE", now=NOON + 3 * MINUTE)
    assert again.meaning == "opt-out"
    assert not again.handled.parcels
    assert len(lines(engine)) == 3
    assert words_of(engine) == ["You get no more texts from us."]


def test_a_stop_again_after_a_withdrawal_elsewhere_is_still_the_same() -> None:
    engine = answering()
    agreeing(engine)
    engine.inbound("text", "anna", "STOP", now=NOON + MINUTE)
    engine.consent("anna", agreed(NOON + 2 * MINUTE, act="withdrawn"), now=NOON + 2 * MINUTE)
    assert not engine.inbound("text", "anna", "STOP", now=NOON + 3 * MINUTE).handled.parcels


def test_who_agreed_anew_stops_anew() -> None:
    engine = answering()
    agreeing(engine)
    for minute in (1, 11):
        at = NOON + minute * MINUTE
        assert engine.inbound("text", "anna", "STOP", now=at).handled.parcels
        engine.deliver(at)
        engine.consent("anna", agreed(at + MINUTE, medium="sms"), now=at + MINUTE)
    assert len(words_of(engine)) == 2


def test_a_confirmation_goes_within_five_minutes_or_not_at_all() -> None:
    engine = answering()
    agreeing(engine)
    engine.inbound("text", "anna", "STOP", now=NOON)
    assert engine.deliver(NOON + 5 * MINUTE) == {"expired": 1}


def test_nothing_is_confirmed_by_a_channel_that_is_not_named() -> None:
    engine = answering(notices=[])
    agreeing(engine)
    assert not engine.inbound("text", "anna", "STOP", now=NOON + MINUTE).handled.parcels
    assert lines(engine)[2:] == [("sms", "withdrawn", "medium")]
    engine = answering()
    agreeing(engine)
    assert not engine.inbound("mail", "anna", "STOP", now=NOON + MINUTE).handled.parcels


def test_who_is_told_of_the_result_is_not_told_twice() -> None:
    engine = answering(notices=[STOPS, RESULTS])
    agreeing(engine, ANNA, "sms")
    engine.deliver(NOON)
    engine.inbound("text", "anna", "수신거부", now=NOON + MINUTE)
    engine.deliver(NOON + MINUTE)
    assert words_of(engine) == ["sms: given", "sms: withdrawn"]


@pytest.mark.parametrize(("country", "scope"), [("KR", "medium"), ("US", "medium"), ("DE", "all"), (None, "medium")])
def test_how_far_a_stop_goes_is_a_rule_of_the_country(country: str | None, scope: str) -> None:
    """An objection under GDPR art. 21(2) is to all; the shop of a customer whose country nobody knows is Korean."""
    engine = answering(notices=[])
    agreeing(engine, evolve(BEN, country=country))
    engine.inbound("text", "anna", "STOP", now=NOON + MINUTE)
    assert lines(engine)[2:] == [("sms", "withdrawn", scope)]


def test_a_stop_of_somebody_unknown_is_kept() -> None:
    engine = answering()
    assert engine.inbound("text", "anna", "STOP", now=NOON).meaning == "opt-out"
    assert lines(engine) == [("sms", "withdrawn", "medium")]


def test_a_stop_beats_a_consent_that_was_noted_by_a_clock_ahead_of_ours() -> None:
    engine = answering()
    agreeing(engine)
    ahead = NOON + timedelta(seconds=50)
    engine.consent("anna", agreed(ahead, medium="sms"), now=ahead)
    engine.inbound("text", "anna", "STOP", now=NOON)
    asked = engine.ask("anna", now=NOON + DAY)
    assert asked is not None
    assert asked.consents[-1].at == ahead


# YES, and what else there is. -----------------------------------------------------------------------------------------


def pending(medium: str = "sms", **given: Any) -> Consent:
    return agreed(medium=medium, act="pending", wording="Reply YES to get offers of the shop.", **given)


@pytest.mark.parametrize("policy", [POLICY, DOUBLE], ids=["single", "double opt-in"])
def test_a_yes_confirms_what_was_asked(policy: Policy) -> None:
    engine = answering(policy=policy)
    engine.handle(BEN, now=NOON)
    engine.consent("anna", pending(), now=NOON)
    found = engine.inbound("text", "anna", "Yes", now=NOON + MINUTE)
    assert found.meaning == "opt-in"
    asked = engine.ask("anna", now=NOON + MINUTE)
    assert asked is not None
    assert (asked.consents[-1].act, asked.consents[-1].wording) == ("confirmed", "Reply YES to get offers of the shop.")
    assert engine.inbound("text", "anna", "Yes", now=NOON + 2 * MINUTE).meaning is None, "nothing is asked any more"


def test_a_yes_after_seven_days_confirms_nothing_and_one_by_another_medium_neither() -> None:
    engine = answering()
    engine.handle(BEN, now=NOON)
    engine.consent("anna", pending(), now=NOON)
    assert engine.inbound("mail", "anna", "YES", now=NOON + MINUTE).meaning is None
    assert engine.inbound("text", "anna", "YES", now=NOON + 7 * DAY).meaning is None
    assert [act for _, act, _ in lines(engine)] == ["pending"]


def test_a_start_that_nothing_was_asked_before_is_no_consent() -> None:
    """No words were agreed to."""
    engine = answering()
    agreeing(engine)
    engine.inbound("text", "anna", "STOP", now=NOON + MINUTE)
    found = engine.inbound("text", "anna", "START", now=NOON + 2 * MINUTE)
    assert found.meaning == "opt-in"
    assert not found.handled.parcels
    assert lines(engine)[-1] == ("sms", "withdrawn", "medium")


def test_one_yes_is_no_consent_to_the_night() -> None:
    """KR Network Act art. 50(3): it needs one of its own."""
    engine = answering()
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", pending(purpose="night"), now=NOON)
    engine.consent("anna", pending(), now=NOON)
    engine.inbound("text", "anna", "YES", now=NOON + MINUTE)
    asked = engine.ask("anna", now=NOON + MINUTE)
    assert asked is not None
    assert [each.purpose for each in asked.consents if each.act == "confirmed"] == ["marketing"]


@pytest.mark.parametrize(("words", "means"), [("HELP", "help"), ("when do you open?", None), ("", None)])
def test_what_is_for_people_changes_nothing(words: str, means: str | None) -> None:
    engine = answering()
    agreeing(engine)
    found = engine.inbound("text", "anna", words, now=NOON + MINUTE)
    assert (found.meaning, found.handled.parcels) == (means, ())
    assert len(lines(engine)) == 2


def test_a_channel_that_is_not_there_is_said_to_be() -> None:
    with pytest.raises(UnknownChoice, match="text"):
        answering().inbound("txet", "anna", "STOP")


def test_a_confirmation_needs_its_template() -> None:
    assert isinstance(answering().shop.channels["text"], MemoryChannel)
    with pytest.raises(Exception, match="OptOutConfirmations: there is no template 'stopped' for email"):
        answering(notices=[evolve(STOPS, channels=("mail",))])


# Platforms that let answers through. ----------------------------------------------------------------------------------


def test_what_a_customer_writes_opens_the_hours_for_free_text() -> None:
    """WhatsApp's customer service window: 24 hours, whatever they wrote."""
    chat = MemoryChannel("chat", Capabilities(medium=Medium.WHATSAPP, batch=100))
    templates = Templates([Template("miss-you", Medium.WHATSAPP, "Thank you for your order.")])
    engine = shop(campaigns=[thanks("chat", kind=MessageKind.TRANSACTIONAL)], channels=[chat], templates=templates)
    engine.handle(BEN, now=NOON)
    engine.consent("anna", agreed(medium="whatsapp"), now=NOON)

    def ordered(id: str, at: datetime) -> list[str]:
        [parcel] = engine.handle("anna", order(id, at), now=at).parcels
        return [each.code for each in parcel.reasons]

    assert ordered("o1", NOON) == ["reply-window-over"]
    assert engine.inbound("chat", "anna", "Where is my tea?", now=NOON + MINUTE).meaning is None
    assert ordered("o2", NOON + DAY) == []
    assert ordered("o3", NOON + DAY + 2 * MINUTE) == ["reply-window-over"]


def test_a_host_that_keeps_what_customers_wrote_is_heard_too() -> None:
    given: dict[Medium, datetime] = {}
    chat = MemoryChannel("chat", Capabilities(medium=Medium.WHATSAPP, batch=100))
    templates = Templates([Template("miss-you", Medium.WHATSAPP, "Thank you for your order.")])
    engine = shop(
        campaigns=[thanks("chat", kind=MessageKind.TRANSACTIONAL)],
        channels=[chat],
        templates=templates,
        person_of=lambda customer: Person(country="US", wrote=given),
    )
    engine.handle(BEN, now=NOON)
    engine.consent("anna", agreed(medium="whatsapp"), now=NOON)
    engine.inbound("chat", "anna", "Where is my tea?", now=NOON)
    given[Medium.WHATSAPP] = NOON + DAY
    late = NOON + DAY + MINUTE
    [parcel] = engine.handle("anna", order("o1", late), now=late).parcels
    assert parcel.reasons == ()
