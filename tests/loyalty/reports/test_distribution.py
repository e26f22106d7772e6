"""How many customers are in each tier."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from retention.errors import UnknownChoice
from retention.loyalty.reports import distribution
from retention.loyalty.reports.table import table
from retention.loyalty.tiers import Standing, Tier, Tiers
from retention.money import won
from retention.spans import months

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TIERS = Tiers(
    [Tier("family"), Tier("silver", spend=won(1)), Tier("gold", spend=won(2))],
    zone=UTC,
    currency="KRW",
    window=months(3),
)


def _standings(**counts: int) -> list[Standing]:
    return [Standing(tier, NOW, NOW) for tier, count in counts.items() for _ in range(count)]


def test_every_tier_is_there_the_lowest_first() -> None:
    found = distribution(TIERS, _standings(gold=1, family=3))
    assert found.counts == (("family", 3), ("silver", 0), ("gold", 1))
    assert (found.total, found.share("gold")) == (4, Fraction(1, 4))


def test_it_prints() -> None:
    assert str(distribution(TIERS, _standings(gold=1, family=3))) == (
        "tier    customers  share\n"
        "family          3  75.0%\n"
        "silver          0   0.0%\n"
        "gold            1  25.0%\n"
        "all             4"
    )


def test_nobody_has_no_share() -> None:
    assert distribution(TIERS, []).share("gold") == 0


def test_a_tier_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="gold"):
        distribution(TIERS, _standings(golden=1))
    with pytest.raises(UnknownChoice):
        distribution(TIERS, []).share("golden")


def test_letters_that_take_two_columns_are_counted_so() -> None:
    assert table([["등급", "a"], ["b", "10"]]) == "등급   a\nb     10"
