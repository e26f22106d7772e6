"""SOLAPI: what leaves, what its codes mean, what it reports. Against a server that checks as SOLAPI's documents say."""

import json
from collections.abc import Iterator
from datetime import time, timedelta
from hashlib import sha256
from typing import Any, Literal, cast

import httpx
import pytest

from retention.channels.errors import BatchTooLarge, ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.exchange import LATER, SOON
from retention.channels.korea import SolapiAccount, SolapiAlimtalk, SolapiBrandMessage, SolapiSms
from retention.channels.korea.codes import FAILURES, PROGRESS, refused
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.errors import ConfigurationError
from retention.permission.capabilities import SendWindow
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Content, Outbound
from retention.testing.messages import NOW
from tests.channels.sendable import draft, sendable
from tests.channels.servers.local import HangUp, Reply, Silence
from tests.channels.servers.solapi import (
    API_KEY,
    API_SECRET,
    CHANNEL,
    TEMPLATE,
    WEBHOOK_SECRET,
    Solapi,
    error,
    signed,
)

DOCUMENTED = """
1010 1011 1013 1014 1020 1021 1022 1023 1024 1025 1026 1027 1028 1029 1030 1031 1032 1033 1034 1041 1042 1043 1044 1045
1046 1047 1048 1049 1050 1051 1052 1053 1058 1060 1061 1062 1064 2000 2011 2024 2060 2061 2062 2063 2064 2230 2254 3000
3010 3011 3012 3013 3014 3024 3031 3032 3040 3041 3042 3043 3044 3045 3046 3047 3048 3050 3051 3052 3053 3054 3055 3056
3057 3058 3059 3060 3101 3102 3103 3104 3105 3106 3107 3108 4000
"""
"""Every code of https://github.com/solapi/documents, api-reference/message-status-codes.md."""

NUMBER = "01012345678"


@pytest.fixture
def server() -> Iterator[Solapi]:
    with Solapi() as server:
        yield server


@pytest.fixture
def account(server: Solapi) -> Iterator[SolapiAccount]:
    with httpx.Client() as client:
        yield account_at(server, client)


def account_at(server: Solapi, client: httpx.Client, secret: str = API_SECRET) -> SolapiAccount:
    return SolapiAccount(
        API_KEY,
        secret,
        webhook_secret=WEBHOOK_SECRET,
        base_url=server.url,
        client=client,
        timeout=httpx.Timeout(0.5, connect=5.0),
    )


@pytest.fixture
def sms(account: SolapiAccount) -> SolapiSms:
    return SolapiSms(account, sender_number="02-930-2266", certified=True)


@pytest.fixture
def alimtalk(account: SolapiAccount) -> SolapiAlimtalk:
    return SolapiAlimtalk(account, channel=CHANNEL)


@pytest.fixture
def brand(account: SolapiAccount) -> SolapiBrandMessage:
    return SolapiBrandMessage(account, channel=CHANNEL)


def text(words: str, *, subject: str | None = None, key: str = "m-1", to: str = NUMBER, attempt: int = 1) -> Outbound:
    return sendable(key, to=to, medium=Medium.SMS, content=Content(text=words, subject=subject), attempt=attempt)


def send(channel: SolapiSms | SolapiAlimtalk | SolapiBrandMessage, message: Outbound) -> Outcome:
    [outcome] = channel.send([message])
    return outcome


def left(server: Solapi) -> dict[str, Any]:
    """The one message of the one request."""
    [request] = server.requests
    [message] = json.loads(request.body)["messages"]
    return cast(dict[str, Any], message)


# Requests. ------------------------------------------------------------------------------------------------------------


def test_a_request_is_signed_over_its_date_and_a_salt(sms: SolapiSms, server: Solapi) -> None:
    assert isinstance(send(sms, text("안녕하세요")), Accepted)
    [request] = server.requests
    told = request.headers["authorization"]
    assert told.startswith(f"HMAC-SHA256 apiKey={API_KEY}, date=2026-03-03T03:00:00.000+00:00, salt=")
    assert API_SECRET not in told


