"""Who comes in, and who may come in again."""

from datetime import datetime
from typing import assert_never

from attrs import evolve

from retention.campaigns.arms import is_held_out
from retention.campaigns.asking import happened_at, name_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.case import Case
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.schedule import BACKFILL
from retention.campaigns.state import Run
from retention.campaigns.triggers import (
    Chosen,
    CustomerChanged,
    FactArrived,
    SegmentEntered,
    SegmentLeft,
    TimePassed,
    Trigger,
)
from retention.campaigns.walking import walk
from retention.profile import Fact
from retention.rules.written import read_instant
from retention.spans import utc

Runs = dict[str, Run]
"""The last run of each subject."""

_ONE = ""
"""The subject where there is one run per customer."""


def enter(case: Case, campaign: Campaign, runs: Runs, trigger: Trigger) -> None:
    """Begin a run if the trigger is the campaign's way in."""
    entry, now = campaign.entry, utc(case.now)
    match trigger:
        case SegmentEntered(segment):
            if isinstance(entry, Enters) and entry.segment == segment:
                _begin(case, campaign, runs, news=now)
        case SegmentLeft(segment):
            if isinstance(entry, Leaves) and entry.segment == segment:
                _begin(case, campaign, runs, news=now)
        case FactArrived(fact):
            if isinstance(entry, Happens):
                _happened(case, campaign, entry, runs, fact)
        case Chosen(occurrence):
            _chosen(case, campaign, runs, occurrence)
        case CustomerChanged() | TimePassed():
            return
        case _:
            assert_never(trigger)


def _chosen(case: Case, campaign: Campaign, runs: Runs, occurrence: str) -> None:
    entry, now = campaign.entry, utc(case.now)
    at = min(read_instant(occurrence) or now, now)  # whenever somebody gets round to it
    match entry:
        case Enters():
            if entry.backfill and occurrence == BACKFILL:
                _look_back(case, campaign, runs)
        case Once():
            if entry.fixed == "dispatch" and not case.holds(entry.audience, now):
                case.note("not-in-audience", "no longer one of those meant", subject=_ONE)
            else:
                _begin(case, campaign, runs, news=at, at=at)
        case Recurring():
            _begin(case, campaign, runs, news=at, at=at)
        case Leaves() | Happens() | OnDate():
            return
        case _:
            assert_never(entry)


def _look_back(case: Case, campaign: Campaign, runs: Runs) -> None:
    if _ONE in runs:
        case.note("seen", "the customer has been here before the campaign looked back", subject=_ONE)
    else:
        _begin(case, campaign, runs, news=utc(case.now))


def date_came(case: Case, campaign: Campaign, entry: OnDate, runs: Runs, at: datetime) -> None:
    """Begin a run at the return of a date."""
    if entry.such_as is not None and not case.holds(entry.such_as, at):
        case.note("not-such", "the customer is not one of those meant", subject=_ONE)
    else:
        _begin(case, campaign, runs, news=at, at=at)


def _happened(case: Case, campaign: Campaign, entry: Happens, runs: Runs, fact: Fact) -> None:
    happened = happened_at(entry.event, fact, case.profile, case.now, case.segments)
    if happened is None:
        return
    subject = _subject(case, entry, fact)
    if subject is None:
        case.note("no-subject", f"the fact says no {entry.each}")
    elif entry.such_as is not None and not case.holds(entry.such_as, utc(case.now)):
        case.note("not-such", "the customer is not one of those meant", subject=subject)
    else:
        _begin(case, campaign, runs, news=happened, subject=subject, fact=name_of(fact))


def _subject(case: Case, entry: Happens, fact: Fact) -> str | None:
    if entry.each is None:
        return _ONE
    if entry.each not in case.profile.schema.collection(fact.collection).columns:
        return None
    said = case.profile.cell(fact, entry.each)
    return None if said is None else str(said)


def _begin(
    case: Case,
    campaign: Campaign,
    runs: Runs,
    *,
    news: datetime,
    at: datetime | None = None,
    subject: str = _ONE,
    fact: str | None = None,
) -> None:
    at = at or utc(case.now)
    last = runs.get(subject)
    if last is not None:
        refusal = _refusal(case, campaign, last, news, at, fact)
        if refusal is not None:
            case.note(*refusal, subject=subject)
            runs[subject] = evolve(last, news=max(news, last.news or news))
            return
    run = Run(
        subject=subject,
        number=1 if last is None else last.number + 1,
        version=campaign.version,
        began_at=at,
        step=campaign.steps[0].id,
        fact=fact,
        news=news,
        first_at=None if last is None else last.first_at or last.began_at,
        over_at=None if last is None else last.unwanted_at,
    )
    if is_held_out(campaign, case.profile.customer.id):
        runs[subject] = case.end(run, "held out", at, "one of those who are sent nothing")
        return
    case.note("entered", f"run {run.number}", run)
    runs[subject] = walk(case, campaign, run, run.step, at)


def _refusal(
    case: Case, campaign: Campaign, last: Run, news: datetime, at: datetime, fact: str | None
) -> tuple[str, str] | None:
    """Why nobody comes in again: code and words. None if somebody may."""
    if last.news is not None and news <= last.news:
        return "seen", "nothing new: it was decided on before"
    if fact is not None and fact == last.fact:
        return "seen", "the same fact, corrected"
    if last.ended is None or last.ended_at is None:
        return "already-open", f"run {last.number} is under way"
    match campaign.again:
        case "never":
            return "not-again", "once is enough"
        case "after entry":
            since = last.began_at
        case "after exit":
            since = last.ended_at
        case "each crossing":
            return None
        case _:
            assert_never(campaign.again)
    if campaign.pause is not None and at < case.later(since, campaign.pause):
        return "not-again", f"the pause since run {last.number} is not over"
    return None
