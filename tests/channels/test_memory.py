"""What a host's tests can make of it."""

from datetime import timedelta

import pytest

from retention.channels.errors import BatchTooLarge
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, Rejected, Unknown
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.testing.messages import outbound

ANNA = "anna@example.com"


def test_outcomes_may_change_while_it_is_used() -> None:
    memory = MemoryChannel(outcomes={ANNA: Rejected(reason="busy", retry_after=timedelta(minutes=1))})
    assert isinstance(memory.send([outbound()])[0], Rejected)
    del memory.outcomes[ANNA]
    assert isinstance(memory.send([outbound(attempt=2)])[0], Accepted)
    assert [each.attempt for each in memory.delivered] == [2]


def test_a_lost_answer_is_a_message_that_went_out() -> None:
    memory = MemoryChannel(outcomes={ANNA: Unknown("no answer")})
    assert [*memory.send([outbound()]), *memory.send([outbound(attempt=2)])] == [Unknown("no answer")] * 2
    assert len(memory.delivered) == 2
    assert isinstance(memory.query("m-1"), Accepted)


def test_a_retry_after_a_lost_answer_goes_out_once_where_keys_are_remembered() -> None:
    capabilities = Capabilities(medium=Medium.EMAIL, idempotent_for=timedelta(days=1))
    memory = MemoryChannel(capabilities=capabilities, outcomes={ANNA: Unknown("no answer")})
    outcomes = [*memory.send([outbound()]), *memory.send([outbound(attempt=2)])]
    assert [type(each) for each in outcomes] == [Unknown, Accepted]
    assert len(memory.delivered) == 1


def test_a_batch_that_is_too_large_is_refused_with_its_size() -> None:
    memory = MemoryChannel("push", Capabilities(medium=Medium.PUSH, batch=2))
    with pytest.raises(BatchTooLarge, match="was given 3 messages where at most 2 are allowed") as caught:
        memory.send([outbound(f"m-{each}", medium=Medium.PUSH) for each in range(3)])
    assert (caught.value.channel, caught.value.limit, caught.value.found) == ("push", 2, 3)
    assert memory.delivered == []
