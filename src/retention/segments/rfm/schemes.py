"""RFM scores, and the naming schemes that turn them into groups.

Scoring customers by the recency, frequency and monetary value of what they bought, in fifths, comes from direct mail
(A. M. Hughes, *Strategic Database Marketing*, 1994). Both schemes here read a score in two dimensions, recency and the
mean of frequency and monetary value, as shop platforms do. The names of the eleven groups, and what each stands for in
words, are those that Shopify's customer reports made common; which cell belongs to which name is this library's choice.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias, final

from attrs import field, frozen

from retention.errors import ConfigurationError, UnknownName

Grid: TypeAlias = tuple[tuple[str, ...], ...]
_STEPS = 5


@final
@frozen(order=True)
class RFM:
    """Scores from 1 to 5, 5 the best; all three are 0 for a customer who never bought."""

    r: int
    f: int
    m: int

    @property
    def value(self) -> int:
        """The mean of frequency and monetary value, halves upwards."""
        return (self.f + self.m + 1) // 2

    @property
    def bought(self) -> bool:
        """Whether there was anything to score."""
        return self.r > 0

    def __str__(self) -> str:
        return f"{self.r}{self.f}{self.m}"


def _square(scheme: object, attribute: object, grid: Grid) -> None:
    if len(grid) != _STEPS or any(len(row) != _STEPS for row in grid):
        raise ConfigurationError("a scheme's grid has five rows of five names", hint="Rows: recency 5 to 1")


def _rows(grid: Iterable[Iterable[str]]) -> Grid:
    return tuple(tuple(row) for row in grid)


@final
@frozen
class Scheme:
    """A name for every score.

    ``grid`` has a row for each recency from 5 down to 1, and in it the names for value 1 to 5. Whoever never bought is
    in the group ``never_bought``, so that every customer is in exactly one.
    """

    grid: Grid = field(converter=_rows, validator=_square)
    never_bought: str = "prospects"

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group once, from the best recency down; ``never_bought`` last."""
        return tuple(dict.fromkeys((*(name for row in self.grid for name in reversed(row)), self.never_bought)))

    def group(self, score: RFM) -> str:
        """The one group of a score."""
        return self.grid[_STEPS - score.r][score.value - 1] if score.bought else self.never_bought

    def cells(self, group: str) -> dict[int, tuple[int, ...]]:
        """The recencies (rising) that a group has at each value at which it has any. Raises UnknownName."""
        if group not in self.groups:
            raise UnknownName("RFM group", group, self.groups)
        rising = self.grid[::-1]
        found = {
            value: tuple(recency for recency, names in enumerate(rising, 1) if names[value - 1] == group)
            for value in range(1, _STEPS + 1)
        }
        return {value: recencies for value, recencies in found.items() if recencies}


FIVE_GROUPS: Final = Scheme(
    (
        ("potential", "potential", "loyal", "champions", "champions"),
        ("potential", "potential", "loyal", "champions", "champions"),
        ("potential", "potential", "loyal", "loyal", "loyal"),
        ("lost", "lost", "at risk", "at risk", "at risk"),
        ("lost", "lost", "at risk", "at risk", "at risk"),
    )
)
"""Champions, loyal, potential, at risk, lost; beside them prospects, who never bought."""

ELEVEN_GROUPS: Final = Scheme(
    (
        ("new", "active", "active", "champions", "champions"),
        ("promising", "active", "active", "loyal", "loyal"),
        ("promising", "needs attention", "needs attention", "loyal", "loyal"),
        ("almost lost", "almost lost", "at risk", "at risk", "previously loyal"),
        ("dormant", "dormant", "at risk", "at risk", "previously loyal"),
    )
)
"""Champions, loyal, active, new, promising, needs attention, at risk, previously loyal, almost lost, dormant.

Prospects, who never bought, are the eleventh.
"""
