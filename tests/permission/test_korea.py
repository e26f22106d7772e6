"""Korea: article 50 of the Network Act and articles 61 to 62-3 of its Decree."""

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from retention.permission import Content, Medium, MessageKind, Policy, Sender, duties
from retention.spans import TICK
from tests.permission.scene import (
    CONSENTS,
    NOON,
    POLICY,
    SEOUL,
    TEXT,
    ask,
    capabilities,
    codes,
    consent,
    draft,
    person,
    refused,
    sources,
    trade,
    until,
)

NIGHT = datetime(2026, 11, 23, 21, tzinfo=SEOUL)
MORNING = datetime(2026, 11, 24, 8, tzinfo=SEOUL)
NIGHT_CONSENTS = tuple(consent(each.medium, purpose="night", at=each.at) for each in CONSENTS)
NOBODY = person(consents=())
AT_NIGHT = [Medium.SMS, Medium.PUSH, Medium.BRAND_MESSAGE, Medium.WEBHOOK]


@pytest.mark.parametrize("medium", [Medium.EMAIL, Medium.SMS, Medium.BRAND_MESSAGE, Medium.PUSH, Medium.WEBHOOK])
def test_k1_advertising_needs_consent_for_its_medium(medium: Medium) -> None:
    """Network Act art. 50(1)."""
    others = tuple(each for each in CONSENTS if each.medium != medium.consent)
    answer = ask(draft(medium), person(consents=others))
    assert refused(answer) == ("consent-missing",)
    assert "50(1)" in sources(answer)
    assert codes(ask(draft(medium))) == ()


@pytest.mark.parametrize("kind", [MessageKind.TRANSACTIONAL, MessageKind.SERVICE, MessageKind.LEGAL_NOTICE])
def test_what_is_no_advertising_needs_none(kind: MessageKind) -> None:
    assert codes(ask(draft(kind=kind, content=Content(text="배송이 시작되었습니다.")), NOBODY, now=NIGHT)) == ()


@pytest.mark.parametrize(
    ("ended", "last"),
    [
        (datetime(2026, 5, 10, 15, tzinfo=SEOUL), date(2026, 11, 10)),
        (datetime(2025, 8, 31, 15, tzinfo=SEOUL), date(2026, 2, 28)),  # clamped to the month's end
        (datetime(2026, 3, 1, 0, 30, tzinfo=SEOUL), date(2026, 9, 1)),  # 184 days
        (datetime(2026, 8, 30, 23, 30, tzinfo=SEOUL), date(2027, 2, 28)),
    ],
)
def test_k2_a_trade_stands_in_for_six_calendar_months(ended: datetime, last: date) -> None:
    """Network Act art. 50(1)1, Decree art. 61(1)."""
    to = person(consents=(), trades=(trade(ended),))
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=SEOUL)
    assert codes(ask(to=to, now=noon)) == ()
    answer = ask(to=to, now=noon + timedelta(days=1))
    assert refused(answer) == ("consent-missing", "trade-over")
    assert "61(1)" in sources(answer)
    assert codes(ask(draft(Medium.EMAIL), to, now=ended - TICK)) == ("consent-missing",)  # not over yet


@pytest.mark.parametrize(
    ("lacking", "code"), [("collected_directly", "trade-indirect"), ("topics", "trade-other-goods")]
)
def test_k2_only_of_the_same_kind_and_collected_directly(lacking: str, code: str) -> None:
    to = person(consents=(), trades=(trade(NOON - timedelta(days=1), **{lacking: frozenset()}),))
    assert refused(ask(to=to)) == ("consent-missing", code)


def test_k2_of_several_trades_one_of_the_same_kind_will_do() -> None:
    yesterday, last_year = NOON - timedelta(days=1), NOON - timedelta(days=365)
    trades = (trade(yesterday, topics={"coffee"}), trade(last_year, topics={"machines"}))
    to = person(consents=(), trades=trades)
    assert codes(ask(draft(topic="coffee"), to)) == ()
    assert refused(ask(draft(topic="machines"), to)) == ("consent-missing", "trade-other-goods", "trade-over")
    assert refused(ask(draft(topic=None), to)) == ("consent-missing", "trade-other-goods", "trade-over")


