"""WhatsApp: what leaves, what Meta's error codes mean, what it reports."""

import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest

from retention.channels.errors import ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.exchange import LATER, SOON
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.channels.whatsapp import Inbound, WhatsAppChannel, answer_challenge, read_inbound
from retention.errors import ConfigurationError
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Outbound
from retention.testing.messages import NOW
from tests.channels.sendable import draft, sendable
from tests.channels.servers.local import HangUp, Reply, Silence
from tests.channels.servers.whatsapp import APP_SECRET, LONGEST, NUMBER, TOKEN, WhatsApp, about, error, signed

TO = "821012345678"
OURS = "made-once-and-kept"
SENT_AT = NOW - timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[WhatsApp]:
    with WhatsApp() as server:
        yield server


@pytest.fixture
def channel(server: WhatsApp) -> Iterator[WhatsAppChannel]:
    with httpx.Client() as client:
        yield WhatsAppChannel(
            phone_number_id=NUMBER,
            access_token=TOKEN,
            app_secret=APP_SECRET,
            base_url=server.url,
            client=client,
            timeout=httpx.Timeout(0.5, connect=5.0),
        )


def message(content: Content | None = None, *, to: str = TO, kind: MessageKind = MessageKind.SERVICE) -> Outbound:
    return sendable(to=to, medium=Medium.WHATSAPP, content=content, kind=kind)


def template(code: str = "order_sent/ko", **variables: str) -> Content:
    return Content(text="…", template=code, variables=variables)


def send(channel: WhatsAppChannel, each: Outbound) -> Outcome:
    [outcome] = channel.send([each])
    return outcome


def left(server: WhatsApp) -> dict[str, Any]:
    [request] = server.requests
    return cast(dict[str, Any], json.loads(request.body))


# What leaves. ---------------------------------------------------------------------------------------------------------


def test_free_text_within_24_hours(channel: WhatsAppChannel, server: WhatsApp) -> None:
    assert send(channel, message(Content(text="안녕하세요"))) == Accepted("wamid.0")
    body = left(server)
    assert len(body.pop("biz_opaque_callback_data")) == 64
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": TO,
        "type": "text",
        "text": {"body": "안녕하세요", "preview_url": False},
    }
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_what_is_as_long_as_the_channel_says_is_taken_and_no_more(channel: WhatsAppChannel) -> None:
    length = channel.capabilities.length
    assert length is not None
    assert (length.limit, length.unit) == (LONGEST, "characters")
    assert isinstance(send(channel, message(Content(text="가" * LONGEST))), Accepted)
    assert isinstance(send(channel, message(Content(text="가" * (LONGEST + 1)))), Rejected)


def test_free_text_after_24_hours_wants_a_template(channel: WhatsAppChannel, server: WhatsApp) -> None:
    """law.md, A6: 131047."""
    server.windows_shut.add(TO)
    assert send(channel, message()) == Rejected(
        reason="the customer wrote more than 24 hours ago: send a template", code="131047"
    )


def test_a_template_is_a_name_a_language_and_what_was_filled_in(channel: WhatsAppChannel, server: WhatsApp) -> None:
    server.windows_shut.add(TO)
    assert isinstance(send(channel, message(template(name="안나", parcel="7"))), Accepted)
    assert left(server)["template"] == {
        "name": "order_sent",
        "language": {"code": "ko"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "parameter_name": "name", "text": "안나"},
                    {"type": "text", "parameter_name": "parcel", "text": "7"},
                ],
            }
        ],
    }


def test_variables_that_are_numbers_are_given_by_place(channel: WhatsAppChannel, server: WhatsApp) -> None:
    content = Content(text="…", template="by_place/en_US", variables={"2": "b", "1": "a"})
    assert isinstance(send(channel, message(content)), Accepted)
    [body] = left(server)["template"]["components"]
    assert body["parameters"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


@pytest.mark.parametrize(("content", "code"), [(template("other/ko"), "132001"), (template(name="x"), "132000")])
def test_a_template_must_be_approved_and_matched(channel: WhatsAppChannel, content: Content, code: str) -> None:
    outcome = send(channel, message(content))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after) == (code, None)


@pytest.mark.parametrize("code", ["order_sent", "/ko", "order_sent/"])
def test_a_template_s_code_has_a_language(channel: WhatsAppChannel, server: WhatsApp, code: str) -> None:
    [reason] = channel.check(draft(to=TO, channel="whatsapp", content=template(code)))
    assert reason.code == "whatsapp-template-code"
    assert isinstance(send(channel, message(template(code))), Rejected)
    assert server.requests == []


