"""Receipts move only forward, whatever their order and however often they come (sending.md, Channels)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.channels.protocol import Receipt, Status, SuppressAs
from retention.channels.receipts import Progress, after, distinct, identity
from retention.errors import NaiveInstant
from retention.testing.messages import NOW

STATUSES: tuple[Status, ...] = get_args(Status)

receipts = st.lists(
    st.builds(
        Receipt,
        provider_id=st.just("m-1"),
        status=st.sampled_from(STATUSES),
        at=st.sampled_from([NOW + timedelta(minutes=each) for each in range(4)]),
        suppress=st.booleans(),
        suppress_as=st.sampled_from(get_args(SuppressAs)),
    ),
    max_size=8,
)


def told(*statuses: Status, suppress: bool = False) -> list[Receipt]:
    """A minute apart."""
    return [
        Receipt(provider_id="m-1", status=status, at=NOW + timedelta(minutes=number), suppress=suppress)
        for number, status in enumerate(statuses)
    ]


def test_nothing_is_known_of_a_message_without_receipts() -> None:
    assert after(Progress(), []) == Progress(stage="queued", since=None)


@pytest.mark.parametrize(
    ("statuses", "stage", "minute"),
    [
        (("sent",), "sent", 0),
        (("sent", "delivered", "read"), "read", 2),
        (("read", "delivered", "sent"), "read", 0),
        (("delivered", "delivered"), "delivered", 0),
        (("sent", "failed"), "failed", 1),
        (("failed", "sent"), "failed", 0),
        (("failed", "delivered"), "delivered", 1),
        (("delivered", "failed"), "delivered", 0),
        (("sent", "bounced"), "failed", 1),
        (("delivered", "bounced"), "delivered", 0),
        (("failed", "read"), "read", 1),
        (("sent", "clicked"), "read", 1),
        (("complained",), "delivered", 0),
        (("unsubscribed",), "queued", None),
    ],
)
def test_the_farthest_stage_counts(statuses: tuple[Status, ...], stage: str, minute: int | None) -> None:
    progress = after(Progress(), told(*statuses))
    assert progress.stage == stage
    assert progress.since == (None if minute is None else NOW + timedelta(minutes=minute))


def test_what_is_no_stage_is_remembered_beside_it() -> None:
    progress = after(Progress(), told("delivered", "clicked", "complained", "unsubscribed", "bounced"))
    assert progress.marks == {"clicked", "complained", "unsubscribed", "bounced"}


def test_one_word_is_enough_never_to_write_again() -> None:
    progress = after(after(Progress(), told("bounced", suppress=True)), told("delivered"))
    assert progress.suppress == {"hard bounce"}


def test_why_is_kept_for_each_and_only_of_what_suppresses() -> None:
    refusal = Receipt(provider_id="m-1", status="failed", at=NOW, suppress=True, suppress_as="opt-out")
    other = Receipt(provider_id="m-1", status="failed", at=NOW, suppress_as="complaint")
    assert after(Progress(), [refusal, other, *told("bounced", suppress=True)]).suppress == {"opt-out", "hard bounce"}


@given(receipts, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(given_receipts: list[Receipt], random: object) -> None:
    shuffled = list(given_receipts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random of Hypothesis
    assert after(Progress(), shuffled) == after(Progress(), given_receipts)


@given(receipts, receipts)
def test_doubles_and_pieces_do_not_matter(first: list[Receipt], second: list[Receipt]) -> None:
    whole = after(Progress(), [*first, *second])
    assert after(after(Progress(), first), [*second, *first]) == whole
    assert after(whole, first) == whole


@given(receipts, receipts)
def test_nothing_ever_moves_back(first: list[Receipt], second: list[Receipt]) -> None:
    order = ("queued", "sent", "failed", "delivered", "read")
    before = after(Progress(), first)
    later = after(before, second)
    assert order.index(later.stage) >= order.index(before.stage)
    assert later.marks >= before.marks
    assert later.suppress >= before.suppress


def test_a_double_is_the_same_channel_id_status_and_instant() -> None:
    [first] = told("sent")
    seoul = Receipt(provider_id="m-1", status="sent", at=NOW.astimezone(timezone(timedelta(hours=9))), code="0")
    others = [
        Receipt(provider_id="m-2", status="sent", at=NOW),
        Receipt(provider_id="m-1", status="read", at=NOW),
        Receipt(provider_id="m-1", status="sent", at=NOW + timedelta(microseconds=1)),
    ]
    assert distinct("sms", [first, seoul, *others, first]) == (first, *others)
    assert identity("sms", first) != identity("kakao", first)


def test_a_receipt_without_a_zone_says_nothing_of_when() -> None:
    naive = Receipt(provider_id="m-1", status="sent", at=datetime(2026, 3, 2))
    with pytest.raises(NaiveInstant):
        after(Progress(), [naive])
    with pytest.raises(NaiveInstant):
        distinct("sms", [naive])


def test_since_is_utc() -> None:
    seoul = Receipt(provider_id="m-1", status="sent", at=NOW.astimezone(timezone(timedelta(hours=9))))
    since = after(Progress(), [seoul]).since
    assert since is not None
    assert since.tzinfo is UTC
