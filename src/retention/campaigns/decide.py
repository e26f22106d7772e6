"""The decision: what follows for one customer in one campaign from something that happened, or from time alone.

In this order: what was due by ``now``, each at its own instant; then what the trigger means for runs under way; then
whether it is the way in. So it does not matter how late or how often a customer is looked at.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from attrs import evolve

from retention.campaigns.campaign import Campaign
from retention.campaigns.case import Case
from retention.campaigns.entering import Runs, date_came, enter
from retention.campaigns.entries import Enters, Happens, Leaves, OnDate
from retention.campaigns.schedule import next_date
from retention.campaigns.state import Decision, Run, State
from retention.campaigns.triggers import (
    Chosen,
    CustomerChanged,
    FactArrived,
    SegmentEntered,
    SegmentLeft,
    TimePassed,
    Trigger,
)
from retention.campaigns.versions import campaign_of, settled
from retention.campaigns.walking import arrived, time_out
from retention.profile import Profile
from retention.segments.segment_set import SegmentSet
from retention.spans import Duration, local, shift, utc

_NONE: Mapping[int, Campaign] = MappingProxyType({})
_A_DAY = Duration(86_400_000_000)


def decide(
    campaign: Campaign,
    state: State,
    trigger: Trigger,
    profile: Profile,
    *,
    now: datetime,
    versions: Mapping[int, Campaign] = _NONE,
    segments: SegmentSet | None = None,
) -> Decision:
    """What follows. Pure: the same arguments give the same decision.

    ``profile`` has what is known, the trigger's fact included; ``now`` carries the customer's zone. ``versions`` are
    older campaigns of the same key by version, ``segments`` what its rules refer to. Raises NaiveInstant.
    """
    utc(now, "now")
    case = Case(profile, now, segments)
    runs: Runs = {run.subject: settled(case, campaign, versions, run) for run in state.runs}
    date = state.next_date
    while (due := _due(runs, date, campaign, versions)) is not None and due <= utc(now):
        _pass_time(case, campaign, versions, runs, due)
        if date == due:
            date = _date_passed(case, campaign, runs, due)
    _tell(case, campaign, versions, runs, trigger)
    enter(case, campaign, runs, trigger)
    next_state = State(runs=tuple(runs.values()), next_date=_next_date(case, campaign, runs))
    return Decision(next_state, tuple(case.effects), tuple(case.notes))


def is_indifferent(campaign: Campaign, state: State, trigger: Trigger, *, now: datetime) -> bool:
    """Whether the trigger can be no way in, nobody is under way and no date is waited for: the decision would leave the
    state as it is and do nothing. Of what happens to a customer, that is most."""
    entry = campaign.entry
    if isinstance(entry, OnDate) or state.next_date is not None or any(each.heeds(now) for each in state.runs):
        return False
    match trigger:
        case SegmentEntered(segment):
            return not (isinstance(entry, Enters) and entry.segment == segment)
        case SegmentLeft(segment):
            return not (isinstance(entry, Leaves) and entry.segment == segment)
        case FactArrived():
            return not isinstance(entry, Happens)
        case Chosen():
            return False
        case CustomerChanged() | TimePassed():
            return True
        case _:
            assert_never(trigger)


def _due(runs: Runs, date: datetime | None, campaign: Campaign, versions: Mapping[int, Campaign]) -> datetime | None:
    """The next instant at which something of what this process knows is due."""
    known = tuple(run for run in runs.values() if campaign_of(campaign, versions, run) is not None)
    return State(runs=known, next_date=date).next_due


def _pass_time(case: Case, campaign: Campaign, versions: Mapping[int, Campaign], runs: Runs, due: datetime) -> None:
    for run in tuple(runs.values()):
        own = campaign_of(campaign, versions, run)
        if own is not None and run.ended is None and run.until == due:
            runs[run.subject] = time_out(case, own, run)


def _date_passed(case: Case, campaign: Campaign, runs: Runs, due: datetime) -> datetime | None:
    """Let the customer in if the date still returns on that day: it may have been corrected since. The next return."""
    entry = campaign.entry
    if not isinstance(entry, OnDate):
        return None
    returns = next_date(campaign, case.profile, local(shift(due, _A_DAY, -1, case.zone), case.zone))
    if returns is None or returns > shift(due, _A_DAY, 1, case.zone):  # a customer who moves changes it by hours
        return returns
    date_came(case, campaign, entry, runs, due)
    return next_date(campaign, case.profile, local(max(due, returns), case.zone))


def _next_date(case: Case, campaign: Campaign, runs: Runs) -> datetime | None:
    """The next return of a date, but for the one that let the customer in: who moves west does not have it twice."""
    found = next_date(campaign, case.profile, case.now)
    for run in runs.values():
        if found is not None and run.news is not None and found <= shift(run.news, _A_DAY, 1, case.zone):
            return next_date(campaign, case.profile, local(found, case.zone))
    return found


def _tell(case: Case, campaign: Campaign, versions: Mapping[int, Campaign], runs: Runs, trigger: Trigger) -> None:
    """The runs under way learn of the trigger: it may be their goal, their end, or what they wait for."""
    match trigger:
        case TimePassed():
            return
        case SegmentEntered() | SegmentLeft() | FactArrived() | CustomerChanged() | Chosen():
            for run in tuple(runs.values()):
                own = campaign_of(campaign, versions, run)
                if own is not None and run.heeds(utc(case.now)):
                    runs[run.subject] = _told(case, own, run, trigger)
        case _:
            assert_never(trigger)


def _told(case: Case, campaign: Campaign, run: Run, trigger: Trigger) -> Run:
    at = utc(case.now)
    over = case.over(campaign, run, at)
    if over is not None:
        return over if run.ended is None else evolve(run, over_at=over.ended_at, advertises_until=None)
    if run.ended is None and isinstance(trigger, FactArrived):
        return arrived(case, campaign, run, trigger.fact, at)
    return run
