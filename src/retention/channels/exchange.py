"""One HTTP exchange with a provider, and the question that decides what may be done next: did the request leave?"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias, final

import httpx
from attrs import field, frozen

from retention.channels.payloads import fields, header
from retention.channels.protocol import Rejected, Unknown
from retention.errors import ConfigurationError

TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
"""Five seconds to be let in, twenty for everything after."""

SOON: Final = timedelta(minutes=1)
"""When to try again if the provider does not say."""

LATER: Final = timedelta(hours=1)
"""When to try again what somebody at the shop has to put right first: credentials, balance, a blocked account."""

_LARGEST: Final = 1_048_576  # bytes of an answer; the largest batch of a provider here answers with less
_LONGEST: Final = timedelta(days=30)  # of a Retry-After; a message has expired by then
_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@final
@frozen(kw_only=True)
class Answer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def fields(self) -> Mapping[str, object]:
        """The body as a JSON object; empty if it is none."""
        try:
            return fields(json.loads(self.body))
        except (ValueError, RecursionError):
            return {}


Exchange: TypeAlias = Answer | Rejected | Unknown
"""An answer; Rejected, to be tried again, if nothing left; Unknown if the request left and no answer came."""


@final
@frozen
class Wire:
    """Sends requests. Redirects are never followed: they would carry credentials to somebody else."""

    client: httpx.Client = field(factory=lambda: httpx.Client(timeout=TIMEOUT), repr=False)
    timeout: httpx.Timeout = TIMEOUT

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Exchange:
        return self._exchange("POST", url, headers, body)

    def get(self, url: str, *, headers: Mapping[str, str]) -> Exchange:
        return self._exchange("GET", url, headers, None)

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Exchange:
        whole = httpx.URL(url)
        request = self.client.build_request(
            method,
            whole.copy_with(raw_path=b"/"),  # httpx logs this address; a path may hold a token, or whom it is about
            headers=headers,
            content=body,
            timeout=self.timeout,
            extensions={"target": whole.raw_path},
        )
        try:
            response = self.client.send(request, stream=True, follow_redirects=False)
            return _read(response)
        except _NEVER_LEFT as error:
            return Rejected(reason=f"no connection ({type(error).__name__})", retry_after=SOON)
        except httpx.TransportError as error:
            return Unknown(f"no answer after the request had left ({type(error).__name__})")


def _read(response: httpx.Response) -> Exchange:
    body = b""
    try:
        for part in response.iter_bytes(65_536):
            body += part
            if len(body) > _LARGEST:
                return Unknown("the answer is longer than any that the provider documents")
    except httpx.DecodingError:
        return Unknown("the answer could not be decoded")
    finally:
        response.close()
    return Answer(status=response.status_code, headers=dict(response.headers), body=body)


def retry_after(answer: Answer, otherwise: timedelta = SOON) -> timedelta:
    """How long the provider asks to wait (RFC 9110, 10.2.3); a date counts from the answer's own ``Date``."""
    asked = header(answer.headers, "Retry-After") or ""
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=min(int(asked[:9]), int(_LONGEST.total_seconds())))
    until, now = _instant(asked), _instant(header(answer.headers, "Date") or "")
    if until is None or now is None:
        return otherwise
    return min(max(until - now, timedelta()), _LONGEST)


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def by_status(answer: Answer) -> Rejected | Unknown:
    """What an answer means that says no more than its status: asked to wait is rejected, anything else is unknown."""
    if answer.status in (429, 503):
        return Rejected(reason="asked to wait", retry_after=retry_after(answer), code=str(answer.status))
    return Unknown(f"answered with {answer.status}, which says nothing of the message")


def is_protected(url: httpx.URL) -> bool:
    """Whether what is sent there can be read on the way only by the machine itself."""
    return url.scheme == "https" or (url.scheme == "http" and url.host in _LOOPBACK)


def require_protected(base_url: str) -> str:
    """The address of a provider's API without a slash at its end. Raises ConfigurationError."""
    try:
        protected = is_protected(httpx.URL(base_url))
    except httpx.InvalidURL:
        protected = False
    if not protected:
        raise ConfigurationError("the provider's address is not https", hint="Give base_url='https://…'")
    return base_url.rstrip("/")
