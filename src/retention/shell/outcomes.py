"""What becomes of a parcel after a channel answered. Pure."""

from datetime import datetime, timedelta
from typing import Final, assert_never, final

from attrs import evolve, frozen

from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Accepted, Outcome, Rejected, Unknown
from retention.permission.verdicts import Reason
from retention.spans import utc
from retention.storage.shop.records import Parcel

FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=1)
HOOKS_GIVE_UP: Final = timedelta(days=3)


@final
@frozen
class Elsewhere:
    """The channel will never take it: another may."""

    parcel: Parcel
    reasons: tuple[Reason, ...]


def after(parcel: Parcel, outcome: Outcome, now: datetime, spread: float) -> Parcel | Elsewhere:
    """The parcel as it is to be stored. ``spread``, 0 to 1, is the share of the delay that is waited (full jitter)."""
    tried = evolve(parcel, tries=parcel.tries + 1)
    match outcome:
        case Accepted(provider_id):
            return evolve(tried, status="sent", provider_id=provider_id, doubtful=False, reasons=parcel.passed_over)
        case Rejected(retry_after=None):
            reason = _reason("rejected", outcome.reason, outcome.code)
            if parcel.doubtful:  # an earlier attempt may have gone out, and another channel would bring it twice
                return evolve(tried, status="held", reasons=(reason,))
            return Elsewhere(tried, (reason,))
        case Rejected():
            assert outcome.retry_after is not None, "the case before"
            reason = _reason("rejected-for-now", outcome.reason, outcome.code)
            kept = tried if parcel.doubtful else evolve(tried, sent_at=None)
            return _again(kept, reason, now, outcome.retry_after, spread)
        case Unknown(why):
            return _in_doubt(tried, Reason("unknown", why), now, spread)
        case _:
            assert_never(outcome)


def failed_call(parcel: Parcel, error: Exception, now: datetime, spread: float) -> Parcel:
    """A hook that raised is called again, for three days."""
    reason = Reason("hook-failed", f"the hook raised {type(error).__name__}")
    tried = evolve(parcel, tries=parcel.tries + 1)
    if utc(now) - parcel.planned_at >= HOOKS_GIVE_UP:
        return evolve(tried, status="dead", reasons=(reason,))
    return _waiting(tried, reason, utc(now) + delay(tried.tries, spread))


def delay(tries: int, spread: float) -> timedelta:
    """Before the next attempt: doubling, at most an hour, and a random share of that."""
    return min(LONGEST_DELAY, FIRST_DELAY * (1 << min(tries - 1, 16))) * spread


def _in_doubt(parcel: Parcel, reason: Reason, now: datetime, spread: float) -> Parcel:
    assert isinstance(parcel.effect, SendMessage), "hooks have no doubts"
    match parcel.effect.on_unknown:
        case "retry" | "query":
            return _again(evolve(parcel, doubtful=True), reason, now, timedelta(0), spread)
        case "hold":
            return evolve(parcel, status="held", reasons=(reason,))
        case _:
            assert_never(parcel.effect.on_unknown)


def _again(parcel: Parcel, reason: Reason, now: datetime, least: timedelta, spread: float) -> Parcel:
    """Another attempt, unless the message expires before it: what may have gone out is held then."""
    assert isinstance(parcel.effect, SendMessage), "hooks do not expire"
    due = utc(now) + max(least, delay(parcel.tries, spread))
    if due >= utc(parcel.effect.expires_at):
        return evolve(parcel, status="held" if parcel.doubtful else "expired", reasons=(reason,))
    return _waiting(parcel, reason, due)


def _waiting(parcel: Parcel, reason: Reason, due: datetime) -> Parcel:
    return evolve(parcel, status="waiting", due_at=due, reasons=(reason, *parcel.passed_over))


def _reason(code: str, words: str, provider: str | None) -> Reason:
    return Reason(code, words if provider is None else f"{words} ({provider})")
