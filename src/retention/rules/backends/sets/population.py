"""What can be asked of a whole population, whichever engine holds it.

``Tables``, ``Frames`` and ``Snapshot`` answer in their own way: with a statement, a frame of the same library, arrays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar

from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.terms import Term, Test

R_co = TypeVar("R_co", covariant=True)

Group: TypeAlias = tuple[tuple[bool, ...], int, tuple[int, ...]]
"""The answers that its customers share, how many customers there are, and the sums over them."""


class Selectable(Protocol[R_co]):
    """Customers, to be selected from by tests."""

    @property
    def layout(self) -> Layout[Any, Any]: ...

    def answers(self, tests: Mapping[str, Test], /, where: Test = ...) -> R_co:
        """The customers for whom ``where`` is true: the id, and one true or false column for each test."""
        ...


class Measurable(Protocol):
    """Customers that numbers can be taken of; asking runs a query."""

    @property
    def layout(self) -> Layout[Any, Any]: ...

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ...) -> Sequence[Group]:
        """Customers for whom ``where`` is true, grouped by their answers to ``keys``, in any order; no empty groups.

        A test is summed as 1 or 0; a term is a whole number, summed without the missing.
        """
        ...

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ...) -> Sequence[int | datetime]:
        """The values at these ranks (1 is the least) among customers for whom ``where`` is true and none is missing.

        ``ranks`` rise and are there; instants come in UTC.
        """
        ...
