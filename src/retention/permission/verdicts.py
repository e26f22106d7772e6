"""What the gate answers."""

from datetime import datetime
from typing import TypeAlias, final

from attrs import frozen

from retention.permission.messages import Outbound


@final
@frozen
class Reason:
    """Why not, or why not now. ``code`` is stable and made for programs, ``source`` the rule's text or address.
    ``channel`` is the one that it is about, where several were asked."""

    code: str
    words: str
    source: str | None = None
    channel: str | None = None


@final
@frozen
class Allowed:
    """It may go, now and as it is in ``message``."""

    message: Outbound


@final
@frozen
class Deferred:
    """Not before ``until`` (UTC); ask again then."""

    until: datetime
    reasons: tuple[Reason, ...]


@final
@frozen
class Refused:
    """Not at all."""

    reasons: tuple[Reason, ...]


Verdict: TypeAlias = Allowed | Deferred | Refused
