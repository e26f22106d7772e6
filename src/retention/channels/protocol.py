"""What a channel is. ``retention.testing.channels.ChannelContract`` is its test."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias, final

from attrs import frozen

from retention.permission.capabilities import Capabilities
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason

Status: TypeAlias = Literal["sent", "delivered", "read", "failed", "bounced", "complained", "unsubscribed", "clicked"]

SuppressAs: TypeAlias = Literal["hard bounce", "opt-out", "complaint"]
"""Why an address is not written to again; the gate knows which kinds of messages each stops."""


@final
@frozen
class Accepted:
    """The provider took it and calls it ``provider_id``."""

    provider_id: str


@final
@frozen(kw_only=True)
class Rejected:
    """The provider did not take it. ``retry_after`` is None if it never will. ``suppress``: do not write to this
    address again, for the reason ``suppress_as``. ``code`` is the provider's own."""

    reason: str
    retry_after: timedelta | None = None
    suppress: bool = False
    suppress_as: SuppressAs = "hard bounce"
    code: str | None = None


@final
@frozen
class Unknown:
    """Nobody can say whether it went out: a time-out after the request had left, or an answer that is not known."""

    why: str


Outcome: TypeAlias = Accepted | Rejected | Unknown


@final
@frozen(kw_only=True)
class Receipt:
    """What a provider says later of a message it took. ``suppress`` and ``suppress_as`` as in Rejected."""

    provider_id: str
    status: Status
    at: datetime
    suppress: bool = False
    suppress_as: SuppressAs = "hard bounce"
    code: str | None = None


class Channel(Protocol):
    """One way out. It does no more than send what the gate let through; it never retries and never reads a clock."""

    @property
    def id(self) -> str:
        """What campaigns call it. One of its kind in a shop."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def validate_address(self, address: str) -> str:
        """The address in the form that the provider takes. Raises InvalidAddress."""
        ...

    def check(self, draft: Draft) -> Sequence[Reason]:
        """What the provider would refuse in it besides what the capabilities say; nothing is sent."""
        ...

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        """One outcome for each message, in the same order. Raises ChannelError only if none of them left."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        """What the provider reports. The signature is checked first, before anything is parsed.

        Raises ForgedWebhook, and MalformedWebhook for what is signed and cannot be read.
        """
        ...


class CanQuery(Protocol):
    """A channel whose capabilities say ``can_query``."""

    def query(self, key: str) -> Outcome | None:
        """What became of the message of that key; None if the provider has never seen it."""
        ...