def test_marketing_templates_do_not_go_to_the_united_states(channel: WhatsAppChannel, server: WhatsApp) -> None:
    """law.md, A6: marketing templates are not delivered to +1 numbers of the US; a number does not say US or Canada."""
    content = template(name="x", parcel="y")
    wish = draft(to="+1 212 555 0100", channel="whatsapp", content=content, kind=MessageKind.MARKETING)
    assert [each.code for each in channel.check(wish)] == ["whatsapp-no-marketing-to-us"]
    outcome = send(channel, message(content, to="+1 212 555 0100", kind=MessageKind.MARKETING))
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after is None
    assert server.requests == []


@pytest.mark.parametrize(
    ("content", "kind", "to"),
    [
        (template(name="x", parcel="y"), MessageKind.TRANSACTIONAL, "12125550100"),
        (Content(text="hello"), MessageKind.MARKETING, "12125550100"),
        (template(name="x", parcel="y"), MessageKind.MARKETING, TO),
    ],
    ids=["not marketing", "no template", "not +1"],
)
def test_anything_else_does(channel: WhatsAppChannel, content: Content, kind: MessageKind, to: str) -> None:
    assert channel.check(draft(to=to, channel="whatsapp", content=content, kind=kind)) == []
    assert isinstance(send(channel, message(content, to=to, kind=kind)), Accepted)


@pytest.mark.parametrize("address", ["+82 10-1234-5678", "821012345678", "+82 (10) 1234.5678"])
def test_a_number_is_brought_to_one_form(channel: WhatsAppChannel, address: str) -> None:
    assert channel.validate_address(address) == TO


@pytest.mark.parametrize("address", ["010-1234-5678", "+82", "", "+8210123456789012", "+82 10 1234 567８"])
def test_a_number_has_its_country_s_code(channel: WhatsAppChannel, address: str) -> None:
    with pytest.raises(InvalidAddress):
        channel.validate_address(address)
    assert isinstance(send(channel, message(to=address)), Rejected)


def test_the_token_goes_over_https_only() -> None:
    with pytest.raises(ConfigurationError):
        WhatsAppChannel(
            phone_number_id=NUMBER, access_token=TOKEN, app_secret=APP_SECRET, base_url="http://meta.example"
        )


# What an answer means. ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "wait", "suppress"),
    [
        (131026, None, False),
        (131049, timedelta(hours=24), False),
        (131050, None, True),
        (130429, SOON, False),
        (80007, SOON, False),
        (131056, SOON, False),
        (131016, SOON, False),
        (131048, LATER, False),
        (190, LATER, False),
        (0, LATER, False),
        (131031, LATER, False),
        (131042, LATER, False),
        (100, None, False),
        (132015, None, False),
    ],
)
def test_a_code_that_is_known(
    channel: WhatsAppChannel, server: WhatsApp, code: int, wait: timedelta | None, suppress: bool
) -> None:
    """law.md, A6: 131049 not before 24 hours, 131050 suppresses: marketing, and nothing else."""
    server.whole.append(error(400, code))
    outcome = send(channel, message())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after, outcome.suppress) == (str(code), wait, suppress)
    assert outcome.suppress_as == ("opt-out" if suppress else "hard bounce")


@pytest.mark.parametrize(
    ("code", "headers", "wait"),
    [
        (130429, {"retry-after": "600"}, timedelta(minutes=10)),
        (130429, {"retry-after": "Tue, 03 Mar 2026 03:20:00 GMT"}, timedelta(minutes=20)),
        (131049, {"retry-after": "5"}, timedelta(hours=24)),
        (131050, {"retry-after": "5"}, None),
    ],
)
def test_the_provider_may_ask_for_longer_and_not_for_less(
    channel: WhatsAppChannel, server: WhatsApp, code: int, headers: dict[str, str], wait: timedelta | None
) -> None:
    server.whole.append(error(429, code, headers, "Tue, 03 Mar 2026 03:00:00 GMT"))
    outcome = send(channel, message())
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == wait


@pytest.mark.parametrize(
    "reply",
    [
        error(400, 999_999),
        error(500, 131000),
        error(500, 1),
        Reply(500),
        Reply(401, b"<html>"),
        Reply(200, b"{}"),
        Reply(200, b'{"messages": [7]}'),
        Reply(200, b'{"messages": [{"id": true}]}'),
        Reply(302, headers={"location": "/"}),
        HangUp(),
        Silence(),
    ],
)
def test_anything_else_is_unknown(channel: WhatsAppChannel, server: WhatsApp, reply: Reply | HangUp | Silence) -> None:
    server.whole.append(reply)
    assert isinstance(send(channel, message()), Unknown)


# What is reported. ----------------------------------------------------------------------------------------------------


def status(**parts: object) -> dict[str, object]:
    return {"id": "wamid.1", "status": "delivered", "timestamp": str(int(SENT_AT.timestamp())), **parts}


