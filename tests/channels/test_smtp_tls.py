"""Nothing is told before the connection is safe, and nothing at all to who cannot prove who they are."""

from datetime import UTC, datetime
from typing import Literal

import pytest

from retention.channels.protocol import Accepted, Rejected
from retention.channels.smtp import Login, SmtpChannel, SmtpServer
from retention.channels.smtp.server import Security
from retention.errors import ConfigurationError, UnknownChoice
from tests.channels.smtp_server import PASSWORD, USER, SmtpStand
from tests.channels.smtp_shop import send

GOOD = Login(USER, PASSWORD)


@pytest.mark.parametrize(("stand_is", "security"), [("starttls", "starttls"), ("implicit", "tls")])
def test_mail_goes_over_a_safe_connection_with_a_login(
    stand_is: Literal["starttls", "implicit"], security: Security
) -> None:
    with SmtpStand(tls=stand_is, login=True) as stand:
        [outcome] = send(stand, security=security, login=GOOD, context=stand.trusted)
        assert isinstance(outcome, Accepted)
        assert len(stand.logins) == 1
        assert stand.accepted == ["anna@example.com"]


@pytest.mark.parametrize(("stand_is", "security"), [("starttls", "starttls"), ("implicit", "tls")])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    stand_is: Literal["starttls", "implicit"], security: Security
) -> None:
    with SmtpStand(tls=stand_is, login=True) as stand:
        [outcome] = send(stand, security=security, login=GOOD)
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after is not None
        assert (stand.accepted, stand.logins) == ([], [])


def test_a_server_that_offers_no_tls_gets_nothing_in_the_clear(stand: SmtpStand) -> None:
    [outcome] = send(stand, security="starttls")
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after is not None
    assert stand.accepted == []


def test_a_wrong_password_is_the_shops_fault_and_loses_no_message() -> None:
    with SmtpStand(tls="starttls", login=True) as stand:
        [outcome] = send(stand, security="starttls", login=Login(USER, "wrong"), context=stand.trusted)
        assert isinstance(outcome, Rejected)
        assert (outcome.code, outcome.suppress) == ("535", False)
        assert outcome.retry_after is not None


def test_a_server_that_takes_no_logins_loses_no_message() -> None:
    with SmtpStand(tls="starttls") as stand:
        [outcome] = send(stand, security="starttls", login=GOOD, context=stand.trusted)
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after is not None


def test_a_password_in_the_clear_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="in the clear"):
        SmtpServer(host="mail.shop.example", security="none", login=GOOD)


def test_the_usual_ports() -> None:
    """RFC 6409 and RFC 8314, 3.3."""
    ports: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
    assert {each: SmtpServer(host="h", security=each).port for each in ports} == ports


def test_no_password_is_shown() -> None:
    shown = repr(SmtpServer(host="h", login=GOOD)) + repr(GOOD)
    assert USER not in shown.replace("h='h'", "")
    assert PASSWORD not in shown


def test_a_security_and_a_sender_that_are_none() -> None:
    with pytest.raises(UnknownChoice, match="security of SmtpServer"):
        SmtpServer(host="localhost", security="ssl")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="no Address"):
        SmtpChannel(
            SmtpServer(host="localhost", security="none"),
            sender="shop@example.com",  # type: ignore[arg-type]
            clock=lambda: datetime.now(UTC),
            secret=b"s" * 32,
        )
