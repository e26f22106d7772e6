"""What a server's replies mean. The text of a reply is not kept: servers like to repeat the address in it."""

import re
from datetime import timedelta
from typing import Final

from retention.channels.protocol import Outcome, Rejected, Unknown

LATER: Final = timedelta(minutes=5)
"""Long enough for a server that turns strangers away once."""

NO_SUCH_MAILBOX: Final = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
"""There is no such mailbox, the address cannot be one, it has moved away, its domain takes no mail (RFC 3463, RFC
7505)."""

_ENHANCED: Final = re.compile(rb"([245]\.\d{1,3}\.\d{1,3})(?!\d)")


def refusal(code: int, text: bytes, what: str) -> Rejected:
    """Of a reply before the message was handed over, so that nothing left whatever the reply was. ``what`` was refused.

    4xx may pass, 5xx never; a code of no class may pass.
    """
    enhanced = _enhanced(text)
    told = f"{code} {enhanced}" if enhanced else str(code)
    if 500 <= code <= 599:
        return Rejected(reason=f"the server refused {what}", suppress=enhanced in NO_SUCH_MAILBOX, code=told)
    return Rejected(reason=f"the server put {what} off", retry_after=LATER, code=told)


def verdict(code: int, text: bytes) -> Outcome:
    """Of the reply to the whole message, other than 250."""
    if 400 <= code <= 599:
        return refusal(code, text, "the message")
    return Unknown(f"the server took the message and answered {code}")


def not_handed_over(why: str, code: int | None = None) -> Rejected:
    """Nothing left, for a reason that is not the message's."""
    return Rejected(reason=why, retry_after=LATER, code=None if code is None else str(code))


def _enhanced(text: bytes) -> str:
    found = _ENHANCED.match(text)
    return found[1].decode("ascii") if found else ""
