"""Tokens that end marketing, or confirm a consent, by one POST and no login: who, by which medium, of which topic,
signed.

The form is ``key id . payload . signature``, each in URL-safe base64 without padding; the signature is HMAC-SHA-256 of
what stands before it, and for a confirmation of ``confirm`` and a zero byte in front of that, so that neither can be
taken for the other. Nothing in one that ends expires: CAN-SPAM asks for 30 days (15 U.S.C. 7704(a)(3)), and an old
message may be found later than that. One that confirms says when it was asked; the consent's own time is what lapses.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, new
from json import dumps, loads
from types import MappingProxyType
from typing import Any, Final, final

from attrs import field, frozen

from retention.errors import ConfigurationError, RetentionError
from retention.permission.media import Medium
from retention.permission.person import Consent, Purpose
from retention.spans import utc

_LONGEST: Final = 8192  # of the longest id and topic, each character of which may take six
_LEAST_SECRET: Final = 32  # bytes, as many as SHA-256 gives
_ENDS: Final = b""
_CONFIRMS: Final = b"confirm\0"


class ForgedToken(RetentionError, ValueError):
    """A token that this shop has not made, or that was changed; nothing of it was believed."""

    code = "forged-token"

    def __init__(self) -> None:
        super().__init__("the token was not made by this shop", hint="Answer 404, and say nothing of what is wrong")


@final
@frozen
class Claim:
    """What a token says: who wants no more, by which medium, of which topic (None: of any)."""

    customer: str
    medium: Medium
    topic: str | None
    planned_at: datetime


@final
@frozen
class Question:
    """What a token that confirms says: who was asked for which consent, and when."""

    customer: str
    medium: str
    purpose: Purpose
    topic: str | None
    asked_at: datetime


def _checked(given: Mapping[str, bytes]) -> Mapping[str, bytes]:
    for name, secret in given.items():
        if not isinstance(secret, bytes):
            raise ConfigurationError(f"the secret {name!r} of tokens is not bytes", hint="Give text.encode()")
        if len(secret) < _LEAST_SECRET:
            raise ConfigurationError(
                f"the secret {name!r} of tokens is shorter than {_LEAST_SECRET} bytes",
                hint="Make one with secrets.token_bytes(32) and keep it",
            )
    if not given:
        raise ConfigurationError("tokens need a secret", hint='Give {"2026": secrets.token_bytes(32)}, kept by you')
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True)
class Tokens:
    """Signs with the last of ``secrets`` and believes all of them: to rotate, add one, and take the old one away when
    no message with it is read any more. ``url`` is what stands before a token in an address that ends marketing,
    ``confirm_url`` in one that confirms a consent."""

    url: str
    secrets: Mapping[str, bytes] = field(converter=_checked, repr=False)
    confirm_url: str | None = None

    def address(self, customer: str, medium: Medium, topic: str | None, planned_at: datetime) -> str:
        return self.url + self.token(Claim(customer, medium, topic, utc(planned_at)))

    def token(self, claim: Claim) -> str:
        return self._signed(_ENDS, [claim.customer, claim.medium.value, claim.topic, claim.planned_at.isoformat()])

    def read(self, token: str) -> Claim:
        """What it says. Raises ForgedToken, for one that confirms too."""
        customer, medium, topic, planned_at = self._believed(_ENDS, token)
        return Claim(customer, Medium(medium), topic, datetime.fromisoformat(planned_at))

    def confirm_address(self, customer: str, asked: Consent) -> str:
        """The address at which a customer confirms a consent that they were asked for; for them alone. Raises
        ConfigurationError without ``confirm_url``."""
        if self.confirm_url is None:
            hint = 'Give Tokens(..., confirm_url="https://shop.example/confirm/")'
            raise ConfigurationError("there is no address at which a consent is confirmed", hint=hint)
        said = [customer, asked.medium, asked.purpose, asked.topic, utc(asked.at).isoformat()]
        return self.confirm_url + self._signed(_CONFIRMS, said)

    def read_confirmation(self, token: str) -> Question:
        """What it says. Raises ForgedToken, for one that ends marketing too."""
        customer, medium, purpose, topic, asked_at = self._believed(_CONFIRMS, token)
        return Question(customer, medium, purpose, topic, datetime.fromisoformat(asked_at))

    def _signed(self, does: bytes, said: Sequence[str | None]) -> str:
        name = [*self.secrets][-1]
        signed = f"{_packed(name.encode())}.{_packed(dumps(said, ensure_ascii=False).encode())}"
        return f"{signed}.{_packed(_signature(self.secrets[name], does, signed))}"

    def _believed(self, does: bytes, token: str) -> Any:
        name, signed, signature = _parts(token)
        secret = self.secrets.get(name)
        if secret is None or not compare_digest(_signature(secret, does, signed), signature):
            raise ForgedToken
        return loads(_unpacked(signed.split(".")[1]))


def _parts(token: str) -> tuple[str, str, bytes]:
    known = isinstance(token, str) and len(token) <= _LONGEST and token.isascii()
    parts = token.split(".") if known else []
    if len(parts) != 3:
        raise ForgedToken
    try:
        return _unpacked(parts[0]).decode(), f"{parts[0]}.{parts[1]}", _unpacked(parts[2])
    except ValueError:
        raise ForgedToken from None


def _signature(secret: bytes, does: bytes, signed: str) -> bytes:
    return new(secret, does + signed.encode(), sha256).digest()


def _packed(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()


def _unpacked(given: str) -> Any:
    found = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    if _packed(found) != given:  # what is not in the alphabet is skipped, and one text in many forms is none of ours
        raise ForgedToken
    return found


def checked_tokens(tokens: Tokens | None, advertises_by_mail: str | None) -> Tokens | None:
    """Raises ConfigurationError where the gate would refuse every mail of that campaign: advertising has an address
    that ends it by one click, in https (RFC 8058, section 3.1), or for an address into which a token would run."""
    for url in () if tokens is None else (tokens.url, tokens.confirm_url or "/"):
        if url[-1:].isalnum():
            raise ConfigurationError("the address before a token has no end of its own", hint=f"End it with /: {url}/")
    if advertises_by_mail is None or (tokens is not None and tokens.url.startswith("https://")):
        return tokens
    what = "there are no tokens to end it with" if tokens is None else f"the address that ends it is {tokens.url!r}"
    raise ConfigurationError(
        f"campaign {advertises_by_mail!r} advertises by e-mail, and {what}",
        hint='Give tokens=Tokens(url="https://shop.example/stop/", secrets={"2026": secret})',
    )


def reference(secret: bytes, customer: str) -> str:
    """An opaque name of a customer that providers may see: the same every time, and nothing can be read from it."""
    return new(secret, b"recipient\0" + customer.encode(), sha256).hexdigest()[:32]
