"""The contract of a channel: a class of tests that a plugin's author subclasses in the plugin's own tests.

    class TestOurChannel(ChannelContract):
        @pytest.fixture
        def provider(self) -> Iterator[LocalProvider]:
            with OurLocalServer() as server:  # speaks the provider's protocol on loopback
                yield server

        @pytest.fixture
        def channel(self, provider: OurLocalServer) -> Channel:
            return OurChannel(provider.url)

Only ``channel`` must be given. Without ``provider`` nothing is sent, and what is to be seen by sending is skipped; so
are webhooks without ``webhooks``. ``addresses``, ``content`` and ``secrets`` have defaults.
"""

import pytest

_PARTS = ("channels_addresses", "channels_capabilities", "channels_sending", "channels_tests", "channels_webhooks")
for _part in _PARTS:
    pytest.register_assert_rewrite(f"retention.testing.{_part}")  # so that a failure shows the values

from retention.testing.channels_addresses import AddressTests  # noqa: E402 - after the registration
from retention.testing.channels_capabilities import CapabilityTests  # noqa: E402 - after the registration
from retention.testing.channels_scenes import (  # noqa: E402 - after the registration
    CANARY,
    Addresses,
    LocalProvider,
    Trouble,
    Webhook,
    Webhooks,
)
from retention.testing.channels_sending import SendingTests  # noqa: E402 - after the registration
from retention.testing.channels_webhooks import WebhookTests  # noqa: E402 - after the registration

__all__ = ["CANARY", "Addresses", "ChannelContract", "LocalProvider", "Trouble", "Webhook", "Webhooks"]


class ChannelContract(AddressTests, CapabilityTests, SendingTests, WebhookTests):
    """What ``Channel`` promises, one test for each clause."""