def test_k2_an_enquiry_is_no_trade() -> None:
    to = person(consents=(), trades=(trade(NOON - timedelta(days=1), enquiry=True),))
    assert refused(ask(to=to)) == ("consent-missing",)


def test_k2_does_not_lift_the_night_and_a_deferral_may_outlive_the_trade() -> None:
    """Art. 50(3) holds notwithstanding (1)."""
    recent = person(consents=(), trades=(trade(NOON - timedelta(days=1)),))
    assert until(ask(to=recent, now=NIGHT)) == MORNING
    last_night = person(consents=(), trades=(trade(datetime(2026, 5, 23, 12, tzinfo=SEOUL)),))
    assert refused(ask(to=last_night, now=NIGHT)) == ("quiet-hours", "consent-missing", "trade-over")


@pytest.mark.parametrize("lifted", ["consent", "trade", "request"])
def test_k3_a_withdrawal_beats_everything(lifted: str) -> None:
    """Network Act art. 50(2)."""
    withdrawn = consent(act="withdrawn", at=NOON)
    to = person(
        consents=(*(CONSENTS if lifted == "consent" else ()), withdrawn),
        trades=(trade(NOON - timedelta(days=1)),) if lifted == "trade" else (),
    )
    message = draft(asked_for=lifted == "request")
    assert refused(ask(message, to)) == ("withdrawn",)
    if lifted != "request":
        assert refused(ask(message, to, now=NOON - TICK)) == ("withdrawn",)  # it is known, whatever the clocks say
        without = evolve(to, consents=tuple(each for each in to.consents if each is not withdrawn))
        assert codes(ask(message, without)) == ()


@pytest.mark.parametrize("medium", AT_NIGHT)
def test_k4_the_night_needs_a_consent_of_its_own(medium: Medium) -> None:
    """Network Act art. 50(3): 21:00 to 08:00."""
    answer = ask(draft(medium), now=NIGHT)
    assert (until(answer), codes(answer)) == (MORNING, ("quiet-hours",))
    assert "50(3)" in sources(answer)
    assert codes(ask(draft(medium), now=NIGHT - TICK)) == ()
    assert codes(ask(draft(medium), now=MORNING - TICK)) == ("quiet-hours",)
    assert codes(ask(draft(medium), now=MORNING)) == ()
    assert codes(ask(draft(medium), person(consents=CONSENTS + NIGHT_CONSENTS), now=NIGHT)) == ()


def test_k4_consent_to_the_night_alone_is_none_to_advertising() -> None:
    assert refused(ask(to=person(consents=NIGHT_CONSENTS), now=NIGHT)) == ("consent-missing",)


def test_k4_e_mail_is_exempt() -> None:
    """Decree art. 61(2)."""
    assert codes(ask(draft(Medium.EMAIL), now=NIGHT)) == ()


def test_k4_a_request_does_not_lift_the_night() -> None:
    assert until(ask(draft(asked_for=True), NOBODY, now=NIGHT)) == MORNING


@pytest.mark.parametrize("label", ["(광 고)", "(광.고)", "[광고]", "(광/고)", '("광고")', " (광고)", ""])
def test_k5_the_label_is_exactly_that(label: str) -> None:
    """Network Act art. 50(4), Decree annex 6."""
    answer = ask(draft(content=Content(text=TEXT.replace("(광고)", label))))
    assert {"label-look-alike", "label-missing"} & set(refused(answer))


def test_k5_k6_sender_contact_and_a_free_refusal() -> None:
    """Network Act art. 50(4) and (6)."""
    assert codes(ask(draft(content=Content(text=TEXT)))) == ()
    answer = ask(draft(content=Content(text="(광고) 겨울 할인")))
    assert set(refused(answer)) == {"sender-name-missing", "contact-missing", "refusal-missing"}


def test_k7_the_result_is_told_within_fourteen_days() -> None:
    """Network Act art. 50(7), Decree art. 62-2: the day itself is not counted."""
    given = consent(at=datetime(2026, 11, 1, 23, 59, tzinfo=SEOUL))
    withdrawn = consent("email", act="withdrawn", at=datetime(2026, 11, 20, 0, 0, tzinfo=SEOUL))
    found = duties(person(consents=(withdrawn, given, given)), policy=POLICY, now=NOON)
    assert [(each.what, each.last_day, each.consent) for each in found if each.what == "result notice"] == [
        ("result notice", date(2026, 11, 15), given),
        ("result notice", date(2026, 12, 4), withdrawn),
    ]
    assert {each.source for each in found if each.what == "result notice"} == {
        "KR Network Act art. 50(7), Decree art. 62-2"
    }


