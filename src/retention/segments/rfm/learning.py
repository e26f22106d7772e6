"""Thresholds learnt from a population: what its fifths are, exactly and in plain integers.

The k-th fifth is the nearest-rank quantile: of n sorted values the one at rank ceil(k n / 5), counted from 1. A value
scores one more for every fifth that it is **above**, so equal values always get the equal score, and a value shared by
many (one order each, say) gets the lower of the scores it spans. The threshold is the smallest value of the population
above the fifth; where there is none, the next whole number.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import final

from attrs import frozen

from retention.profile import Profile
from retention.spans import Span, ago, is_whole_days, utc

_DAY = timedelta(days=1)


@final
@frozen
class Observed:
    """One buyer: whole days of 24 hours since the last order, orders and minor units spent in the window."""

    days: int
    orders: int
    spent: int
    currency: str | None


def observe(
    profiles: Iterable[Profile], as_of: datetime, window: Span | None, ignoring: frozenset[str]
) -> Iterator[Observed]:
    """The buyers among the profiles, as they were at ``as_of``. Costs a pass over each one's orders."""
    now = utc(as_of)
    first = None if window is None else ago(window, as_of)
    inclusive = window is not None and is_whole_days(window)
    for profile in profiles:
        rows = [row for row in _orders(profile.until(as_of)) if row[2] not in ignoring]
        if rows:
            counted = [total for at, total, _ in rows if first is None or at > first or (inclusive and at == first)]
            spent = sum(total for total in counted if total is not None)
            yield Observed((now - rows[-1][0]) // _DAY, len(counted), spent, profile.currency)


def thresholds(values: Iterable[int]) -> tuple[int, int, int, int]:
    """The least values that score 2, 3, 4 and 5 where more is better; ``values`` are not empty."""
    ordered = sorted(values)
    second, third, fourth, fifth = (_above(ordered, fifth_rank(k, len(ordered))) for k in (1, 2, 3, 4))
    return second, third, fourth, fifth


def fifth_rank(k: int, n: int) -> int:
    """The rank, from 1, of the k-th fifth of n values: ceil(k n / 5)."""
    return -(-k * n // 5)


def _above(ordered: Sequence[int], rank: int) -> int:
    fifth = ordered[rank - 1]
    place = bisect_right(ordered, fifth)
    return ordered[place] if place < len(ordered) else fifth + 1


def _orders(profile: Profile) -> Iterator[tuple[datetime, int | None, str | None]]:
    columns = profile.columns
    return zip(columns["orders.at"], columns["orders.total"], columns["orders.status"], strict=True)