def test_the_date_is_when_the_gate_let_it_go(sms: SolapiSms, server: Solapi) -> None:
    server.now = NOW + timedelta(minutes=15, seconds=1)
    expected = Rejected(
        reason="the message waited longer than a signature holds", retry_after=SOON, code="RequestTimeTooSkewed"
    )
    assert send(sms, text("안녕하세요")) == expected
    assert server.accepted == []


def test_a_second_attempt_is_signed_anew(sms: SolapiSms, server: Solapi) -> None:
    assert isinstance(send(sms, text("안녕하세요")), Accepted)
    assert isinstance(send(sms, text("안녕하세요", attempt=2)), Accepted)


def test_the_very_same_attempt_was_seen_before_so_nobody_knows(sms: SolapiSms, server: Solapi) -> None:
    server.whole.append(HangUp())
    assert isinstance(send(sms, text("안녕하세요")), Unknown)
    assert isinstance(send(sms, text("안녕하세요")), Unknown)
    assert len(server.requests) == 2
    assert server.accepted == []


def test_credentials_that_are_refused_keep_the_message(server: Solapi) -> None:
    with httpx.Client() as client:
        channel = SolapiSms(
            account_at(server, client, "the-secret-of-another"), sender_number="029302266", certified=True
        )
        outcome = send(channel, text("안녕하세요"))
    assert outcome == Rejected(reason="the API secret is refused", retry_after=LATER, code="SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (error(400, "ValidationError"), "SOLAPI finds a field missing or of a wrong form"),
        (error(413, "RecipientsTooMany"), "more messages than SOLAPI takes at once"),
        (error(402, "NotEnoughBalance"), "the balance is used up"),
        (error(429, "TooManyRequests"), "asked to wait"),
        (error(400, "NeverHeardOf"), None),
        (error(500, "InternalError"), None),
        (Reply(200, b"<html>"), None),
        (Reply(200, b'{"messageList": 7, "failedMessageList": [7, {"statusCode": "2000"}]}'), None),
        (Reply(204), None),
        (HangUp(), None),
        (Silence(), None),
    ],
)
def test_what_an_answer_to_the_whole_request_means(
    sms: SolapiSms, server: Solapi, reply: Reply | HangUp | Silence, outcome: str | None
) -> None:
    server.whole.append(reply)
    found = sms.send([text("하나", key="m-1"), text("둘", key="m-2")])
    assert len(found) == 2
    if outcome is None:
        assert all(isinstance(each, Unknown) for each in found)
    else:
        assert all(isinstance(each, Rejected) and each.reason == outcome for each in found)


def test_a_message_that_will_not_do_does_not_condemn_the_others_of_its_request(sms: SolapiSms, server: Solapi) -> None:
    server.whole.extend([error(400, "ValidationError"), error(400, "ValidationError")])
    together = sms.send([text("하나", key="m-1"), text("둘", key="m-2")])
    assert [isinstance(each, Rejected) and each.retry_after for each in together] == [SOON, SOON]
    alone = send(sms, text("하나", key="m-1", attempt=2))
    assert isinstance(alone, Rejected)
    assert alone.retry_after is None


def test_an_acceptance_without_an_id_is_unknown(sms: SolapiSms, server: Solapi) -> None:
    entry = {"statusCode": "2000", "customFields": {"retention": sha256(b"m-1").hexdigest()}}
    server.whole.append(Reply(body=json.dumps({"messageList": [entry]}).encode()))
    assert isinstance(send(sms, text("안녕하세요")), Unknown)


