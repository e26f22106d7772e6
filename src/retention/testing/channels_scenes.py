"""What the contract of a channel is tested with: a provider of the test's own, its webhooks, addresses, messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias, assert_never, final

from attrs import field, frozen

from retention.channels.protocol import Channel, Outcome, Receipt
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content, Outbound
from retention.testing.messages import outbound

Trouble: TypeAlias = Literal["refuse", "refuse for now", "answer nonsense", "lose the answer"]
"""What a provider may do with a message. ``answer nonsense``: it gives a code that nobody has documented. ``lose the
answer``: it takes the message, and its answer does not come in time."""

CANARY: Final = "canary-7f3a"
"""In contents and bad addresses; where it shows up, so would what customers wrote."""


class LocalProvider(Protocol):
    """Stands in for the provider, on this machine."""

    @property
    def accepted(self) -> Sequence[str]:
        """The addresses of the messages it took, in order: each stands for one that a customer gets."""
        ...

    def will(self, trouble: Trouble, address: str) -> None:
        """What happens to the next message to this address, once. What the provider never does is ``pytest.skip``."""
        ...


@final
@frozen
class Webhook:
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Webhooks(Protocol):
    """Signs as the provider does."""

    def report(self, receipt: Receipt, *, now: datetime) -> Webhook:
        """What the provider sends at ``now`` to tell of this."""
        ...

    def nonsense(self, *, now: datetime) -> Webhook:
        """Signed rightly, and not to be understood; ``CANARY`` is somewhere in it."""
        ...


@final
@frozen
class Addresses:
    """Three or more that the channel takes, and some that it must refuse."""

    valid: tuple[str, ...]
    invalid: tuple[str, ...] = ()


def usual_addresses(medium: Medium) -> Addresses:
    match medium:
        case Medium.EMAIL:
            return Addresses(
                ("anna@example.com", "ben@example.com", "chloe@example.com"),
                (
                    f"{CANARY}.example.com",
                    f"{CANARY}@",
                    f"@{CANARY}.example",
                    f"a@b@{CANARY}.example",
                    f"{CANARY}@home",
                ),
            )
        case Medium.SMS | Medium.ALIMTALK | Medium.BRAND_MESSAGE | Medium.WHATSAPP:
            return Addresses(("+821000000001", "+821000000002", "+821000000003"), (f"+82{CANARY}", "12"))
        case Medium.PUSH | Medium.WEBHOOK:
            return Addresses(("token-of-anna", "token-of-ben", "token-of-chloe"))
        case _:
            assert_never(medium)


def usual_content(medium: Medium) -> Content:
    subject = f"Your order {CANARY}" if medium is Medium.EMAIL else None
    return Content(text=f"Your order is on its way. {CANARY}", subject=subject)


def a_kind(capabilities: Capabilities) -> MessageKind:
    """One that the channel takes; not marketing if it can be helped, since that needs more around it."""
    return min(capabilities.kinds, key=lambda each: (each is MessageKind.MARKETING, each.value))


@final
@frozen
class Scene:
    """A channel, its provider, and messages to send."""

    channel: Channel
    provider: LocalProvider
    addresses: tuple[str, ...]
    content: Content

    def message(self, key: str = "m-1", *, to: int = 0, attempt: int = 1) -> Outbound:
        """To the address of that number, counted round and round."""
        capabilities = self.channel.capabilities
        address = self.addresses[to % len(self.addresses)]
        kind = a_kind(capabilities)
        return outbound(key, to=address, capabilities=capabilities, kind=kind, content=self.content, attempt=attempt)

    def send(self, *messages: Outbound) -> Sequence[Outcome]:
        """In batches as large as the channel takes."""
        size = self.channel.capabilities.batch
        parts = [messages[start : start + size] for start in range(0, len(messages), size)]
        return [outcome for part in parts for outcome in self.channel.send(part)]

    def meet(self, trouble: Trouble) -> Outcome:
        """What the channel makes of this trouble with the message ``m-1`` to the first address."""
        self.provider.will(trouble, self.addresses[0])
        [outcome] = self.send(self.message())
        return outcome
