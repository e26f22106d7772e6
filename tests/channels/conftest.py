"""Servers that stand in for providers."""

from collections.abc import Iterator

import pytest

from tests.channels.smtp_server import SmtpStand


@pytest.fixture
def stand() -> Iterator[SmtpStand]:
    with SmtpStand() as running:
        yield running
