"""What a channel can do and what its platform asks for, as data: the gate reads it, the channel states it."""

from datetime import time, timedelta
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.permission.media import Medium, MessageKind

Unit: TypeAlias = Literal["characters", "bytes in cp949", "bytes in utf-8", "sms segments"]


@final
@frozen
class Length:
    """How long a text may be, in the platform's own unit."""

    limit: int
    unit: Unit


@final
@frozen
class SendWindow:
    """The hours in which a platform takes messages of some kinds: from ``opens``, inside, to ``closes``, outside, on
    the clocks of ``zone`` (an IANA name)."""

    opens: time
    closes: time
    zone: str
    kinds: frozenset[MessageKind]


@final
@frozen(kw_only=True)
class Capabilities:
    """What a channel states of itself.

    ``needs_template``: it takes only templates that its provider approved. ``encoding`` is a character set that texts
    must fit into (``cp949``). ``idempotent_for`` is how long its provider remembers a key and does not send twice;
    None if it does not. ``can_query``: it can be asked what became of a message. ``batch`` is the most recipients of
    one call, ``per_second`` the most of one second, ``per_recipient_per_day`` of one recipient in one day (None: no
    limit is known). ``fallback`` names channels to try when this one rejects for good. ``certified`` answers Korea's
    transmission certificate for mass texts (Network Act art. 50-3); None where it does not apply. ``friends_only``:
    it reaches only who added the shop's channel (Kakao's targeting I).
    """

    medium: Medium
    kinds: frozenset[MessageKind] = frozenset(MessageKind)
    needs_template: bool = False
    length: Length | None = None
    subject_length: Length | None = None
    encoding: Literal["cp949"] | None = None
    buttons: int = 0
    window: SendWindow | None = None
    idempotent_for: timedelta | None = None
    can_query: bool = False
    receipts: frozenset[str] = frozenset()
    batch: int = 1
    per_second: float | None = None
    per_recipient_per_day: int | None = None
    fallback: tuple[str, ...] = ()
    certified: bool | None = field(default=None)
    friends_only: bool = False
