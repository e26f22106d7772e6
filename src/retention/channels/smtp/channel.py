"""The channel itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address

from retention.channels.addresses import mailbox
from retention.channels.batches import require_batch
from retention.channels.errors import ForgedWebhook, InvalidAddress
from retention.channels.protocol import Outcome, Receipt, Rejected
from retention.channels.secrets import require_key
from retention.channels.smtp.dialogue import Dialogue, Letter
from retention.channels.smtp.letters import is_plain, problems, write
from retention.channels.smtp.names import message_id
from retention.channels.smtp.server import SmtpServer
from retention.errors import ConfigurationError
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason
from retention.spans import utc

_NO_HEADERS: Mapping[str, str] = {}


class SmtpChannel:
    """E-mail, each to one recipient, over one connection for each batch.

    ``sender`` is whom readers see; what cannot be delivered comes back to ``bounces_to``, or to the sender, and is read
    by ``read_bounces``, which believes the ids that were made with the same ``secret``. ``clock`` gives the instant for
    the header ``Date``: the channel reads no clock by itself. Raises InvalidAddress for a sender that is no mailbox,
    ConfigurationError for a secret under 32 bytes.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        sender: Address,
        clock: Callable[[], datetime],
        secret: bytes,
        id: str = "email",
        reply_to: Address | None = None,
        bounces_to: str | None = None,
    ) -> None:
        if not isinstance(sender, Address):
            hint = 'Give Address("봄상점", addr_spec="hello@shop.example"), of email.headerregistry'
            raise ConfigurationError("the sender of SmtpChannel is no Address", hint=hint)
        if not all(is_plain(each.display_name) for each in (sender, reply_to) if each is not None):
            raise ConfigurationError("the sender's name cannot stand in a header", hint="Give plain text in one line")
        self.id = id
        self.capabilities = Capabilities(medium=Medium.EMAIL, batch=10, receipts=frozenset({"bounced"}))
        self._server = server
        self._sender = Address(sender.display_name, addr_spec=mailbox(sender.addr_spec))
        self._clock = clock
        self._secret = require_key(secret, "the secret of SmtpChannel")
        self._reply_to = reply_to
        self._bounces_to = mailbox(bounces_to or sender.addr_spec)

    def __repr__(self) -> str:
        return f"SmtpChannel({self._server.host!r}, id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return mailbox(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return tuple(problems(draft.content, _NO_HEADERS))

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        with Dialogue(self._server, self._sender.domain) as dialogue:
            return [self._send(each, dialogue) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        raise ForgedWebhook(
            f"the channel {self.id!r} has no webhooks",
            hint="Give mail that came back to read_bounces(mail, secret=..., now=...)",
        )

    def _send(self, message: Outbound, dialogue: Dialogue) -> Outcome:
        for problem in problems(message.content, message.headers):
            return Rejected(reason=problem.words, code=problem.code)
        try:
            recipient = mailbox(message.address)
        except InvalidAddress as error:
            return Rejected(reason=error.problem, code=error.code)
        try:
            letter = self._letter(message, recipient)
        except Exception as problem:  # one that cannot be written holds up no other
            return Rejected(reason=f"it cannot be written as an e-mail: {type(problem).__name__}", code="unwritable")
        return dialogue.hand_over(letter)

    def _letter(self, message: Outbound, recipient: str) -> Letter:
        id = message_id(message.key, self._sender.domain, self._secret)
        data = write(
            message.content,
            message.headers,
            sender=self._sender,
            recipient=recipient,
            reply_to=self._reply_to,
            id=id,
            at=utc(self._clock(), "clock"),
        )
        return Letter(id, self._envelope_sender(message.headers), recipient, data)

    def _envelope_sender(self, headers: Mapping[str, str]) -> str:
        """Nobody, for an answer that no person wrote: so two machines cannot answer each other (RFC 3834, 3.3)."""
        replies = (value for name, value in headers.items() if name.lower() == "auto-submitted")
        return "" if any(each.startswith("auto-replied") for each in replies) else self._bounces_to