def receipts(channel: WhatsAppChannel, *values: dict[str, object]) -> list[Receipt]:
    webhook = signed(about({"statuses": list(values)}))
    return list(channel.parse_webhook(webhook.headers, webhook.body, now=NOW))


@pytest.mark.parametrize("name", ["sent", "delivered", "read", "failed"])
def test_a_status_becomes_a_receipt(channel: WhatsAppChannel, name: Any) -> None:
    assert receipts(channel, status(status=name)) == [Receipt(provider_id="wamid.1", status=name, at=SENT_AT)]


@pytest.mark.parametrize(("code", "suppress"), [(131050, True), (131049, False), (131026, False), (999_999, False)])
def test_a_failure_says_why_and_whether_to_write_again(channel: WhatsAppChannel, code: int, suppress: bool) -> None:
    [receipt] = receipts(channel, status(status="failed", errors=[{"code": code, "title": "…"}]))
    assert (receipt.status, receipt.code, receipt.suppress) == ("failed", str(code), suppress)
    assert receipt.suppress_as == ("opt-out" if suppress else "hard bounce")


def test_a_status_that_is_no_step_of_the_way_is_left_out(channel: WhatsAppChannel) -> None:
    assert receipts(channel, status(status="played"), status()) == receipts(channel, status())


def test_what_is_of_another_number_of_the_account_is_left_out(channel: WhatsAppChannel) -> None:
    webhook = signed(about({"statuses": [status()]}, number="999"))
    assert list(channel.parse_webhook(webhook.headers, webhook.body, now=NOW)) == []


@pytest.mark.parametrize("lacking", ["id", "status", "timestamp"])
def test_a_status_that_lacks_something_is_malformed(channel: WhatsAppChannel, lacking: str) -> None:
    with pytest.raises(MalformedWebhook):
        receipts(channel, status(**{lacking: None}))


@pytest.mark.parametrize("body", [7, [], {}, {"object": "instagram"}])
def test_what_is_of_something_else_is_malformed(channel: WhatsAppChannel, body: object) -> None:
    webhook = signed(body)
    with pytest.raises(MalformedWebhook):
        channel.parse_webhook(webhook.headers, webhook.body, now=NOW)


def test_what_customers_write_is_data_and_no_receipt(channel: WhatsAppChannel) -> None:
    written = {"id": "wamid.in", "from": TO, "timestamp": str(int(SENT_AT.timestamp())), "type": "text"}
    webhook = signed(about({"messages": [{**written, "text": {"body": "수신거부"}}, {**written, "type": "image"}]}))
    assert list(channel.parse_webhook(webhook.headers, webhook.body, now=NOW)) == []
    first, second = channel.parse_inbound(webhook.headers, webhook.body)
    assert first == Inbound(id="wamid.in", address=TO, at=SENT_AT, text="수신거부")
    assert second.text is None
    assert TO not in repr(first)
    assert "수신거부" not in repr(first)


@pytest.mark.parametrize("lacking", ["id", "from", "timestamp"])
def test_a_customer_s_message_that_lacks_something_is_malformed(channel: WhatsAppChannel, lacking: str) -> None:
    written = {"id": "wamid.in", "from": TO, "timestamp": "1772506740", lacking: None}
    webhook = signed(about({"messages": [written]}))
    with pytest.raises(MalformedWebhook):
        channel.parse_inbound(webhook.headers, webhook.body)


def test_what_customers_write_is_signed_too(channel: WhatsAppChannel) -> None:
    with pytest.raises(ForgedWebhook):
        channel.parse_inbound({}, signed(about({})).body)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": OURS, "hub.challenge": "17"}, "17"),
        ({"hub.mode": "subscribe", "hub.verify_token": "é", "hub.challenge": "17"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": OURS, "hub.challenge": "17"}, None),
        ({}, None),
    ],
)
def test_the_address_of_the_webhook_is_verified_once(query: dict[str, str], answer: str | None) -> None:
    assert answer_challenge(query, verify_token=OURS) == answer


@pytest.mark.parametrize("short", ["", " " * 32, "fifteen-letters"])
def test_a_secret_that_can_be_tried_out_is_refused(short: str) -> None:
    """With an empty one, anybody's signature is right."""
    body = b'{"object":"whatsapp_business_account","entry":[]}'
    signed = {"X-Hub-Signature-256": f"sha256={hmac.digest(short.encode(), body, 'sha256').hex()}"}
    for attempt in (
        lambda: WhatsAppChannel(phone_number_id=NUMBER, access_token=TOKEN, app_secret=short),
        lambda: read_inbound(short, signed, body, phone_number_id=NUMBER),
        lambda: answer_challenge({"hub.mode": "subscribe", "hub.challenge": "17"}, verify_token=short),
    ):
        with pytest.raises(ConfigurationError, match="16 characters"):
            attempt()
