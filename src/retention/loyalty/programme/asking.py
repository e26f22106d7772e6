"""What a rule is asked with, and what it answers: how many units, the command that gives them, and why not more."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import final

from attrs import field, frozen

from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.entries import Quota
from retention.loyalty.ledger.head import Head
from retention.loyalty.ledger.terms import Refunded, Terms, units
from retention.loyalty.programme.dates import During, days_after
from retention.loyalty.programme.eligibility import Eligible, holds, in_words
from retention.loyalty.programme.reasons import Reason, Why
from retention.profile import Profile
from retention.spans import local, midnight

_LATE = 31  # days for which a day's cap is remembered, so that what is told late counts on its own day


@final
@frozen(kw_only=True)
class Who:
    """The customer a rule is asked about: ``tier`` is the one at that time, ``used`` what quotas have counted."""

    profile: Profile
    zone: tzinfo
    tier: str | None = None
    used: Mapping[str, int] = field(factory=dict)


@final
@frozen(kw_only=True)
class Outcome:
    """What one rule gives. ``command`` is None if it gives nothing, or waits for something to happen to the order."""

    rule: str
    units: int = 0
    command: Earn | None = None
    why: tuple[Reason, ...] = ()

    def __str__(self) -> str:
        told = f" ({'; '.join(map(str, self.why))})" if self.why else ""
        return f"{self.rule}: {self.units:,}{told}"


def counters(head: Head | None) -> Mapping[str, int]:
    """What the quotas of an account have counted so far."""
    return {} if head is None else {each.key: each.used for each in head.counters}


def outside(
    who: Who, at: datetime, as_of: datetime, during: During | None, tiers: frozenset[str] | None, when: Eligible | None
) -> tuple[Reason, ...]:
    """Why a rule is not for this customer at this time; nothing if it is."""
    if during is not None and not during.covers(at, who.zone):
        return (Reason(Why.OTHER_TIME, f"only from {during}"),)
    if tiers is not None and who.tier not in tiers:
        return (Reason(Why.OTHER_TIER, f"only for {', '.join(sorted(tiers))}"),)
    if when is not None and not holds(when, who.profile, as_of):
        return (Reason(Why.NOT_ELIGIBLE, f"only for {in_words(when)}"),)
    return ()


def quotas(
    rule: str, at: datetime, zone: tzinfo, *, per_day: int | None, per_customer: int | None, during: During | None
) -> tuple[Quota, ...]:
    """The limits on what a rule gives, per local day of what happened and per customer.

    A campaign that comes back under its name next year counts anew.
    """
    found = []
    if per_day is not None:
        day = local(at, zone).date()
        found.append(Quota(joined(rule, f"{day}"), per_day, midnight(days_after(day, 1 + _LATE), zone)))
    if per_customer is not None:
        first, last = (None, None) if during is None else (during.first, during.last)
        until = None if last is None else midnight(days_after(last, 1 + _LATE), zone)
        found.append(Quota(joined(rule) if first is None else joined(rule, f"{first}", ""), per_customer, until))
    return tuple(found)


def within_limits(terms: Terms, limits: tuple[Quota, ...], used: Mapping[str, int]) -> tuple[int, tuple[Reason, ...]]:
    """How much is earned under these terms, and which limit it ran into."""
    found = units(terms, Refunded())
    why: tuple[Reason, ...] = ()
    if terms.cap is not None and found == terms.cap:
        why = (Reason(Why.CAPPED, f"at most {terms.cap:,} per order", terms.cap),)
    for quota in limits:
        left = max(0, quota.most - used.get(quota.key, 0))
        if left < found:
            found, why = left, (Reason(Why.CAPPED, f"at most {quota.most:,}, {left:,} are left", left),)
    return found, why
