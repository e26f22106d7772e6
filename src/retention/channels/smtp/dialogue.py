"""One batch's talk with a server: a connection is opened when it is needed, and once more if it breaks."""

import re
import smtplib
from typing import Final, final

from attrs import field, frozen

from retention.channels.protocol import Accepted, Outcome, Rejected, Unknown
from retention.channels.smtp.replies import not_handed_over, refusal, verdict
from retention.channels.smtp.server import SmtpServer

_LINE_THAT_BEGINS_WITH_A_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_CONNECTIONS: Final = 2  # for one batch: a worker has a lease, and each connection may take a whole time-out


@final
@frozen
class Letter:
    """One message as it goes over the wire: ``data`` ends its lines with CRLF and has no byte above 127."""

    id: str
    sender: str
    recipient: str = field(repr=False)
    data: bytes = field(repr=False)


@final
class Dialogue:
    """Hands letters over, one by one. Used with ``with``; belongs to one thread."""

    def __init__(self, server: SmtpServer, hello: str) -> None:
        self._server = server
        self._hello = hello
        self._connection: smtplib.SMTP | None = None
        self._opened = 0
        self._given_up: Rejected | None = None

    def __enter__(self) -> "Dialogue":
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except OSError:  # everything was answered already
                self._connection.close()

    def hand_over(self, letter: Letter) -> Outcome:
        """What becomes of it. After a second broken connection, nothing more of the batch is tried."""
        if self._given_up is not None:
            return self._given_up
        if self._connection is None and (failed := self._open()) is not None:
            self._given_up = failed
            return failed
        assert self._connection is not None
        try:
            refused = _announce(self._connection, letter)
            if refused is not None:
                self._forget_if_closed()
                return refused
            self._connection.send(_stuffed(letter.data))
        except OSError:  # the last bytes of a message are the ones that end it, so it did not
            self._drop()
            return not_handed_over("the connection broke before the message was handed over")
        return self._answer(letter)

    def _answer(self, letter: Letter) -> Outcome:
        """The message is out of our hands; from here on, only the server knows."""
        assert self._connection is not None
        try:
            code, text = self._connection.getreply()
        except OSError:
            self._drop()
            return Unknown("the server did not answer for the message")
        return Accepted(letter.id) if code == 250 else verdict(code, text)

    def _open(self) -> Rejected | None:
        if self._opened == _CONNECTIONS:
            return not_handed_over("the connection broke too often")
        self._opened += 1
        try:
            self._connection = self._server.connect(self._hello)
        except smtplib.SMTPResponseException as error:
            return not_handed_over("the server does not let the shop in", error.smtp_code)
        except OSError:
            return not_handed_over("the server cannot be reached safely")
        return None

    def _forget_if_closed(self) -> None:
        if self._connection is not None and self._connection.sock is None:
            self._connection = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _announce(connection: smtplib.SMTP, letter: Letter) -> Rejected | None:
    """Everything before the message itself; what is refused leaves the connection ready for the next."""
    commands = (
        ("the shop as a sender", f"MAIL FROM:<{letter.sender}>", 2),
        ("the recipient", f"RCPT TO:<{letter.recipient}>", 2),
        ("the message", "DATA", 3),
    )
    for what, command, expected in commands:
        code, text = connection.docmd(command)
        if code // 100 != expected:
            _begin_anew(connection, code)
            return refusal(code, text, what)
    return None


def _begin_anew(connection: smtplib.SMTP, code: int) -> None:
    """Ready for the next message after a refusal, or closed."""
    try:
        if code == 421:  # with this one the server hangs up
            raise smtplib.SMTPServerDisconnected
        connection.rset()
    except OSError:
        connection.close()


def _stuffed(data: bytes) -> bytes:
    """With a dot before each dot that begins a line (RFC 5321, 4.5.2), and the dot that ends it all."""
    return _LINE_THAT_BEGINS_WITH_A_DOT.sub(b"..", data) + b".\r\n"