def test_a_batch_is_one_request_with_an_outcome_for_each_in_order(sms: SolapiSms, server: Solapi) -> None:
    server.will("refuse", "01000000001")
    batch = [
        text("셋", key="m-3", to="+82 10-0000-0003"),
        text("이모지 🎁", key="m-4", to="01000000004"),
        text("하나", key="m-1", to="010-0000-0001"),
        text("주소 없음", key="m-5", to="02-930-2266"),
        text("둘", key="m-2", to="82 10 0000 0002"),
    ]
    outcomes = sms.send(batch)
    assert len(server.requests) == 1
    assert outcomes == [
        Accepted("M4V0"),
        Rejected(reason="a character that CP949 does not have"),
        Rejected(reason="the number has a wrong form", code="3010"),
        Rejected(reason="not a Korean mobile number"),
        Accepted("M4V1"),
    ]
    assert server.accepted == ["01000000003", "01000000002"]


def test_what_can_all_not_be_written_is_no_request(sms: SolapiSms, server: Solapi) -> None:
    assert isinstance(send(sms, text("₩12,900")), Rejected)
    assert server.requests == []


def test_two_messages_to_one_number_are_two(sms: SolapiSms, server: Solapi) -> None:
    outcomes = sms.send([text("하나", key="m-1"), text("둘", key="m-2")])
    assert outcomes == [Accepted("M4V0"), Accepted("M4V1")]
    assert json.loads(server.requests[0].body)["allowDuplicates"] is True


def test_more_than_ten_thousand_are_refused_before_any_leaves(sms: SolapiSms, server: Solapi) -> None:
    """https://github.com/solapi/documents, addGroupMessages: at most 10,000 recipients of one request."""
    assert sms.capabilities.batch == 10_000
    with pytest.raises(BatchTooLarge):
        sms.send([text("하나")] * 10_001)
    assert server.requests == []


# SMS and LMS. ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [("a" * 90, "SMS"), ("a" * 91, "LMS"), ("가" * 45, "SMS"), ("가" * 45 + "a", "LMS"), ("뷁" * 45, "SMS")],
    ids=["90", "91", "45 of 2 bytes", "one more", "not in KS X 1001"],
)
def test_a_text_is_an_sms_up_to_90_bytes_of_cp949(sms: SolapiSms, server: Solapi, words: str, kind: str) -> None:
    """law.md, A7: 90 and 2,000 bytes, counted in CP949 and not in Python's euc-kr, which takes 8 bytes for 뷁."""
    assert isinstance(send(sms, text(words)), Accepted)
    message = left(server)
    assert (message["type"], message["text"], message["from"], message["to"]) == (kind, words, "029302266", NUMBER)
    assert message["autoTypeDetect"] is False
    assert "subject" not in message


def test_a_subject_makes_it_an_lms(sms: SolapiSms, server: Solapi) -> None:
    assert isinstance(send(sms, text("짧은 글", subject="소식")), Accepted)
    assert (left(server)["type"], left(server)["subject"]) == ("LMS", "소식")


def test_a_sender_number_that_is_not_registered_is_rejected_with_the_repair(
    account: SolapiAccount, server: Solapi
) -> None:
    outcome = send(SolapiSms(account, sender_number="031-000-0000", certified=True), text("안녕하세요"))
    assert outcome == Rejected(
        reason="the sender number is not registered: register it with SOLAPI", retry_after=None, code="1062"
    )


@pytest.mark.parametrize("number", ["", "shop", "12", "+82 2 930 2266"])
def test_a_sender_number_is_one_of_korea_s(account: SolapiAccount, number: str) -> None:
    with pytest.raises(ConfigurationError, match="sender"):
        SolapiSms(account, sender_number=number, certified=True)


@pytest.mark.parametrize(
    "address", ["+82 10-1234-5678", "+82 (0)10 1234 5678", "82-10-1234-5678", "00821012345678", "010.1234.5678", NUMBER]
)
def test_a_number_is_brought_to_one_form(sms: SolapiSms, address: str) -> None:
    assert sms.validate_address(address) == NUMBER


