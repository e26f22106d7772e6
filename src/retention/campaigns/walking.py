"""Walking: a run goes from step to step at one instant, until it waits or is over."""

from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias, assert_never, final

from attrs import evolve, frozen

from retention.campaigns.arms import arm_of
from retention.campaigns.asking import happened_at, name_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.carrying import carried
from retention.campaigns.case import Case
from retention.campaigns.effects import Effect, SendMessage
from retention.campaigns.flow import after, place_of
from retention.campaigns.state import Run
from retention.campaigns.steps import (
    AskStaff,
    Branch,
    Call,
    GiveCoupon,
    GivePoints,
    Jump,
    Send,
    Split,
    Step,
    Stop,
    Tag,
    Wait,
    WaitFor,
    WaitUntil,
)
from retention.permission.media import MessageKind
from retention.profile import Fact
from retention.rules.written import instant_text
from retention.spans import local, resolve, utc


@final
@frozen
class Go:
    """On to the step of that id; None is the end."""

    to: str | None


@final
@frozen
class Stay:
    """Here, until then."""

    until: datetime


Move: TypeAlias = Go | Stay


def walk(case: Case, campaign: Campaign, run: Run, to: str | None, at: datetime) -> Run:
    """The run after all that it does at ``at``, beginning with the step ``to``."""
    over = case.over(campaign, run, at)
    if over is not None:
        return over
    steps = campaign.steps
    here = place_of(steps, run.step)
    while to is not None:
        place = place_of(steps, to)
        assert place is not None, "a campaign names only steps that it has"
        back = run.since is not None and here is not None and place <= here
        run = evolve(run, step=to, since=at, until=None, laps=run.laps + back)
        here = place
        move, run = _take(case, campaign, run, place, at)
        match move:
            case Stay(until):
                case.note("waits", f"until {instant_text(until)}", run)
                return evolve(run, until=until)
            case Go(to):
                pass
            case _:
                assert_never(move)
    return case.end(run, "finished", at, "the flow is at its end")


def time_out(case: Case, campaign: Campaign, run: Run) -> Run:
    """An open run at the instant until which it waited."""
    assert run.until is not None, "an open run waits"
    place = place_of(campaign.steps, run.step)
    assert place is not None, "it stands at a step of its campaign"
    step = campaign.steps[place]
    match step:
        case WaitFor(otherwise=otherwise):
            case.note("timed-out", "what it waited for did not come", run)
            to = after(campaign.steps, place, otherwise)
        case Wait() | WaitUntil():
            to = after(campaign.steps, place)
        case Send() | Branch() | Split() | GiveCoupon() | GivePoints() | Tag() | AskStaff() | Call() | Jump() | Stop():
            to = step.id  # it migrated to a step that does not wait
        case _:
            assert_never(step)
    return walk(case, campaign, run, to, run.until)


def arrived(case: Case, campaign: Campaign, run: Run, fact: Fact, at: datetime) -> Run:
    """An open run after a fact: it goes on if that is what it waits for, and happened after the wait began."""
    place = place_of(campaign.steps, run.step)
    step = None if place is None else campaign.steps[place]
    if not isinstance(step, WaitFor) or place is None or run.since is None:
        return run
    happened = happened_at(step.event, fact, case.profile, case.now, case.segments)
    if happened is None or happened <= run.since or not case.is_of(campaign, run, fact):
        return run
    case.note("came", f"{name_of(fact)} is what it waited for", run)
    return walk(case, campaign, run, after(campaign.steps, place, step.then), at)


def _take(case: Case, campaign: Campaign, run: Run, place: int, at: datetime) -> tuple[Move, Run]:
    """What a step does, where it leads, and what the run remembers of it."""
    steps = campaign.steps
    step: Step = steps[place]
    on = Go(after(steps, place))
    match step:
        case Send() | GiveCoupon() | GivePoints() | Tag() | AskStaff() | Call():
            effect = carried(case, campaign, run, step, at)
            case.effects.append(effect)
            return on, _advertising(campaign, run, effect)
        case Wait(span=span) | WaitFor(at_most=span):
            return Stay(case.later(at, span)), run
        case WaitUntil():
            until = next_time(step, at, case.zone)
            return (Stay(until) if until > at else on), run
        case Branch():
            return Go(after(steps, place, _branch(case, campaign, run, step, at))), run
        case Split():
            name, to = arm_of(campaign.key, step, case.profile.customer.id)
            case.note("arm", name, run)
            return Go(after(steps, place, to)), run
        case Jump(to=to):
            jumped = run.jumps.get(step.id, 0)
            if jumped >= step.at_most:
                return on, run
            case.note("jump", f"to {to!r}, {jumped + 1} of {step.at_most}", run)
            return Go(to), evolve(run, jumps={**run.jumps, step.id: jumped + 1})
        case Stop():
            return Go(None), run
        case _:
            assert_never(step)


def _advertising(campaign: Campaign, run: Run, effect: Effect) -> Run:
    """The run, which may be over before what it planned has gone out: its goal matters until then."""
    watches = campaign.goal is not None or campaign.leave is not None
    if not watches or not isinstance(effect, SendMessage) or effect.kind is not MessageKind.MARKETING:
        return run
    return evolve(run, advertises_until=max(utc(effect.expires_at), run.advertises_until or utc(effect.expires_at)))


def _branch(case: Case, campaign: Campaign, run: Run, step: Branch, at: datetime) -> str | None:
    for number, (question, to) in enumerate(step.when, start=1):
        if case.holds_of(campaign, run, question, at):
            case.note("branch", f"rule {number} holds", run)
            return to
    case.note("branch", "no rule holds", run)
    return step.otherwise


def next_time(step: WaitUntil, at: datetime, zone: tzinfo) -> datetime:
    """The first instant, ``at`` included, at which clocks show the time on one of the weekdays."""
    today = local(at, zone).date()
    days = (today + timedelta(days=number) for number in range(-1, 9))  # a gap at midnight may belong to yesterday
    times = (resolve(datetime.combine(day, step.at), zone) for day in days if day.weekday() in step.weekdays)
    return next(each for each in times if each >= at)
