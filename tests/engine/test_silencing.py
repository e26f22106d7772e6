"""Who answers from an address ends advertising to it; who changes the settings of an account, to the account alone."""

from datetime import UTC
from typing import Any

import pytest
from attrs import evolve

from retention import Customer
from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Receipt, SuppressAs
from retention.engine import Claim, Retention
from retention.errors import FactError, UnknownChoice
from retention.permission import Medium, MessageKind, Person, Suppression
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, TOKENS, agreed, mail, order, shop, text, told
from tests.engine.test_sending import thanks

SON = evolve(ANNA, id="ben", name=None)
"""Has his mother's address and telephone."""
LATER = NOON + MINUTE


def family(store: ShopStore | None = None) -> Retention:
    """Both agreed to e-mail and to texts; what the mother's order brought has been sent."""
    campaigns = [evolve(thanks("mail"), key="mails"), evolve(thanks("text"), key="texts")]
    engine = shop(store, campaigns=campaigns, channels=[mail(), text()])
    engine.handle(SON, now=NOON)
    for customer, medium in (("anna", "sms"), ("ben", "email"), ("ben", "sms")):
        engine.handle(evolve(ANNA, id=customer), now=NOON)
        engine.consent(customer, agreed(medium=medium), now=NOON)
    told(engine)
    assert engine.deliver(NOON) == {"sent": 2}
    return engine


def forbidden(engine: Retention, customer: str, days: int = 1) -> dict[str, list[str]]:
    """By campaign, why what the next order of a customer brings may not go."""
    at = NOON + days * DAY
    found = engine.handle(customer, order(f"of {customer} on day {days}", at), now=at).parcels
    return {
        each.effect.campaign: [why.code for why in each.reasons]
        for each in found
        if isinstance(each.effect, SendMessage)
    }


def token(engine: Retention) -> str:
    channel: Any = engine.shop.channels["mail"]
    return str(channel.delivered[0].headers["List-Unsubscribe"]).strip("<>").removeprefix(TOKENS.url)


def test_a_stop_is_of_the_number() -> None:
    engine = family()
    engine.inbound("text", "anna", "STOP", now=LATER)
    assert forbidden(engine, "ben") == {"mails": [], "texts": ["opt-out"]}


def test_a_click_is_of_the_mailbox() -> None:
    engine = family()
    engine.unsubscribe(token(engine), now=LATER)
    assert forbidden(engine, "ben") == {"mails": ["opt-out"], "texts": []}


def test_what_a_provider_was_told_is_of_the_address_it_wrote_to() -> None:
    engine = family()
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    (sent,) = [each.provider_id for each in asked.messages if each.channel == "mail"]
    engine.handle(evolve(ANNA, email="new@example.com"), now=NOON)
    engine.report("mail", [Receipt(provider_id=str(sent), status="unsubscribed", at=LATER)], now=LATER)
    assert forbidden(engine, "ben") == {"mails": ["opt-out"], "texts": []}


def test_the_settings_of_an_account_are_of_the_account() -> None:
    engine = family()
    engine.consent("anna", agreed(LATER, act="withdrawn"), now=LATER)
    assert forbidden(engine, "ben") == {"mails": [], "texts": []}
    engine.unsubscribe(token(engine), now=2 * MINUTE + NOON)
    assert forbidden(engine, "ben", 2) == {"mails": ["opt-out"], "texts": []}, "the mailbox has said it too"


def test_who_agrees_anew_is_written_to_again_and_nobody_else_is() -> None:
    engine = family()
    engine.unsubscribe(token(engine), now=LATER)
    engine.consent("ben", agreed(LATER + MINUTE), now=LATER + MINUTE)
    assert forbidden(engine, "ben") == {"mails": [], "texts": []}
    assert forbidden(engine, "anna")["mails"] == ["opt-out", "withdrawn"]


def test_a_stop_again_is_the_same_stop() -> None:
    """A suppression more for each would make the list grow with whoever writes."""
    store = MemoryShopStore()
    engine = family(store)
    for each in range(3):
        engine.inbound("text", "anna", "STOP", now=LATER + each * MINUTE)
    (number,) = engine.shop.hashes(ANNA)[Medium.SMS]
    with store.work() as work:
        found = work.suppressions([number])[number]
    assert found == (Suppression(medium=Medium.SMS, reason="opt-out", at=LATER.astimezone(UTC)),)


def test_who_has_no_number_and_who_is_not_known_is_only_noted() -> None:
    engine = family()
    engine.handle(evolve(ANNA, phone=None), now=NOON)
    for customer in ("anna", "nobody"):
        assert engine.inbound("text", customer, "STOP", now=LATER).meaning == "opt-out"
    assert forbidden(engine, "ben") == {"mails": [], "texts": []}


# What was no refusal. -------------------------------------------------------------------------------------------------


