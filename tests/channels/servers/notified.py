"""Takes Apprise's ``json://`` notifications."""

from collections.abc import Sequence
from typing import Final

import pytest

from retention.testing.channels import Trouble
from tests.channels.servers.local import HangUp, LocalServer, Reply, Request

_TROUBLE: Final[dict[Trouble, int]] = {"answer nonsense": 599}


class Notified(LocalServer):
    def __init__(self) -> None:
        super().__init__(self._answer)
        self.taken: list[str] = []
        self._troubles: dict[str, Trouble] = {}

    @property
    def accepted(self) -> Sequence[str]:
        return list(self.taken)

    def will(self, trouble: Trouble, address: str) -> None:
        if trouble in ("refuse", "refuse for now"):
            pytest.skip("Apprise does not tell a refusal from anything else")
        self._troubles[address] = trouble

    def _answer(self, request: Request) -> Reply | HangUp:
        address = self.url.replace("http", "json", 1) + request.path
        trouble = self._troubles.pop(address, None)
        if trouble in _TROUBLE:
            return Reply(_TROUBLE[trouble])
        self.taken.append(address)
        return HangUp() if trouble == "lose the answer" else Reply()
