"""Every rule and segment that a campaign asks."""

from collections.abc import Iterator

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.own import Question
from retention.campaigns.steps import Branch, WaitFor


def questions(campaign: Campaign) -> Iterator[Question]:
    """In the order in which they are written."""
    yield from (each for each in _of_entry(campaign) if each is not None)
    yield from (each for each in (campaign.goal, campaign.leave) if each is not None)
    for step in campaign.steps:
        if isinstance(step, Branch):
            yield from (question for question, _ in step.when)
        elif isinstance(step, WaitFor):
            yield step.event


def _of_entry(campaign: Campaign) -> tuple[Question | None, ...]:
    entry = campaign.entry
    match entry:
        case Once() | Recurring():
            return (entry.audience,)
        case Happens():
            return entry.event, entry.such_as
        case OnDate():
            return (entry.such_as,)
        case Enters() | Leaves():
            return ()
