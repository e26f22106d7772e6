"""A channel that keeps what it is given: for tests of hosts, and for rehearsals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from retention.channels.addresses import mailbox, printable
from retention.channels.batches import require_batch
from retention.channels.errors import ForgedWebhook
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected
from retention.channels.receipts import is_name
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason


class MemoryChannel:
    """Takes every message and keeps it in ``delivered``, in order.

    ``outcomes``, which a test may change at any time, gives other outcomes by address. A message whose outcome is
    Unknown is kept as well: of what nobody can know, the worse is true here. If the capabilities state
    ``idempotent_for``, a key is kept once.
    """

    def __init__(
        self,
        id: str = "memory",
        capabilities: Capabilities | None = None,
        *,
        outcomes: Mapping[str, Outcome] = MappingProxyType({}),
    ) -> None:
        self.id = id
        self.capabilities = capabilities or Capabilities(medium=Medium.EMAIL, batch=1_000, can_query=True)
        self.outcomes = dict(outcomes)
        self.delivered: list[Outbound] = []
        self._taken: dict[str, Accepted] = {}

    def __repr__(self) -> str:
        return f"MemoryChannel({self.id!r}, {len(self.delivered)} delivered)"

    def validate_address(self, address: str) -> str:
        return mailbox(address) if self.capabilities.medium is Medium.EMAIL else printable(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._send(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        raise ForgedWebhook(f"the channel {self.id!r} has no webhooks", hint="Make receipts in the test itself")

    def query(self, key: str) -> Outcome | None:
        return self._taken.get(key)

    def _send(self, message: Outbound) -> Outcome:
        if self.capabilities.idempotent_for is not None and message.key in self._taken:
            return self._taken[message.key]
        outcome = self.outcomes.get(message.address)
        if isinstance(outcome, Rejected):
            return outcome
        taken = outcome if isinstance(outcome, Accepted) else Accepted(_named(self.id, message))
        self._taken[message.key] = taken
        self.delivered.append(message)
        return outcome or taken


def _named(channel: str, message: Outbound) -> str:
    """Keys hold what hosts call their carts, which no name of a provider may be made of."""
    name = f"{channel}:{message.key}:{message.attempt}"
    return name if is_name(name) else sha256(name.encode()).hexdigest()
