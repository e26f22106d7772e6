"""The gate as a whole: closed unless everything opens it, all reasons at once, the first instant at which all let it
through."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from attrs import evolve

from retention.errors import ConfigurationError, FactError, NaiveInstant, UnknownChoice
from retention.permission import (
    SHIPPED,
    Allowed,
    Cap,
    Content,
    Deferred,
    Draft,
    Hours,
    Jurisdiction,
    Medium,
    MessageKind,
    Outbound,
    Person,
    Policy,
    Refused,
    Sender,
    SendWindow,
    Suppression,
    Why,
    permit,
)
from retention.permission.gate import HORIZON
from retention.permission.jurisdictions import OptIn, OptOut, SendingHours
from retention.permission.platforms import ReplyWindow
from retention.spans import TICK, days
from tests.permission.scene import (
    CONSENTS,
    NOON,
    POLICY,
    SENDER,
    SEOUL,
    UNSUBSCRIBE,
    ask,
    capabilities,
    codes,
    consent,
    draft,
    person,
    refused,
    sent,
    until,
)

NIGHT = datetime(2026, 11, 23, 23, tzinfo=SEOUL)
MORNING = datetime(2026, 11, 24, 8, tzinfo=SEOUL)
KAKAO = SendWindow(time(8), time(20, 50), "Asia/Seoul", frozenset({MessageKind.MARKETING}))


def allowed(message: Draft, **more: object) -> Outbound:
    answer = ask(message, **more)  # type: ignore[arg-type]
    assert isinstance(answer, Allowed), codes(answer)
    return answer.message


def test_what_may_go_is_the_draft_sealed() -> None:
    message = allowed(draft(), attempt=3)
    wish = draft()
    assert (message.key, message.recipient, message.address) == (wish.key, wish.recipient, wish.address)
    assert (message.content, message.kind, message.expires_at) == (wish.content, wish.kind, wish.expires_at)
    assert (message.medium, message.attempt, message.sent_at) == (Medium.SMS, 3, NOON)


def test_each_reason_says_which_channel_was_asked() -> None:
    """A message that several channels were asked for lists the reasons of all of them."""
    sms, night = capabilities(Medium.SMS), draft(channel="texts", expires_at=MORNING)
    answers = [
        ask(draft(channel="texts"), Person(country="KR"), by=sms),
        ask(draft(channel="texts"), by=sms, now=NIGHT),
        ask(night, by=sms, now=NIGHT),
    ]
    assert [type(each) for each in answers] == [Refused, Deferred, Refused]
    for each in answers:
        assert not isinstance(each, Allowed)
        assert {reason.channel for reason in each.reasons} == {"texts"}


def test_a_person_of_whom_nothing_is_known_gets_no_advertising() -> None:
    for medium in Medium:
        assert "consent-missing" in codes(ask(draft(medium), Person(country=None))) or medium is Medium.WHATSAPP
        assert not isinstance(ask(draft(medium), Person(country=None)), Allowed)


def test_a_country_without_any_rules_is_closed() -> None:
    bare = SHIPPED.having({"KR": Jurisdiction("nothing", ())})
    assert refused(ask(to=person(consents=()), jurisdictions=bare)) == ("consent-missing",)
    opened = SHIPPED.having({"KR": Jurisdiction("opt-out", (OptOut(media=frozenset({Medium.SMS}), source="x"),))})
    assert codes(ask(to=person(consents=()), jurisdictions=opened)) == ()


def test_a_rule_that_no_longer_holds_does_not_open_the_gate() -> None:
    opt_out = OptOut(media=frozenset({Medium.SMS}), until=date(2026, 11, 23), source="x")
    ours = SHIPPED.having({"KR": Jurisdiction("changing", (opt_out, OptIn(source="y")))})
    nobody = person(consents=())
    assert refused(ask(to=nobody, jurisdictions=ours)) == ("consent-missing",)
    assert codes(ask(to=nobody, jurisdictions=ours, now=NOON - timedelta(days=1))) == ()


def test_a_channel_carries_the_kinds_it_says() -> None:
    only = capabilities(Medium.SMS, kinds=frozenset({MessageKind.TRANSACTIONAL}))
    assert refused(ask(by=only)) == ("kind-not-carried",)


def test_not_before_it_is_planned() -> None:
    message = draft(planned_at=NOON + timedelta(minutes=5))
    answer = ask(message)
    assert (until(answer), codes(answer)) == (NOON + timedelta(minutes=5), ("not-due",))
    assert until(answer).tzinfo is UTC
    assert codes(ask(message, now=NOON + timedelta(minutes=5))) == ()


def test_not_at_its_expiry_or_later() -> None:
    message = draft(expires_at=NOON)
    assert codes(ask(message, now=NOON - TICK)) == ()
    assert refused(ask(message, now=NOON)) == ("expired",)


def test_what_expires_before_it_may_go_is_refused_at_once() -> None:
    assert refused(ask(draft(expires_at=MORNING), now=NIGHT)) == ("quiet-hours", "expires-first")
    assert until(ask(draft(expires_at=MORNING + TICK), now=NIGHT)) == MORNING
    assert refused(ask(draft(planned_at=NOON, expires_at=NOON), now=NIGHT - timedelta(days=1))) == (
        "not-due",
        "quiet-hours",
        "expires-first",
    )


def test_hours_that_never_open_are_found_out() -> None:
    never = SendingHours(week=(), media=frozenset({Medium.SMS}), source="x")
    ours = SHIPPED.having({"KR": Jurisdiction("never", (never,))})
    assert refused(ask(jurisdictions=ours)) == ("quiet-hours", "never-open")
    far = draft(planned_at=NOON + HORIZON)
    assert refused(ask(far)) == ("not-due", "never-open")


def test_all_reasons_are_told_and_not_the_first_alone() -> None:
    to = person(
        consents=(consent(act="withdrawn"),),
        suppressions=(Suppression(medium=Medium.SMS, reason="complaint", at=NOON),),
        sent=(sent(NOON),),
        topics=frozenset({"news"}),
    )
    answer = ask(
        draft(topic="sale", content=Content(text="세일")),
        to,
        by=capabilities(Medium.SMS, kinds=frozenset(), friends_only=True),
        now=NIGHT,
        policy=Policy(sender=SENDER, country="KR", caps=(Cap(key="one", limit=1, window=days(1)),)),
    )
    assert refused(answer) == (
        *("quiet-hours", "kind-not-carried", "complaint", "withdrawn", "topic-not-wanted"),
        *("not-a-friend", "cap-reached", "label-missing", "sender-name-missing", "contact-missing", "refusal-missing"),
    )


def test_of_several_deferrals_the_first_instant_at_which_all_let_it_through() -> None:
    """A cap that frees at 03:00, when it is quiet; a platform that opens at 09:00; a plan for the day after."""
    policy = Policy(sender=SENDER, country="KR", caps=(Cap(key="w", limit=1, window=days(7), over="defer"),))
    to = person(sent=(sent(datetime(2026, 11, 18, 3, tzinfo=SEOUL), Medium.BRAND_MESSAGE),))
    late = SendWindow(time(9), time(20), "Asia/Seoul", frozenset({MessageKind.MARKETING}))
    answer = ask(
        draft(Medium.BRAND_MESSAGE), to, by=capabilities(Medium.BRAND_MESSAGE, window=late), now=NOON, policy=policy
    )
    assert until(answer) == datetime(2026, 11, 25, 9, tzinfo=SEOUL)
    assert set(codes(answer)) == {"cap-reached", "quiet-hours", "platform-hours"}


def test_a_refusal_that_only_the_allowed_hour_brings_up_is_told_at_once() -> None:
    ours = SHIPPED.having(
        {
            "KR": Jurisdiction(
                "from tomorrow",
                (
                    OptOut(media=frozenset({Medium.SMS}), until=date(2026, 11, 24), source="x"),
                    SendingHours(week=(Hours(time(8), time(21)),), media=frozenset({Medium.SMS}), source="y"),
                ),
            )
        }
    )
    answer = ask(to=person(consents=()), now=NIGHT, jurisdictions=ours)
    assert refused(answer) == ("quiet-hours", "consent-missing")


def test_a_cap_that_skips_is_judged_when_the_message_would_go() -> None:
    policy = Policy(sender=SENDER, country="KR", caps=(Cap(key="w", limit=1, window=days(7)),))
    to = person(sent=(sent(NOON - timedelta(days=6)),))
    assert refused(ask(to=to, policy=policy)) == ("cap-reached",)
    tomorrow = NOON + timedelta(days=1)
    assert until(ask(draft(planned_at=tomorrow), to, policy=policy)) == tomorrow
    soon = NOON + timedelta(hours=23)  # 11:00, an hour before there is room
    assert refused(ask(draft(planned_at=soon), to, policy=policy)) == ("not-due", "cap-reached")


def test_what_is_later_than_now_does_not_count_however_long_it_waits() -> None:
    at_five = NIGHT + timedelta(hours=6)
    promised = person(consents=(consent(at=at_five),))
    assert refused(ask(to=promised, now=NIGHT)) == ("quiet-hours", "consent-missing")
    assert until(ask(to=promised, now=at_five)) == MORNING


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ((), "consent-missing"),
        ((consent(act="pending", at=NOON - timedelta(days=1)),), "consent-pending"),
        ((consent(act="pending"),), "consent-lapsed"),
        ((consent(), consent(act="withdrawn", at=NOON)), "withdrawn"),
    ],
)
def test_each_state_of_consent_has_its_code(state: tuple[object, ...], code: str) -> None:
    assert refused(ask(to=person(consents=state))) == (code,)


def test_double_opt_in_is_the_shops_choice() -> None:
    double = evolve(POLICY, double_opt_in=True)
    assert refused(ask(policy=double)) == ("consent-lapsed",)
    confirmed = person(consents=(consent(), consent(act="confirmed")))
    assert codes(ask(to=confirmed, policy=double)) == ()


def test_what_the_customer_asked_for_needs_no_other_consent() -> None:
    assert codes(ask(draft(asked_for=True), person(consents=()))) == ()


def test_topics_that_the_customer_wants() -> None:
    to = person(topics=frozenset({"news"}))
    assert codes(ask(draft(topic="news"), to)) == ()
    assert refused(ask(draft(), to)) == ("topic-not-wanted",)
    assert refused(ask(draft(), person(topics=frozenset()))) == ("topic-not-wanted",)
    assert codes(ask(draft(), person(topics=None))) == ()
    assert refused(ask(draft(topic="sale"), to)) == ("topic-not-wanted",)
    assert codes(ask(draft(topic="sale", kind=MessageKind.SERVICE), to)) == ()


def test_a_withdrawn_topic_stops_that_topic_by_every_medium() -> None:
    to = person(consents=(*CONSENTS, consent("email", act="withdrawn", scope="topic", topic="sale")))
    assert refused(ask(draft(topic="sale"), to)) == ("withdrawn",)
    assert codes(ask(draft(topic="news"), to)) == ()


def test_marketing_mail_carries_one_click_unsubscribing_and_no_other_mail_does() -> None:
    """RFC 8058, section 3.1; RFC 3834, section 5."""
    assert dict(allowed(draft(Medium.EMAIL)).headers) == {
        "List-Unsubscribe": f"<{UNSUBSCRIBE}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    for kind, headers in (
        (MessageKind.TRANSACTIONAL, {"Auto-Submitted": "auto-generated"}),
        (MessageKind.LEGAL_NOTICE, {"Auto-Submitted": "auto-generated"}),
        (MessageKind.SERVICE, {}),
    ):
        assert dict(allowed(draft(Medium.EMAIL, kind)).headers) == headers
    assert dict(allowed(draft(Medium.SMS)).headers) == {}


@pytest.mark.parametrize("way", [None, "http://shop.example/u", "mailto:u@shop.example"])
def test_marketing_mail_without_a_one_click_address_is_refused(way: str | None) -> None:
    assert "unsubscribe-missing" in refused(ask(draft(Medium.EMAIL, unsubscribe=way)))


def test_the_platforms_hours_hold_whatever_was_consented_to() -> None:
    """Kakao brand messages: 08:00 to 20:50, NCP result code 3022."""
    night = person(consents=(*CONSENTS, consent("kakao", purpose="night")))
    brand = capabilities(Medium.BRAND_MESSAGE, window=KAKAO)
    message = draft(Medium.BRAND_MESSAGE)
    closing = datetime(2026, 11, 23, 20, 50, tzinfo=SEOUL)
    assert codes(ask(message, night, by=brand, now=closing - TICK)) == ()
    answer = ask(message, night, by=brand, now=closing)
    assert (until(answer), codes(answer)) == (MORNING, ("platform-hours",))
    told = draft(Medium.BRAND_MESSAGE, MessageKind.SERVICE)
    assert codes(ask(told, night, by=brand, now=closing)) == ()


def test_a_window_in_a_zone_that_is_none_is_a_mistake_of_the_channel() -> None:
    window = evolve(KAKAO, zone="Asia/Soul")
    with pytest.raises(ConfigurationError, match=r"'brand_message'.*'Asia/Soul'"):
        ask(draft(Medium.BRAND_MESSAGE), by=capabilities(Medium.BRAND_MESSAGE, window=window))


def test_brand_messages_to_friends_of_the_channel() -> None:
    """Kakao's targeting I."""
    friends = capabilities(Medium.BRAND_MESSAGE, friends_only=True)
    message = draft(Medium.BRAND_MESSAGE)
    assert refused(ask(message, by=friends)) == ("not-a-friend",)
    assert codes(ask(message, person(friend_of=frozenset({message.channel})), by=friends)) == ()


