"""What terms are read of at a time: all customers, or rows of a collection."""

from typing import Any, Self, final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Rows, Whole
from retention.rules.backends.arrays.selections import Places
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.values import Values
from retention.rules.backends.sets.terms import Term, Test


@final
@frozen(eq=False)
class RowScope:
    """Rows of a collection, all of them if ``places`` is None."""

    collection: str
    table: Table
    places: Rows | None = None

    @property
    def owners(self) -> NDArray[np.int32]:
        """The customer of each row."""
        return self.table.owners if self.places is None else self.table.owners[self.places]

    def laid(self, whole: Whole) -> Whole:
        """What is known of every row of the collection, of these."""
        return whole if self.places is None else whole[self.places]

    def values(self, whole: Values) -> Values:
        """The same of values."""
        return whole if self.places is None else whole.spread(self.places)


@final
@frozen(eq=False)
class Scope:
    """``rows`` is None for all customers. What was read is kept in ``found``."""

    count: int
    rows: RowScope | None = None
    found: dict[Term | Test, Any] = field(factory=dict, init=False)

    @classmethod
    def whole(cls, collection: str, table: Table) -> Self:
        """All rows of a collection."""
        return cls(len(table), RowScope(collection, table))

    @classmethod
    def of(cls, collection: str, places: Places) -> Self:
        """Some of them."""
        return cls(len(places.rows), RowScope(collection, places.table, places.rows))
