"""A provider that workers in other processes reach over a loopback socket, and the channel to it.

One line of JSON asks, one answers. A line that was cut short by the death of its writer asks nothing.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from socket import create_connection
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from typing import Any, final

from retention.channels.protocol import Accepted, Outcome, Receipt
from retention.permission import Capabilities, Draft, Medium, Outbound, Reason

HOST = "127.0.0.1"


@final
class Provider:
    """What it took, by key: ``asked`` is how often it was given a message, ``taken`` how often the customer got it.

    One that is ``idempotent`` knows a key that comes again.
    """

    def __init__(self, *, idempotent: bool) -> None:
        self.idempotent = idempotent
        self.asked: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.port = 0
        self._lock = Lock()

    def answer(self, request: Mapping[str, Any]) -> Any:
        with self._lock:
            if "query" in request:
                return request["query"] if request["query"] in self.taken else None
            for key in request["send"]:
                self.asked[key] += 1
                if not (self.idempotent and key in self.taken):
                    self.taken[key] += 1
            return request["send"]


@contextmanager
def provider(*, idempotent: bool = True) -> Iterator[Provider]:
    found = Provider(idempotent=idempotent)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline()
            if line.endswith(b"\n"):
                answer = found.answer(json.loads(line))
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    with _Server((HOST, 0), Handler) as server:
        found.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked is dead."""


def no_pause(point: str) -> None:
    """The process goes on."""


@final
class Remote:
    """The channel. ``pause`` is called in the middle of a request, before the answer is read, and after it was."""

    def __init__(
        self, port: int, *, id: str = "mail", pause: Callable[[str], None] = no_pause, idempotent: bool = True
    ) -> None:
        self.id = id
        self.port = port
        self.pause = pause
        self.capabilities = Capabilities(
            medium=Medium.EMAIL, batch=10, can_query=True, idempotent_for=timedelta(days=30) if idempotent else None
        )

    def validate_address(self, address: str) -> str:
        return address

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [Accepted(key) for key in self._ask({"send": [each.key for each in batch]})]

    def query(self, key: str) -> Outcome | None:
        return None if self._ask({"query": key}) is None else Accepted(key)

    def _ask(self, request: Mapping[str, Any]) -> Any:
        line = json.dumps(request).encode() + b"\n"
        with create_connection((HOST, self.port), timeout=60) as connection, connection.makefile("rb") as answers:
            connection.sendall(line[:10])
            self.pause("half sent")
            connection.sendall(line[10:])
            self.pause("sent")
            found = json.loads(answers.readline())
        self.pause("answered")
        return found

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        """Receipts in JSON, unsigned: who may report is tested elsewhere."""
        return [
            Receipt(provider_id=id, status=status, at=datetime.fromisoformat(at)) for id, status, at in json.loads(body)
        ]
