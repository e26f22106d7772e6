"""Mail handed to a real SMTP server in a process of its own: by the channel, and by hand."""

import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Final

from retention.channels.smtp import SmtpChannel, SmtpServer

_HOST: Final = "127.0.0.1"
_SHOP: Final = Address("가게", "shop", "shop.example")


@contextmanager
def server() -> Iterator[int]:
    """The port of one that takes every mail and forgets it."""
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"{_HOST}:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the SMTP server does not listen")


def channel(port: int) -> SmtpChannel:
    """That of the library: ten mails a connection."""
    return SmtpChannel(
        SmtpServer(host=_HOST, port=port, security="none"),
        id="mail",
        sender=_SHOP,
        clock=lambda: datetime.now(UTC),
        secret=b"m" * 32,
    )


def by_hand(port: int) -> Callable[[Sequence[Mapping[str, Any]]], None]:
    """What others would write: a mail of the standard library for each message, one connection for a batch."""

    def send(batch: Sequence[Mapping[str, Any]]) -> None:
        with smtplib.SMTP(_HOST, port) as connection:
            for each in batch:
                connection.send_message(_mail(each))

    return send


def _mail(payload: Mapping[str, Any]) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = _SHOP, payload["address"], payload["content"]["subject"]
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain=_SHOP.domain)
    mail["List-Unsubscribe"] = f"<{payload['unsubscribe']}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(payload["content"]["text"])
    return mail
