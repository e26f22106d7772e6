"""Keys of commands: made of what happened, so that what comes twice is known."""

from hashlib import sha256
from typing import Final

from attrs import evolve

from retention.loyalty.ledger.commands import Earn, payload

_LONGEST: Final = 300  # bytes: a key gets more behind it and is an id itself
_SHOWN: Final = 200
_SHORT: Final = 12  # hexadecimal digits of a hash: enough for the few versions of one command


def joined(*parts: str) -> str:
    """Parts of a key as one text of at most 300 bytes, different for different parts: of a longer one the beginning and
    its hash."""
    whole = ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)
    written = whole.encode()
    if len(written) <= _LONGEST:
        return whole
    return f"{written[:_SHOWN].decode(errors='ignore')}%~{sha256(written).hexdigest()}"  # no other key has %~ in it


def by_content(command: Earn) -> Earn:
    """The command under a key that also says what it gives.

    Made anew from corrected facts it is another command, and its claim, not its key, sees to it that it gives nothing.
    """
    return evolve(command, key=f"{command.key}:{payload(command)[:_SHORT]}")
