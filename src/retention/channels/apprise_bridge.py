"""Messages through Apprise and the hundred services that it knows (https://appriseit.com). Needs the extra ``apprise``.

Apprise says whether a service took a message, and nothing else: no receipts, no keys that keep a message from going
twice, and not what went wrong. So what it does not confirm is Unknown.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256
from importlib.util import find_spec
from typing import Final

from retention.channels.addresses import printable
from retention.channels.batches import require_batch
from retention.channels.errors import ForgedWebhook, InvalidAddress
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.errors import ConfigurationError, MissingExtra
from retention.permission.capabilities import Capabilities
from retention.permission.media import Medium
from retention.permission.messages import Draft, Outbound
from retention.permission.verdicts import Reason

if find_spec("apprise") is None:
    raise MissingExtra("retention.channels.apprise_bridge", "apprise", "apprise")

from apprise import Apprise, AppriseAsset, NotifyBase

_SENDING: Final[ContextVar[bool]] = ContextVar("sending", default=False)
_TALKATIVE: Final = ("apprise", "urllib3.connectionpool")


class AppriseChannel:
    """``schemes`` are the services that may be written to (``{"ntfys", "slack"}``): without a list an address could
    have the server call any machine, or its own desktop.

    ``to_url`` makes an Apprise URL from an address; by default the address is one. It has to quote what it puts in.
    """

    def __init__(
        self,
        *,
        schemes: frozenset[str] | set[str],
        id: str = "apprise",
        medium: Medium = Medium.PUSH,
        to_url: Callable[[str], str] = str,
    ) -> None:
        if not schemes:
            raise ConfigurationError("no service is allowed", hint="Give schemes={'ntfys'} or others of Apprise's")
        self.id = id
        self.capabilities = Capabilities(medium=medium)
        self._schemes = frozenset(schemes)
        self._to_url = to_url
        self._asset = AppriseAsset(async_mode=False, http_redirects=False)

    def __repr__(self) -> str:
        return f"AppriseChannel(id={self.id!r})"

    def validate_address(self, address: str) -> str:
        self._service(address)
        return address

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        require_batch(self, batch)
        return [self._send(each) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        raise ForgedWebhook(f"the channel {self.id!r} has no webhooks")

    def _send(self, message: Outbound) -> Outcome:
        try:
            service = self._service(message.address)
        except InvalidAddress:
            return Rejected(reason="not an address of a service that is allowed")
        with _unlogged():
            try:
                taken = service.notify(body=message.content.text, title=message.content.subject or "")
            except Exception as error:  # any plugin may raise anything, with the address in its words
                return Unknown(f"the service's plugin failed ({type(error).__name__})")
        if not taken:
            return Unknown("the service did not confirm it")
        return Accepted(sha256(message.key.encode("utf-8", "surrogatepass")).hexdigest())

    def _service(self, address: str) -> NotifyBase:
        """The one recipient that an address names. Raises InvalidAddress."""
        url = self._to_url(printable(address))
        scheme, _, _ = url.partition("://")
        with _unlogged():
            found = Apprise.instantiate(url, asset=self._asset, suppress_exceptions=True)
        if scheme.lower() not in self._schemes or not isinstance(found, NotifyBase) or len(found) != 1:
            raise InvalidAddress("this is not one recipient of a service that is allowed", hint="See schemes=")
        found.redirects = False  # whatever the address asks for: they would carry credentials to somebody else
        return found


class _Silent(logging.Filter):
    """Lets nothing through while this library sends: Apprise's records show addresses, and in part messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _SENDING.get()


@contextmanager
def _unlogged() -> Iterator[None]:
    token = _SENDING.set(True)
    try:
        yield
    finally:
        _SENDING.reset(token)


for _name in _TALKATIVE:
    logging.getLogger(_name).addFilter(_Silent())
