"""Intervals for rates, means and their differences. The source of each formula is named beside it."""

from math import sqrt
from statistics import NormalDist
from typing import Final, TypeAlias

Interval: TypeAlias = tuple[float, float]

_NORMAL: Final = NormalDist()


def z_of(confidence: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 of 0.95."""
    return _NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """The score interval of a rate: E. B. Wilson, JASA 22 (1927) 209-212. Of none it is (0, 1)."""
    if of == 0:
        return 0.0, 1.0
    z, rate = z_of(confidence), hits / of
    middle = rate + z * z / (2 * of)
    reach = z * sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    low, high = ((middle + sign * reach) / (1 + z * z / of) for sign in (-1, 1))
    return (0.0 if hits == 0 else low), (1.0 if hits == of else high)


def newcombe(hits: int, of: int, other_hits: int, other_of: int, confidence: float = 0.95) -> Interval:
    """The interval of a difference of two independent rates, the first less the other, from their score intervals:
    R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10. Of none in either group it is (-1, 1)."""
    if of == 0 or other_of == 0:
        return -1.0, 1.0
    rate, other = hits / of, other_hits / other_of
    low, high = wilson(hits, of, confidence)
    other_low, other_high = wilson(other_hits, other_of, confidence)
    below = sqrt((rate - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - rate) ** 2 + (other - other_low) ** 2)
    return rate - other - below, rate - other + above


def student(freedom: float, confidence: float = 0.95) -> float:
    """The quantile of Student's t for a two-sided interval, of 10 degrees of freedom or more.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5; right to 0.0001 from 10 degrees on.
    """
    x = z_of(confidence)
    return (
        x
        + (x**3 + x) / (4 * freedom)
        + (5 * x**5 + 16 * x**3 + 3 * x) / (96 * freedom**2)
        + (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / (384 * freedom**3)
        + (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / (92_160 * freedom**4)
    )


def welch(error: float, of: int, other_error: float, other_of: int, confidence: float = 0.95) -> float:
    """How far the interval of a difference of two means reaches to either side, from their squared standard errors.

    B. L. Welch, Biometrika 34 (1947) 28-35, with Satterthwaite's degrees of freedom. 0 if nothing varies.
    """
    both = error + other_error
    if both == 0:
        return 0.0
    freedom = both**2 / (error**2 / (of - 1) + other_error**2 / (other_of - 1))
    return student(freedom, confidence) * sqrt(both)


def detectable(error: float, confidence: float = 0.95, power: float = 0.8) -> float:
    """The smallest true difference that would be told from none with that power, of a difference whose standard error
    is ``error``: J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and Proportions, 3rd ed., ch. 4."""
    return (z_of(confidence) + _NORMAL.inv_cdf(power)) * error
