"""Tiers as plainly as they can be told, month after month: what the library is held to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen


@frozen
class Bought:
    """An order's instant, its amount in won, and what was given back of it and when."""

    at: datetime
    amount: int
    back: tuple[tuple[datetime, int], ...] = ()


@frozen
class Rung:
    name: str
    need: str
    spend: int | None
    orders: int | None
    reviews: int | None


def months_before(first: datetime, count: int) -> datetime:
    number = first.year * 12 + first.month - 1 - count
    return first.replace(year=number // 12, month=number % 12 + 1)


def counted(orders: Sequence[Bought], reviews: Sequence[datetime], start: datetime, end: datetime) -> dict[str, int]:
    spend = number = 0
    for order in orders:
        if order.at < start or order.at >= end:
            continue
        back = 0
        for when, amount in order.back:
            if when < end:
                back += amount
        if back > 0 and back == order.amount:
            continue
        number += 1
        spend += order.amount - back
    return {"spend": spend, "orders": number, "reviews": len([each for each in reviews if start <= each < end])}


def met(rung: Rung, found: dict[str, int]) -> bool:
    answers = []
    for name in ("spend", "orders", "reviews"):
        least = getattr(rung, name)
        if least is None:
            continue
        if rung.need == "any" and least == 0:
            continue
        answers.append(found[name] >= least)
    return all(answers) if rung.need == "all" else any(answers)


def life(
    rungs: Sequence[Rung],
    orders: Sequence[Bought],
    reviews: Sequence[datetime],
    firsts: Sequence[datetime],
    *,
    window: int,
    downgrade: str,
    grace: int,
) -> list[str]:
    """The tier after the evaluation on each first of the month; grace and window in months."""
    level: Any = None
    failing: datetime | None = None
    told = []
    for first in firsts:
        found = counted(orders, reviews, months_before(first, window), first)
        earned = 0
        for place, rung in enumerate(rungs):
            if place == 0 or met(rung, found):
                earned = place
        if level is None or earned >= level:
            level, failing = earned, None
        elif downgrade != "protected":
            failing = failing or first
            if first >= months_before(failing, -grace):
                level = earned if downgrade == "immediate" else level - 1
                failing = first if earned < level else None
        told.append(rungs[level].name)
    return told
