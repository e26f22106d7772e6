"""The steps of a flow. Each has an ``id``; after a step comes the next one in the flow unless it says otherwise."""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Any, Final, TypeAlias, final

from attrs import field, frozen

from retention.campaigns.own import Question
from retention.permission.media import MessageKind
from retention.permission.messages import OnUnknown
from retention.rules.rule import Rule
from retention.spans import Duration, Months

EVERY_DAY = frozenset(range(7))
HOLDOUT: Final = "holdout"
"""No split is called so: who is held out is drawn by that name, so its arms would not be random."""


def _frozen(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True)
class Send:
    """Send ``template`` by the first of ``channels`` that the customer prefers and the gate lets through.

    ``kind`` is the campaign's if None. The message is not sent later than ``expires`` after it was planned.
    """

    id: str = field(kw_only=False)
    template: str
    channels: tuple[str, ...]
    kind: MessageKind | None = None
    expires: Duration
    topic: str | None = None
    on_unknown: OnUnknown = "retry"
    asked_for: bool = False
    data: Mapping[str, Any] = field(factory=dict, converter=_frozen, hash=False)


@final
@frozen
class Wait:
    """Wait for a span. Months keep the wall clock."""

    id: str
    span: Duration | Months


@final
@frozen(kw_only=True)
class WaitUntil:
    """Wait for the next ``at`` on the customer's clocks on one of ``weekdays`` (0 is Monday); not at all if it is just
    that instant. A skipped time is the end of its gap, one that comes twice is the first."""

    id: str = field(kw_only=False)
    at: time
    weekdays: frozenset[int] = EVERY_DAY


@final
@frozen(kw_only=True)
class WaitFor:
    """Wait for something that satisfies ``event`` (as in Happens) or for ``at_most`` to pass.

    Then go on with ``then``, or with ``otherwise`` when the time is over; None is the next step.
    """

    id: str = field(kw_only=False)
    event: Rule
    at_most: Duration | Months
    then: str | None = None
    otherwise: str | None = None


@final
@frozen(kw_only=True)
class Branch:
    """Go on with the step of the first rule that holds, else with ``otherwise``; None is the next step."""

    id: str = field(kw_only=False)
    when: tuple[tuple[Question, str | None], ...]
    otherwise: str | None


@final
@frozen
class Split:
    """Go on with one of the arms, by a stable hash of campaign, step and customer: ``(name, weight, step)`` each.

    Weights are whole numbers of any sum. The name is what reports call the arm.
    """

    id: str
    arms: tuple[tuple[str, int, str | None], ...]


@final
@frozen(kw_only=True)
class GiveCoupon:
    """Give the coupon of that id; ``valid_for`` counts from the instant of the step."""

    id: str = field(kw_only=False)
    coupon: str
    valid_for: Duration | Months | None = None


@final
@frozen(kw_only=True)
class GivePoints:
    """Give points of ``programme``; ``valid_for`` counts from the instant of the step, None: they never expire."""

    id: str = field(kw_only=False)
    amount: int
    programme: str
    valid_for: Duration | Months | None = None


@final
@frozen
class Tag:
    """Give the customer a tag, or take it away."""

    id: str
    tag: str
    remove: bool = False


@final
@frozen(kw_only=True)
class AskStaff:
    """Open a service request."""

    id: str = field(kw_only=False)
    topic: str
    words: str


@final
@frozen(kw_only=True)
class Call:
    """Call the host's hook of that name, at least once, with a key that is always the same."""

    id: str = field(kw_only=False)
    hook: str
    data: Mapping[str, Any] = field(factory=dict, converter=_frozen, hash=False)


@final
@frozen(kw_only=True)
class Jump:
    """Go on with ``to``, at most ``at_most`` times in a run; after that with the next step."""

    id: str = field(kw_only=False)
    to: str
    at_most: int


@final
@frozen
class Stop:
    """The run is over."""

    id: str


Step: TypeAlias = (
    Send | Wait | WaitUntil | WaitFor | Branch | Split | GiveCoupon | GivePoints | Tag | AskStaff | Call | Jump | Stop
)
