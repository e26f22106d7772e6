"""How many customers are in each tier."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import final

from attrs import frozen

from retention.errors import UnknownChoice
from retention.loyalty.reports.table import table
from retention.loyalty.tiers import Standing, Tiers


@final
@frozen
class Distribution:
    """Customers by tier, the lowest tier first."""

    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    def share(self, tier: str) -> Fraction:
        """The part of all customers that is in the tier; 0 of nobody. Raises UnknownChoice."""
        counts = dict(self.counts)
        if tier not in counts:
            raise UnknownChoice("tier", "tier", tier, counts)
        return Fraction(counts[tier], self.total or 1)

    def __str__(self) -> str:
        rows = [[name, f"{count:,}", f"{float(self.share(name)):.1%}"] for name, count in self.counts]
        return table([["tier", "customers", "share"], *rows, ["all", f"{self.total:,}", ""]])


def distribution(tiers: Tiers, standings: Iterable[Standing]) -> Distribution:
    """Where the customers stand. Raises UnknownChoice for a standing in a tier that is not there."""
    found = Counter(tiers.tier(each.tier).name for each in standings)
    return Distribution(tuple((name, found[name]) for name in tiers.names))
