"""The kit finds what is wrong with a channel: each of these has one fault, and the test that is for it fails."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from _pytest.outcomes import Failed
from attrs import evolve

from retention.channels.errors import ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Status, Unknown
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Outbound
from retention.testing.channels import Addresses, ChannelContract, LocalProvider, Webhooks
from retention.testing.channels_addresses import HOSTILE
from retention.testing.channels_scenes import Scene, usual_content
from retention.testing.messages import NOW
from tests import canaries
from tests.channels.plain_providers import Kept
from tests.channels.reporting_channel import ReportingChannel, Signer, read

PEOPLE = ("anna", "ben", "chloe")


class TestReporting(ChannelContract):
    """With no fault, nothing is found."""

    @pytest.fixture
    def channel(self) -> ReportingChannel:
        return ReportingChannel()

    @pytest.fixture
    def provider(self, channel: ReportingChannel) -> LocalProvider:
        return Kept(channel)

    @pytest.fixture
    def webhooks(self) -> Webhooks:
        return Signer()


class Reverses(ReportingChannel):
    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [*super().send(batch)][::-1]


class Skips(ReportingChannel):
    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [each for each in super().send(batch) if not isinstance(each, Rejected)]


class Turns(ReportingChannel):
    """One outcome into another."""

    def __init__(self, kind: type[Outcome], into: Outcome) -> None:
        super().__init__()
        self.kind, self.into = kind, into

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [self.into if isinstance(each, self.kind) else each for each in super().send(batch)]


class TriesAgain(ReportingChannel):
    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        outcomes = list(super().send(batch))
        for message, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Unknown):
                self.delivered.append(message)
        return outcomes


class Forgets(ReportingChannel):
    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        self._taken.clear()
        return super().send(batch)


class Breaks(ReportingChannel):
    """A large batch off in the middle."""

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        super().send(batch[:2])
        return super().send(batch)


class Tells(ReportingChannel):
    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [Unknown(f"no answer for {each.address}") for each in batch]


class TakesAnything(ReportingChannel):
    def validate_address(self, address: str) -> str:
        return address


class Repeats(ReportingChannel):
    def validate_address(self, address: str) -> str:
        try:
            return super().validate_address(address)
        except InvalidAddress:
            raise InvalidAddress(f"{address} is no address") from None


class Changes(ReportingChannel):
    """An address at every look."""

    def validate_address(self, address: str) -> str:
        return f"+{super().validate_address(address)}"


class States(ReportingChannel):
    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.capabilities = evolve(self.capabilities, **changes)


class NeverForged(ReportingChannel):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return read(body)


class ReadsFirst(ReportingChannel):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        read(body)
        return super().parse_webhook(headers, body, now=now)


class ExactNames(ReportingChannel):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        found = {name: value for name, value in headers.items() if name == "X-Signature"}
        return super().parse_webhook(found, body, now=now)


class Swallows(ReportingChannel):
    """What it cannot read."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        try:
            return super().parse_webhook(headers, body, now=now)
        except MalformedWebhook:
            return []


class Quotes(ReportingChannel):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        try:
            return super().parse_webhook(headers, body, now=now)
        except MalformedWebhook:
            raise MalformedWebhook(f"cannot read {json.loads(body)}") from None


class LooksAtTheClock(ReportingChannel):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return [evolve(each, at=now) for each in super().parse_webhook(headers, body, now=now)]


