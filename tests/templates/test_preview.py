"""Previews: what would be sent, how long it is, what the gate says."""

from datetime import UTC, datetime, timedelta

from retention.permission import (
    Button,
    Capabilities,
    Content,
    Deferred,
    Draft,
    Length,
    Medium,
    MessageKind,
    Person,
    Policy,
    Reason,
    Refused,
    Sender,
    permit,
)
from retention.templates import preview
from tests.templates.shop import SEOUL

SMS = Capabilities(medium=Medium.SMS, length=Length(90, "bytes in cp949"), buttons=2)
UNASKED = "not asked of the gate: label, sender, opt-out, consent, hours, how often"
TEXT = Content(
    text="(광고)봄상점 세일", subject="봄", buttons=(Button("보기", url="https://shop.example"), Button("추가", "AC"))
)


def test_a_preview_prints_the_message_and_its_length() -> None:
    made = preview(TEXT, SMS, zone=SEOUL)
    assert str(made).splitlines() == [
        "sms: 봄",
        "-" * 20,
        "(광고)봄상점 세일",
        "[보기] https://shop.example",
        "[추가]",
        "-" * 20,
        "17 of 90 bytes in cp949",
        UNASKED,
    ]
    assert made.length == 17


def test_it_says_what_the_gate_says() -> None:
    night = Reason("quiet-hours", "advertising by text is not sent at night", "Network Act art. 50(3)")
    later = Deferred(datetime(2026, 11, 21, 23, tzinfo=UTC), (night,))
    assert str(preview(TEXT, SMS, zone=SEOUL, verdict=later)).splitlines()[-2:] == [
        "would be deferred until 2026-11-22 08:00 KST:",
        "  quiet-hours: advertising by text is not sent at night",
    ]
    never = Refused((Reason("no-consent", "no consent to advertising by text"),))
    assert str(preview(TEXT, SMS, zone=SEOUL, verdict=never)).splitlines()[-2:] == [
        "would not be sent:",
        "  no-consent: no consent to advertising by text",
    ]


def test_what_does_not_fit_is_said_without_the_gate() -> None:
    assert str(preview(Content(text="가" * 46), SMS, zone=SEOUL)).splitlines()[-4:] == [
        "92 of 90 bytes in cp949",
        "would not be sent:",
        "  too-long: text: 92 bytes in cp949 where the channel takes 90",
        UNASKED,
    ]
    lost = preview(Content(text="₩9,900"), SMS, zone=SEOUL)
    assert lost.length is None
    assert "U+20A9 (WON SIGN) at position 0 cannot be written in cp949" in str(lost)
    narrow = Capabilities(medium=Medium.PUSH, encoding="cp949", subject_length=Length(2, "characters"))
    found = str(preview(Content(text="₩9,900", subject="봄봄봄", buttons=TEXT.buttons), narrow, zone=SEOUL))
    assert [each.split(":")[0].strip() for each in found.splitlines()[-5:-1]] == [
        "would not be sent",
        "unencodable",
        "too-long",
        "too-many-buttons",
    ]


def test_a_channel_without_a_limit_counts_characters() -> None:
    made = preview(Content(text="가나"), Capabilities(medium=Medium.PUSH), zone=SEOUL)
    assert str(made).splitlines()[-2:] == ["2 characters", UNASKED]


def test_who_has_asked_the_gate_is_told_its_answer_alone() -> None:
    never = Refused((Reason("no-consent", "no consent to advertising by text"),))
    assert UNASKED not in str(preview(TEXT, SMS, zone=SEOUL, verdict=never))


def test_its_repr_shows_nothing_of_it() -> None:
    assert "봄상점" not in repr(preview(TEXT, SMS, zone=SEOUL))


def test_it_shows_what_was_let_through() -> None:
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    draft = Draft(
        key="k",
        kind=MessageKind.TRANSACTIONAL,
        channel="sms",
        customer="c-1",
        recipient="r-1",
        address="01012345678",
        content=Content(text="출발했습니다"),
        planned_at=now,
        expires_at=now + timedelta(hours=1),
    )
    policy = Policy(sender=Sender(name="봄상점", contact="02-123-4567"), country="KR")
    verdict = permit(draft, SMS, Person(country="KR"), policy=policy, now=now)
    shown = preview(TEXT, SMS, zone=SEOUL, verdict=verdict)
    assert shown.content == draft.content
    assert str(shown).endswith("12 of 90 bytes in cp949\nwould be sent")
