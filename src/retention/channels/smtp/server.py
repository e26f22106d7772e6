"""Which server takes the shop's mail, and how it is reached."""

import smtplib
import ssl
from datetime import timedelta
from typing import Final, Literal, TypeAlias, assert_never, final

from attrs import field, frozen

from retention.errors import ConfigurationError, UnknownChoice

Security: TypeAlias = Literal["starttls", "tls", "none"]
"""``starttls``: begun in the clear and made safe before anything is told, or given up. ``tls``: safe from the start."""

_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314


@final
@frozen
class Login:
    user: str = field(repr=False)
    password: str = field(repr=False)


@final
@frozen(kw_only=True)
class SmtpServer:
    """A server that takes mail. ``port`` is the usual one of its ``security`` if none is given.

    ``timeout`` is how long one answer is waited for. ``context`` is whom to trust; None trusts whom the machine trusts.
    Raises ConfigurationError for a login that would go over the wire in the clear.
    """

    host: str
    security: Security = "starttls"
    port: int = field()
    login: Login | None = None
    timeout: timedelta = timedelta(seconds=30)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    @port.default
    def _usual_port(self) -> int:
        return _PORTS.get(self.security, 0)  # what is none is refused next

    def __attrs_post_init__(self) -> None:
        if self.security not in _PORTS:
            raise UnknownChoice("security", "security of SmtpServer", self.security, _PORTS)
        if self.login is not None and self.security == "none":
            raise ConfigurationError(
                "SmtpServer: the password would be sent in the clear", hint="Give security='starttls' or 'tls'"
            )
        if self.timeout <= timedelta(0):
            raise ConfigurationError("SmtpServer.timeout: is not above zero", hint="Give timedelta(seconds=30)")

    def connect(self, hello: str) -> smtplib.SMTP:
        """A connection on which mail can be handed over. ``hello`` is what the shop's host calls itself.

        Raises OSError, of which smtplib's errors are cases; nothing was handed over then.
        """
        connection = self._open(hello)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self, hello: str) -> smtplib.SMTP:
        seconds = self.timeout.total_seconds()
        match self.security:
            case "tls":
                return smtplib.SMTP_SSL(self.host, self.port, hello, timeout=seconds, context=self._trusted())
            case "starttls" | "none":
                return smtplib.SMTP(self.host, self.port, hello, timeout=seconds)
            case _:
                assert_never(self.security)

    def _prepare(self, connection: smtplib.SMTP) -> None:
        if self.security == "starttls":
            connection.starttls(context=self._trusted())  # raises if it is not offered
        connection.ehlo_or_helo_if_needed()
        if self.login is not None:
            connection.login(self.login.user, self.login.password)

    def _trusted(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()
