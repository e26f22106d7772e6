"""What a host says of its data frames: which column is which attribute or collection column, and how it is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, final

import narwhals as nw
from attrs import frozen

from retention.errors import ConfigurationError, nearest
from retention.rules.backends.frames import answering, measures
from retention.rules.backends.frames.declared import check, check_floats
from retention.rules.backends.frames.engines import Engine, engine_of, in_microseconds
from retention.rules.backends.frames.scope import Frame, Table
from retention.rules.backends.sets.layout import As, Layout, Source
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.storage import Stored
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import STANDARD, Schema

F = TypeVar("F")
_FEW_ROWS: Final = 100_000


@final
@frozen(eq=False)
class Rows(Generic[F]):
    """A data frame of type ``F`` and its columns by their names in the schema. See ``rows``."""

    frame: Frame
    customer: str | None
    currency: str | None
    columns: Mapping[str, "str | As[str]"]


def rows(
    frame: F, /, *, customer: str | None = None, currency: str | None = None, **columns: "str | As[str]"
) -> Rows[F]:
    """A data frame, of any library that narwhals knows, and which of its columns is what.

    ``customer`` is the column with the customer's id, not given for the customers themselves. ``currency`` is, of the
    customers, the column that says in which currency each of them deals.
    """
    try:
        known: Any = nw.from_native(frame)
    except TypeError:
        got = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise ConfigurationError(
            f"{got} is no data frame", hint="Give a frame of a library that narwhals knows"
        ) from None
    return Rows(known, customer, currency, columns)


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
        stored: Stored = Stored(),  # noqa: B008 - frozen
        currency: str | None = None,
        **collections: Rows[Any],
    ) -> None:
        given: dict[str | None, Rows[Any]] = dict(collections) | {None: customers}
        _all_rows(given)
        self.customers: Final = customers.frame
        self.is_eager: Final = isinstance(customers.frame, nw.DataFrame)
        self.is_small: Final = _are_small([each.frame for each in given.values()])
        self.engine: Final = _one_engine([each.frame for each in given.values()])
        self.layout: Final[Layout[Table, str]] = Layout(
            _customers(customers),
            {name: _collection(name, each) for name, each in collections.items()},
            schema,
            stored,
            currency,
        )
        for name, each in given.items():
            self._check(name, each)

    def chosen(self, test: Test, /) -> F:
        """The customers' own frame, only the rows for which a test is true."""
        found: F = answering.chosen(self, test)
        return found

    def answers(self, tests: Mapping[str, Test], /, where: Test = ALWAYS) -> F:
        """The ids of the customers for whom ``where`` is true, and one boolean column for each test."""
        found: F = answering.answers(self, tests, where)
        return found

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ALWAYS) -> list[Group]:
        """See ``Measurable``; lazy frames are collected."""
        return measures.groups(self, keys, sums, where)

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ALWAYS) -> list[int | datetime]:
        """See ``Measurable``; lazy frames are collected."""
        return measures.ranked(self, value, ranks, where)

    def _check(self, name: str | None, given: Rows[Any]) -> None:
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
            if not given.frame.implementation.is_pandas_like():  # an object column tells its type in PyArrow only
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


def _all_rows(given: Mapping[str | None, object]) -> None:
    for name, each in given.items():
        if not isinstance(each, Rows):
            what = name or "customers"
            raise ConfigurationError(f"{what} is not given as rows", hint=f"Write {what}=rows(frame, ...)")


def _one_engine(frames: list[Frame]) -> Engine:
    kinds = {each.implementation for each in frames}
    if len(kinds) > 1:
        names = " and ".join(sorted(str(kind.value) for kind in kinds))
        raise ConfigurationError(f"frames of {names} cannot be joined", hint="Give frames of one library")
    return engine_of(frames[0])


def _are_small(frames: list[Frame]) -> bool:
    """Whether all are in memory and have few rows together."""
    sizes = [len(each) for each in frames if isinstance(each, nw.DataFrame)]
    return len(sizes) == len(frames) and sum(sizes) < _FEW_ROWS


def _customers(given: Rows[Any]) -> Source[Table, str]:
    if given.customer is not None:
        raise ConfigurationError("the customers' own id is said by id", hint="Write id=... instead of customer=...")
    key = given.columns.get("id")
    if not isinstance(key, str):
        raise ConfigurationError("the customers have no column for id", hint="Say which it is: id=...")
    return Source(_table(given.frame), key, given.columns, given.currency)


def _collection(name: str, given: Rows[Any]) -> Source[Table, str]:
    if given.customer is None:
        raise ConfigurationError(f"{name} has no column for the customer's id", hint="Say which it is: customer=...")
    own = {} if given.currency is None else {"currency": given.currency}  # of rows, it is a column like any other
    return Source(_table(given.frame), given.customer, {**given.columns, **own})


def _table(frame: Frame) -> Table:
    """Polars plans before it calculates, so that it reads each column once."""
    frame = in_microseconds(frame)
    is_eager_polars = frame.implementation.is_polars() and isinstance(frame, nw.DataFrame)
    return Table(frame.lazy() if is_eager_polars else frame, dict(frame.collect_schema()))


def _there(column: str, found: Mapping[str, Any], what: str) -> None:
    if column not in found:
        near = nearest(column, found)
        hint = f"Did you mean {near!r}?" if near else f"It has {', '.join(list(found)[:12])}"
        raise ConfigurationError(f"the frame of {what} has no column {column!r}", hint=hint)
