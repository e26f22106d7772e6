"""The providers' channels keep the contract, against servers on loopback that speak the providers' protocols."""

from collections.abc import Iterator

import httpx
import pytest

from retention.channels.apprise_bridge import AppriseChannel
from retention.channels.korea import SolapiAccount, SolapiAlimtalk, SolapiBrandMessage, SolapiSms
from retention.channels.protocol import Channel
from retention.channels.webhook import WebhookChannel
from retention.channels.whatsapp import WhatsAppChannel
from retention.permission.messages import Content
from retention.testing.channels import Addresses, ChannelContract, Webhooks
from tests.channels.servers import solapi, whatsapp
from tests.channels.servers.notified import Notified
from tests.channels.servers.receiver import REMEMBERS, SECRET, Receiver
from tests.channels.servers.solapi import Solapi
from tests.channels.servers.whatsapp import WhatsApp


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


class TestWebhook(ChannelContract):
    @pytest.fixture
    def provider(self) -> Iterator[Receiver]:
        with Receiver() as receiver:
            yield receiver

    @pytest.fixture
    def channel(self, client: httpx.Client) -> Channel:
        return WebhookChannel([SECRET], remembers=REMEMBERS, client=client)

    @pytest.fixture
    def webhooks(self, provider: Receiver) -> Webhooks:
        return provider

    @pytest.fixture
    def addresses(self, provider: Receiver) -> Addresses:
        return Addresses(
            tuple(f"{provider.url}/hooks/{each}?token=t-{each}" for each in ("anna", "ben", "chloe")),
            (
                "http://example.com/canary-7f3a",
                "https://canary-7f3a:password@example.com/",
                "https://example.com/#canary-7f3a",
                "https:///canary-7f3a",
                "ftp://example.com/canary-7f3a",
                "https://canary-7f3a:notaport/",
            ),
        )

    @pytest.fixture
    def secrets(self) -> tuple[str, ...]:
        return (SECRET, SECRET.removeprefix("whsec_"))


class OfSolapi(ChannelContract):
    """What its three channels share."""

    @pytest.fixture
    def provider(self) -> Iterator[Solapi]:
        with Solapi() as server:
            yield server

    @pytest.fixture
    def account(self, provider: Solapi, client: httpx.Client) -> SolapiAccount:
        return SolapiAccount(
            solapi.API_KEY,
            solapi.API_SECRET,
            webhook_secret=solapi.WEBHOOK_SECRET,
            base_url=provider.url,
            client=client,
        )

    @pytest.fixture
    def webhooks(self, provider: Solapi) -> Webhooks:
        return provider

    @pytest.fixture
    def secrets(self) -> tuple[str, ...]:
        return (solapi.API_SECRET, solapi.WEBHOOK_SECRET)

    # SOLAPI shows a secret and signs no body, so there is nothing by which a changed body could be told.
    test_one_byte_more_is_forged = None  # type: ignore[assignment]
    test_one_byte_less_is_forged = None  # type: ignore[assignment]
    test_a_signature_of_something_else_is_forged = None  # type: ignore[assignment]


class TestSolapiSms(OfSolapi):
    @pytest.fixture
    def channel(self, account: SolapiAccount) -> Channel:
        return SolapiSms(account, sender_number="02-930-2266", certified=True)


class TestSolapiAlimtalk(OfSolapi):
    @pytest.fixture
    def channel(self, account: SolapiAccount) -> Channel:
        return SolapiAlimtalk(account, channel=solapi.CHANNEL)

    @pytest.fixture
    def content(self) -> Content:
        return Content(
            text="canary-7f3a님, 주문하신 상품이 출발했습니다.",
            template=solapi.TEMPLATE,
            variables={"name": "canary-7f3a"},
        )


class TestSolapiBrandMessage(OfSolapi):
    @pytest.fixture
    def channel(self, account: SolapiAccount) -> Channel:
        return SolapiBrandMessage(account, channel=solapi.CHANNEL)


class TestWhatsApp(ChannelContract):
    @pytest.fixture
    def provider(self) -> Iterator[WhatsApp]:
        with WhatsApp() as server:
            yield server

    @pytest.fixture
    def channel(self, provider: WhatsApp, client: httpx.Client) -> Channel:
        return WhatsAppChannel(
            phone_number_id=whatsapp.NUMBER,
            access_token=whatsapp.TOKEN,
            app_secret=whatsapp.APP_SECRET,
            base_url=provider.url,
            client=client,
        )

    @pytest.fixture
    def webhooks(self, provider: WhatsApp) -> Webhooks:
        return provider

    @pytest.fixture
    def secrets(self) -> tuple[str, ...]:
        return (whatsapp.TOKEN, whatsapp.APP_SECRET)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it before 3.13
class TestApprise(ChannelContract):
    @pytest.fixture
    def provider(self) -> Iterator[Notified]:
        with Notified() as server:
            yield server

    @pytest.fixture
    def channel(self) -> Channel:
        return AppriseChannel(schemes={"json"})

    @pytest.fixture
    def addresses(self, provider: Notified) -> Addresses:
        host = provider.url.removeprefix("http://")
        return Addresses(
            tuple(f"json://{host}/{each}" for each in ("anna", "ben", "chloe")),
            ("jsons://canary-7f3a/", "json://", "nosuch://canary-7f3a", "canary-7f3a"),
        )
