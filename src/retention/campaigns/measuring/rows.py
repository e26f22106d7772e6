"""The plain rows that measuring reads: a host selects them from its tables, or makes them of states and facts."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeAlias, final

from attrs import frozen

from retention.campaigns.state import State
from retention.money import Money

EngagementKind: TypeAlias = Literal["delivered", "opened", "clicked"]


@final
@frozen(kw_only=True)
class SentMessage:
    """A message that went out; ``key`` is its effect's."""

    key: str
    customer: str
    campaign: str
    step: str
    at: datetime


@final
@frozen
class Engagement:
    """What became of a message."""

    key: str
    kind: EngagementKind


@final
@frozen(kw_only=True)
class Bought:
    """An order, with what counts of it as revenue."""

    customer: str
    order: str
    at: datetime
    amount: Money


@final
@frozen(kw_only=True)
class Entered:
    """A customer first came into a campaign, and was held out of it or not."""

    customer: str
    at: datetime
    held_out: bool


def entered_of(states: Iterable[tuple[str, State]]) -> Iterator[Entered]:
    """The first coming in of each customer and subject, from states by customer's id.

    The first, because what a campaign does decides who comes in again, and when.
    """
    for customer, state in states:
        for run in state.runs:
            yield Entered(customer=customer, at=run.first_at or run.began_at, held_out=run.ended == "held out")