@pytest.mark.parametrize("kind", [MessageKind.SERVICE, MessageKind.MARKETING])
def test_whatsapp_takes_free_text_for_24_hours(kind: MessageKind) -> None:
    """WhatsApp Business Platform: customer service window (Meta 131047, Twilio 63016)."""
    message = draft(Medium.WHATSAPP, kind)
    to = person(wrote={Medium.WHATSAPP: NOON - timedelta(hours=3), Medium.SMS: NOON})
    last = NOON + timedelta(hours=21)
    quiet = person(wrote={Medium.WHATSAPP: NOON + TICK, Medium.SMS: NOON})
    assert codes(ask(message, to)) == ()
    assert codes(ask(message, to, now=last - timedelta(hours=1))) == ()
    assert codes(ask(message, to, now=last)) == ()
    assert refused(ask(message, to, now=last + TICK)) == ("reply-window-over",)
    assert refused(ask(message, quiet)) == ("reply-window-over",)


def test_whatsapp_takes_templates_from_who_consented() -> None:
    template = draft(
        Medium.WHATSAPP,
        MessageKind.TRANSACTIONAL,
        content=Content(text="미나님, 주문하신 상품이 출발했습니다.", template="T1", variables={"name": "미나"}),
    )
    assert codes(ask(template)) == ()
    assert codes(ask(template, person(consents=(consent("whatsapp", topic="orders"),)))) == ()
    assert refused(ask(template, person(consents=()))) == ("reply-window-consent",)
    assert codes(ask(template, person(consents=(), wrote={Medium.WHATSAPP: NOON}))) == ()
    unknown = evolve(template, content=evolve(template.content, template="T9"))
    assert refused(ask(unknown)) == ("template-unknown",)


