"""What a campaign wants done, as data. Each has a ``key`` that is always the same, so doing it twice does it once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias, final

from attrs import field, frozen

from retention.permission.media import MessageKind
from retention.permission.messages import OnUnknown


def _frozen(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True)
class SendMessage:
    """Plan a message: the first of ``channels`` that the customer prefers and the gate lets through carries it.

    ``data`` is what the template can read besides the customer: the subject, the fact that began the run. ``subject``
    is that of the run, whatever the step's data call so.
    """

    key: str
    campaign: str
    version: int
    step: str
    kind: MessageKind
    template: str
    channels: tuple[str, ...]
    planned_at: datetime
    expires_at: datetime
    topic: str | None
    tags: frozenset[str]
    priority: int
    on_unknown: OnUnknown
    asked_for: bool
    subject: str = ""
    data: Mapping[str, Any] = field(factory=dict, converter=_frozen, hash=False, repr=False)


@final
@frozen(kw_only=True)
class GrantPoints:
    """Give points, usable until ``expires_at``, outside; None: for ever."""

    key: str
    programme: str
    amount: int
    expires_at: datetime | None


@final
@frozen(kw_only=True)
class IssueCoupon:
    """Give a coupon, usable until ``expires_at``, outside; None: as the coupon itself says."""

    key: str
    coupon: str
    expires_at: datetime | None


@final
@frozen(kw_only=True)
class SetTag:
    """Give the customer a tag, or take it away."""

    key: str
    tag: str
    remove: bool


@final
@frozen(kw_only=True)
class OpenTicket:
    """Open a service request."""

    key: str
    topic: str
    words: str


@final
@frozen(kw_only=True)
class CallHook:
    """Call a hook of the host."""

    key: str
    hook: str
    data: Mapping[str, Any] = field(factory=dict, converter=_frozen, hash=False, repr=False)


Effect: TypeAlias = SendMessage | GrantPoints | IssueCoupon | SetTag | OpenTicket | CallHook
