"""Stand-ins for providers that are no more than an object or a stream."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from io import StringIO

import pytest

from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Outcome, Rejected, Unknown
from retention.testing.channels import Trouble

_OUTCOMES: Mapping[Trouble, Outcome] = {
    "refuse": Rejected(reason="no such customer"),
    "refuse for now": Rejected(reason="busy", retry_after=timedelta(minutes=1)),
    "answer nonsense": Unknown("an answer that nobody knows"),
    "lose the answer": Unknown("no answer"),
}


class Kept:
    """What a memory channel keeps."""

    def __init__(self, channel: MemoryChannel) -> None:
        self.channel = channel

    @property
    def accepted(self) -> Sequence[str]:
        return [each.address for each in self.channel.delivered]

    def will(self, trouble: Trouble, address: str) -> None:
        self.channel.outcomes[address] = _OUTCOMES[trouble]


class Screen(StringIO):
    """A stream whose reader sees whole messages, and that can break after one."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks_after: str | None = None

    @property
    def accepted(self) -> Sequence[str]:
        return [line.split()[2] for line in self.getvalue().splitlines() if line.startswith("email to ")]

    def will(self, trouble: Trouble, address: str) -> None:
        if trouble != "lose the answer":
            pytest.skip("a stream refuses nothing")
        self.breaks_after = address

    def flush(self) -> None:
        if self.breaks_after is not None and self.breaks_after in self.accepted:
            self.breaks_after = None
            raise BrokenPipeError
