"""Webhooks as they really come: over HTTP, to an endpoint of the shop's that hands headers and bytes to the channel."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from retention.channels.errors import ChannelError
from retention.channels.korea import SolapiAccount, SolapiSms
from retention.channels.protocol import Channel, Receipt
from retention.channels.webhook import WebhookChannel
from retention.channels.whatsapp import WhatsAppChannel
from retention.testing.channels import Webhook
from retention.testing.messages import NOW
from tests.channels.servers import solapi, whatsapp
from tests.channels.servers.local import LocalServer, Reply, Request
from tests.channels.servers.receiver import SECRET, Receiver
from tests.channels.servers.solapi import Solapi
from tests.channels.servers.whatsapp import WhatsApp

RECEIPT = Receipt(provider_id="m-17", status="delivered", at=NOW - timedelta(seconds=30))


class Shop(LocalServer):
    """Answers 200 to what the channel believes, 401 to anything else, as a host's endpoint would."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(self._answer)
        self.heard: list[Receipt] = []
        self._channel = channel

    def _answer(self, request: Request) -> Reply:
        try:
            self.heard += self._channel.parse_webhook(request.headers, request.body, now=NOW)
        except ChannelError:
            return Reply(401)
        return Reply()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def a_webhook(client: httpx.Client) -> tuple[Receiver | Solapi | WhatsApp, Channel]:
    return Receiver(), WebhookChannel([SECRET], client=client)


def a_text(client: httpx.Client) -> tuple[Receiver | Solapi | WhatsApp, Channel]:
    account = SolapiAccount(solapi.API_KEY, solapi.API_SECRET, webhook_secret=solapi.WEBHOOK_SECRET, client=client)
    return Solapi(), SolapiSms(account, sender_number=solapi.SENDER, certified=True)


def a_whatsapp(client: httpx.Client) -> tuple[Receiver | Solapi | WhatsApp, Channel]:
    return WhatsApp(), WhatsAppChannel(
        phone_number_id=whatsapp.NUMBER,
        access_token=whatsapp.TOKEN,
        app_secret=whatsapp.APP_SECRET,
        client=client,
    )


@pytest.mark.parametrize("pair", [a_webhook, a_text, a_whatsapp])
def test_what_a_provider_sends_is_heard_and_what_others_send_is_not(
    client: httpx.Client, pair: Callable[[httpx.Client], tuple[Receiver | Solapi | WhatsApp, Channel]]
) -> None:
    provider, channel = pair(client)
    webhook = provider.report(RECEIPT, now=NOW)
    with provider, Shop(channel) as shop:
        assert post(client, shop, webhook) == 200
        assert post(client, shop, Webhook({}, webhook.body)) == 401
    assert [(each.provider_id, each.status, each.at) for each in shop.heard] == [("m-17", "delivered", RECEIPT.at)]


def post(client: httpx.Client, shop: Shop, webhook: Webhook) -> int:
    answer = client.post(f"{shop.url}/reports", headers=dict(webhook.headers), content=webhook.body)
    return answer.status_code
