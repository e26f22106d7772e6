"""A channel that shows messages on a stream, such as a developer's terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TextIO

from retention.channels.addresses import mailbox, printable
from retention.channels.batches import require_batch
from retention.channels.errors import ForgedWebhook
from retention.channels.protocol import Accepted, Outcome, Receipt, Unknown
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason


class ConsoleChannel:
    """Writes each message to ``stream``, with address and text: showing them is its work, so give it no log.

    What a terminal would obey (control characters) is written as an escape. Nothing is promised of a stream that fails
    half-way, so that is Unknown.
    """

    def __init__(self, stream: TextIO, *, id: str = "console", medium: Medium = Medium.EMAIL) -> None:
        self.id = id
        self.capabilities = Capabilities(medium=medium, batch=1_000)
        self._stream = stream

    def __repr__(self) -> str:
        return f"ConsoleChannel(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        return mailbox(address) if self.capabilities.medium is Medium.EMAIL else printable(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._send(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        raise ForgedWebhook(f"the channel {self.id!r} has no webhooks")

    def _send(self, message: Outbound) -> Outcome:
        try:
            self._stream.write("".join(f"{line}\n" for line in _shown(message)) + "\n")
            self._stream.flush()
        except (OSError, UnicodeError):
            return Unknown("the stream failed while it was written to")
        return Accepted(sha256(message.key.encode("utf-8", "surrogatepass")).hexdigest()[:16])


def _shown(message: Outbound) -> Iterator[str]:
    """The lines that a reader sees."""
    content = message.content
    yield f"{message.medium.value} to {_harmless(message.address)} ({message.kind.value})"
    for name, value in message.headers.items():
        yield f"{_harmless(name)}: {_harmless(value)}"
    if content.subject is not None:
        yield f"Subject: {_harmless(content.subject)}"
    yield from (f"| {_harmless(line)}" for line in content.text.splitlines())
    for button in content.buttons:
        yield f"[{_harmless(button.label)}] {_harmless(button.url or '')}".rstrip()


def _harmless(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