@pytest.mark.parametrize("address", ["+1 212 555 0100", "02-930-2266", "0101234567890", "01012345６78", "", "0" * 99])
def test_any_other_number_is_refused(sms: SolapiSms, address: str) -> None:
    with pytest.raises(InvalidAddress):
        sms.validate_address(address)


def test_capabilities_of_texts(sms: SolapiSms) -> None:
    """law.md: A7 for lengths and the character set, K10 for the certificate."""
    capabilities = sms.capabilities
    assert capabilities.encoding == "cp949"
    assert capabilities.length is not None
    assert (capabilities.length.limit, capabilities.length.unit) == (2_000, "bytes in cp949")
    assert capabilities.certified is True


# KakaoTalk. -----------------------------------------------------------------------------------------------------------


def test_an_alimtalk_names_its_template_and_what_was_filled_in(alimtalk: SolapiAlimtalk, server: Solapi) -> None:
    content = Content(
        text="안나님, 출발했습니다.",
        template=TEMPLATE,
        variables={"name": "안나"},
        buttons=(
            Button("배송 조회", "DS"),
            Button("주문 보기", "WL", "https://shop.example/o"),
            Button("앱 열기", "AL", "shop://o"),
        ),
    )
    assert isinstance(send(alimtalk, sendable(to=NUMBER, medium=Medium.ALIMTALK, content=content)), Accepted)
    message = left(server)
    assert message["type"] == "ATA"
    assert message["kakaoOptions"] == {
        "pfId": CHANNEL,
        "templateId": TEMPLATE,
        "variables": {"#{name}": "안나"},
        "disableSms": True,
        "buttons": [
            {"buttonName": "배송 조회", "buttonType": "DS"},
            {
                "buttonName": "주문 보기",
                "buttonType": "WL",
                "linkMo": "https://shop.example/o",
                "linkPc": "https://shop.example/o",
            },
            {"buttonName": "앱 열기", "buttonType": "AL", "linkAnd": "shop://o", "linkIos": "shop://o"},
        ],
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Content(text="x", template="KA01TP-none", variables={"name": "안나"}), "1042"),
        (Content(text="x", template=TEMPLATE, variables={"nmae": "안나"}), "1043"),
        (Content(text="x", template=TEMPLATE, variables={"#{name}": "안나"}), None),
        (Content(text="x"), "no template"),
    ],
    ids=["no such template", "other variables", "marked already", "none"],
)
def test_a_template_must_be_approved_and_matched(alimtalk: SolapiAlimtalk, content: Content, code: str | None) -> None:
    outcome = send(alimtalk, sendable(to=NUMBER, medium=Medium.ALIMTALK, content=content))
    match code:
        case None:
            assert isinstance(outcome, Accepted)
        case "no template":
            assert outcome == Rejected(reason="Alimtalk takes approved templates only")
        case _:
            assert isinstance(outcome, Rejected)
            assert outcome.code == code


def test_an_alimtalk_that_fails_falls_back_by_the_gate_and_not_by_the_provider(alimtalk: SolapiAlimtalk) -> None:
    """law.md, A2: the text in its place needs a label of its own, so it may not be SOLAPI that sends it."""
    assert alimtalk.capabilities.fallback == ("sms",)
    assert MessageKind.MARKETING not in alimtalk.capabilities.kinds
    assert alimtalk.capabilities.needs_template


def test_a_button_says_at_most_14_characters_and_opens_something(
    alimtalk: SolapiAlimtalk, brand: SolapiBrandMessage
) -> None:
    """law.md, A2: button name at most 14."""
    buttons = (Button("가" * 14, url="https://shop.example"), Button("가" * 15, "BK"), Button("열기", "WL"))
    content = Content(text="x", template=TEMPLATE, buttons=buttons)
    for channel in (alimtalk, brand):
        found = channel.check(draft(to=NUMBER, channel=channel.id, content=content))
        assert [each.words for each in found] == [
            "button 2 says more than 14 characters",
            "button 3 opens no address",
        ]
        assert {each.code for each in found} == {"kakao-button"}


