"""A chat server on this machine that takes posts, or does not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from retention.testing.channels import Trouble

ANSWERS = {"refuse": 404, "refuse for now": 429, "answer nonsense": 418}


class ChatServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Room)
        self.accepted: list[str] = []
        self.texts: list[str] = []
        self.troubles: dict[str, Trouble] = {}
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will(self, trouble: Trouble, address: str) -> None:
        self.troubles[address] = trouble


class Room(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        token = self.path.removeprefix("/hooks/")
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        trouble = self.server.troubles.pop(token, None)
        if trouble in ANSWERS:
            return self._answer(ANSWERS[trouble])
        self.server.accepted.append(token)
        self.server.texts.append(told["text"])
        if trouble == "lose the answer":
            self.server.closing.wait(2)
        return self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing: tokens are addresses."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the channel did not wait
            self.close_connection = True


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()
