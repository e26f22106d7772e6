"""Double opt-in: what is asked for is confirmed by a token that does nothing else, within 7 days."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from retention.campaigns.effects import SendMessage
from retention.engine import ConfirmationRequests, ForgedToken, ResultNotices, Retention, Tokens
from retention.errors import ConfigurationError
from retention.permission import Consent, Medium, MessageKind
from retention.storage.shop.memory import MemoryShopStore
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, TOKENS, agreed, mail, order, shop, text
from tests.engine.test_notices import TOLD
from tests.engine.test_sending import thanks

CONFIRMING = evolve(TOKENS, confirm_url="https://shop.example/confirm/")
DOUBLE = evolve(POLICY, double_opt_in=True)
ASKED = agreed(act="pending", wording="The shop may write to me about offers.", wording_version="2026-01")
SECOND = timedelta(seconds=1)


def doubting(**given: Any) -> Retention:
    """A shop with double opt-in that has asked Anna."""
    engine = shop(MemoryShopStore(), **({"policy": DOUBLE, "tokens": CONFIRMING, "campaigns": []} | given))
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", ASKED, now=NOON)
    return engine


def token(asked: Consent = ASKED, tokens: Tokens = CONFIRMING) -> str:
    return tokens.confirm_address("anna", asked).removeprefix("https://shop.example/confirm/")


def acts(engine: Retention) -> list[str]:
    asked = engine.ask("anna", now=NOON + 30 * DAY)
    return [] if asked is None else [each.act for each in asked.consents]


def test_what_was_asked_is_confirmed_with_the_words_that_were_asked() -> None:
    engine = doubting(campaigns=[thanks("mail")])
    assert engine.confirm(token(), now=NOON + DAY).state == "confirmed"
    asked = engine.ask("anna", now=NOON + DAY)
    assert asked is not None
    line = asked.consents[-1]
    assert (line.act, line.at, line.source, line.method) == ("confirmed", NOON + DAY, "message", "link")
    assert (line.wording, line.wording_version) == (ASKED.wording, "2026-01")
    engine.handle("anna", order(at=NOON + DAY), now=NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 1}, "marketing may go"


def test_confirming_twice_is_confirming_once() -> None:
    engine = doubting()
    engine.confirm(token(), now=NOON + DAY)
    again = engine.confirm(token(), now=NOON + 2 * DAY)
    assert (again.state, again.handled.parcels) == ("confirmed", ())
    assert acts(engine) == ["pending", "confirmed"]


def test_it_lapses_after_seven_days() -> None:
    engine = doubting()
    assert engine.confirm(token(), now=NOON + 7 * DAY).state == "lapsed"
    assert acts(engine) == ["pending"]
    assert engine.confirm(token(), now=NOON + 7 * DAY - SECOND).state == "confirmed"


def test_an_old_token_does_not_confirm_what_was_asked_anew() -> None:
    engine = doubting()
    anew = evolve(ASKED, at=NOON + 6 * DAY)
    engine.consent("anna", anew, now=NOON + 6 * DAY)
    assert engine.confirm(token(), now=NOON + 8 * DAY).state == "pending"
    assert acts(engine) == ["pending", "pending"]
    assert engine.confirm(token(anew), now=NOON + 8 * DAY).state == "confirmed"


def test_what_was_confirmed_once_is_confirmed_again_when_it_is_asked_anew() -> None:
    engine = doubting()
    engine.confirm(token(), now=NOON + DAY)
    anew = evolve(ASKED, at=NOON + 20 * DAY, wording="Other words.")
    engine.consent("anna", anew, now=NOON + 20 * DAY)
    engine.confirm(token(anew), now=NOON + 20 * DAY + MINUTE)
    assert acts(engine) == ["pending", "confirmed", "pending", "confirmed"]


def test_a_withdrawal_meanwhile_beats_the_confirmation() -> None:
    engine = doubting()
    engine.consent("anna", agreed(NOON + MINUTE, act="withdrawn"), now=NOON + MINUTE)
    assert engine.confirm(token(), now=NOON + DAY).state == "withdrawn"
    assert acts(engine) == ["pending", "withdrawn"]


def test_a_consent_to_another_topic_or_to_the_night_is_confirmed_apart() -> None:
    engine = doubting()
    night = evolve(ASKED, purpose="night", topic="news")
    engine.consent("anna", night, now=NOON)
    engine.confirm(token(night), now=NOON + MINUTE)
    asked = engine.ask("anna", now=NOON + MINUTE)
    assert asked is not None
    assert [(each.purpose, each.topic) for each in asked.consents if each.act == "confirmed"] == [("night", "news")]


def test_nobody_is_made_anew_after_an_erasure() -> None:
    engine = doubting()
    engine.erase("anna", now=NOON + MINUTE)
    assert engine.confirm(token(), now=NOON + DAY).state == "none"
    assert engine.ask("anna", now=NOON + DAY) is None


def test_a_line_that_a_clock_ahead_of_ours_noted_is_found() -> None:
    engine = shop(MemoryShopStore(), policy=DOUBLE, tokens=CONFIRMING, campaigns=[])
    ahead = evolve(ASKED, at=NOON + 30 * SECOND)
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", ahead, now=NOON)
    assert engine.confirm(token(ahead), now=NOON + SECOND).state == "confirmed"


def test_with_double_opt_in_what_was_given_at_once_is_confirmed_too() -> None:
    engine = doubting()
    given = agreed(NOON + MINUTE)
    engine.consent("anna", given, now=NOON + MINUTE)
    assert engine.confirm(token(given), now=NOON + DAY).state == "confirmed"


def test_the_result_that_is_told_is_that_of_the_confirmation() -> None:
    engine = doubting(templates=TOLD, notices=[ResultNotices(template="result", channels=("mail",))])
    assert not engine.outbox("waiting"), "nothing came about yet"
    handled = engine.confirm(token(), now=NOON + DAY).handled
    assert [each.draft and each.draft.content.text for each in handled.parcels] == ["email: confirmed"]


# The engine asks. -----------------------------------------------------------------------------------------------------

REQUEST = Templates(
    [
        Template("confirm", Medium.EMAIL, "Did you mean it? {{ confirm }}", subject="One click more"),
        Template("confirm", Medium.SMS, "Reply YES to get offers of the shop."),
    ]
)
ASKING = ConfirmationRequests(template="confirm", channels=("text", "mail"))


def asking(**given: Any) -> Retention:
    return doubting(**({"channels": [mail(), text()], "templates": REQUEST, "notices": [ASKING]} | given))


def words(engine: Retention, channel: str) -> list[str]:
    found: Any = engine.shop.channels[channel]
    return [each.content.text for each in found.delivered]


def test_who_has_to_confirm_is_asked_by_the_medium_that_the_consent_is_to() -> None:
    engine = asking()
    engine.consent("anna", ASKED, now=NOON + MINUTE)  # told again
    assert engine.deliver(NOON) == {"sent": 1}
    (said,) = words(engine, "mail")
    back = said.removeprefix("Did you mean it? https://shop.example/confirm/")
    assert engine.confirm(back, now=NOON + DAY).state == "confirmed"
    assert not engine.deliver(NOON + DAY), "what is confirmed is not asked again"


def test_a_text_asks_and_a_yes_answers() -> None:
    engine = asking(tokens=None)
    engine.consent("anna", agreed(medium="sms"), now=NOON)
    engine.deliver(NOON)
    assert words(engine, "text") == ["Reply YES to get offers of the shop."]
    engine.inbound("text", "anna", "yes!", now=NOON + MINUTE)
    assert acts(engine)[-1] == "confirmed"


def test_a_request_is_no_advertisement_and_dies_with_the_question() -> None:
    (parcel,) = asking().outbox("waiting")
    assert isinstance(parcel.effect, SendMessage)
    assert (parcel.effect.kind, parcel.effect.expires_at) == (MessageKind.TRANSACTIONAL, NOON + 7 * DAY)


def test_nobody_is_asked_about_what_holds_already_or_lapsed_long_ago_or_has_no_channel() -> None:
    single = asking(policy=POLICY)
    assert len(single.outbox("waiting")) == 1, "what is pending is asked about in every shop"
    assert not single.consent("anna", agreed(NOON + MINUTE), now=NOON + MINUTE).parcels
    engine = asking()
    old = evolve(ASKED, at=NOON - 7 * DAY)
    for line in (old, evolve(ASKED, medium="push"), agreed(NOON, act="withdrawn")):
        assert not engine.consent("anna", line, now=NOON).parcels


# Neither token is taken for the other. --------------------------------------------------------------------------------


def test_a_token_that_ends_marketing_confirms_nothing_and_the_other_way_round() -> None:
    engine = doubting()
    ends = CONFIRMING.address("anna", Medium.EMAIL, None, NOON).removeprefix(TOKENS.url)
    with pytest.raises(ForgedToken):
        engine.confirm(ends, now=NOON)
    with pytest.raises(ForgedToken):
        engine.unsubscribe(token(), now=NOON)
    assert acts(engine) == ["pending"]
    assert engine.unsubscribe(ends, now=NOON + MINUTE).customer == "anna"


def test_what_was_signed_by_nobody_confirms_nothing() -> None:
    engine = doubting()
    name, payload, signature = token().split(".")
    other = token(evolve(ASKED, medium="sms")).split(".")[1]
    for forged in (f"{name}.{other}.{signature}", f"{name}.{payload}.", "", "세라"):
        with pytest.raises(ForgedToken):
            engine.confirm(forged, now=NOON)


def test_an_address_to_confirm_at_has_to_be_given() -> None:
    with pytest.raises(ConfigurationError, match="no address at which a consent is confirmed"):
        TOKENS.confirm_address("anna", ASKED)
    with pytest.raises(ConfigurationError, match="no tokens"):
        doubting(tokens=None).confirm(token(), now=NOON)
