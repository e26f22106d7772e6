"""Messages before and after the gate: a draft is a wish, an outbound message may be sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.errors import ConfigurationError
from retention.permission._seal import Seal
from retention.permission.media import Medium, MessageKind

OnUnknown: TypeAlias = Literal["retry", "hold", "query"]
"""What to do when nobody knows whether a message went out: send again, leave it to staff, or ask the provider first."""


def _frozen(given: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(given))


@final
@frozen
class Button:
    """A button under a message. ``kind`` is the platform's word (Kakao: WL, AL, BK, MD, AC, DS, BF)."""

    label: str
    kind: str = "WL"
    url: str | None = None


def in_order(given: Iterable[Button]) -> tuple[Button, ...]:
    return tuple(given)


@final
@frozen(kw_only=True, hash=False)
class Content:
    """What is read, rendered. ``text`` is the whole message, or the plain part beside ``html``.

    ``template`` is the code of a template that the provider approved, ``variables`` what was filled in.
    """

    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    html: str | None = field(default=None, repr=False)
    template: str | None = None
    variables: Mapping[str, str] = field(factory=dict, converter=_frozen, repr=False)
    buttons: tuple[Button, ...] = field(default=(), repr=False)


@final
@frozen(kw_only=True, hash=False)
class Draft:
    """A message that somebody wants to send, rendered for one channel; nobody has said yet that it may go.

    ``key`` says which message it is, however often it is tried. ``recipient`` is an opaque reference that the channel
    may show to its provider, ``customer`` the shop's id and ``address`` where it goes, which neither logs nor
    ``repr`` show. ``topic`` is what the customer can opt out of apart from the medium; ``tags`` are what caps count
    by. ``asked_for`` says that the customer asked for this one message. ``unsubscribe`` is the https address that
    ends it by one POST. Not sent before ``planned_at``, nor at or after ``expires_at``.
    """

    key: str
    kind: MessageKind
    channel: str
    customer: str
    recipient: str
    address: str = field(repr=False)
    content: Content = field(repr=False)
    planned_at: datetime
    expires_at: datetime
    topic: str | None = None
    tags: frozenset[str] = frozenset()
    priority: int = 0
    asked_for: bool = False
    unsubscribe: str | None = field(default=None, repr=False)
    on_unknown: OnUnknown = "retry"
    campaign: str | None = None
    version: int | None = None
    step: str | None = None


@final
@frozen(kw_only=True, hash=False)
class Outbound:
    """A message that may be sent now. Only the gate makes one, and channels take nothing else.

    ``headers`` are those that the gate requires of an e-mail. ``attempt`` counts from 1. ``sent_at`` is the ``now`` at
    which the gate let it go: what channels sign and date it with, since they read no clock.
    """

    key: str
    recipient: str
    address: str = field(repr=False)
    content: Content = field(repr=False)
    kind: MessageKind
    medium: Medium
    expires_at: datetime
    sent_at: datetime
    attempt: int
    headers: Mapping[str, str] = field(factory=dict, converter=_frozen, repr=False)
    _seal: Seal = field(repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if type(self._seal) is not Seal:
            raise ConfigurationError(
                "an outbound message is made by the gate alone", hint="Ask retention.permission.permit(draft, ...)"
            )
