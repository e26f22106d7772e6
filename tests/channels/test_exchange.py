"""Whether a request left decides what may be done next; nothing on the way follows redirects or tells secrets."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import httpx
import pytest

from retention.channels.exchange import SOON, Answer, Wire, by_status, require_protected, retry_after
from retention.channels.protocol import Rejected, Unknown
from retention.errors import ConfigurationError
from tests.channels.servers.local import HangUp, LocalServer, Reply, Request, Silence

QUICK = httpx.Timeout(0.3, connect=5.0)
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with httpx.Client() as client:
        yield Wire(client, QUICK)


def answering(reply: Reply | HangUp | Silence) -> Callable[[Request], Reply | HangUp | Silence]:
    return lambda request: reply


@contextmanager
def raw(answer: bytes) -> Iterator[str]:
    """A server that takes one connection, reads a little and sends these bytes, whatever they are."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


# Did it leave? --------------------------------------------------------------------------------------------------------


def test_an_answer_is_read_whole(wire: Wire) -> None:
    with LocalServer(answering(Reply(418, b'{"a": 1}', {"X-Kind": "teapot"}))) as server:
        answer = wire.post(f"{server.url}/path?token=t", headers={"x-a": "b"}, body=b"body")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.fields(), answer.headers["x-kind"]) == (418, {"a": 1}, "teapot")
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/path?token=t", b"body")
    assert request.headers["x-a"] == "b"


def test_a_connection_that_is_refused_took_nothing_along(wire: Wire) -> None:
    outcome = wire.post(f"http://127.0.0.1:{a_closed_port()}/", headers={}, body=b"x")
    assert outcome == Rejected(reason="no connection (ConnectError)", retry_after=SOON)


def test_a_handshake_that_fails_took_nothing_along(wire: Wire) -> None:
    with LocalServer(answering(Reply())) as server:
        outcome = wire.post(server.url.replace("http", "https"), headers={}, body=b"x")
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == SOON
    assert server.requests == []


@pytest.mark.parametrize("silence", [HangUp(), Silence()])
def test_a_request_that_left_and_was_not_answered_is_unknown(wire: Wire, silence: HangUp | Silence) -> None:
    with LocalServer(answering(silence)) as server:
        outcome = wire.post(server.url, headers={}, body=b"x")
        assert isinstance(outcome, Unknown)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1100000\r\n\r\n" + b"x" * 1_100_000,
    ],
    ids=["nothing", "nonsense", "half", "not gzip", "endless"],
)
def test_an_answer_that_cannot_be_read_is_unknown(wire: Wire, answer: bytes) -> None:
    with raw(answer) as url:
        assert isinstance(wire.post(url, headers={}, body=b"x"), Unknown)


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_object_has_no_fields(body: bytes) -> None:
    assert Answer(status=200, headers={}, body=body).fields() == {}


# What nobody else may see. --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_though_the_client_would(status: int) -> None:
    with LocalServer(answering(Reply())) as elsewhere, httpx.Client(follow_redirects=True) as client:
        with LocalServer(answering(Reply(status, headers={"location": elsewhere.url}))) as server:
            answer = Wire(client, QUICK).post(server.url, headers={"authorization": "secret"}, body=b"x")
        assert isinstance(answer, Answer)
        assert answer.status == status
        assert elsewhere.requests == []


def test_no_log_and_no_repr_tells_path_headers_or_body(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with LocalServer(answering(Reply(200, b"secret-body", {"x-secret": "s"}))) as server:
        answer = wire.post(f"{server.url}/secret-path?q=secret", headers={"x": "secret-header"}, body=b"secret-sent")
        wire.get(f"{server.url}/secret-path", headers={"x": "secret-header"})
    assert [each.path for each in server.requests] == ["/secret-path?q=secret", "/secret-path"]
    assert len(caplog.records) > 0
    for told in (caplog.text, repr(answer), repr(wire)):
        assert "secret-" not in told


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "ftp://example.com", "", "//", "http://127.0.0.1.evil.example"]
)
def test_credentials_go_over_https_only(url: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        require_protected(url)


@pytest.mark.parametrize(
    "url", ["https://api.example.com/", "http://localhost:8000/", "http://127.0.0.1", "http://[::1]:1/"]
)
def test_or_to_the_machine_itself(url: str) -> None:
    assert require_protected(url) == url.rstrip("/")


# How long to wait. ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        ("99999999999999999999", timedelta(days=30)),
        ("Mon, 02 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Mon, 02 Mar 2099 11:00:00 GMT", timedelta(days=30)),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_answer_s_own_clock(asked: str, wait: timedelta) -> None:
    """RFC 9110, 10.2.3."""
    assert retry_after(Answer(status=429, headers={"retry-after": asked, "Date": DATE}, body=b"")) == wait


@pytest.mark.parametrize("asked", ["", "soon", "-5", "1.5", "٣", "Mon, 99 Mar 2026 12:05:00 GMT"])
def test_what_cannot_be_read_asks_for_nothing(asked: str) -> None:
    assert retry_after(Answer(status=429, headers={"Retry-After": asked, "Date": DATE}, body=b"")) == SOON


def test_a_date_without_the_answer_s_own_says_nothing() -> None:
    assert retry_after(Answer(status=429, headers={"Retry-After": DATE}, body=b"")) == SOON


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_asked_to_wait_was_not_heard(status: int) -> None:
    outcome = by_status(Answer(status=status, headers={"Retry-After": "7"}, body=b""))
    assert outcome == Rejected(reason="asked to wait", retry_after=timedelta(seconds=7), code=str(status))


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500, 502, 504])
def test_any_other_status_alone_says_nothing(status: int) -> None:
    assert isinstance(by_status(Answer(status=status, headers={}, body=b"")), Unknown)
