"""How much a channel is given at once: a token bucket for its rate, and a circuit breaker. Pure."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from retention.permission.capabilities import Capabilities
from retention.spans import TICK
from retention.storage.shop.records import ChannelState

FAILURES: Final = 5
"""So many calls in a row that failed as a whole, and the channel is left alone for a while."""

REST: Final = timedelta(minutes=1)

_NEARLY: Final = 1e-6  # what adding up parts of a second may lack of a whole token


def is_open(state: ChannelState, now: datetime) -> bool:
    """Whether the channel is left alone at ``now``."""
    return state.open_until is not None and now < state.open_until


def take(state: ChannelState, capabilities: Capabilities, now: datetime, wanted: int) -> tuple[ChannelState, int]:
    """Up to so many tokens, and what is left. The bucket holds what one second gives, and one token at least."""
    if capabilities.per_second is None:
        return state, wanted
    most = max(1.0, capabilities.per_second)
    past = 0.0 if state.at is None else max(0.0, (now - state.at).total_seconds())
    tokens = most if state.at is None else min(most, state.tokens + past * capabilities.per_second)
    taken = min(wanted, int(tokens + _NEARLY))
    return evolve(state, tokens=tokens - taken, at=max(now, state.at or now)), taken


def refilled(state: ChannelState, capabilities: Capabilities, now: datetime, wanted: int) -> datetime:
    """When the bucket has so many tokens again, or is full."""
    if capabilities.per_second is None:
        return now
    lacking = min(float(wanted), max(1.0, capabilities.per_second)) - state.tokens
    return now + timedelta(seconds=max(0.0, lacking) / capabilities.per_second) + TICK  # never the same instant again


def noted(state: ChannelState, now: datetime, *, failed: bool) -> ChannelState:
    """The channel after one call."""
    if not failed:
        return evolve(state, failures=0, open_until=None)
    failures = state.failures + 1
    return evolve(state, failures=failures, open_until=now + REST if failures >= FAILURES else None)
