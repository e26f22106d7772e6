"""The flow as a graph: which steps there are after each step, and which of them are reached in the same instant."""

from collections.abc import Sequence
from typing import assert_never

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


def named(step: Step) -> tuple[str | None, ...]:
    """The steps that a step names as what comes after it; None is the next one in the flow."""
    match step:
        case WaitFor(then=then, otherwise=otherwise):
            return then, otherwise
        case Branch(when=when, otherwise=otherwise):
            return *(to for _, to in when), otherwise
        case Split(arms=arms):
            return tuple(to for _, _, to in arms)
        case Jump(to=to):
            return to, None
        case Stop():
            return ()
        case Send() | Wait() | WaitUntil() | GiveCoupon() | GivePoints() | Tag() | AskStaff() | Call():
            return (None,)
        case _:
            assert_never(step)


def named_at_once(step: Step) -> tuple[str | None, ...]:
    """Those that can come in the same instant, however often: not what a wait delays, nor what a jump counts.

    ``WaitUntil`` delays nothing if it is just that instant.
    """
    match step:
        case Wait() | WaitFor():
            return ()
        case Jump():
            return (None,)
        case (
            Send()
            | WaitUntil()
            | Branch()
            | Split()
            | GiveCoupon()
            | GivePoints()
            | Tag()
            | AskStaff()
            | Call()
            | Stop()
        ):
            return named(step)
        case _:
            assert_never(step)


def place_of(steps: Sequence[Step], step: str) -> int | None:
    """Where in the flow the step of that id is; None if there is none."""
    return next((place for place, each in enumerate(steps) if each.id == step), None)


def after(steps: Sequence[Step], place: int, to: str | None = None) -> str | None:
    """The id of what comes after the step at a place if that says ``to``; None is the end of the flow."""
    if to is not None:
        return to
    return steps[place + 1].id if place + 1 < len(steps) else None
