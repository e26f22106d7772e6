"""The bundled channels keep the contract that plugins' channels are held to."""

from collections.abc import Iterator
from datetime import timedelta
from email.headerregistry import Address

import pytest

from retention.channels.console import ConsoleChannel
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Channel
from retention.channels.smtp import Login, SmtpChannel, SmtpServer
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.testing.channels import ChannelContract
from retention.testing.messages import NOW
from tests.channels.plain_providers import Kept, Screen
from tests.channels.smtp_server import PASSWORD, USER, SmtpStand
from tests.channels.smtp_shop import SECRET


class TestMemory(ChannelContract):
    @pytest.fixture
    def channel(self) -> MemoryChannel:
        return MemoryChannel()

    @pytest.fixture
    def provider(self, channel: MemoryChannel) -> Kept:
        return Kept(channel)


class TestMemoryWithKeys(TestMemory):
    @pytest.fixture
    def channel(self) -> MemoryChannel:
        return MemoryChannel("push", Capabilities(medium=Medium.PUSH, batch=2, idempotent_for=timedelta(days=1)))


class TestConsole(ChannelContract):
    @pytest.fixture
    def provider(self) -> Screen:
        return Screen()

    @pytest.fixture
    def channel(self, provider: Screen) -> Channel:
        return ConsoleChannel(provider)


class TestSmtp(ChannelContract):
    @pytest.fixture
    def provider(self) -> Iterator[SmtpStand]:
        with SmtpStand(tls="starttls", login=True) as stand:
            yield stand

    @pytest.fixture
    def secrets(self) -> tuple[str, ...]:
        return (USER, PASSWORD, SECRET.decode())

    @pytest.fixture
    def channel(self, provider: SmtpStand) -> Channel:
        server = SmtpServer(
            host="127.0.0.1",
            port=provider.port,
            login=Login(USER, PASSWORD),
            context=provider.trusted,
            timeout=timedelta(milliseconds=700),
        )
        return SmtpChannel(
            server, sender=Address("커피 가게", addr_spec="news@shop.example"), clock=lambda: NOW, secret=SECRET
        )
