"""One way to choose, for two uses: drawn by Hypothesis, which shrinks, or from a seed, which is much faster."""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, Self, TypeVar, final

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


@cache
def _below(size: int) -> SearchStrategy[int]:
    return st.integers(0, size - 1)


@final
@frozen
class Choices:
    """Choices between options; those named first are the simplest, and where an example shrinks to."""

    below: Callable[[int], int]
    """A whole number from 0 to one less than its argument."""

    @classmethod
    def drawn(cls, draw: st.DrawFn) -> Self:
        """Choices that Hypothesis makes, remembers and shrinks."""
        return cls(lambda size: draw(_below(size)))

    @classmethod
    def seeded(cls, seed: int) -> Self:
        """Choices that a seed makes; the same seed makes the same."""
        return cls(Random(seed).randrange)

    def one_of(self, *options: Any) -> Any:
        return options[self.below(len(options))]

    def among(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def chance(self, of: int) -> bool:
        """True once in so many times."""
        return self.below(of) == of - 1

    def flag(self) -> bool:
        return self.below(2) == 1

    def maybe(self, choose: Callable[[], T]) -> T | None:
        """Missing half of the time."""
        return choose() if self.below(2) else None

    def subset(self, options: Sequence[T]) -> frozenset[T]:
        return frozenset(each for each in options if self.below(2))

    def shuffled(self, several: Sequence[T]) -> list[T]:
        left = list(several)
        return [left.pop(self.below(len(left))) for _ in several]
