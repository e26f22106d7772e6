"""Mail that comes back (RFC 3464), of servers that write it in their own ways."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.channels.protocol import Accepted, Receipt
from retention.channels.smtp import SmtpChannel, SmtpServer, read_bounces
from retention.channels.smtp.names import message_id
from retention.errors import ConfigurationError
from retention.testing.messages import NOW, outbound
from tests.channels.smtp_server import SmtpStand
from tests.channels.smtp_shop import SECRET, SENDER, send

ID = message_id("c-7/welcome", "shop.example", SECRET)
ORIGINAL = f"From: news@shop.example\r\nTo: anna@example.com\r\nMessage-ID: <{ID}>\r\nSubject: Your order\r\n"


def report(
    *recipients: str,
    returned: str = f"Content-Type: message/rfc822\r\n\r\n{ORIGINAL}\r\nYour order is on its way.\r\n",
    kind: str = "multipart/report; report-type=delivery-status",
) -> bytes:
    """A notification with a block for each recipient."""
    blocks = "\r\n".join(recipients)
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: {kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"{blocks}\r\n--b\r\n{returned}\r\n--b--\r\n"
    ).encode()


def block(action: str = "failed", status: str = "5.1.1", *more: str) -> str:
    lines = ("Final-Recipient: rfc822; anna@example.com", f"Action: {action}", f"Status: {status}", *more)
    return "".join(f"{each}\r\n" for each in lines)


def test_a_bounce_names_the_message_and_why_it_came_back() -> None:
    bounced = Receipt(provider_id=ID, status="bounced", at=NOW, suppress=True, code="5.1.1")
    assert read_bounces(report(block()), secret=SECRET, now=NOW) == (bounced,)


def test_a_bounce_of_a_real_mail_names_what_the_channel_called_it(stand: SmtpStand) -> None:
    [outcome] = send(stand, outbound("c-7/welcome"))
    assert isinstance(outcome, Accepted)
    returned = f"Content-Type: message/rfc822\r\n\r\n{stand.taken[-1].data.decode()}"
    [receipt] = read_bounces(report(block(), returned=returned), secret=SECRET, now=NOW)
    assert receipt.provider_id == outcome.provider_id


@pytest.mark.parametrize(
    ("action", "status", "found"),
    [
        ("failed", "5.1.1", ("bounced", True)),
        ("FAILED", "5.1.10 (null MX)", ("bounced", True)),
        ("failed", "5.2.2", ("bounced", False)),
        ("failed", "4.4.7", ("bounced", False)),
        ("failed", "nonsense", ("bounced", False)),
        ("delivered", "2.0.0", ("delivered", False)),
        ("delivered", "5.1.1", ("delivered", False)),
        ("relayed", "2.0.0", ("sent", False)),
        ("expanded", "2.0.0", ("sent", False)),
    ],
)
def test_each_action_has_its_status(action: str, status: str, found: tuple[str, bool]) -> None:
    [receipt] = read_bounces(report(block(action, status)), secret=SECRET, now=NOW)
    assert (receipt.status, receipt.suppress) == found


@pytest.mark.parametrize("action", ["delayed", "", "exploded"])
def test_a_warning_or_an_unknown_action_is_no_receipt(action: str) -> None:
    assert read_bounces(report(block(action)), secret=SECRET, now=NOW) == ()


def _shifted(digit: str) -> str:
    return format((int(digit, 16) + 1) % 16, "x")


def _returning(id: str) -> bytes:
    return report(block(), returned=f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\n")


@pytest.mark.parametrize(
    "id",
    [
        sha256(b"c-7/welcome").hexdigest()[:40] + "@shop.example",  # what whoever knows a message's key can compute
        message_id("c-7/welcome", "shop.example", b"of somebody else, and as long as ours"),
        ID.replace("shop.example", "another.example"),
        ID.replace(".", "", 1),
        ID.partition(".")[0] + "@shop.example",
        ID.partition(".")[0] + ".@shop.example",
        _shifted(ID[0]) + ID[1:],
        ID.replace(f".{ID[25]}", f".{_shifted(ID[25])}", 1),
        ID.upper(),
        "@",
        ".",
        "é@shop.example",
    ],
)
def test_a_report_of_a_mail_that_the_shop_never_wrote_is_no_receipt(id: str) -> None:
    assert len(read_bounces(_returning(ID), secret=SECRET, now=NOW)) == 1
    assert read_bounces(_returning(id), secret=SECRET, now=NOW) == ()


@pytest.mark.parametrize("secret", [b"", b"31 bytes are one byte too few.."])
def test_a_secret_that_can_be_tried_out_is_refused(secret: bytes) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes"):
        read_bounces(_returning(ID), secret=secret, now=NOW)
    with pytest.raises(ConfigurationError, match="32 bytes"):
        SmtpChannel(SmtpServer(host="127.0.0.1", security="none"), sender=SENDER, clock=lambda: NOW, secret=secret)


def test_each_recipient_has_a_receipt() -> None:
    found = read_bounces(report(block("failed"), block("delivered", "2.0.0")), secret=SECRET, now=NOW)
    assert [each.status for each in found] == ["bounced", "delivered"]


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Tue, 3 Mar 2026 11:59:00 +0900", datetime(2026, 3, 3, 2, 59, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 02:00:00 -0000", datetime(2026, 3, 3, 2, tzinfo=UTC)),
        ("Tue, 3 Mar 2099 02:00:00 +0000", NOW),
        ("yesterday", NOW),
        ("Tue, 99 Mar 2026 02:00:00 +0000", NOW),
        ("Fri, 31 Dec 9999 23:59:59 -2300", NOW),
    ],
)
def test_when_is_what_the_server_says_unless_it_is_later_than_now(date: str, at: datetime) -> None:
    [receipt] = read_bounces(report(block("failed", "5.0.0", f"Last-Attempt-Date: {date}")), secret=SECRET, now=NOW)
    assert receipt.at == at


@pytest.mark.parametrize(
    "returned",
    [
        f"Content-Type: text/rfc822-headers\r\n\r\n{ORIGINAL}",
        f"Content-Type: message/global-headers\r\n\r\n{ORIGINAL}",
        f"Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{ORIGINAL}",
        f"Content-Type: message/global\r\n\r\n{ORIGINAL}\r\nx",
    ],
)
def test_what_came_back_may_be_headers_alone(returned: str) -> None:
    assert [each.provider_id for each in read_bounces(report(block(), returned=returned), secret=SECRET, now=NOW)] == [
        ID
    ]


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\xff\xfe",
        b"From: anna@example.com\r\nSubject: I am on holiday\r\n\r\nBack on Monday.\r\n",
        report(block(), returned="Content-Type: text/plain\r\n\r\nnothing came back"),
        report(block(), returned="Content-Type: message/rfc822\r\n\r\nSubject: without a name\r\n\r\nx"),
        report(block(), returned="Content-Type: message/rfc822\r\n\r\nMessage-ID: <a> <b>\r\n\r\nx"),
        report(block(), kind="multipart/mixed"),
        report(),
        b"Content-Type: multipart/report\r\n\r\nno parts at all",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 20_000,
    ],
)
def test_any_other_mail_is_no_receipt(mail: bytes) -> None:
    assert read_bounces(mail, secret=SECRET, now=NOW) == ()


def test_a_report_of_many_megabytes_is_read_from_its_beginning() -> None:
    returned = f"Content-Type: message/rfc822\r\n\r\n{ORIGINAL}\r\n" + "x" * 8_000_000
    assert len(read_bounces(report(block(), returned=returned), secret=SECRET, now=NOW)) == 1


@given(st.binary(max_size=400), st.integers(0, 900))
def test_damage_never_raises(noise: bytes, place: int) -> None:
    whole = report(block())
    for each in read_bounces(whole[:place] + noise + whole[place + len(noise) :], secret=SECRET, now=NOW):
        assert each.at <= NOW
