"""Tiers as plainly as they can be told, month after month: what the library is held to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen


@frozen
class Bought:
    """An order's instant, in won its ``goods``, what it was charged for ``shipping``, what a coupon took ``off`` and
    what points paid of it (``used``); what was given ``back`` of it and when."""

    at: datetime
    goods: int
    shipping: int = 0
    off: int = 0
    used: int = 0
    back: tuple[tuple[datetime, int], ...] = ()

    @property
    def charged(self) -> int:
        return self.goods - self.off + self.shipping


@frozen
class Moved:
    """Points that came or went: ``earned``, ``clawed`` back, taken by ``staff`` or ``spent``."""

    at: datetime
    amount: int
    why: str


@frozen
class Deeds:
    """All that a customer has done."""

    orders: Sequence[Bought] = ()
    reviews: Sequence[datetime] = ()
    points: Sequence[Moved] = ()


@frozen
class Policy:
    """``window`` and ``grace`` in months; decided on the first of ``every`` so many months; which of ``shipping``,
    ``coupons`` and ``points`` count."""

    window: int = 1
    downgrade: str = "immediate"
    grace: int = 0
    every: int = 1
    counts: frozenset[str] = frozenset()


@frozen
class Rung:
    name: str
    need: str
    spend: int | None
    orders: int | None
    reviews: int | None
    points: int | None = None


def months_before(first: datetime, count: int) -> datetime:
    number = first.year * 12 + first.month - 1 - count
    return first.replace(year=number // 12, month=number % 12 + 1)


def worth(order: Bought, back: int, counts: frozenset[str]) -> int:
    """What is left of an order of which so much was given back."""
    found = order.goods - order.off - order.used
    if "coupons" in counts:
        found += order.off
    if "points" in counts:
        found += order.used
    if "shipping" in counts:
        found += order.shipping
    else:
        back = max(0, back - order.shipping)
    return max(0, found - back)


def counted(deeds: Deeds, start: datetime, end: datetime, counts: frozenset[str]) -> dict[str, int]:
    spend = number = points = 0
    for order in deeds.orders:
        if order.at < start or order.at >= end:
            continue
        back = 0
        for when, amount in order.back:
            if when < end:
                back += amount
        if back > 0 and back == order.charged:
            continue
        number += 1
        spend += worth(order, back, counts)
    for moved in deeds.points:
        if start <= moved.at < end:
            if moved.why == "earned":
                points += moved.amount
            if moved.why == "clawed":
                points -= moved.amount
    reviews = len([each for each in deeds.reviews if start <= each < end])
    return {"spend": spend, "orders": number, "reviews": reviews, "points": points}


def met(rung: Rung, found: dict[str, int]) -> bool:
    answers = []
    for name in ("spend", "orders", "reviews", "points"):
        least = getattr(rung, name)
        if least is None:
            continue
        if rung.need == "any" and least == 0:
            continue
        answers.append(found[name] >= least)
    return all(answers) if rung.need == "all" else any(answers)


def life(rungs: Sequence[Rung], deeds: Deeds, firsts: Sequence[datetime], policy: Policy) -> list[tuple[datetime, str]]:
    """When tiers are decided, of these firsts of months, and the tier from then on: the first of them, those of the
    schedule, and the end of a grace."""
    level: Any = None
    failing: datetime | None = None
    told = []
    for first in firsts:
        kept_until = failing and months_before(failing, -policy.grace)
        if level is not None and (first.month - 1) % policy.every != 0 and first != kept_until:
            continue
        found = counted(deeds, months_before(first, policy.window), first, policy.counts)
        earned = 0
        for place, rung in enumerate(rungs):
            if place == 0 or met(rung, found):
                earned = place
        if level is None or earned >= level:
            level, failing = earned, None
        elif policy.downgrade != "protected":
            failing = failing or first
            if first >= months_before(failing, -policy.grace):
                level = earned if policy.downgrade == "immediate" else level - 1
                failing = first if earned < level else None
        told.append((first, rungs[level].name))
    return told
