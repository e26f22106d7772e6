"""What a channel states of itself is data that does not change, and makes sense."""

from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import attrs
import pytest

from retention.channels.protocol import Channel, Status
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Draft
from retention.permission.verdicts import Reason
from retention.testing.channels_scenes import CANARY, Addresses, a_kind
from retention.testing.channels_tests import ChannelTests
from retention.testing.messages import NOW


class CapabilityTests(ChannelTests):
    """``id``, ``capabilities`` and ``check``."""

    @pytest.fixture
    def capabilities(self, channel: Channel) -> Capabilities:
        return channel.capabilities

    def test_it_has_a_name_that_stays(self, channel: Channel) -> None:
        assert channel.id
        assert channel.id.isprintable()
        assert channel.id == channel.id

    def test_capabilities_are_the_same_whenever_they_are_asked_for(self, channel: Channel) -> None:
        assert type(channel.capabilities) is Capabilities
        assert channel.capabilities == channel.capabilities
        assert hash(channel.capabilities) == hash(channel.capabilities)

    def test_capabilities_cannot_be_changed(self, capabilities: Capabilities) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            capabilities.batch = 7  # type: ignore[misc]  # that it cannot be done is the test

    def test_it_takes_some_kind_of_message(self, capabilities: Capabilities) -> None:
        assert capabilities.kinds
        assert capabilities.kinds <= frozenset(MessageKind)

    def test_no_limit_forbids_everything(self, capabilities: Capabilities) -> None:
        lengths = [each.limit for each in (capabilities.length, capabilities.subject_length) if each is not None]
        stated = [*lengths, capabilities.per_second, capabilities.per_recipient_per_day]
        assert [each for each in stated if each is not None and each <= 0] == []
        assert capabilities.batch >= 1
        assert capabilities.buttons >= 0

    def test_a_key_is_remembered_for_some_time(self, capabilities: Capabilities) -> None:
        assert capabilities.idempotent_for is None or capabilities.idempotent_for > timedelta(0)

    def test_it_reports_what_receipts_can_say(self, capabilities: Capabilities) -> None:
        assert capabilities.receipts <= set(get_args(Status))

    def test_it_is_not_its_own_fallback(self, channel: Channel) -> None:
        assert channel.id not in channel.capabilities.fallback

    def test_its_window_opens_in_a_zone_that_exists(self, capabilities: Capabilities) -> None:
        if capabilities.window is not None:
            assert capabilities.window.opens != capabilities.window.closes
            assert ZoneInfo(capabilities.window.zone).key == capabilities.window.zone

    def test_an_alimtalk_informs_by_an_approved_template(self, capabilities: Capabilities) -> None:
        """Kakao takes no advertising as Alimtalk, and no text that it has not approved (law.md, A2)."""
        if capabilities.medium is Medium.ALIMTALK:
            assert MessageKind.MARKETING not in capabilities.kinds
            assert capabilities.needs_template

    def test_who_can_be_asked_has_a_method_to_ask(self, channel: Channel) -> None:
        assert not channel.capabilities.can_query or callable(getattr(channel, "query", None))

    def test_it_checks_a_draft_and_tells_no_text_of_it(
        self, channel: Channel, addresses: Addresses, content: Content
    ) -> None:
        draft = Draft(
            key="m-1",
            kind=a_kind(channel.capabilities),
            channel=channel.id,
            customer="c-1",
            recipient="r-1",
            address=channel.validate_address(addresses.valid[0]),
            content=content,
            planned_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
        found = channel.check(draft)
        assert [each for each in found if not isinstance(each, Reason)] == []
        assert [each for each in found if CANARY in repr(each)] == []
        assert list(channel.check(draft)) == list(found)

    def test_it_tells_no_secret_of_its_own(self, channel: Channel, secrets: tuple[str, ...]) -> None:
        told = repr(channel) + repr(channel.capabilities)
        assert [number for number, each in enumerate(secrets) if each in told] == []
