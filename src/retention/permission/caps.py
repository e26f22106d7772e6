"""How often a customer may be written to: what a cap counts, and the exact instant at which there is room again.

A message takes a place in a cap from when it is sent. In a window that rolls it keeps the place for exactly that
span; in one of whole days, a week, a month or a year to the midnight after its last day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import assert_never

from dateutil.relativedelta import relativedelta

from retention.permission.capabilities import Capabilities
from retention.permission.messages import Draft
from retention.permission.person import Sent
from retention.permission.policy import Cap
from retention.spans import LATEST, Duration, LocalDays, LocalPeriod, Months, Span, local, midnight, shift, today, utc


def matches(cap: Cap, draft: Draft, capabilities: Capabilities) -> bool:
    """Whether the cap counts such a message."""
    return _counts(cap, capabilities.medium, draft)


def freed_at(cap: Cap, sent: Iterable[Sent], *, now: datetime, zones: Sequence[tzinfo]) -> datetime | None:
    """The first instant, ``now`` or later, at which the cap has room if nothing else is sent; None for a limit of 0.

    What lies after ``now`` is not counted. Whole days are those of ``zones``, in each of them when the customer's own
    is not known: a place is free when it is free in all.
    """
    if cap.limit <= 0:
        return None
    at = utc(now)
    ends = sorted(
        end
        for each in sent
        if utc(each.at) <= at and _counts(cap, each.medium, each) and (end := ends_at(each.at, cap.window, zones)) > at
    )
    return at if len(ends) < cap.limit else ends[len(ends) - cap.limit]


def ends_at(at: datetime, window: Span, zones: Sequence[tzinfo]) -> datetime:
    """When the place of a message that was sent at that instant is free again."""
    return max((_end(utc(at), window, zone) for zone in zones or (UTC,)), default=LATEST)


def platform_cap(draft: Draft, capabilities: Capabilities) -> Cap | None:
    """What the channel's platform lets one recipient have in a day, of messages by this channel, as a cap that
    defers."""
    limit = capabilities.per_recipient_per_day
    if limit is None:
        return None
    return Cap(key=f"platform/{draft.channel}", limit=limit, window=today(), kinds=frozenset(), over="defer")


def let_through(cap: Cap, draft: Draft) -> bool:
    """Whether the message is important enough not to be held to the cap."""
    return cap.unless is not None and draft.priority >= cap.unless


def _counts(cap: Cap, medium: object, message: Draft | Sent) -> bool:
    return (
        (not cap.media or medium in cap.media)
        and (not cap.kinds or message.kind in cap.kinds)
        and (not cap.tags or not cap.tags.isdisjoint(message.tags))
    )


def _end(at: datetime, window: Span, zone: tzinfo) -> datetime:
    match window:
        case Duration() | Months():
            return shift(at, window, 1, zone)
        case LocalDays(count):
            return midnight(local(at, zone).date() + timedelta(days=count), zone)
        case LocalPeriod():
            return midnight(_next_period(window, local(at, zone).date()), zone)
        case _:
            assert_never(window)


def _next_period(period: LocalPeriod, day: date) -> date:
    match period.unit:
        case "week":
            return day + timedelta(days=7 - day.weekday())
        case "month":
            return (day + relativedelta(months=1)).replace(day=1)
        case "year":
            return date(day.year + 1, 1, 1)
        case _:
            assert_never(period.unit)
