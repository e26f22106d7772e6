"""Which channel first."""

from collections.abc import Mapping

from retention.permission.capabilities import Capabilities
from retention.permission.person import Person


def prefer(channels: Mapping[str, Capabilities], person: Person) -> tuple[str, ...]:
    """The channels' ids, the customer's preferred media first, in their order; the others as they were given.

    Who prefers one of Kakao's media prefers both.
    """
    ranks: dict[str, int] = {}
    for rank, medium in enumerate(person.preferred):
        ranks.setdefault(medium.consent, rank)
    return tuple(sorted(channels, key=lambda each: ranks.get(channels[each].medium.consent, len(ranks))))
