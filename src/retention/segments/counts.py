"""How many customers each segment has, and how many it shares with each other segment."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Any, final

from attrs import field, frozen

from retention.errors import ConfigurationError, UnknownName

_PATTERNS_KEPT = 4096  # distinct answers held before they are added up, so that memory stays constant


def _read_only(given: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    return MappingProxyType(dict(given))


@final
@frozen(hash=False)
class Counts:
    """Sizes and overlaps of the segments of one set over ``total`` profiles.

    Two counts of the same segments over different customers add up with ``+``, so that a population can be counted in
    parts.
    """

    keys: tuple[str, ...]
    total: int
    _shared: Mapping[tuple[str, str], int] = field(converter=_read_only, repr=False)

    @property
    def sizes(self) -> dict[str, int]:
        """Customers by segment, in the order of the set."""
        return {key: self.size(key) for key in self.keys}

    def size(self, key: str) -> int:
        """Customers in the segment. Raises UnknownName."""
        return self.overlap(key, key)

    def share(self, key: str) -> Fraction:
        """The segment's part of all customers; 0 when there are none."""
        return Fraction(self.size(key), self.total or 1)

    def overlap(self, one: str, other: str) -> int:
        """Customers in both segments. Raises UnknownName."""
        for key in (one, other):
            if key not in self.keys:
                raise UnknownName("segment", key, self.keys)
        return self._shared.get((one, other), 0) or self._shared.get((other, one), 0)

    def overlaps(self) -> tuple[tuple[str, str, int], ...]:
        """Every pair of segments that share customers, the largest overlap first."""
        pairs = ((one, other, self.overlap(one, other)) for one, other in combinations(self.keys, 2))
        return tuple(sorted((each for each in pairs if each[2]), key=lambda each: -each[2]))

    def __reduce__(self) -> tuple[Any, ...]:
        return Counts, (self.keys, self.total, dict(self._shared))  # a read-only view cannot be pickled

    def __add__(self, other: "Counts") -> "Counts":
        if self.keys != other.keys:
            raise ConfigurationError("these counts are of different segments", hint="Count both with the same set")
        return Counts(self.keys, self.total + other.total, Counter(self._shared) + Counter(other._shared))


def count_answers(keys: tuple[str, ...], answers: Iterable[tuple[bool, ...]]) -> Counts:
    """The counts of many customers' answers, each in the order of ``keys``."""
    total = 0
    patterns: Counter[tuple[bool, ...]] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    for pattern in answers:
        total += 1
        patterns[pattern] += 1
        if len(patterns) > _PATTERNS_KEPT:
            _add_up(keys, patterns, shared)
            patterns.clear()
    _add_up(keys, patterns, shared)
    return Counts(keys, total, shared)


def _add_up(keys: tuple[str, ...], patterns: Mapping[tuple[bool, ...], int], shared: Counter[tuple[str, str]]) -> None:
    for pattern, times in patterns.items():
        add_pattern(keys, pattern, times, shared)


def add_pattern(keys: tuple[str, ...], pattern: tuple[bool, ...], times: int, shared: Counter[tuple[str, str]]) -> None:
    """Add so many customers with the same answers, in the order of ``keys``, to what pairs of segments share."""
    held = [key for key, holds in zip(keys, pattern, strict=True) if holds]
    for position, one in enumerate(held):
        for other in held[position:]:
            shared[one, other] += times
