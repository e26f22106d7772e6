"""What one step is held to, apart from where it leads."""

from collections.abc import Mapping
from datetime import time
from math import isfinite
from typing import assert_never

from retention.campaigns.asking import collections_of
from retention.campaigns.errors import CampaignError
from retention.campaigns.steps import (
    EVERY_DAY,
    HOLDOUT,
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
from retention.money import LARGEST
from retention.rules.rule import Rule
from retention.spans import Duration, Months

_MOST_JUMPS = 1_000
_SPAN = "Give days(2), hours(1) or months(1)"


def check_step(campaign: str, step: Step) -> None:
    """Raises CampaignError."""
    problem = _problem(step)
    if problem is not None:
        raise CampaignError(campaign, problem[0], step=step.id, hint=problem[1])


def _problem(step: Step) -> tuple[str, str] | None:
    """What is wrong with it, and the repair."""
    match step:
        case Send():
            return _wrong_send(step)
        case Wait(span=span):
            return None if _is_long(span) else ("it waits for no time", _SPAN)
        case WaitUntil():
            return _wrong_until(step)
        case WaitFor(event=event, at_most=at_most):
            if not _is_long(at_most):
                return "it waits for no time", _SPAN
            return wrong_event(event)
        case Branch(when=when):
            return None if when else ("it has no rule", "Give when=((rule, step), …), or take it out")
        case Split():
            return _wrong_split(step)
        case GiveCoupon(coupon=given, valid_for=valid_for) | GivePoints(programme=given, valid_for=valid_for):
            if isinstance(step, GivePoints) and not _is_positive(step.amount):
                return "it gives no points", "Give a whole number from 1 up"
            if isinstance(step, GivePoints) and step.amount > LARGEST:
                return "it gives more points than can be kept", f"Give at most {LARGEST:,}"
            if valid_for is not None and not _is_long(valid_for):
                return "what it gives could never be used", _SPAN
            return _no_name(given)
        case Tag(tag=given) | Call(hook=given) | AskStaff(topic=given):
            return _no_name(given) or (_unstorable(step.data) if isinstance(step, Call) else None)
        case Jump(at_most=at_most):
            if _is_positive(at_most) and at_most <= _MOST_JUMPS:
                return None
            return "it has no bound", f"Give at_most= from 1 to {_MOST_JUMPS}"
        case Stop():
            return None
        case _:
            assert_never(step)


def _wrong_send(step: Send) -> tuple[str, str] | None:
    channels: object = step.channels
    if not isinstance(channels, tuple) or not channels or not all(isinstance(each, str) and each for each in channels):
        return "it names no channel", 'Give a tuple: channels=("email",)'
    if len(set(channels)) < len(channels):
        return "it names a channel twice", "Name each once, the likeliest first"
    if not _is_long(step.expires, (Duration,)):
        return "its message would be too late at once", "Give expires=hours(12)"
    return _no_name(step.template) or _unstorable(step.data)


def _wrong_until(step: WaitUntil) -> tuple[str, str] | None:
    at: object = step.at
    if not isinstance(at, time) or at.tzinfo is not None:
        return "it waits for no local time of day", "Give at=time(10)"
    if not step.weekdays or not step.weekdays <= EVERY_DAY:
        return "it waits for no day of the week", "Give weekdays=frozenset({0, 1, 2, 3, 4}); 0 is Monday"
    return None


def _wrong_split(step: Split) -> tuple[str, str] | None:
    if step.id == HOLDOUT:
        return f"{HOLDOUT!r} draws who is held out, so its arms would not be random", "Give it another id"
    names = [name for name, _, _ in step.arms]
    if len(names) < 2:
        return "it has fewer than two arms", 'Give arms=(("short", 1, "brief"), ("long", 1, None))'
    if len(set(names)) < len(names) or not all(names):
        return "two of its arms cannot be told apart", "Give each arm a name of its own"
    for name, weight, _ in step.arms:
        if not _is_positive(weight):
            return f"its arm {name!r} has no weight", "Give a whole number from 1 up, or take the arm out"
    return None


def wrong_event(event: Rule) -> tuple[str, str] | None:
    """An event has to ask about rows of some kind: else nothing that happens could ever be it."""
    if not collections_of(event.node):
        return "its event asks about nothing that happens", "Ask for rows: orders.any(), cart.where(…).any()"
    return None


def _is_long(span: object, kinds: tuple[type, ...] = (Duration, Months)) -> bool:
    if not isinstance(span, kinds):
        return False
    return span.microseconds > 0 if isinstance(span, Duration) else isinstance(span, Months) and span.count > 0


def _is_positive(number: object) -> bool:
    return type(number) is int and number > 0


def _no_name(given: object) -> tuple[str, str] | None:
    if isinstance(given, str) and given.strip():
        return None
    return "a name that it needs is empty", "Give the name that the shop uses"


def _unstorable(data: object) -> tuple[str, str] | None:
    return None if _is_plain(data) else ("its data cannot be stored", "Give text, numbers, lists and dictionaries")


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _is_plain(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))
