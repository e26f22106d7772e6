"""Sent, delivered, opened, clicked, converted and revenue, by campaign and by step."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import final

from attrs import frozen

from retention.campaigns.measuring.rows import Bought, Engagement, SentMessage
from retention.money import Money
from retention.spans import Duration

_PROVES = {"delivered": 1, "opened": 2, "clicked": 3}


@final
@frozen(kw_only=True)
class Result:
    """A step of a campaign, or the campaign as a whole (``step`` None).

    ``sent`` counts messages, and so do ``delivered``, ``opened`` and ``clicked``: one that was clicked was opened, one
    that was opened was delivered, receipts or none. ``converted`` counts customers, ``revenue`` is None without any.
    """

    campaign: str
    step: str | None
    sent: int
    delivered: int
    opened: int
    clicked: int
    converted: int
    revenue: Money | None


def results(
    messages: Iterable[SentMessage], engagements: Iterable[Engagement], bought: Iterable[Bought], *, window: Duration
) -> tuple[Result, ...]:
    """For each campaign in order of its key: the whole, then its steps in order of their first message.

    An order belongs to the last message that its customer was sent before it, if that is no longer ago than ``window``,
    to its very end. So each is counted once, whichever campaign wrote last; give the messages of all of them. Raises
    CurrencyMismatch for revenue in two currencies.
    """
    sent = sorted({each.key: each for each in messages}.values(), key=lambda each: (each.at, each.key))
    reached = _reached(engagements)
    orders = _attributed(sent, bought, window)
    groups: dict[tuple[str, str | None], list[SentMessage]] = {}
    for each in sent:
        groups.setdefault((each.campaign, None), []).append(each)
        groups.setdefault((each.campaign, each.step), []).append(each)
    found = [_result(campaign, step, group, reached, orders) for (campaign, step), group in groups.items()]
    return tuple(sorted(found, key=lambda each: (each.campaign, each.step is not None)))


def _reached(engagements: Iterable[Engagement]) -> dict[str, int]:
    """How far each message is proved to have come."""
    reached: dict[str, int] = {}
    for each in engagements:
        reached[each.key] = max(reached.get(each.key, 0), _PROVES[each.kind])
    return reached


def _attributed(sent: Sequence[SentMessage], bought: Iterable[Bought], window: Duration) -> dict[str, list[Bought]]:
    """The orders of each message, by its key."""
    of_customer: dict[str, list[SentMessage]] = {}
    for each in sent:
        of_customer.setdefault(each.customer, []).append(each)
    instants: Mapping[str, list[datetime]] = {who: [each.at for each in own] for who, own in of_customer.items()}
    found: dict[str, list[Bought]] = {}
    for order in {each.order: each for each in bought}.values():
        before = bisect_left(instants.get(order.customer, []), order.at)
        if before:
            last = of_customer[order.customer][before - 1]
            if order.at - last.at <= window.timedelta:
                found.setdefault(last.key, []).append(order)
    return found


def _result(
    campaign: str,
    step: str | None,
    group: Sequence[SentMessage],
    reached: Mapping[str, int],
    orders: Mapping[str, Sequence[Bought]],
) -> Result:
    levels = [reached.get(each.key, 0) for each in group]
    own = [order for each in group for order in orders.get(each.key, ())]
    return Result(
        campaign=campaign,
        step=step,
        sent=len(group),
        delivered=sum(level >= 1 for level in levels),
        opened=sum(level >= 2 for level in levels),
        clicked=sum(level >= 3 for level in levels),
        converted=len({each.customer for each in own}),
        revenue=reduce(add, (each.amount for each in own)) if own else None,
    )
