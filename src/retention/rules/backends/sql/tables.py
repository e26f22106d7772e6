"""The host's own tables, as it tells of them: which column is what, and how values are kept."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, final

import sqlalchemy as sa
from attrs import evolve, field, frozen
from sqlalchemy import ColumnElement, Connection, FromClause, Select
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import ColumnProperty, Mapper, QueryableAttribute, RelationshipProperty, Session, scoped_session
from sqlalchemy.orm.util import AliasedClass, AliasedInsp

from retention.errors import ConfigurationError, WrongKind, with_article
from retention.rules.backends.sets.given import RowsOf, layout_of, no_column, refuse_all_but_rows
from retention.rules.backends.sets.layout import As
from retention.rules.backends.sets.storage import AS_USUAL, Stored
from retention.rules.backends.sets.terms import ALWAYS, Test
from retention.rules.backends.sql import declared, statements
from retention.rules.backends.sql.draft import SqlLayout
from retention.rules.backends.sql.measures import Connected
from retention.schema import STANDARD, Schema

Expression: TypeAlias = ColumnElement[Any]
Given: TypeAlias = Expression | QueryableAttribute[Any] | str
RowSource: TypeAlias = FromClause | type[Any] | AliasedClass[Any]

_CONNECT: Final = (
    "Write `with engine.connect() as connection: ... tables.on(connection)`;"
    " of an AsyncSession, `await session.run_sync(lambda each: count(segments, tables.on(each), as_of))`"
)


Rows: TypeAlias = RowsOf[FromClause, Expression]
"""One table and what its columns are; made by ``rows``."""


def rows(
    source: RowSource,
    /,
    *,
    customer: Given | None = None,
    currency: Given | None = None,
    where: Given | None = None,
    **columns: Given | As[Any],
) -> Rows:
    """The rows of a table, mapped class, alias, view or subquery, and which of its columns is what.

    A column is one of the table's, any expression over them, or the name of one. What is not kept is left out.
    ``customer`` is the id of the customer whose row it is, needed everywhere but for the customers themselves. Rows of
    one instant are in the order of their ids, by code point as they are written, one without an id the first.
    ``currency`` of the customers is the one in which each deals. ``where`` says which rows are there at all, for every
    rule: without those that were deleted, say. Raises ConfigurationError.
    """
    table = _table(source)

    def column(name: str, given: Any) -> Expression:
        return _column(table, name, given)

    found: Rows = RowsOf(
        table,
        None if customer is None else column("customer", customer),
        None if currency is None else column("currency", currency),
        {
            name: evolve(given, column=column(name, given.column)) if isinstance(given, As) else column(name, given)
            for name, given in columns.items()
        },
    )
    return found if where is None else _only(found, column("where", where))


def _only(given: Rows, where: Expression) -> Rows:
    """The rows for which a condition is true, as a subquery of the columns that are told of."""
    told: dict[str, Expression | As[Expression]] = dict(given.columns)
    told |= {"customer": given.customer} if given.customer is not None else {}
    told |= {"currency": given.currency} if given.currency is not None else {}
    labelled = [_plain(column).label(name) for name, column in told.items()]
    kept = sa.select(*labelled).select_from(given.table).where(where).subquery()
    return RowsOf(
        kept,
        kept.c.get("customer"),
        kept.c.get("currency"),
        {
            name: evolve(column, column=kept.c[name]) if isinstance(column, As) else kept.c[name]
            for name, column in given.columns.items()
        },
    )


def _plain(given: Expression | As[Expression]) -> Expression:
    return given.column if isinstance(given, As) else given


@final
@frozen(init=False, eq=False)
class Tables:
    """The customers and the collections of events, each as ``rows(...)`` under the name that the schema gives it.

    ``stored`` says how values are kept where a column does not say it itself with ``As``. ``currency`` is the one of
    all amounts. Raises ConfigurationError, UnknownName with the nearest name.

    >>> import sqlalchemy as sa
    >>> users = sa.table("users", sa.column("id"), sa.column("country"))
    >>> shop = Tables(customers=rows(users, id=users.c.id, country="country"))
    >>> shop.layout.maps(None, "country")
    True
    """

    layout: SqlLayout = field(repr=False)

    def __init__(
        self,
        *,
        customers: Rows,
        schema: Schema = STANDARD,
        stored: Stored = AS_USUAL,
        currency: str | None = None,
        **collections: Rows,
    ) -> None:
        refuse_all_but_rows(customers=customers, **collections)
        layout = layout_of(customers, collections, schema, stored, currency)
        declared.check(layout)
        self.__attrs_init__(layout)

    def chosen(self, test: Test, /) -> Select[Any]:
        """A statement of the ``id`` of every customer for whom a test is true."""
        return statements.chosen(self.layout, test)

    def answers(self, tests: Mapping[str, Test], /, where: Test = ALWAYS) -> Select[Any]:
        """A statement of the ``id`` of every customer for whom ``where`` is true, and one flag for each test."""
        return statements.answers(self.layout, tests, where)

    def on(self, connection: Connection | Session | scoped_session[Any]) -> Connected:
        """The customers in a database, for ``retention.populations`` to count; asking runs a statement.

        Raises WrongKind for what runs no statements, such as an engine.
        """
        if not isinstance(connection, Connection | Session | scoped_session):
            raise WrongKind(
                f"statements run on a connection or a session, not on {with_article(connection)}", hint=_CONNECT
            )
        return Connected(self.layout, connection)


# Tables and columns. --------------------------------------------------------------------------------------------------


def _table(source: object) -> FromClause:
    if isinstance(source, sa.SelectBase):
        raise ConfigurationError("a select is no table", hint="Write rows(select(...).subquery(), ...)")
    if isinstance(source, FromClause):
        return source
    try:
        mapped = sa.inspect(source)
    except NoInspectionAvailable:
        mapped = None
    if not isinstance(mapped, Mapper | AliasedInsp) or isinstance(source, Mapper):
        hint = "Give a Table, a mapped class, an alias, a view or a subquery"
        raise ConfigurationError(f"rows are read from a table, not from {type(source).__name__}", hint=hint)
    if mapped.mapper.single:
        hint = "Give its rows as select(...).where(...).subquery()"
        raise ConfigurationError(f"{mapped.mapper.class_.__name__} shares its table with other classes", hint=hint)
    selectable: FromClause = mapped.selectable
    return selectable


def _column(table: FromClause, name: str, given: object) -> Expression:
    if isinstance(given, str):
        found = table.c.get(given)
        if found is None:
            raise no_column(f"{name}: {_called(table)}", given, table.c.keys())
        return found
    if isinstance(given, QueryableAttribute):
        given = _attribute(table, name, given)
    if not isinstance(given, ColumnElement):
        hint = "Give a column, an expression over columns, or a column's name; leave out what is not kept"
        raise ConfigurationError(f"{name} is no column but {type(given).__name__}", hint=hint)
    return _of_this_table(table, name, given)


def _attribute(table: FromClause, name: str, given: QueryableAttribute[Any]) -> object:
    """The column behind a mapped attribute; as an attribute it would make of every statement one of the ORM's."""
    mapped = getattr(given, "property", None)
    if isinstance(mapped, RelationshipProperty):
        raise ConfigurationError(f"{name} is a relationship", hint="Give the column with the other's id")
    if not isinstance(mapped, ColumnProperty):
        return given.__clause_element__()
    behind = mapped.columns[0]
    found = table.corresponding_column(behind) if isinstance(behind, sa.Column) else None
    return behind if found is None else found


def _of_this_table(table: FromClause, name: str, given: Expression) -> Expression:
    """Whatever else the expression would select from would be joined with every row."""
    read_from = sa.select(given).select_from(table).get_final_froms()
    if len(read_from) > 1:
        others = ", ".join(_called(each) for each in read_from if each is not table)
        raise ConfigurationError(f"{name} is of {others}, not of {_called(table)}", hint="Join them in a subquery")
    return given


def _called(table: object) -> str:
    return str(getattr(table, "name", None) or "the table")
