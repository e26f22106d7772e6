"""The signature first; what is signed is read, or refused as a whole."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import pytest

from retention.channels.errors import ForgedWebhook, MalformedWebhook
from retention.channels.protocol import Channel, Receipt, Status
from retention.channels.receipts import distinct, identity
from retention.testing.channels_scenes import CANARY, Webhook, Webhooks
from retention.testing.channels_tests import ChannelTests
from retention.testing.messages import NOW


class WebhookTests(ChannelTests):
    """``parse_webhook``, of channels whose providers report."""

    @pytest.fixture
    def receipt(self, channel: Channel, webhooks: Webhooks | None) -> Receipt:
        """Something that the provider reports. Skips where it reports nothing, or nothing by webhook."""
        if webhooks is None:
            pytest.skip("the provider has no webhooks")
        assert channel.capabilities.receipts, "there are webhooks, and capabilities.receipts is empty"
        return _receipt(min(channel.capabilities.receipts))

    @pytest.fixture
    def webhook(self, webhooks: Webhooks, receipt: Receipt) -> Webhook:
        return webhooks.report(receipt, now=NOW)

    @pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000, b"\xff\x00"], ids=["empty", "{}", "deep", "binary"])
    def test_what_is_not_signed_is_forged_whatever_it_is(self, channel: Channel, body: bytes) -> None:
        with pytest.raises(ForgedWebhook):
            channel.parse_webhook({}, body, now=NOW)

    def test_each_status_that_it_states_is_read(self, channel: Channel, webhooks: Webhooks, receipt: Receipt) -> None:
        for status in sorted(channel.capabilities.receipts):
            told = _receipt(status)
            webhook = webhooks.report(told, now=NOW)
            read = channel.parse_webhook(webhook.headers, webhook.body, now=NOW)
            assert [identity("any", each) for each in read] == [identity("any", told)]

    def test_names_of_headers_are_read_in_either_case(
        self, channel: Channel, webhook: Webhook, receipt: Receipt
    ) -> None:
        for change in (str.lower, str.upper):
            headers = {change(name): value for name, value in webhook.headers.items()}
            assert [each.status for each in channel.parse_webhook(headers, webhook.body, now=NOW)] == [receipt.status]

    @pytest.mark.parametrize("change", [b" ", b"\n", b"x"])
    def test_one_byte_more_is_forged(self, channel: Channel, webhook: Webhook, change: bytes) -> None:
        _check_forged(channel, webhook.headers, webhook.body + change)

    def test_one_byte_less_is_forged(self, channel: Channel, webhook: Webhook) -> None:
        _check_forged(channel, webhook.headers, webhook.body[:-1])

    def test_a_body_without_its_signature_is_forged(self, channel: Channel, webhook: Webhook) -> None:
        _check_forged(channel, {}, webhook.body)

    @pytest.mark.parametrize("value", ["", "é", "0" * 64, "x" * 100_000], ids=["empty", "é", "zeros", "long"])
    def test_a_signature_that_is_none_is_forged(self, channel: Channel, webhook: Webhook, value: str) -> None:
        _check_forged(channel, dict.fromkeys(webhook.headers, value), webhook.body)

    def test_a_signature_of_something_else_is_forged(
        self, channel: Channel, webhooks: Webhooks, webhook: Webhook
    ) -> None:
        other = webhooks.nonsense(now=NOW)
        _check_forged(channel, webhook.headers, other.body)

    def test_what_is_signed_and_makes_no_sense_is_malformed_and_not_repeated(
        self, channel: Channel, webhooks: Webhooks, receipt: Receipt
    ) -> None:
        webhook = webhooks.nonsense(now=NOW)
        with pytest.raises(MalformedWebhook) as caught:
            channel.parse_webhook(webhook.headers, webhook.body, now=NOW)
        assert CANARY not in str(caught.value)

    def test_what_comes_again_is_refused_or_says_the_same(self, channel: Channel, webhook: Webhook) -> None:
        first = channel.parse_webhook(webhook.headers, webhook.body, now=NOW)
        try:
            again = channel.parse_webhook(webhook.headers, webhook.body, now=NOW + timedelta(days=30))
        except ForgedWebhook:
            return
        assert distinct("any", [*first, *again]) == distinct("any", first)


def _check_forged(channel: Channel, headers: Mapping[str, str], body: bytes) -> None:
    with pytest.raises(ForgedWebhook) as caught:
        channel.parse_webhook(headers, body, now=NOW)
    assert "m-17" not in str(caught.value), "something of it was read"


def _receipt(status: str) -> Receipt:
    """Half a minute before the webhook that tells of it, at a whole second."""
    return Receipt(provider_id="m-17", status=cast(Status, status), at=NOW - timedelta(seconds=30))
