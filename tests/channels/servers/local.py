"""An HTTP server on loopback that a test scripts: it can answer, stay silent, or hang up."""

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qs, urlsplit

from attrs import field, frozen


@frozen
class Request:
    """``headers`` have names in lower case. ``path`` is as it was asked for, with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@frozen
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    date: str | None = None


@frozen
class HangUp:
    """The request is read, and the connection closed without an answer."""


@frozen
class Silence:
    """The request is read, and nothing comes until the test is over."""


Answer: TypeAlias = Callable[[Request], Reply | HangUp | Silence]


class LocalServer:
    """``with LocalServer(answer) as server:`` serves ``server.url`` and keeps ``server.requests``."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Request] = []
        self.over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: LocalServer, answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body
            )
            server.requests.append(request)
            reply = answer(request)
            self.close_connection = True
            if isinstance(reply, Silence):
                server.over.wait(timeout=10)
            if isinstance(reply, Reply):
                self._reply(reply)

        do_GET = do_POST

        def _reply(self, reply: Reply) -> None:
            self.send_response_only(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("date", reply.date or self.date_time_string())
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
