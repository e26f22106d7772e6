"""Lift: what a campaign changed, against customers who came in and were sent nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import sqrt
from typing import Final, Literal, TypeAlias, final

from attrs import frozen

from retention.campaigns.measuring.intervals import detectable, newcombe, welch
from retention.campaigns.measuring.rows import Bought, Entered
from retention.errors import ConfigurationError, CurrencyMismatch
from retention.spans import Duration

Answer: TypeAlias = Literal["more", "less", "too small to say"]

_FEWEST_HEADS: Final = 30  # of each group: below this, means of what few people spend are no bell, nor are shares
_FEWEST_BUYERS: Final = 10  # the same, of those who bought at all


@final
@frozen(kw_only=True)
class Estimate:
    """The groups' ``difference``, with the interval from ``low`` to ``high`` in which the true one lies.

    ``detectable`` is the smallest true difference that groups of this size would have shown four times in five. None
    where the groups are too small for even that.
    """

    difference: float | None
    low: float | None
    high: float | None
    detectable: float | None
    answer: Answer


@final
@frozen(kw_only=True)
class Lift:
    """Customers who were written to and customers held out; how many of each bought, and what the campaign changed.

    ``rate`` is the share who bought, ``revenue`` what a head spent, in minor units of ``currency``; None if nobody
    spent anything.
    """

    heads: int
    held_out: int
    converted: int
    held_out_converted: int
    rate: Estimate
    revenue: Estimate
    currency: str | None


def lift(entered: Iterable[Entered], bought: Iterable[Bought], *, window: Duration, confidence: float = 0.95) -> Lift:
    """Compares what customers bought within ``window`` of first coming in, its end inside.

    Everybody who came in counts, written to or not, whatever became of the messages. Raises ConfigurationError for a
    customer who was in both groups, and for a confidence that is none; CurrencyMismatch.
    """
    if not 0 < confidence < 1:
        raise ConfigurationError("confidence is a share between 0 and 1", hint="Write confidence=0.95")
    groups = _groups(entered)
    currency, spent = _spent({**groups[False], **groups[True]}, bought, window)
    treated, held = (_Group.of(group, spent) for group in (groups[False], groups[True]))
    return Lift(
        heads=treated.heads,
        held_out=held.heads,
        converted=treated.buyers,
        held_out_converted=held.buyers,
        rate=_rates(treated, held, confidence),
        revenue=_revenue(treated, held, confidence),
        currency=currency,
    )


@final
@frozen
class _Group:
    heads: int
    buyers: int
    mean: float
    error: float
    """The squared standard error of the mean."""

    @classmethod
    def of(cls, customers: Iterable[str], spent: Mapping[str, int]) -> "_Group":
        amounts = [spent.get(each, 0) for each in customers]
        heads = len(amounts)
        mean = sum(amounts) / heads if heads else 0.0
        error = sum((each - mean) ** 2 for each in amounts) / (heads - 1) / heads if heads > 1 else 0.0
        return cls(heads, sum(each in spent for each in customers), mean, error)


def _groups(entered: Iterable[Entered]) -> dict[bool, dict[str, datetime]]:
    """When each customer first came in, by whether they were held out."""
    groups: dict[bool, dict[str, datetime]] = {False: {}, True: {}}
    for each in entered:
        group = groups[each.held_out]
        group[each.customer] = min(each.at, group.get(each.customer, each.at))
    if groups[False].keys() & groups[True].keys():
        hint = "Compare within one holdout share; leave out who came in before it was changed"
        raise ConfigurationError("a customer was held out at one time and written to at another", hint=hint)
    return groups


def _spent(
    since: Mapping[str, datetime], bought: Iterable[Bought], window: Duration
) -> tuple[str | None, dict[str, int]]:
    """What each buyer spent in their window, in minor units."""
    currency, spent = None, dict[str, int]()
    for each in {order.order: order for order in bought}.values():
        began = since.get(each.customer)
        if began is None or not began < each.at <= began + window.timedelta:
            continue
        if currency is not None and each.amount.currency != currency:
            raise CurrencyMismatch("bought", currency, each.amount.currency)
        currency = each.amount.currency
        spent[each.customer] = spent.get(each.customer, 0) + each.amount.minor
    return currency, spent


def _rates(treated: _Group, held: _Group, confidence: float) -> Estimate:
    if not treated.heads or not held.heads:
        return _NOTHING
    low, high = newcombe(treated.buyers, treated.heads, held.buyers, held.heads, confidence)
    both = treated.heads + held.heads
    usual = (treated.buyers + held.buyers + 2) / (both + 4)  # Agresti and Coull's, which is never 0 or 1
    error = sqrt(usual * (1 - usual) * (1 / treated.heads + 1 / held.heads))
    difference = treated.buyers / treated.heads - held.buyers / held.heads
    least = detectable(error, confidence)
    enough = min(treated.heads, held.heads) >= _FEWEST_HEADS
    return _estimate(difference, low, high, least if least <= 1 else None, enough=enough)


def _revenue(treated: _Group, held: _Group, confidence: float) -> Estimate:
    if min(treated.heads, held.heads) < _FEWEST_HEADS:
        return _NOTHING
    reach = welch(treated.error, treated.heads, held.error, held.heads, confidence)
    difference = treated.mean - held.mean
    least = detectable(sqrt(treated.error + held.error), confidence)
    enough = min(treated.buyers, held.buyers) >= _FEWEST_BUYERS
    return _estimate(difference, difference - reach, difference + reach, least, enough=enough)


def _estimate(difference: float, low: float, high: float, least: float | None, *, enough: bool) -> Estimate:
    answer: Answer = "too small to say"
    if enough and low > 0:
        answer = "more"
    if enough and high < 0:
        answer = "less"
    return Estimate(difference=difference, low=low, high=high, detectable=least, answer=answer)


_NOTHING: Final = Estimate(difference=None, low=None, high=None, detectable=None, answer="too small to say")