def test_a_brand_message_is_free_text_to_friends_of_the_channel(brand: SolapiBrandMessage, server: Solapi) -> None:
    buttons = (
        Button("보러 가기", "WL", "https://shop.example"),
        Button("앱", "AL", "shop://"),
        Button("채널 추가", "AC"),
    )
    content = Content(text="이번 주말 할인 🎁", buttons=buttons)
    message = sendable(to=NUMBER, medium=Medium.BRAND_MESSAGE, content=content, kind=MessageKind.MARKETING)
    assert isinstance(send(brand, message), Accepted)
    sent = left(server)
    assert (sent["type"], sent["text"]) == ("BMS_FREE", "이번 주말 할인 🎁")
    assert sent["kakaoOptions"] == {
        "pfId": CHANNEL,
        "disableSms": True,
        "bms": {
            "targeting": "I",
            "chatBubbleType": "TEXT",
            "buttons": [
                {
                    "name": "보러 가기",
                    "linkType": "WL",
                    "linkMobile": "https://shop.example",
                    "linkPc": "https://shop.example",
                },
                {"name": "앱", "linkType": "AL", "linkAndroid": "shop://", "linkIos": "shop://"},
                {"name": "채널 추가", "linkType": "AC"},
            ],
        },
    }


def test_brand_messages_go_from_8_to_20_50_in_korea(brand: SolapiBrandMessage) -> None:
    """law.md, A2: closed from 20:50 to 08:00, whatever the consent."""
    marketing = frozenset({MessageKind.MARKETING})
    assert brand.capabilities.window == SendWindow(time(8), time(20, 50), "Asia/Seoul", marketing)
    assert brand.capabilities.kinds == marketing


@pytest.mark.parametrize(("targeting", "friends"), [("I", True), ("M", False), ("N", False)])
def test_targeting_i_reaches_friends_of_the_channel_alone(
    account: SolapiAccount, targeting: Literal["I", "M", "N"], friends: bool
) -> None:
    """law.md, A2: I is the shop's list among the channel's friends; M and N go to who consented."""
    channel = SolapiBrandMessage(account, channel=CHANNEL, targeting=targeting)
    assert channel.capabilities.friends_only is friends


# Codes. ---------------------------------------------------------------------------------------------------------------


def test_every_documented_code_is_known_but_those_that_say_nothing_of_a_message() -> None:
    known = FAILURES.keys() | PROGRESS.keys()
    assert set(DOCUMENTED.split()) - known == {"1021", "1022", "3014", "3048"}
    assert known - set(DOCUMENTED.split()) == set()


@pytest.mark.parametrize("code", ["3014", "3048", "9999", "", "2000x"])
def test_a_code_that_is_not_known_is_unknown(code: str) -> None:
    assert isinstance(refused(code), Unknown)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1060", "hard bounce"),
        ("1061", "opt-out"),
        ("2060", "hard bounce"),
        ("2061", "opt-out"),
        ("3032", "hard bounce"),
        ("3055", "opt-out"),
    ],
)
def test_who_refused_or_does_not_exist_is_not_written_to_again(code: str, why: str) -> None:
    """Who refused advertising still gets what they bought: an opt-out stops marketing alone."""
    outcome = refused(code)
    assert isinstance(outcome, Rejected)
    assert (outcome.suppress, outcome.suppress_as) == (True, why)
    assert outcome.retry_after is None


@pytest.mark.parametrize(
    ("code", "wait"),
    [("1024", SOON), ("2024", SOON), ("1020", LATER), ("1030", LATER), ("2230", LATER), ("3108", LATER)],
)
def test_what_somebody_can_put_right_is_tried_again(code: str, wait: timedelta) -> None:
    outcome = refused(code)
    assert isinstance(outcome, Rejected)
    assert (outcome.retry_after, outcome.suppress) == (wait, False)


