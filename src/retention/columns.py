"""A profile's facts column by column: what compiled rules read.

Reading ``columns["orders.total"]`` costs one dictionary look-up once the column is there, and a pass over the rows the
first time. Rules ask for the columns that they need and no others, so a fresh profile pays for nothing in advance.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from operator import attrgetter, lt
from typing import Any, TypeAlias, final

from attrs import frozen

from retention.errors import CurrencyMismatch
from retention.money import Money
from retention.order import Order, OrderLine, Refund
from retention.schema import STANDARD, Kind, Schema

Rows: TypeAlias = Mapping[str, tuple[Any, ...]]
Reader: TypeAlias = Callable[[Sequence[Any]], tuple[Any, ...]]
Line: TypeAlias = tuple[Order, OrderLine, int]

_NONE: tuple[Any, ...] = ()


@final
@frozen
class Purchase:
    """One line of an order as a row of its own; ``at`` is the order's."""

    id: str
    at: datetime
    order_id: str
    product_id: str
    sku: str | None
    category: str | None
    brand: str | None
    tags: frozenset[str]
    quantity: int | Fraction
    amount: Money


@final
@frozen
class RefundRow:
    """One refund as a row of its own."""

    id: str
    at: datetime
    order_id: str
    amount: Money
    reason: str | None


@final
class Columns(dict[str, tuple[Any, ...]]):
    """Cells by ``collection.column``, filled when first asked for; never changed afterwards.

    Two threads that ask for the same column at once build the same tuple twice, and one of them stays.
    """

    __slots__ = ("_currency", "_in_row_order", "_lines", "_rows", "_schema")

    def __init__(self, rows: Rows, currency: str | None, schema: Schema, known: Mapping[str, tuple[Any, ...]]) -> None:
        super().__init__(known)
        self._rows = rows
        self._currency = currency
        self._schema = schema
        self._lines: list[OrderLine] | None = None
        self._in_row_order = True

    def __missing__(self, key: str) -> tuple[Any, ...]:
        collection, column, currency, read = _PLANS.get(key) or _plan(key)
        if currency and currency != self._currency and self._currency is not None:
            raise CurrencyMismatch(f"{collection}.{column}", currency, str(self._currency))
        rows = self._rows.get(collection)
        if rows is not None:
            cells = read(rows)
        elif collection == "purchases":
            cells = self._purchases(column, read)
        elif collection == "refunds":
            cells = read(self.rows(collection))
        else:
            cells = _NONE
        self[key] = cells
        return cells

    def __reduce__(self) -> tuple[Any, ...]:
        return Columns, (self._rows, self._currency, self._schema, {})

    def rows(self, collection: str) -> tuple[Any, ...]:
        """The rows of a collection; lines and refunds are taken out of their orders."""
        if collection == "purchases":
            return tuple(_purchase(*each) for each in _with_orders(self._orders()))
        if collection == "refunds":
            return tuple(
                RefundRow(refund.id, refund.at, order.id, refund.amount, refund.reason)
                for order, refund in _refunds(self._orders())
            )
        return self._rows.get(collection, _NONE)

    def _orders(self) -> tuple[Order, ...]:
        return self._rows.get("orders", _NONE)

    def _purchases(self, column: str, read: Reader) -> tuple[Any, ...]:
        orders = self._orders()
        if column == "at":  # the same in whatever order an order's lines stand
            return tuple([order.at for order in orders for _ in order.lines])
        if self._lines is None:
            self._take_lines(orders)
        if column == "id" or (column == "order_id" and not self._in_row_order):
            return read([_purchase(*each) for each in _with_orders(orders)])
        if column == "order_id":
            return tuple([order.id for order in orders for _ in order.lines])
        return read(self._lines or _NONE)

    def _take_lines(self, orders: tuple[Order, ...]) -> None:
        """Lay the lines out in order of ``(at, id)``."""
        lines = [line for order in orders for line in order.lines]
        self._in_row_order = _in_row_order(self["orders.at"], lines)
        self._lines = lines if self._in_row_order else [line for _, line, _ in _with_orders(orders)]


Plan: TypeAlias = tuple[str, str, str, Reader]
_PLANS: dict[str, Plan] = {}  # as many as there are columns and currencies; filled as columns are first asked for


def _plan(key: str) -> Plan:
    """``orders.total KRW`` as collection, column, currency and the function that reads the column from rows."""
    name, _, currency = key.partition(" ")
    collection, _, column = name.partition(".")
    _PLANS[key] = collection, column, currency, _reader(collection, column)
    return _PLANS[key]


_WRITTEN_OUT: Mapping[str, Reader] = {  # asked for by most rules, and twice as quick as with attrgetter
    "orders.total": lambda rows: tuple([row.total.minor for row in rows]),
    "purchases.amount": lambda rows: tuple([row.amount.minor for row in rows]),
    "purchases.category": lambda rows: tuple([row.category for row in rows]),
    "consents.channel": lambda rows: tuple([row.channel for row in rows]),
    "consents.given": lambda rows: tuple([row.given for row in rows]),
}


def _reader(collection: str, column: str) -> Reader:
    """The function that reads a column from rows; amounts as minor units."""
    if collection not in STANDARD.collections:
        return lambda rows: tuple([_host_cell(row, column) for row in rows])
    written_out = _WRITTEN_OUT.get(f"{collection}.{column}")
    if written_out is not None:
        return written_out
    cell = attrgetter(column)
    if STANDARD.collections[collection].columns[column].kind is Kind.AMOUNT:
        return lambda rows: tuple([None if money is None else money.minor for money in map(cell, rows)])
    return lambda rows: tuple(map(cell, rows))


def _host_cell(row: Any, column: str) -> Any:
    value = getattr(row, column) if column in ("id", "at") else row.data.get(column)
    return value.minor if isinstance(value, Money) else value


def _line_id(order: Order, line: OrderLine, number: int) -> str:
    """The row id of a line: its own, else the order's and the line's place in it."""
    return line.id or f"{order.id}/{number:06}"


def _purchase(order: Order, line: OrderLine, number: int) -> Purchase:
    return Purchase(
        _line_id(order, line, number),
        order.at,
        order.id,
        line.product_id,
        line.sku,
        line.category,
        line.brand,
        line.tags,
        line.quantity,
        line.amount,
    )


def _with_orders(orders: Sequence[Order]) -> list[Line]:
    """Every line with its order and its place in it, in order of ``(at, id)``."""
    taken = [(order, line, number) for order in orders for number, line in enumerate(order.lines, 1)]
    return sorted(taken, key=lambda each: (each[0].at, _line_id(*each)))


def _in_row_order(instants: Sequence[datetime], lines: Sequence[OrderLine]) -> bool:
    """True if lines stand in order of ``(at, id)``: no two orders share an instant and no line has an id of its own."""
    return [line.id for line in lines].count(None) == len(lines) and all(map(lt, instants, instants[1:]))


def _refunds(orders: tuple[Order, ...]) -> list[tuple[Order, Refund]]:
    """Every refund with its order, in order of ``(at, id)``."""
    taken = [(order, refund) for order in orders for refund in order.refunds]
    return sorted(taken, key=lambda each: (each[1].at, each[1].id))
