"""A real SMTP server (aiosmtpd) on loopback, which can be told to go wrong at any point."""

import asyncio
import logging
import ssl
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any, Literal, TypeAlias, cast

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import frozen

from retention.testing.channels import Trouble

Stage: TypeAlias = Literal["connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "answer", "RSET"]

_LOG = logging.getLogger("mail.log")
DROP, HANG = "drop", "hang"
USER, PASSWORD = "shop", "tr0ub4dor-canary"

_TROUBLES: dict[Trouble, tuple[Stage, str]] = {
    "refuse": ("RCPT", "550 5.1.1 <{}>: Recipient address rejected"),
    "refuse for now": ("RCPT", "451 4.7.1 <{}>: Greylisted, come again"),
    "answer nonsense": ("answer", "777 hm"),
    "lose the answer": ("answer", HANG),
}


@frozen
class Taken:
    """A mail as it arrived: ``data`` are the very bytes, with the dots of the wire taken out."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def text(self) -> str:
        """Of a mail without other parts; its lines end as those of a text do."""
        return str(self.mail.get_content()).replace("\r\n", "\n")

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)


@cache
def _authority() -> trustme.CA:
    return trustme.CA()


@cache
def _certificate() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _authority().issue_cert("127.0.0.1").configure_cert(context)
    return context


class SmtpStand(AbstractContextManager["SmtpStand"]):
    """Listens while it is entered. ``replies`` says what comes at a stage instead of what would: a reply, DROP or
    HANG."""

    def __init__(self, *, tls: Literal["no", "starttls", "implicit"] = "no", login: bool = False) -> None:
        self.taken: list[Taken] = []
        self.replies: dict[Stage, str] = {}
        self.connections = 0
        self.logins: list[str] = []
        self._troubles: dict[str, Trouble] = {}
        self._tls, self._login = tls, login
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-stand")
        self._server: asyncio.Server | None = None

    def __enter__(self) -> "SmtpStand":
        _LOG.disabled = True  # it tells everything, as what it stands in for does elsewhere
        self._thread.start()
        listening = self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=self._certificate("implicit"))
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        _LOG.disabled = False

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def trusted(self) -> ssl.SSLContext:
        """What a client must trust to talk to it."""
        context = ssl.create_default_context()
        _authority().configure_trust(context)
        return context

    @property
    def accepted(self) -> Sequence[str]:
        return [each for taken in self.taken for each in taken.recipients]

    @property
    def last(self) -> EmailMessage:
        return self.taken[-1].mail

    def will(self, trouble: Trouble, address: str) -> None:
        if trouble not in _TROUBLES:
            pytest.skip(f"SMTP knows no {trouble!r}")
        self._troubles[address] = trouble

    def reply(self, stage: Stage, address: str | None = None) -> str | None:
        """What was asked to come at this stage, for this recipient."""
        trouble = self._troubles.get(address) if address is not None else None
        if address is not None and trouble is not None and _TROUBLES[trouble][0] == stage:
            del self._troubles[address]
            return _TROUBLES[trouble][1].format(address)
        return self.replies.get(stage)

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(mechanism)
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    def _certificate(self, when: str) -> ssl.SSLContext | None:
        return _certificate() if self._tls == when else None

    def _protocol(self) -> SMTP:
        return _Line(
            self,
            hostname="stand.example",
            loop=self._loop,
            tls_context=self._certificate("starttls"),
            require_starttls=self._tls == "starttls",
            authenticator=self.check if self._login else None,
            auth_required=self._login and self._tls == "starttls",
            auth_require_tls=self._tls != "implicit",
            data_size_limit=64 * 1024 * 1024,
        )

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


class _Line(SMTP):
    """One connection."""

    def __init__(self, stand: SmtpStand, **options: Any) -> None:
        super().__init__(_Handler(stand), **options)
        self.stand = stand

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.stand.connections += 1
        if self.stand.reply("connect") == DROP:
            cast(asyncio.Transport, transport).abort()
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if self.stand.reply("body") == DROP:
            await self.push("354 go on")
            cast(asyncio.Transport, self.transport).abort()
        elif (told := self.stand.reply("DATA")) is not None:
            await self.push(await _carried_out(told, self))
        else:
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, stand: SmtpStand) -> None:
        self.stand = stand

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        told = self.stand.reply("EHLO")
        return responses if told is None else [await _carried_out(told, server)]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        told = self.stand.reply("MAIL")
        if told is not None:
            return await _carried_out(told, server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        told = self.stand.reply("RCPT", address)
        if told is not None:
            return await _carried_out(told, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = self.stand.reply("RSET")
        return "250 OK" if told is None else await _carried_out(told, server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = self.stand.reply("answer", envelope.rcpt_tos[0])
        if told is None or told in (DROP, HANG):
            data = envelope.original_content or b""
            self.stand.taken.append(Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), data))
        return "250 OK" if told is None else await _carried_out(told, server)


async def _carried_out(told: str, server: SMTP) -> str:
    """The reply, if it is one."""
    if told == HANG:
        await asyncio.sleep(60)  # cancelled when the server stops, or when the client hangs up
    if told == DROP:
        cast(asyncio.Transport, server.transport).abort()
    return told