def test_k7_the_notice_of_a_withdrawal_may_go_although_it_was_withdrawn() -> None:
    notice = draft(kind=MessageKind.LEGAL_NOTICE, content=Content(text="11월 23일 수신거부가 처리되었습니다. Haneul"))
    assert codes(ask(notice, person(consents=(consent(act="withdrawn"),)), now=NIGHT)) == ()


def test_k7_with_double_opt_in_it_is_the_confirmation_that_is_told() -> None:
    double = Policy(sender=Sender(name="Haneul", contact="02-555-0100"), country="KR", double_opt_in=True)
    lines = consent(at=NOON), consent(act="confirmed", at=NOON + timedelta(days=1))
    later = NOON + timedelta(days=2)
    found = duties(person(consents=lines), policy=double, now=later)
    assert [each.consent.act for each in found if each.what == "result notice"] == ["confirmed"]
    pending = (consent(act="pending", at=NOON),)
    assert duties(person(consents=pending), policy=POLICY, now=later) == ()


@pytest.mark.parametrize(
    ("given", "now", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 24), date(2028, 11, 22)),
        (date(2024, 11, 23), date(2026, 11, 22), date(2026, 11, 22)),
        (date(2024, 11, 23), date(2026, 11, 23), date(2028, 11, 22)),
        (date(2024, 2, 29), date(2025, 1, 1), date(2026, 2, 27)),  # returns on 28 February
        (date(2024, 2, 29), date(2026, 3, 1), date(2028, 2, 28)),  # and on 29 February where there is one
        (date(2015, 6, 1), date(2026, 1, 1), date(2027, 5, 31)),
    ],
)
def test_k8_consent_is_confirmed_again_every_two_years(given: date, now: date, last: date) -> None:
    """Network Act art. 50(8), Decree art. 62-3: before the same date."""
    line = consent(at=datetime(given.year, given.month, given.day, 1, tzinfo=SEOUL))
    at = datetime(now.year, now.month, now.day, 9, tzinfo=SEOUL)
    found = duties(person(consents=(line,)), policy=POLICY, now=at)
    assert [(each.last_day, each.source) for each in found if each.what == "reconfirmation"] == [
        (last, "KR Network Act art. 50(8), Decree art. 62-3")
    ]


def test_k8_silence_keeps_consent_and_what_was_withdrawn_is_not_confirmed_again() -> None:
    old = consent(at=datetime(2010, 1, 1, tzinfo=UTC))
    assert codes(ask(to=person(consents=(old,)))) == ()
    found = duties(person(consents=(old, consent(act="withdrawn"))), policy=POLICY, now=NOON)
    assert {each.what for each in found} == {"result notice"}


def test_duties_have_keys_that_stay_and_differ() -> None:
    lines = tuple(
        consent(medium, purpose=purpose, topic=topic, at=NOON - timedelta(days=2 if topic else 3))
        for medium in ("sms", "email")
        for purpose in ("marketing", "night")
        for topic in (None, "news")
    )
    one = duties(person(consents=lines), policy=POLICY, now=NOON)
    other = duties(person(consents=lines[::-1]), policy=POLICY, now=NOON + timedelta(days=1))
    assert [each.key for each in one] == [each.key for each in other]
    assert len({each.key for each in one}) == len(one) == 16


def test_duties_are_korean() -> None:
    assert duties(person(country="DE"), policy=POLICY, now=NOON) == ()


def test_alimtalk_carries_information_at_any_hour_and_no_advertising() -> None:
    """Kakao Bizmessage."""
    alimtalk = capabilities(Medium.ALIMTALK, needs_template=True)
    told = draft(Medium.ALIMTALK, MessageKind.TRANSACTIONAL)
    assert codes(ask(told, NOBODY, by=alimtalk, now=NIGHT)) == ()
    assert "platform-kind" in refused(ask(draft(Medium.ALIMTALK), by=alimtalk))
    other = draft(Medium.ALIMTALK, MessageKind.TRANSACTIONAL, content=Content(text="다른 글", template="T1"))
    assert refused(ask(other, by=alimtalk)) == ("template-different",)
