"""Addresses come in any form, from anybody; a channel brings them to one form or refuses them."""

import traceback

import pytest

from retention.channels.errors import InvalidAddress
from retention.channels.protocol import Channel
from retention.testing.channels_scenes import CANARY, Addresses
from retention.testing.channels_tests import ChannelTests

HOSTILE = (
    "",
    " ",
    f"{CANARY}\r\nBcc: eve@example.com",
    f"{CANARY}\n",
    f"{CANARY}\x00@example.com",
    f"{CANARY}@example.com\r\n.\r\nMAIL FROM:<eve@example.com>",
    f"{CANARY} <eve@example.com>\u2028",
    f"\ud800{CANARY}",
    f"{CANARY}{'x' * 10_000}@example.com",
    f"{CANARY}@{'a.' * 5_000}example",
)


class AddressTests(ChannelTests):
    """``validate_address`` and what its errors tell."""

    def test_a_good_address_is_taken(self, channel: Channel, addresses: Addresses) -> None:
        found = {channel.validate_address(each) for each in addresses.valid}
        assert len(found) == len(addresses.valid) >= 3

    def test_the_form_that_the_provider_takes_is_taken_as_it_is(self, channel: Channel, addresses: Addresses) -> None:
        for each in addresses.valid:
            once = channel.validate_address(each)
            assert channel.validate_address(once) == once

    @pytest.mark.parametrize("address", HOSTILE, ids=range(len(HOSTILE)))
    def test_a_hostile_address_is_refused_and_not_repeated(self, channel: Channel, address: str) -> None:
        _check_refused(channel, address)

    def test_what_is_no_address_of_this_medium_is_refused(self, channel: Channel, addresses: Addresses) -> None:
        for each in addresses.invalid:
            _check_refused(channel, each)


def _check_refused(channel: Channel, address: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        channel.validate_address(address)
    told = "".join(traceback.format_exception(caught.value, limit=0)) + repr(caught.value)
    assert CANARY not in told, "an error repeats the address"
    assert len(address) < 5 or address not in told, "an error repeats the address"
