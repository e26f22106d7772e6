"""Intervals against published values, and against simulated ones."""

from math import sqrt
from random import Random
from statistics import fmean, variance

import pytest

from retention.campaigns.measuring.intervals import detectable, newcombe, student, welch, wilson, z_of

# R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3: 95 % score intervals.
SCORES = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]

# The same, 873-890, table II, method 10: 95 % intervals of differences.
DIFFERENCES = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]

# The usual table of Student's t, two-sided 95 % and 99 %.
STUDENT = [
    (10, 0.95, 2.2281),
    (15, 0.95, 2.1314),
    (20, 0.95, 2.0860),
    (30, 0.95, 2.0423),
    (60, 0.95, 2.0003),
    (120, 0.95, 1.9799),
    (20, 0.99, 2.8453),
    (60, 0.99, 2.6603),
]

# The hours of sleep gained of A. R. Cushny and A. R. Peebles (1905), which Student (1908) used; Welch's interval of the
# two groups as R prints it: t.test(extra ~ group, data = sleep).
FIRST = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
SECOND = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)


@pytest.mark.parametrize(("counts", "interval"), SCORES)
def test_the_score_interval_as_published(counts: tuple[int, int], interval: tuple[float, float]) -> None:
    assert wilson(*counts) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(("counts", "interval"), DIFFERENCES)
def test_the_interval_of_a_difference_as_published(
    counts: tuple[int, int, int, int], interval: tuple[float, float]
) -> None:
    assert newcombe(*counts) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(("freedom", "confidence", "quantile"), STUDENT)
def test_students_quantile_as_in_the_tables(freedom: float, confidence: float, quantile: float) -> None:
    assert student(freedom, confidence) == pytest.approx(quantile, abs=1.1e-4)


def test_welchs_interval_as_r_prints_it() -> None:
    error, other = (variance(each) / 10 for each in (FIRST, SECOND))
    reach, difference = welch(error, 10, other, 10), fmean(FIRST) - fmean(SECOND)
    assert (difference - reach, difference + reach) == pytest.approx((-3.3654832, 0.2054832), abs=1e-4)


def test_nothing_varies_and_nobody_is_there() -> None:
    assert welch(0, 30, 0, 30) == 0
    assert (wilson(0, 0), newcombe(1, 1, 0, 0), newcombe(0, 0, 1, 1)) == ((0, 1), (-1, 1), (-1, 1))
    assert (wilson(5, 5)[1], wilson(0, 5)[0]) == (1, 0)


def test_a_difference_turned_round_is_the_same() -> None:
    low, high = newcombe(30, 100, 20, 90)
    assert newcombe(20, 90, 30, 100) == pytest.approx((-high, -low))


def test_the_smallest_detectable_difference() -> None:
    """(1.96 + 0.84) standard errors: for two groups of 1,000 at a rate of a tenth, 3.76 points."""
    error = sqrt(0.1 * 0.9 * 2 / 1_000)
    assert detectable(error) == pytest.approx(2.8016 * error, rel=1e-4)
    assert detectable(error) == pytest.approx(0.0376, abs=5e-5)
    assert z_of(0.95) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    ("rate", "other", "of", "other_of"), [(0.05, 0.05, 400, 100), (0.12, 0.08, 300, 300), (0.5, 0.3, 40, 40)]
)
def test_it_covers_the_true_difference_of_rates(rate: float, other: float, of: int, other_of: int) -> None:
    """95 % of 2,000 times, within 4 standard errors of the count; Newcombe's own mean coverage is 0.952."""
    luck, covered = Random(20260301), 0
    for _ in range(2_000):
        hits = sum(luck.random() < rate for _ in range(of))
        other_hits = sum(luck.random() < other for _ in range(other_of))
        low, high = newcombe(hits, of, other_hits, other_of)
        covered += low <= rate - other <= high
    assert 0.93 <= covered / 2_000 <= 0.98


def test_a_difference_of_the_detectable_size_is_found_four_times_in_five() -> None:
    luck, found, rate, of = Random(7), 0, 0.1, 1_000
    better = rate + 0.0395  # detectable() at the mean of the two rates
    for _ in range(500):
        hits = sum(luck.random() < better for _ in range(of))
        found += newcombe(hits, of, sum(luck.random() < rate for _ in range(of)), of)[0] > 0
    assert 0.73 <= found / 500 <= 0.87