# Reports. -------------------------------------------------------------------------------------------------------------


def report(**parts: object) -> bytes:
    return json.dumps([{"messageId": "M1", **parts}]).encode()


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("3000", "sent", None),
        ("4000", "delivered", None),
        ("3104", "failed", None),
        ("2061", "failed", "opt-out"),
        ("3032", "bounced", "hard bounce"),
    ],
)
def test_a_report_becomes_a_receipt(sms: SolapiSms, code: str, status: Any, why: Any) -> None:
    webhook = signed(report(statusCode=code, dateReceived="2026-03-03T02:59:00.000Z"))
    expected = Receipt(
        provider_id="M1",
        status=status,
        at=NOW - timedelta(minutes=1),
        suppress=why is not None,
        suppress_as=why or "hard bounce",
        code=code,
    )
    assert list(sms.parse_webhook(webhook.headers, webhook.body, now=NOW)) == [expected]


@pytest.mark.parametrize("code", ["2000", "9999", "3014", ""])
def test_a_message_under_way_and_a_code_that_is_not_known_are_no_receipt(sms: SolapiSms, code: str) -> None:
    webhook = signed(report(statusCode=code))
    assert list(sms.parse_webhook(webhook.headers, webhook.body, now=NOW)) == []


def test_a_report_without_a_time_is_of_now(sms: SolapiSms) -> None:
    webhook = signed(report(statusCode="4000", dateReceived=None, dateReported="어제"))
    [receipt] = sms.parse_webhook(webhook.headers, webhook.body, now=NOW)
    assert receipt.at == NOW


@pytest.mark.parametrize("body", [b"", b"{}", b"7", b'["M1"]', b'[{"statusCode": "4000"}]', b"[" * 100_000])
def test_a_report_that_names_no_message_is_malformed(sms: SolapiSms, body: bytes) -> None:
    webhook = signed(body)
    with pytest.raises(MalformedWebhook):
        sms.parse_webhook(webhook.headers, webhook.body, now=NOW)


@pytest.mark.parametrize("shown", ["", WEBHOOK_SECRET, "é" * 40])
def test_a_webhook_shows_the_hash_of_the_secret(sms: SolapiSms, shown: str) -> None:
    with pytest.raises(ForgedWebhook) as caught:
        sms.parse_webhook({"X-Solapi-Secret": shown}, report(statusCode="4000"), now=NOW)
    assert WEBHOOK_SECRET not in str(caught.value)


def test_without_a_secret_of_our_own_no_webhook_is_believed(server: Solapi) -> None:
    with httpx.Client() as client:
        account = SolapiAccount(API_KEY, API_SECRET, base_url=server.url, client=client)
        webhook = signed(report(statusCode="4000"))
        with pytest.raises(ForgedWebhook):
            account.parse_webhook(webhook.headers, webhook.body, now=NOW)


@pytest.mark.parametrize("short", ["", " " * 32, "fifteen-letters"])
def test_a_secret_that_can_be_tried_out_is_refused(short: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook_secret") as caught:
        SolapiAccount(API_KEY, API_SECRET, webhook_secret=short)
    with pytest.raises(ConfigurationError, match="api_secret"):
        SolapiAccount(API_KEY, short)
    assert not short or short not in str(caught.value)


def test_a_shop_that_webhooks_cannot_reach_asks(account: SolapiAccount, sms: SolapiSms, server: Solapi) -> None:
    send(sms, text("안녕하세요"))
    assert account.report("M4V0", now=NOW) is None, "it is only taken so far"
    server.messages["M4V0"]["statusCode"] = "4000"
    assert account.report("M4V0", now=NOW + timedelta(seconds=30)) == Receipt(
        provider_id="M4V0", status="delivered", at=NOW, code="4000"
    )
    assert account.report("M4V9", now=NOW) is None
    server.whole.append(HangUp())
    assert account.report("M4V0", now=NOW + timedelta(minutes=1)) is None
