"""Addresses that are not written to any more: whom a suppression stops, and how one is kept without the address.

An erased person's address is gone; what stays is a keyed hash of it, so that the next import of an old list does not
bring the person back. The key is the host's secret: without it nobody can try addresses against the hashes.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from retention.errors import ConfigurationError, FactError
from retention.permission.media import Medium, MessageKind
from retention.permission.person import Suppressed, Suppression
from retention.permission.telephones import digits_of
from retention.spans import utc

_EVERYTHING: Final = frozenset(MessageKind)
_NOT_OWED: Final = frozenset({MessageKind.MARKETING, MessageKind.SERVICE})
_ADVERTISING: Final = frozenset({MessageKind.MARKETING})
STOPS: Final[Mapping[Suppressed, frozenset[MessageKind]]] = {
    "hard bounce": _EVERYTHING,
    "erased": _NOT_OWED,
    "complaint": _NOT_OWED,
    "opt-out": _ADVERTISING,
    "readmitted": frozenset(),
}
"""Which kinds of messages each reason stops. What is owed (an order, the notice of a refusal) still goes to who has
complained, and to who was erased, came back and bought."""

_READMITTED: Final = ("hard bounce", "erased")

_TELEPHONES: Final = frozenset({Medium.SMS, Medium.ALIMTALK, Medium.BRAND_MESSAGE, Medium.WHATSAPP})


def stopping(
    suppressions: Iterable[Suppression], medium: Medium, kind: MessageKind, *, agreed: Callable[[datetime], bool]
) -> Iterator[Suppression]:
    """Those that stop such a message. Kakao's two media are one to them.

    ``agreed`` says whether the customer agrees by what they said after an instant alone: that lifts an opt-out of
    before, for them alone, whoever else has the address.
    """
    several = [each for each in suppressions if each.medium.consent == medium.consent]
    for each in several:
        if kind not in STOPS[each.reason] or is_lifted(each, several):
            continue
        if each.reason != "opt-out" or not agreed(utc(each.at)):
            yield each


def is_lifted(suppression: Suppression, others: Iterable[Suppression]) -> bool:
    """Only what is no refusal, a hard bounce or an erasure: by staff who readmitted the address then or later."""
    return suppression.reason in _READMITTED and any(
        each.reason == "readmitted" and utc(each.at) >= utc(suppression.at) for each in others
    )


def suppression_hash(medium: Medium, address: str, *, key: bytes, calling_code: str | None = None) -> str:
    """The keyed hash (HMAC-SHA-256, 64 hex digits) under which a suppressed address is kept.

    Equal for spellings of one address, as ``normalised`` has them. Raises ConfigurationError for a key under 32 bytes.
    """
    if not isinstance(key, bytes) or len(key) < 32:
        problem = f"suppression_hash: a key is at least 32 bytes, not {type(key).__name__}"
        raise ConfigurationError(problem, hint="Keep secrets.token_bytes(32) where the host keeps its secrets")
    subject = f"{medium.consent}\0{normalised(medium, address, calling_code=calling_code)}"
    return hmac.digest(key, f"suppressed\0{subject}".encode(), sha256).hex()


def hash_of(medium: Medium, address: str, *, key: bytes, calling_code: str | None = None) -> str | None:
    """``suppression_hash``, or None for what is no address of the medium: a telephone without digits, such as "n/a"."""
    try:
        return suppression_hash(medium, address, key=key, calling_code=calling_code)
    except FactError:
        return None


def normalised(medium: Medium, address: str, *, calling_code: str | None = None) -> str:
    """One spelling of an address: of an e-mail without regard to case, of a telephone its digits with the calling code.

    ``calling_code`` (``"82"``) is what national numbers get. Raises FactError for an address with nothing in it.
    """
    text = normalize("NFKC", address).strip()
    if medium in _TELEPHONES:
        text = digits_of(text, calling_code)
    elif medium is Medium.EMAIL:
        text = text.casefold()
    if not text:
        raise FactError("address", "is empty", got=address, hint=f"Give an address of {medium.value}")
    return text