def test_whatsapp_delivers_no_marketing_in_the_united_states() -> None:
    """Whose number it is decides. Several countries share +1, and there the customer's is believed."""
    american, there = person(country="US", region="NY", wrote={Medium.WHATSAPP: NOON}), "+12125550100"
    letter = draft(Medium.WHATSAPP, address=there)
    assert refused(ask(letter, american)) == ("platform-country",)
    assert codes(ask(draft(Medium.WHATSAPP, MessageKind.SERVICE, address=there), american)) == ()
    assert codes(ask(draft(Medium.WHATSAPP), american)) == (), "a number of Korea"
    assert refused(ask(letter, person(wrote={Medium.WHATSAPP: NOON}))) == ("platform-country",)
    for country in ("CA", "JM"):
        neighbour = evolve(american, country=country, region=None, zone="America/Toronto")
        assert "platform-country" not in codes(ask(letter, neighbour))


def test_a_host_that_knows_better_says_what_platforms_ask_for() -> None:
    american = person(country="US", region="NY", wrote={Medium.WHATSAPP: NOON - timedelta(hours=30)})
    letter = draft(Medium.WHATSAPP, address="+12125550100")
    assert set(refused(ask(letter, american))) == {"platform-country", "reply-window-over"}
    longer = ReplyWindow(medium=Medium.WHATSAPP, within=timedelta(hours=48), source="what Meta says from 2027 on")
    assert codes(ask(letter, american, policy=evolve(POLICY, platform_rules=(longer,)))) == ()
    with pytest.raises(FactError, match=r"platform_rules\[0\]"):
        evolve(POLICY, platform_rules=(Medium.SMS,))  # type: ignore[arg-type]


