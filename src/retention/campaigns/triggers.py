"""What can move a campaign for one customer. The instant is the ``now`` of the decision."""

from typing import TypeAlias, final

from attrs import frozen

from retention.profile import Fact


@final
@frozen
class SegmentEntered:
    """The customer entered a segment of the shop."""

    segment: str


@final
@frozen
class SegmentLeft:
    """The customer left a segment of the shop."""

    segment: str


@final
@frozen
class FactArrived:
    """Something became known of the customer: it is in the profile already."""

    fact: Fact


@final
@frozen
class CustomerChanged:
    """The customer's own attributes did: a tag, a country, a birthday."""


@final
@frozen
class TimePassed:
    """Nothing happened but time."""


@final
@frozen
class Chosen:
    """The customer is in the audience of an occurrence (``Once``, ``Recurring``, backfill), named ``occurrence``."""

    occurrence: str


Trigger: TypeAlias = SegmentEntered | SegmentLeft | FactArrived | CustomerChanged | TimePassed | Chosen
