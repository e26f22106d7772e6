"""What the engine answers about one customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, final

from attrs import frozen

from retention.campaigns.state import State
from retention.permission.person import Consent
from retention.profile import Profile
from retention.segments.segment_set import SegmentSet
from retention.shell.shop import Shop
from retention.spans import local
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel

if TYPE_CHECKING:
    from retention.rules.backends.explanation import Explanation


@final
@frozen(kw_only=True, eq=False)
class Asked:
    """A customer at one instant. ``segments`` are asked of the profile; ``since`` is what was stored when they were
    entered."""

    profile: Profile
    as_of: datetime
    since: Mapping[str, datetime]
    campaigns: Mapping[str, State]
    consents: Sequence[Consent]
    messages: Sequence[Parcel]
    set: SegmentSet

    @property
    def segments(self) -> list[str]:
        """The keys of the segments the customer is in, in the order of the set."""
        return [key for key, inside in self.set.memberships(self.profile, self.as_of).items() if inside]

    def explain(self, segment: str) -> "Explanation":
        """Why the customer is in a segment, or why not. Raises UnknownName."""
        return self.set[segment].explain(self.profile, self.as_of)

    def next_changes(self) -> Mapping[str, datetime]:
        """When each answer next differs if nothing new happens, the soonest first."""
        return self.set.next_changes(self.profile, self.as_of)


def asked(work: Work, shop: Shop, customer: str, at: datetime) -> Asked | None:
    """All that is stored of a customer; None for one who is not known."""
    shopper = work.shoppers([customer]).get(customer)
    if shopper is None:
        return None
    facts = work.facts([customer]).get(customer, ())
    return Asked(
        profile=Profile.build(shopper.customer, facts, schema=shop.schema),
        as_of=local(at, shop.zone),
        since=shopper.segments,
        campaigns=shopper.states,
        consents=work.consents([customer]).get(customer, ()),
        messages=work.parcels_of(customer),
        set=shop.segments,
    )