class Simplifies(ReportingChannel):
    """Every status to one."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return [evolve(each, status="sent") for each in super().parse_webhook(headers, body, now=now)]


SENDING: list[tuple[Callable[[], ReportingChannel], str]] = [
    (Reverses, "test_each_outcome_is_that_of_its_message"),
    (Skips, "test_each_outcome_is_that_of_its_message"),
    (lambda: Turns(Accepted, Accepted("same")), "test_each_message_is_delivered_once_and_in_order"),
    (lambda: Turns(Accepted, Accepted("")), "test_each_message_is_delivered_once_and_in_order"),
    (lambda: Turns(Unknown, Accepted("id")), "test_an_answer_that_does_not_come_is_unknown"),
    (lambda: Turns(Unknown, Rejected(reason="no")), "test_an_answer_that_does_not_come_is_unknown"),
    (lambda: Turns(Unknown, Rejected(reason="no")), "test_an_answer_that_nobody_knows_is_unknown"),
    (lambda: Turns(Unknown, Accepted("id")), "test_the_messages_after_a_lost_answer_are_sent_too"),
    (lambda: Turns(Rejected, Rejected(reason="no")), "test_what_is_refused_for_now_is_tried_later"),
    (
        lambda: Turns(Rejected, Rejected(reason="no", retry_after=timedelta(1))),
        "test_what_is_refused_for_good_is_not_tried_again",
    ),
    (
        lambda: Turns(Rejected, Rejected(reason="no", retry_after=timedelta(1), suppress=True)),
        "test_what_is_refused_for_now_is_tried_later",
    ),
    (TriesAgain, "test_an_answer_that_does_not_come_is_unknown"),
    (Forgets, "test_a_key_is_delivered_once_where_the_provider_remembers_keys"),
    (Forgets, "test_a_key_is_delivered_once_though_the_answer_was_lost"),
    (Breaks, "test_a_batch_that_is_too_large_is_sent_whole_or_not_at_all"),
]

STATING: list[tuple[dict[str, Any], str]] = [
    ({"kinds": frozenset()}, "test_it_takes_some_kind_of_message"),
    ({"batch": 0}, "test_no_limit_forbids_everything"),
    ({"per_second": 0.0}, "test_no_limit_forbids_everything"),
    ({"idempotent_for": timedelta(0)}, "test_a_key_is_remembered_for_some_time"),
    ({"receipts": frozenset({"lost"})}, "test_it_reports_what_receipts_can_say"),
    ({"medium": Medium.ALIMTALK, "needs_template": True}, "test_an_alimtalk_informs_by_an_approved_template"),
]

REPORTING: list[tuple[type[ReportingChannel], str]] = [
    (ExactNames, "test_names_of_headers_are_read_in_either_case"),
    (NeverForged, "test_a_body_without_its_signature_is_forged"),
    (Swallows, "test_what_is_signed_and_makes_no_sense_is_malformed_and_not_repeated"),
    (Quotes, "test_what_is_signed_and_makes_no_sense_is_malformed_and_not_repeated"),
    (LooksAtTheClock, "test_each_status_that_it_states_is_read"),
    (LooksAtTheClock, "test_what_comes_again_is_refused_or_says_the_same"),
    (Simplifies, "test_each_status_that_it_states_is_read"),
]

ANY = (AssertionError, Failed, ForgedWebhook)  # a webhook that should have been read and was called forged


def _scene(channel: ReportingChannel) -> Scene:
    return Scene(channel, Kept(channel), PEOPLE, usual_content(Medium.PUSH))


@pytest.mark.parametrize(("faulty", "test"), SENDING)
def test_a_fault_in_sending_is_found(faulty: Callable[[], ReportingChannel], test: str) -> None:
    getattr(ChannelContract(), test)(_scene(ReportingChannel()))
    with pytest.raises(ANY):
        getattr(ChannelContract(), test)(_scene(faulty()))


@pytest.mark.parametrize(("changes", "test"), STATING)
def test_a_fault_in_capabilities_is_found(changes: dict[str, Any], test: str) -> None:
    getattr(ChannelContract(), test)(ReportingChannel().capabilities)
    with pytest.raises(ANY):
        getattr(ChannelContract(), test)(States(**changes).capabilities)


def test_capabilities_that_change_are_found() -> None:
    class Counts(ReportingChannel):
        asked = 1

        def __getattribute__(self, name: str) -> Any:
            if name != "capabilities":
                return super().__getattribute__(name)
            Counts.asked += 1
            return Capabilities(medium=Medium.PUSH, batch=Counts.asked)

    with pytest.raises(ANY):
        ChannelContract().test_capabilities_are_the_same_whenever_they_are_asked_for(Counts())


@pytest.mark.parametrize(("faulty", "test"), REPORTING)
def test_a_fault_in_reading_webhooks_is_found(faulty: type[ReportingChannel], test: str) -> None:
    _report(ReportingChannel(), test)
    with pytest.raises(ANY):
        _report(faulty(), test)


def _report(channel: ReportingChannel, test: str) -> None:
    told: Status = "delivered"
    receipt = Receipt(provider_id="m-17", status=told, at=NOW - timedelta(seconds=30))
    given = {
        "channel": channel,
        "webhooks": Signer(),
        "receipt": receipt,
        "webhook": Signer().report(receipt, now=NOW),
    }
    method = getattr(ChannelContract(), test)
    names = method.__code__.co_varnames[1 : method.__code__.co_argcount]
    method(**{name: given[name] for name in names})


def test_reading_before_the_signature_is_found() -> None:
    with pytest.raises(MalformedWebhook):
        ChannelContract().test_what_is_not_signed_is_forged_whatever_it_is(ReadsFirst(), b"{}")


@pytest.mark.parametrize("faulty", [TakesAnything, Repeats])
def test_a_hostile_address_that_is_taken_or_repeated_is_found(faulty: type[ReportingChannel]) -> None:
    with pytest.raises(ANY):
        ChannelContract().test_a_hostile_address_is_refused_and_not_repeated(faulty(), HOSTILE[2])
    canaries.hits.clear()  # it is this channel's fault


def test_an_address_that_changes_at_every_look_is_found() -> None:
    with pytest.raises(ANY):
        ChannelContract().test_the_form_that_the_provider_takes_is_taken_as_it_is(Changes(), Addresses(PEOPLE))


def test_an_outcome_that_tells_an_address_is_found(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ANY):
        ChannelContract().test_no_outcome_and_no_log_tells_address_or_text(_scene(Tells()), "refuse", caplog, capfd)
