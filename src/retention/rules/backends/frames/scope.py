"""A frame and what its columns mean: where terms find their leaves."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast, final

import narwhals as nw
from attrs import frozen

from retention.rules.backends.frames.declared import check
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.stored import Value, read
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.reading import OfCustomer, Part
from retention.rules.backends.sets.terms import Cell, Trait

Frame: TypeAlias = "nw.LazyFrame[Any] | nw.DataFrame[Any]"


@final
@frozen(eq=False)
class Table:
    """A frame as it is calculated with, the dtypes of its columns, and its rows if they are in memory."""

    frame: Any
    dtypes: Mapping[str, Any]
    held: "nw.DataFrame[Any] | None" = None


@final
class Names:
    """Names for new columns, none of them given twice and none like a column of the host's.

    ``place`` is that of the number of a customer's row, in PyArrow.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        folded = [str(each).casefold() for each in taken]  # to DuckDB and Spark, names that differ in capitals are one
        self._prefix = "retention_"
        while any(each.startswith(self._prefix) for each in folded):
            self._prefix = f"_{self._prefix}"
        self._given = 0
        self.place = f"{self._prefix}place"

    def new(self) -> str:
        self._given += 1
        return f"{self._prefix}{self._given}"


@final
class Scope:
    """The rows of one collection, or the customers (``rows`` is None), and the values that were added to them.

    ``key`` is the column with the customer's id.
    """

    def __init__(
        self,
        table: Table,
        rows: str | None,
        key: str,
        layout: Layout[Table, str],
        engine: Engine,
        names: Names,
    ) -> None:
        self.frame: Any = table.frame
        self.rows = rows
        self.key = key
        self.layout = layout
        self.engine = engine
        self.names = names
        self._dtypes = table.dtypes
        self._known: dict[Part, Value] = {}

    def knows(self, term: Part) -> bool:
        return term in self._known

    def learn(self, term: Part, value: Value) -> None:
        self._known[term] = value

    def find(self, term: Part) -> Value:
        """A leaf: a column of the host's, or what was added."""
        found = self._known.get(term)
        if found is None:
            name = term.column if isinstance(term, Cell) else cast(Trait, term).name
            found = self._known[term] = self.column(name)
        return found

    def column(self, name: str) -> Value:
        """A column of the host's, by its name in the schema."""
        place = self.layout.place(self.rows, name)
        dtype = self._dtypes[place.column]
        check(place, dtype, f"{self.rows or 'customers'}.{name}", self.layout)
        return read(place, dtype, self.layout, self.engine)

    def constant(self, answer: bool) -> nw.Expr:
        """The same answer on every row; a literal alone is no filter."""
        never = nw.col(self.key).is_null() & nw.lit(False)
        return ~never if answer else never

    def add(self, expr: nw.Expr) -> str:
        """The name of a new column."""
        name = self.names.new()
        self.frame = self.frame.with_columns(expr.alias(name))
        return name

    def bring(self, needs: Iterable[OfCustomer], customers: "Scope") -> None:
        """Add values of the customer to each of their rows; rows of unknown customers are dropped."""
        brought = {need: (self.names.new(), customers.find(need)) for need in needs}
        if not brought:
            return
        key = self.names.new()
        columns = (found.expr.alias(name) for name, found in brought.values())
        known = customers.frame.select(nw.col(customers.key).alias(key), *columns)
        self.frame = self.frame.join(known, left_on=self.key, right_on=key, how="inner")
        for need, (name, found) in brought.items():
            self.learn(need, found.at(name))

    def join(self, found: Any, key: str) -> None:
        """Add the columns of a frame that has at most one row for each customer."""
        self.frame = self.frame.join(found, left_on=self.key, right_on=key, how="left")
