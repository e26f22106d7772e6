"""What becomes of a message when the server refuses it, breaks off or falls silent, at each point of the talk."""

import socket
import threading
from datetime import timedelta

import pytest

from retention.channels.protocol import Accepted, Rejected, Unknown
from retention.channels.smtp.replies import LATER
from retention.permission.messages import Content
from retention.testing.messages import outbound
from tests.channels.smtp_server import DROP, HANG, SmtpStand, Stage
from tests.channels.smtp_shop import channel_at, send

BEFORE: tuple[Stage, ...] = ("connect", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize("stage", BEFORE)
def test_a_connection_that_breaks_before_the_message_left_is_tried_later(stand: SmtpStand, stage: Stage) -> None:
    stand.replies[stage] = DROP
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert (outcome.retry_after, outcome.suppress) == (LATER, False)
    assert stand.accepted == []


@pytest.mark.parametrize("stage", BEFORE[1:])
def test_silence_before_the_message_left_is_tried_later(stand: SmtpStand, stage: Stage) -> None:
    stand.replies[stage] = HANG
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == LATER
    assert stand.accepted == []


@pytest.mark.parametrize("told", [DROP, HANG])
def test_after_the_final_dot_only_the_server_knows(stand: SmtpStand, told: str) -> None:
    stand.replies["answer"] = told
    [outcome] = send(stand)
    assert isinstance(outcome, Unknown)
    assert stand.accepted == ["anna@example.com"]


def test_a_small_message_may_have_arrived_though_the_connection_broke_under_it(stand: SmtpStand) -> None:
    stand.replies["body"] = DROP
    assert isinstance(send(stand)[0], Unknown | Rejected)
    assert stand.accepted == []


def test_a_large_message_that_broke_off_did_not_arrive(stand: SmtpStand) -> None:
    """Its last bytes, which would have ended it, were never given to the network."""
    stand.replies["body"] = DROP
    [outcome] = send(stand, outbound(content=Content(text="word " * 4_000_000, subject="Long")))
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == LATER


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "answer"])
@pytest.mark.parametrize(
    ("reply", "retry", "code"),
    [
        ("450 4.2.1 mailbox busy", LATER, "450 4.2.1"),
        ("451 come later", LATER, "451"),
        ("452 4.3.1 full", LATER, "452 4.3.1"),
        ("550 5.7.1 policy", None, "550 5.7.1"),
        ("552 too big", None, "552"),
        ("554 5.7.1 spam", None, "554 5.7.1"),
    ],
)
def test_4xx_may_pass_and_5xx_never(
    stand: SmtpStand, stage: Stage, reply: str, retry: timedelta | None, code: str
) -> None:
    stand.replies[stage] = reply
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert (outcome.retry_after, outcome.code, outcome.suppress) == (retry, code, False)


@pytest.mark.parametrize(
    ("reply", "suppress"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.1.10 null MX", True),
        ("553 5.1.3 bad address", True),
        ("551 5.1.6 moved", True),
        ("550 5.1.11 not that code", False),
        ("550 mailbox unavailable", False),
        ("550 15.1.1 is no code", False),
        ("450 4.1.1 not now", False),
        ("450 5.1.1 contradicts itself", False),
    ],
)
def test_an_address_that_is_none_is_not_written_to_again(stand: SmtpStand, reply: str, suppress: bool) -> None:
    stand.replies["RCPT"] = reply
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert outcome.suppress is suppress


@pytest.mark.parametrize("reply", ["777 hm", "299 hm", "354 go on", "hello", "x" * 9_000, "199 hm"])
def test_a_final_reply_that_nobody_knows_is_unknown(stand: SmtpStand, reply: str) -> None:
    """smtplib makes a 500 of its own out of a line that is too long; the server did not say it."""
    stand.replies["answer"] = reply
    assert isinstance(send(stand)[0], Unknown)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["777 hm", "hello"])
def test_an_unknown_reply_before_the_message_left_is_tried_later(stand: SmtpStand, stage: Stage, reply: str) -> None:
    """Nothing left, so there is nothing that nobody knows."""
    stand.replies[stage] = reply
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == LATER


def test_a_batch_is_over_before_a_slow_server_outlasts_a_lease(stand: SmtpStand) -> None:
    assert channel_at(stand.port).capabilities.batch == 10


def test_the_others_of_a_batch_go_by_the_same_connection(stand: SmtpStand) -> None:
    stand.will("refuse", "ben@example.com")
    names = ("anna", "ben", "chloe")
    outcomes = send(stand, *(outbound(each, to=f"{each}@example.com") for each in names))
    assert [type(each) for each in outcomes] == [Accepted, Rejected, Accepted]
    assert stand.connections == 1


def test_the_others_of_a_batch_go_by_a_second_connection_if_the_first_broke(stand: SmtpStand) -> None:
    stand.will("lose the answer", "ben@example.com")
    names = ("anna", "ben", "chloe", "dora")
    outcomes = send(stand, *(outbound(each, to=f"{each}@example.com") for each in names))
    assert [type(each) for each in outcomes] == [Accepted, Unknown, Accepted, Accepted]
    assert stand.connections == 2


def test_after_a_second_broken_connection_the_rest_is_left_for_later(stand: SmtpStand) -> None:
    for name in ("anna", "ben"):
        stand.will("lose the answer", f"{name}@example.com")
    names = ("anna", "ben", "chloe", "dora")
    outcomes = send(stand, *(outbound(each, to=f"{each}@example.com") for each in names))
    assert [type(each) for each in outcomes] == [Unknown, Unknown, Rejected, Rejected]
    assert stand.connections == 2
    assert stand.accepted == ["anna@example.com", "ben@example.com"]


def test_421_closes_the_connection_and_the_next_message_gets_a_new_one(stand: SmtpStand) -> None:
    stand.replies["RCPT"] = "421 4.3.2 closing"
    messages = [outbound(each, to=f"{each}@example.com") for each in ("anna", "ben")]
    outcomes = send(stand, *messages)
    assert [each.code for each in outcomes if isinstance(each, Rejected)] == ["421 4.3.2", "421 4.3.2"]
    assert stand.connections == 2


def test_a_refusal_stands_though_the_connection_breaks_right_after_it(stand: SmtpStand) -> None:
    stand.replies["RCPT"], stand.replies["RSET"] = "550 5.1.1 no such user", DROP
    [outcome] = send(stand)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after, outcome.suppress) == ("550 5.1.1", None, True)


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    outcomes = channel_at(port).send([outbound("m-1"), outbound("m-2")])
    assert [each.retry_after for each in outcomes if isinstance(each, Rejected)] == [LATER, LATER]


@pytest.mark.parametrize("greeting", [b"554 5.3.2 go away\r\n", b"421 busy\r\n", b"SSH-2.0-x\r\n", b"\x00" * 20_000])
def test_a_server_that_does_not_let_the_shop_in_is_tried_later(greeting: bytes) -> None:
    """Whatever its code says: the fault is not the message's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_greet, args=(listening, greeting))
        thread.start()
        outcomes = channel_at(listening.getsockname()[1]).send([outbound()])
        thread.join(10)
    assert [each.retry_after for each in outcomes if isinstance(each, Rejected)] == [LATER]


def _greet(listening: socket.socket, greeting: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(greeting)
