"""Tables as a host tells of them: checked, and put together to a layout."""

from collections.abc import Collection, Mapping
from typing import Generic, TypeVar, final

from attrs import frozen

from retention.errors import ConfigurationError, nearest
from retention.rules.backends.sets.layout import As, Layout, Source
from retention.rules.backends.sets.storage import Stored
from retention.schema import Schema

T = TypeVar("T")
C = TypeVar("C")
R = TypeVar("R")

_MOST_NAMES = 12


@final
@frozen(eq=False)
class RowsOf(Generic[T, C]):
    """One table and what its columns are, before it is known what it is the table of; made by ``rows``."""

    table: T
    customer: C | None
    currency: C | None
    columns: Mapping[str, C | As[C]]


def layout_of(
    customers: RowsOf[T, C],
    collections: Mapping[str, RowsOf[T, C]],
    schema: Schema,
    stored: Stored,
    currency: str | None,
) -> Layout[T, C]:
    """All that is told of the tables. Raises what ``Layout`` raises, ConfigurationError for rows of nobody."""
    sources = {name: _collection(name, given) for name, given in collections.items()}
    return Layout(_customers(customers), sources, schema, stored, currency)


def refuse_all_but_rows(**given: object) -> None:
    """Raises ConfigurationError for tables that are not told of by ``rows``."""
    for name, each in given.items():
        if not isinstance(each, RowsOf):
            raise ConfigurationError(f"{name} is not given as rows", hint=f"Write {name}=rows({name}, id=..., ...)")


def no_column(where: str, name: str, there: Collection[str]) -> ConfigurationError:
    """The error for a column that a table lacks."""
    names = [str(each) for each in there]  # pandas has columns called by numbers and tuples
    near = nearest(name, names)
    hint = f"Did you mean {near!r}?" if near else f"There are: {', '.join(names[:_MOST_NAMES])}"
    return ConfigurationError(f"{where} has no column {name!r}", hint=hint)


def _customers(given: RowsOf[T, C]) -> Source[T, C]:
    if given.customer is not None:
        raise ConfigurationError("the customers' own id is said by id", hint="Write id=... instead of customer=...")
    own = given.columns.get("id")
    if own is None:
        raise ConfigurationError("the customers have no column for id", hint="Say which it is: id=...")
    key = own.column if isinstance(own, As) else own
    return Source(given.table, key, given.columns, given.currency)


def _collection(name: str, given: RowsOf[T, C]) -> Source[T, C]:
    if given.customer is None:
        raise ConfigurationError(f"{name} has no column for the customer's id", hint="Say which it is: customer=...")
    # Of customers a currency is that in which they deal; of rows, it is a column like any other.
    own = {} if given.currency is None else {"currency": given.currency}
    return Source(given.table, given.customer, {**given.columns, **own})
