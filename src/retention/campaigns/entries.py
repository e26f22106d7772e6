"""How a customer comes into a campaign."""

from datetime import datetime, time
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.rules.rule import Rule
from retention.segments.segment import Segment
from retention.spans import Span

Fixed: TypeAlias = Literal["launch", "dispatch"]
"""When it is settled who belongs to an audience: once for all at the launch, or anew as each is sent to."""


@final
@frozen(kw_only=True)
class Once:
    """Everybody in ``audience`` at ``at``."""

    at: datetime
    audience: Segment | Rule
    fixed: Fixed = "launch"


@final
@frozen(kw_only=True)
class Recurring:
    """Everybody in ``audience`` at each occurrence of ``rule``, an RRULE (RFC 5545) from ``start``, on the local
    clocks of its zone."""

    rule: str
    start: datetime
    audience: Segment | Rule


@final
@frozen(kw_only=True)
class Enters:
    """Who enters a segment of the shop, by its key. ``backfill``: also who is in it when the campaign begins."""

    segment: str
    backfill: bool = False


@final
@frozen
class Leaves:
    """Who leaves a segment of the shop, by its key."""

    segment: str


@final
@frozen(kw_only=True)
class Happens:
    """Something happens that satisfies ``event``: a rule asked of the customer and this one fact, nothing else.

    ``such_as`` is asked of all that is known. ``each`` names a column of the fact (of the order, for what is bought or
    given back): its value is the run's subject, so that there is one run per cart or order; None: one per customer. An
    order that comes again because it was paid happens again only if the event did not hold before.

    >>> from retention.rules import cart
    >>> Happens(event=cart.where(cart.kind == "checkout_started").any(), each="cart_id").each
    'cart_id'
    """

    event: Rule
    such_as: Rule | None = None
    each: str | None = None


@final
@frozen(kw_only=True)
class OnDate:
    """The yearly return of a date of the customer (``birthday``), so much ``before``, at ``at`` on local clocks.

    ``before`` is whole days or months. 29 February returns on 28 February in other years. ``such_as`` is asked then.
    """

    attribute: str
    at: time
    before: Span | None = None
    such_as: Rule | None = field(default=None)


Entry: TypeAlias = Once | Recurring | Enters | Leaves | Happens | OnDate
