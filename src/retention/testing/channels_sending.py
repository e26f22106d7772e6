"""One outcome for each message, in order, and none that claims more than is known."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, get_args

import pytest

from retention.channels.errors import ChannelError
from retention.channels.protocol import Accepted, Channel, Outcome, Rejected, Unknown
from retention.permission.messages import Outbound
from retention.testing.channels_scenes import CANARY, Scene, Trouble
from retention.testing.channels_tests import ChannelTests

_THREADS = 4


def _accepted(outcomes: Sequence[Outcome]) -> list[str]:
    """The provider's ids; fails for any other outcome."""
    assert [each for each in outcomes if not isinstance(each, Accepted)] == []
    return [each.provider_id for each in outcomes if isinstance(each, Accepted)]


class SendingTests(ChannelTests):
    """What is seen by sending to a provider on this machine."""

    def test_nothing_given_is_nothing_sent(self, scene: Scene) -> None:
        assert list(scene.channel.send([])) == []
        assert list(scene.provider.accepted) == []

    def test_each_message_is_delivered_once_and_in_order(self, scene: Scene) -> None:
        messages = [scene.message(f"m-{each}", to=each) for each in range(3)]
        outcomes = scene.send(*messages)
        assert len(outcomes) == 3
        assert len(set(_accepted(outcomes))) == 3, "two messages have the same provider_id"
        assert all(_accepted(outcomes)), "a provider_id is empty"
        assert list(scene.provider.accepted) == [each.address for each in messages]

    def test_each_outcome_is_that_of_its_message(self, scene: Scene) -> None:
        scene.provider.will("refuse", scene.addresses[0])
        outcomes = scene.send(*(scene.message(f"m-{each}", to=each) for each in range(3)))
        assert [type(each) for each in outcomes] == [Rejected, Accepted, Accepted]
        assert list(scene.provider.accepted) == list(scene.addresses[1:3])

    def test_what_is_refused_for_good_is_not_tried_again(self, scene: Scene) -> None:
        outcome = scene.meet("refuse")
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after is None
        assert list(scene.provider.accepted) == []

    def test_what_is_refused_for_now_is_tried_later(self, scene: Scene) -> None:
        outcome = scene.meet("refuse for now")
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after is not None
        assert outcome.retry_after >= timedelta(0)
        assert not outcome.suppress, "an address that may be tried later is suppressed"
        assert list(scene.provider.accepted) == [], "the channel itself tried again"

    def test_an_answer_that_nobody_knows_is_unknown(self, scene: Scene) -> None:
        assert isinstance(scene.meet("answer nonsense"), Unknown)

    def test_an_answer_that_does_not_come_is_unknown(self, scene: Scene) -> None:
        assert isinstance(scene.meet("lose the answer"), Unknown)
        assert list(scene.provider.accepted) == [scene.addresses[0]], "the channel itself tried again, or did not send"

    def test_the_messages_after_a_lost_answer_are_sent_too(self, scene: Scene) -> None:
        scene.provider.will("lose the answer", scene.addresses[0])
        outcomes = scene.send(*(scene.message(f"m-{each}", to=each) for each in range(3)))
        assert len(outcomes) == 3
        assert not isinstance(outcomes[0], Accepted), "an answer that never came was taken for a yes"
        again = scene.send(*(scene.message(f"again-{each}", to=each) for each in (1, 2)))
        assert len(_accepted(again)) == 2

    def test_a_key_is_delivered_once_where_the_provider_remembers_keys(self, scene: Scene) -> None:
        _require_memory(scene.channel)
        first = _accepted(scene.send(scene.message("m-1")))
        second = _accepted(scene.send(scene.message("m-1", attempt=2)))
        assert first == second
        assert len(scene.provider.accepted) == 1

    def test_a_key_is_delivered_once_though_the_answer_was_lost(self, scene: Scene) -> None:
        _require_memory(scene.channel)
        scene.meet("lose the answer")
        _accepted(scene.send(scene.message("m-1", attempt=2)))
        assert len(scene.provider.accepted) == 1

    def test_two_keys_are_two_messages_though_all_else_is_the_same(self, scene: Scene) -> None:
        _accepted(scene.send(scene.message("m-1"), scene.message("m-2")))
        assert len(scene.provider.accepted) == 2

    def test_a_batch_that_is_too_large_is_sent_whole_or_not_at_all(self, scene: Scene) -> None:
        count = scene.channel.capabilities.batch + 1
        if count > 2_000:
            pytest.skip("so large a batch takes too long")
        messages = [scene.message(f"m-{each}", to=each) for each in range(count)]
        try:
            outcomes = scene.channel.send(messages)
        except ChannelError:
            assert list(scene.provider.accepted) == []
        else:
            assert len(outcomes) == count
            assert Counter(scene.provider.accepted) == Counter(each.address for each in messages)

    def test_threads_may_send_at_the_same_time(self, scene: Scene) -> None:
        def work(number: int) -> list[str]:
            return _accepted(scene.send(*(scene.message(f"m-{number}-{each}", to=number) for each in range(3))))

        with ThreadPoolExecutor(_THREADS) as threads:
            found = [each for part in threads.map(work, range(_THREADS)) for each in part]
        assert len(set(found)) == 3 * _THREADS
        assert len(scene.provider.accepted) == 3 * _THREADS

    @pytest.mark.parametrize("trouble", get_args(Trouble))
    def test_no_outcome_and_no_log_tells_address_or_text(
        self, scene: Scene, trouble: Trouble, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A provider in the same process must keep its own log to itself."""
        caplog.set_level(0)
        outcome = scene.meet(trouble)
        seen = (repr(outcome), repr(scene.channel), caplog.text, *capfd.readouterr())
        told = [each for each in seen if CANARY in each or scene.addresses[0] in each]
        assert told == []

    def test_a_known_key_can_be_asked_for(self, scene: Scene) -> None:
        query = _query(scene.channel)
        assert query("never-sent") is None
        [provider_id] = _accepted(scene.send(scene.message("m-1")))
        assert query("m-1") == Accepted(provider_id)

    def test_a_message_whose_answer_was_lost_can_be_asked_for(self, scene: Scene) -> None:
        query = _query(scene.channel)
        scene.meet("lose the answer")
        assert isinstance(query("m-1"), Accepted)

    def test_nothing_but_what_the_gate_let_through_is_needed(self, scene: Scene) -> None:
        message = scene.message()
        assert isinstance(message, Outbound)
        _accepted(scene.channel.send((message,)))


def _require_memory(channel: Channel) -> None:
    if channel.capabilities.idempotent_for is None:
        pytest.skip("the provider remembers no keys")


def _query(channel: Channel) -> Callable[[str], Outcome | None]:
    if not channel.capabilities.can_query:
        pytest.skip("the provider cannot be asked")
    query: Any = getattr(channel, "query", None)
    assert query is not None, "capabilities say can_query and there is no method query(key)"
    found: Callable[[str], Outcome | None] = query
    return found
