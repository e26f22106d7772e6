"""The signed webhook: what a receiver gets, what its answers mean, what it may report."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import httpx
import pytest

from retention.channels.errors import BatchTooLarge, ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, SuppressAs, Unknown
from retention.channels.signatures import sign, verify
from retention.channels.webhook import WebhookChannel, webhook_id
from retention.errors import ConfigurationError
from retention.permission.media import Medium
from retention.permission.messages import Button, Content, Outbound
from retention.testing.messages import NOW
from tests.channels.sendable import sendable
from tests.channels.servers.local import Reply, Silence
from tests.channels.servers.receiver import NEXT_SECRET, REMEMBERS, SECRET, Receiver

KEY = "shop/윈백 2/step-1/c-7"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def channel(client: httpx.Client) -> WebhookChannel:
    return WebhookChannel([SECRET], remembers=REMEMBERS, client=client)


def message(receiver: Receiver, key: str = KEY, *, attempt: int = 1) -> Outbound:
    content = Content(
        text="안녕하세요",
        subject="소식",
        template="t-1",
        variables={"name": "안나"},
        buttons=(Button("보기", url="https://shop.example"),),
    )
    return sendable(key, to=f"{receiver.url}/hooks?who=7", medium=Medium.WEBHOOK, content=content, attempt=attempt)


def send(channel: WebhookChannel, each: Outbound) -> Outcome:
    [outcome] = channel.send([each])
    return outcome


def test_a_receiver_gets_the_message_signed_with_an_id_of_its_key(channel: WebhookChannel, receiver: Receiver) -> None:
    assert send(channel, message(receiver)) == Accepted(webhook_id(KEY))
    [request] = receiver.requests
    assert verify([SECRET], request.headers, request.body, now=NOW) == webhook_id(KEY)
    assert request.headers["idempotency-key"] == webhook_id(KEY)
    assert request.headers["content-type"] == "application/json"
    assert request.path == "/hooks?who=7"
    assert json.loads(request.body) == {
        "type": "message",
        "id": webhook_id(KEY),
        "data": {
            "recipient": f"r-{KEY}",
            "kind": "transactional",
            "medium": "webhook",
            "expires_at": "2026-03-04T03:00:00+00:00",
            "subject": "소식",
            "text": "안녕하세요",
            "html": None,
            "template": "t-1",
            "variables": {"name": "안나"},
            "buttons": [{"label": "보기", "kind": "WL", "url": "https://shop.example"}],
        },
    }


def test_a_second_attempt_is_the_same_bytes_under_the_same_id_and_taken_once(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    send(channel, message(receiver))
    send(channel, message(receiver, attempt=2))
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert len(receiver.accepted) == 1


def test_secrets_are_replaced_without_a_gap(receiver: Receiver, client: httpx.Client) -> None:
    for secrets, known in (([SECRET, NEXT_SECRET], SECRET), ([SECRET, NEXT_SECRET], NEXT_SECRET)):
        receiver.secret = known
        outcome = send(WebhookChannel(secrets, client=client), message(receiver, known))
        assert isinstance(outcome, Accepted)


def test_a_receiver_that_does_not_know_the_secret_takes_nothing(receiver: Receiver, client: httpx.Client) -> None:
    outcome = send(WebhookChannel([NEXT_SECRET], client=client), message(receiver))
    assert outcome == Rejected(reason="not taken", code="401")
    assert receiver.accepted == []


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(202), Accepted(webhook_id(KEY))),
        (Reply(307, headers={"location": "/"}), Rejected(reason="not taken", code="307")),
        (Reply(400), Rejected(reason="not taken", code="400")),
        (Reply(404), Rejected(reason="not taken", code="404")),
        (Reply(410), Rejected(reason="the receiver is gone", suppress=True, code="410")),
        (Reply(408), Rejected(reason="asked to come again", retry_after=timedelta(minutes=1), code="408")),
        (
            Reply(425, headers={"retry-after": "3"}),
            Rejected(reason="asked to come again", retry_after=timedelta(seconds=3), code="425"),
        ),
        (
            Reply(429, headers={"retry-after": "Mon, 02 Mar 2026 12:10:00 GMT"}, date="Mon, 02 Mar 2026 12:00:00 GMT"),
            Rejected(reason="asked to wait", retry_after=timedelta(minutes=10), code="429"),
        ),
        (Reply(503), Rejected(reason="asked to wait", retry_after=timedelta(minutes=1), code="503")),
    ],
    ids=lambda each: str(each.status) if isinstance(each, Reply) else "",
)
def test_what_an_answer_means(channel: WebhookChannel, receiver: Receiver, reply: Reply, outcome: Outcome) -> None:
    receiver.whole.append(reply)
    assert send(channel, message(receiver)) == outcome


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_server_in_distress_may_have_taken_it(channel: WebhookChannel, receiver: Receiver, status: int) -> None:
    receiver.whole.append(Reply(status))
    assert isinstance(send(channel, message(receiver)), Unknown)


def test_an_answer_that_is_too_slow_is_unknown(receiver: Receiver, client: httpx.Client) -> None:
    receiver.whole.append(Silence())
    channel = WebhookChannel([SECRET], client=client, timeout=httpx.Timeout(0.3))
    assert isinstance(send(channel, message(receiver)), Unknown)


def test_an_address_that_is_none_is_rejected_for_good(channel: WebhookChannel) -> None:
    outcome = send(channel, sendable(to="http://shop.example/secret", medium=Medium.WEBHOOK))
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after is None
    assert "secret" not in repr(outcome)


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/",
        "https://u@shop.example/",
        "https://shop.example/#f",
        "shop.example",
        "https:///",
        "\ud800",
        "https://xn--/",
    ],
)
def test_webhooks_go_over_https_without_a_password_in_the_address(channel: WebhookChannel, address: str) -> None:
    with pytest.raises(InvalidAddress):
        channel.validate_address(address)


def test_an_address_is_brought_to_one_form(channel: WebhookChannel) -> None:
    assert channel.validate_address("HTTPS://Shop.Example/훅?a=b") == "https://shop.example/%ED%9B%85?a=b"


def test_one_message_is_one_request(channel: WebhookChannel, receiver: Receiver) -> None:
    with pytest.raises(BatchTooLarge):
        channel.send([message(receiver), message(receiver, "other")])
    assert receiver.requests == []


@pytest.mark.parametrize("secrets", [[], [SECRET] * 3, SECRET, ["short"]])
def test_it_signs_with_one_secret_or_two(secrets: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        WebhookChannel(secrets)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("why", get_args(SuppressAs))
def test_a_receipt_may_ask_for_silence(channel: WebhookChannel, receiver: Receiver, why: SuppressAs) -> None:
    told = Receipt(provider_id="m", status="unsubscribed", at=NOW, suppress=True, suppress_as=why)
    webhook = receiver.report(told, now=NOW)
    assert list(channel.parse_webhook(webhook.headers, webhook.body, now=NOW)) == [told]


def test_a_receipt_that_is_old_is_not_believed(channel: WebhookChannel, receiver: Receiver) -> None:
    webhook = receiver.report(Receipt(provider_id="m", status="read", at=NOW), now=NOW)
    with pytest.raises(ForgedWebhook):
        channel.parse_webhook(webhook.headers, webhook.body, now=NOW + timedelta(minutes=6))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"receipts": 7}',
        b'{"receipts": [7]}',
        b'{"receipts": [{"id": "m", "status": "eaten", "at": "2026-03-02T12:00:00Z"}]}',
        b'{"receipts": [{"id": "m", "status": "read", "at": "2026-03-02T12:00:00"}]}',
        b'{"receipts": [{"id": "m", "status": "read", "at": "2026-03-02T12:00:00Z", "suppress_as": "eaten"}]}',
        b'{"receipts": [{"id": "m", "status": "read", "at": "2026-03-02T12:00:00Z", "suppress_as": 7}]}',
        b'{"receipts": [{"id": "", "status": "read", "at": "2026-03-02T12:00:00Z"}]}',
        b"[" * 100_000,
        b" " * 1_100_000,
    ],
    ids=["empty", "list", "none", "seven", "not one", "status", "no zone", "why", "no word", "no id", "deep", "long"],
)
def test_a_signed_webhook_that_says_nothing_is_malformed(channel: WebhookChannel, body: bytes) -> None:
    headers = sign([SECRET], id="r", at=NOW, body=body)
    with pytest.raises(MalformedWebhook):
        channel.parse_webhook(headers, body, now=NOW)