def test_who_was_erased_and_is_back_is_written_to_when_staff_say_so() -> None:
    engine = shop(campaigns=[thanks("mail")])
    engine.handle(ANNA, now=NOON)
    assert engine.erase("anna", now=NOON)
    back = evolve(ANNA, id="anna-2")
    engine.handle(back, now=NOON + DAY)
    engine.consent("anna-2", agreed(NOON + DAY), now=NOON + DAY)
    (refused,) = engine.handle("anna-2", order("o-2", NOON + DAY), now=NOON + DAY).parcels
    assert [each.code for each in refused.reasons] == ["erased"]
    assert ANNA.email is not None
    assert not engine.readmit(Medium.EMAIL, "nobody@example.com", now=NOON + DAY)
    assert not engine.readmit(Medium.EMAIL, "no address", now=NOON + DAY)
    assert engine.readmit(Medium.EMAIL, ANNA.email.upper(), now=NOON + DAY)
    assert not engine.readmit(Medium.EMAIL, ANNA.email, now=NOON + DAY), "nothing stops it any more"
    assert [each.key for each in engine.redrive(refused.key, now=NOON + DAY)] == [refused.key]
    assert engine.deliver(NOON + DAY) == {"sent": 1}


def test_staff_do_not_take_back_what_a_customer_said() -> None:
    engine = shop(campaigns=[thanks("mail")])
    told(engine)
    token = TOKENS.token(Claim("anna", Medium.EMAIL, None, NOON))
    engine.unsubscribe(token, now=NOON)
    assert ANNA.email is not None
    assert not engine.readmit(Medium.EMAIL, ANNA.email, now=NOON + DAY)


def test_a_medium_or_a_reason_that_there_is_not() -> None:
    engine: Any = shop()
    with pytest.raises(UnknownChoice):
        engine.readmit("email", "a@example.com", now=NOON)
    with pytest.raises(UnknownChoice):
        engine.suppress("email", "a@example.com", "complaint", now=NOON)
    with pytest.raises(UnknownChoice, match="Known: complaint, hard bounce, opt-out"):
        engine.suppress(Medium.EMAIL, "a@example.com", "erased", now=NOON)
    with pytest.raises(FactError, match="address"):
        engine.suppress(Medium.EMAIL, None, "complaint", now=NOON)
    assert not engine.suppress(Medium.SMS, "no number", "opt-out", now=NOON)


@pytest.mark.parametrize("reason", ["hard bounce", "complaint", "opt-out"])
def test_addresses_that_another_system_wrote_to_no_more(reason: SuppressAs) -> None:
    engine = family()
    assert engine.suppress(Medium.SMS, "010-1234-5678", reason, country="KR", now=LATER)
    for customer in ("anna", "ben"):
        assert forbidden(engine, customer) == {"mails": [], "texts": [reason.replace(" ", "-")]}
    assert engine.readmit(Medium.SMS, "+82 10 1234 5678", now=NOON + 2 * DAY) == (reason == "hard bounce")


def test_who_unsubscribed_by_a_clock_that_is_years_ahead_can_agree_again() -> None:
    engine = family()
    [mailed] = [each.provider_id for each in engine.outbox("sent") if each.medium is Medium.EMAIL]
    of_years_ahead = Receipt(provider_id=str(mailed), status="unsubscribed", at=NOON + 3650 * DAY)
    engine.report("mail", [of_years_ahead], now=LATER)
    assert forbidden(engine, "anna")["mails"] == ["opt-out", "withdrawn"]
    engine.consent("anna", agreed(NOON + 2 * DAY), now=NOON + 2 * DAY)
    assert forbidden(engine, "anna", 3)["mails"] == []


@pytest.mark.parametrize(
    ("lived", "lives", "policy", "told"),
    [("KR", "JP", "KR", "KR"), ("KR", None, "KR", "KR"), (None, None, "US", "KR"), ("JP", "KR", "JP", None)],
    ids=["who moves", "whose country is forgotten", "who lives where the host says", "the other way round"],
)
def test_a_national_number_is_stopped_wherever_its_owner_is_said_to_live(
    lived: str | None, lives: str | None, policy: str, told: str | None
) -> None:
    engine = shop(
        campaigns=[evolve(thanks("text"), kind=MessageKind.SERVICE)],
        channels=[text()],
        policy=evolve(POLICY, country=policy),
        person_of=_in_korea_if_unsaid,
    )
    there = evolve(ANNA, country=lived, phone="010-1234-5678")
    engine.handle(there, now=NOON)
    engine.suppress(Medium.SMS, "010-1234-5678", "complaint", country=told, now=NOON)
    engine.handle(evolve(there, country=lives), now=NOON + MINUTE)
    engine.handle("anna", order(at=NOON + MINUTE), now=NOON + MINUTE)
    asked = engine.ask("anna", now=NOON + MINUTE)
    assert asked is not None
    (message,) = asked.messages
    assert "complaint" in {each.code for each in message.reasons}


def _in_korea_if_unsaid(customer: Customer) -> Person:
    return Person(country=customer.country or "KR")
