"""Who is at most whom: facts ``a <= b`` and ``a < b`` among values, with everything that follows from them."""

from typing import Generic, TypeVar, final

T = TypeVar("T")


@final
class Ordering(Generic[T]):
    """A growing set of comparisons. ``close`` draws the conclusions; asking comes after it."""

    def __init__(self) -> None:
        self._places: dict[T, int] = {}
        self._above: list[int] = []  # for each term, as bits: the terms that it is at most
        self._strict: list[tuple[int, int]] = []
        self._unequal: list[tuple[int, int]] = []

    def place(self, term: T) -> int:
        """The number of a term, which is new or known already."""
        found = self._places.setdefault(term, len(self._places))
        if found == len(self._above):
            self._above.append(1 << found)
        return found

    def at_most(self, lesser: T, greater: T) -> None:
        """``lesser <= greater``."""
        one, other = self.place(lesser), self.place(greater)
        self._above[one] |= 1 << other

    def less(self, lesser: T, greater: T) -> None:
        """``lesser < greater``."""
        self.at_most(lesser, greater)
        self._strict.append((self.place(lesser), self.place(greater)))

    def equal(self, one: T, other: T) -> None:
        """``one == other``."""
        self.at_most(one, other)
        self.at_most(other, one)

    def unequal(self, one: T, other: T) -> None:
        """``one != other``."""
        self._unequal.append((self.place(one), self.place(other)))

    def close(self) -> bool:
        """Draws all conclusions; False if they contradict one another. Cost: the square of the number of terms."""
        above = self._above
        for middle in range(len(above)):
            through = above[middle]
            for each in range(len(above)):
                if above[each] >> middle & 1:
                    above[each] |= through
        return not any(self._reaches(high, low) for low, high in self._strict) and not any(
            self._reaches(one, other) and self._reaches(other, one) for one, other in self._unequal
        )

    def is_at_most(self, lesser: T, greater: T) -> bool:
        """Known: ``lesser <= greater``."""
        return self._reaches(self.place(lesser), self.place(greater))

    def _reaches(self, lesser: int, greater: int) -> bool:
        return bool(self._above[lesser] >> greater & 1)
