"""Two sides that answer the same question take turns on the clock."""

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import TypeAlias

from attrs import frozen

Answers: TypeAlias = tuple[int, ...]
"""How many customers are in each segment."""

Side: TypeAlias = Callable[[], Answers]


@frozen
class Spread:
    """What repetitions gave: the middle, and the ends between which it lay."""

    values: Sequence[float]

    @property
    def middle(self) -> float:
        return median(self.values)

    @property
    def ends(self) -> tuple[float, float]:
        return min(self.values), max(self.values)


@frozen
class Duel:
    """Seconds on the wall clock and of the processor, for each side in each round."""

    ours: Sequence[tuple[float, float]]
    theirs: Sequence[tuple[float, float]]

    @property
    def ratio(self) -> Spread:
        """Our time divided by theirs in the same round."""
        return Spread([ours / theirs for (ours, _), (theirs, _) in zip(self.ours, self.theirs, strict=True)])

    @property
    def processor_ratio(self) -> Spread:
        """The same of processor time, all threads together: other processes count less, idle cores not at all."""
        return Spread([ours / theirs for (_, ours), (_, theirs) in zip(self.ours, self.theirs, strict=True)])

    @property
    def our_seconds(self) -> Spread:
        return Spread([wall for wall, _ in self.ours])

    @property
    def their_seconds(self) -> Spread:
        return Spread([wall for wall, _ in self.theirs])


def duel(ours: Side, theirs: Side, rounds: int) -> Duel:
    """After one round for warmth, which must bring the same answers, each side goes first in every other round."""
    expected, found = theirs(), ours()
    assert found == expected, f"ours {found}, theirs {expected}"
    mine, other = [], []
    for turn in range(rounds):
        if turn % 2:
            other.append(timed(theirs))
            mine.append(timed(ours))
        else:
            mine.append(timed(ours))
            other.append(timed(theirs))
    return Duel(mine, other)


def timed(side: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall clock, and of the processor."""
    gc.collect()
    gc.disable()
    try:
        wall, processor = perf_counter(), process_time()
        side()
        return perf_counter() - wall, process_time() - processor
    finally:
        gc.enable()


def repeated(side: Callable[[], object], rounds: int) -> Spread:
    """Seconds on the wall clock, after one call for warmth."""
    side()
    return Spread([timed(side)[0] for _ in range(rounds)])
