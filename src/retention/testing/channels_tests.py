"""What every part of the contract of a channel begins with."""

import pytest

from retention.channels.protocol import Channel
from retention.permission.messages import Content
from retention.testing.channels_scenes import (
    Addresses,
    LocalProvider,
    Scene,
    Webhooks,
    usual_addresses,
    usual_content,
)


class ChannelTests:
    """Tests of a channel that a fixture gives."""

    @pytest.fixture
    def channel(self) -> Channel:
        """The channel, put together as a shop would. An author overrides it."""
        raise NotImplementedError("override the fixture channel")

    @pytest.fixture
    def provider(self) -> LocalProvider | None:
        """What ``channel`` sends to; None if there is nothing on this machine that can stand in for it."""
        return None

    @pytest.fixture
    def webhooks(self) -> Webhooks | None:
        """What makes the provider's webhooks; None if it has none."""
        return None

    @pytest.fixture
    def addresses(self, channel: Channel) -> Addresses:
        """Addresses as a shop might have them, before ``validate_address``."""
        return usual_addresses(channel.capabilities.medium)

    @pytest.fixture
    def content(self, channel: Channel) -> Content:
        """What is sent. Overridden where a template is needed."""
        return usual_content(channel.capabilities.medium)

    @pytest.fixture
    def secrets(self) -> tuple[str, ...]:
        """Passwords and tokens that the channel was given."""
        return ()

    @pytest.fixture
    def scene(self, channel: Channel, provider: LocalProvider | None, addresses: Addresses, content: Content) -> Scene:
        if provider is None:
            pytest.skip("there is no provider on this machine to send to")
        return Scene(channel, provider, tuple(map(channel.validate_address, addresses.valid)), content)