def test_each_country_has_its_own_sender() -> None:
    there = Sender(name="Haneul", contact="help@shop.example", postal_address="1 Main St", refusal="reply STOP")
    policy = evolve(POLICY, senders={"de": there})
    german = person(country="DE", zone="Europe/Berlin")
    letter = draft(content=Content(text="Haneul sale. To end this, reply STOP"))
    assert refused(ask(letter, german)) == ("refusal-missing",)
    assert codes(ask(letter, german, policy=policy)) == ()
    assert codes(ask(draft(), policy=policy)) == (), "in Korea it is the shop's own"
    with pytest.raises(UnknownChoice):
        evolve(POLICY, senders={"DEU": there})
    with pytest.raises(FactError, match="senders"):
        evolve(POLICY, senders={"DE": "Haneul"})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("way", "free"), [("080-123-4567", True), ("https://shop.example/u", True), ("02-555-0100", False)]
)
def test_refusing_costs_nothing_in_korea(way: str, free: bool) -> None:
    """Network Act art. 50(6); law.md K6."""
    policy = evolve(POLICY, sender=evolve(SENDER, refusal=way))
    letter = draft(content=Content(text=f"(광고)Haneul 02-555-0100\n무료수신거부 {way}"))
    assert codes(ask(letter, policy=policy)) == (() if free else ("refusal-not-free",))


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        ask(now=datetime(2026, 11, 23, 12))


def test_what_is_personal_is_in_no_repr() -> None:
    address, text = "canary@shop.example", "canary (광고)"
    message = draft(Medium.EMAIL, address=address, content=Content(text=text, subject=text))
    to = person(consents=(consent("email", wording="canary"),), region="canary")
    answers = [ask(message, to, now=now) for now in (NOON, NIGHT)]
    whole = draft(Medium.EMAIL, address=address)
    answers += [ask(whole, to), ask(evolve(whole, topic="x"), evolve(to, topics=frozenset()))]
    assert any(isinstance(each, Allowed) for each in answers)
    assert "canary" not in repr((answers, to))


def test_the_answer_depends_on_nothing_else() -> None:
    one = permit(draft(), capabilities(Medium.SMS), person(), policy=POLICY, now=NIGHT)
    other = permit(draft(), capabilities(Medium.SMS), person(), policy=POLICY, now=NIGHT.astimezone(UTC))
    assert one == other == Deferred(MORNING.astimezone(UTC), one.reasons)  # type: ignore[union-attr]


def test_codes_are_lower_case_words() -> None:
    assert all(each.value == each.name.lower().replace("_", "-") for each in Why)
