"""What a mail is called: its Message-ID without brackets. Nobody can tell one beforehand, and the shop knows its own.

The form is ``tag.mark@domain``: the tag is made from the message's key, the mark from tag and domain, both with
HMAC-SHA-256 and the channel's secret. So a mail that comes back is known without looking anything up.
"""

from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final

_TAG: Final = 24  # hex digits, 96 bits
_MARK: Final = 32  # hex digits, 128 bits


def message_id(key: str, domain: str, secret: bytes) -> str:
    """The same for every attempt, so that whoever gets a message twice can tell; says nothing of the key."""
    tag = _signed(secret, b"tag", key)[:_TAG]
    return f"{tag}.{_mark(tag, domain, secret)}@{domain}"


def is_own(id: str, secret: bytes) -> bool:
    """True of what ``message_id`` gave with that secret, and of nothing else."""
    local, _, domain = id.partition("@")
    tag, _, mark = local.partition(".")
    return compare_digest(_mark(tag, domain, secret).encode(), mark.encode("utf-8", "surrogatepass"))


def _mark(tag: str, domain: str, secret: bytes) -> str:
    return _signed(secret, b"mark", f"{tag}@{domain}")[:_MARK]


def _signed(secret: bytes, purpose: bytes, text: str) -> str:
    return digest(secret, b"mail " + purpose + b"\0" + text.encode("utf-8", "surrogatepass"), sha256).hex()
