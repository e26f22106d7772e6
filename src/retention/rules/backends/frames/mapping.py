"""What a host says of its data frames: which column is which attribute or collection column, and how it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Generic, TypeAlias, TypeVar, final

import narwhals as nw
from narwhals.exceptions import DuplicateError

from retention.errors import ConfigurationError
from retention.rules.backends.frames import answering, measures
from retention.rules.backends.frames.declared import check, check_floats
from retention.rules.backends.frames.engines import Engine, engine_of, in_microseconds
from retention.rules.backends.frames.scope import Frame, Table
from retention.rules.backends.sets.given import RowsOf, layout_of, no_column, refuse_all_but_rows
from retention.rules.backends.sets.layout import As, Layout
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.storage import AS_USUAL, Stored
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import STANDARD, Schema

F = TypeVar("F")
_FEW_ROWS: Final = 100_000


Rows: TypeAlias = RowsOf[F, str]
"""A data frame of type ``F`` and its columns by their names in the schema. See ``rows``."""


def rows(
    frame: F, /, *, customer: str | None = None, currency: str | None = None, **columns: "str | As[str]"
) -> Rows[F]:
    """A data frame, of any library that narwhals knows, and which of its columns is what.

    ``customer`` is the column with the customer's id, not given for the customers themselves. ``currency`` is, of the
    customers, the column that says in which currency each of them deals.
    """
    _frame(frame)
    return RowsOf(frame, customer, currency, columns)


@final
class Frames(Generic[F]):
    """The data frames of a shop, mapped to the schema: ``customers``, and each collection by its name.

    All of one library; eager and lazy frames of Polars may meet, and the answers are as the customers are. ``currency``
    is the one currency of all amounts. Ids that are whole numbers are read as texts. Raises ConfigurationError for a
    column that a frame lacks or that cannot be what it is said to be, UnknownName for names that the schema lacks.
    """

    def __init__(
        self,
        *,
        customers: Rows[F],
        schema: Schema = STANDARD,
        stored: Stored = AS_USUAL,
        currency: str | None = None,
        **collections: Rows[Any],
    ) -> None:
        refuse_all_but_rows(customers=customers, **collections)
        others = {name: _frame(each.table) for name, each in collections.items()}
        self.customers: Final = _frame(customers.table)
        frames = (self.customers, *others.values())
        self.is_eager: Final = isinstance(self.customers, nw.DataFrame)
        self.is_small: Final = _are_small(frames)
        self.engine: Final = _one_engine(frames)
        self.layout: Final[Layout[Table, str]] = layout_of(
            _as_calculated(customers, self.customers),
            {name: _as_calculated(each, others[name]) for name, each in collections.items()},
            schema,
            stored,
            currency,
        )
        for name in (None, *collections):
            self._check(name)

    def chosen(self, test: Test, /) -> F:
        """The customers' own frame, only the rows for which a test is true."""
        with _one_connection():
            found: F = answering.chosen(self, test)
        return found

    def answers(self, tests: Mapping[str, Test], /, where: Test = ALWAYS) -> F:
        """The ids of the customers for whom ``where`` is true, and one boolean column for each test."""
        with _one_connection():
            found: F = answering.answers(self, tests, where)
        return found

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ALWAYS) -> list[Group]:
        """See ``Measurable``; lazy frames are collected."""
        with _one_connection():
            return measures.groups(self, keys, sums, where)

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ALWAYS) -> list[int | datetime]:
        """See ``Measurable``; lazy frames are collected."""
        with _one_connection():
            return measures.ranked(self, value, ranks, where)

    def _check(self, name: str | None) -> None:
        """The columns that are named are there, and can be what they are said to be."""
        what = name or "customers"
        source = self.layout.source(name) if name else self.layout.customers
        found = source.table.dtypes
        for column in filter(None, (source.customer, source.currency)):
            _there(column, found, what)
        self._check_key(found[source.customer], what)
        for each in source.columns:
            place = self.layout.place(name, each)
            _there(place.column, found, what)
            if not self.customers.implementation.is_pandas_like():  # an object column tells its type in PyArrow only
                check(place, found[place.column], f"{what}.{each}", self.layout)
                check_floats(place, found[place.column], f"{what}.{each}", self.layout)

    def _may_be_ids(self, dtype: Any) -> bool:
        """Columns that tell nothing; pandas makes floats of whole numbers with gaps and of no rows at all."""
        return dtype in (nw.Unknown, nw.Object) or (self.engine is Engine.ARROW and bool(dtype.is_float()))

    def _check_key(self, dtype: Any, what: str) -> None:
        """Ids that are whole numbers in one frame and texts in another meet nobody."""
        own = self.layout.customers.table.dtypes[self.layout.customers.customer]
        if own.is_integer() != dtype.is_integer() and not any(map(self._may_be_ids, (own, dtype))):
            raise ConfigurationError(f"the id of the customer is {dtype} in {what}, and {own} in customers")


@contextmanager
def _one_connection() -> Iterator[None]:
    """A relation of DuckDB does not say whose it is, until it is joined."""
    try:
        yield
    except Exception as wrong:
        if "different connections" not in str(wrong):
            raise
        hint = "Open all of them on one: connection.sql(...)"
        raise ConfigurationError("relations of several connections cannot be joined", hint=hint) from wrong


def _one_engine(frames: Sequence[Frame]) -> Engine:
    kinds = {each.implementation for each in frames}
    if len(kinds) > 1:
        names = " and ".join(sorted(str(kind.value) for kind in kinds))
        raise ConfigurationError(f"frames of {names} cannot be joined", hint="Give frames of one library")
    return engine_of(frames[0])


def _are_small(frames: Sequence[Frame]) -> bool:
    """Whether all are in memory and have few rows together."""
    sizes = [len(each) for each in frames if isinstance(each, nw.DataFrame)]
    return len(sizes) == len(frames) and sum(sizes) < _FEW_ROWS


def _frame(given: Any) -> Frame:
    try:
        frame: Frame = nw.from_native(given)
    except TypeError:
        got = f"{type(given).__module__}.{type(given).__qualname__}"
        hint = "Give a frame of a library that narwhals knows"
        raise ConfigurationError(f"{got} is no data frame", hint=hint) from None
    except DuplicateError as wrong:  # it names them
        raise ConfigurationError("columns of a frame share a name", hint="Rename one, or leave it out") from wrong
    return frame


def _as_calculated(given: Rows[Any], frame: Frame) -> RowsOf[Table, str]:
    """Polars plans before it calculates, so that it reads each column once."""
    frame = in_microseconds(frame)
    dtypes = dict(frame.collect_schema())
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_polars():
        table = Table(frame.lazy(), dtypes, frame)
    else:
        table = Table(frame, dtypes)
    return RowsOf(table, given.customer, given.currency, given.columns)


def _there(column: str, found: Mapping[str, Any], what: str) -> None:
    if column not in found:
        raise no_column(f"the frame of {what}", column, found)
