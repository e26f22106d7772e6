"""A real SMTP server on loopback that keeps what it is given."""

from collections.abc import Iterator

import pytest

from tests.channels.smtp_server import SmtpStand


@pytest.fixture
def mailbox() -> Iterator[SmtpStand]:
    with SmtpStand() as stand:
        yield stand
