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
Line: TypeAlias = tuple[Order, OrderLine, int]

_NONE: tuple[Any, ...] = ()
_ID = attrgetter("id")


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
        collection, column, currency, cell = _PLANS.get(key) or _plan(key)
        if currency and self._currency not in (None, currency):
            raise CurrencyMismatch(f"{collection}.{column}", currency, str(self._currency))
        rows = self._rows.get(collection)
        if rows is not None:
            cells = tuple(map(cell, rows))
        elif collection == "purchases":
            cells = self._purchases(column, cell)
        elif collection == "refunds":
            cells = tuple(map(cell, self.rows(collection)))
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

    def _purchases(self, column: str, cell: Callable[[Any], Any]) -> tuple[Any, ...]:
        orders = self._orders()
        if column == "at":  # the same in whatever order an order's lines stand
            return tuple([order.at for order in orders for _ in order.lines])
        if self._lines is None:
            self._take_lines(orders)
        if column == "id" or (column == "order_id" and not self._in_row_order):
            return tuple([cell(_purchase(*each)) for each in _with_orders(orders)])
        if column == "order_id":
            return tuple([order.id for order in orders for _ in order.lines])
        return tuple(map(cell, self._lines or _NONE))

    def _take_lines(self, orders: tuple[Order, ...]) -> None:
        """Lay the lines out in order of ``(at, id)``."""
        lines = [line for order in orders for line in order.lines]
        self._in_row_order = _in_row_order(self["orders.at"], lines)
        self._lines = lines if self._in_row_order else [line for _, line, _ in _with_orders(orders)]


Plan: TypeAlias = tuple[str, str, str, Callable[[Any], Any]]
_PLANS: dict[str, Plan] = {}  # as many as there are columns and currencies; filled as columns are first asked for


def _plan(key: str) -> Plan:
    """``orders.total KRW`` as collection, column, currency and the function that reads a cell from a row."""
    name, _, currency = key.partition(" ")
    collection, _, column = name.partition(".")
    _PLANS[key] = collection, column, currency, _cell(collection, column)
    return _PLANS[key]


def _cell(collection: str, column: str) -> Callable[[Any], Any]:
    """The function that reads a cell; amounts as minor units."""
    if collection not in STANDARD.collections:
        return attrgetter(column) if column in ("id", "at") else lambda row: _minor(row.data.get(column))
    declared = STANDARD.collections[collection].columns[column]
    if declared.kind is not Kind.AMOUNT:
        return attrgetter(column)
    if declared.required:
        return attrgetter(f"{column}.minor")
    return lambda row: _minor(getattr(row, column))


def _minor(value: Any) -> Any:
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
    return all(map(lt, instants, instants[1:])) and not any(map(_ID, lines))


def _refunds(orders: tuple[Order, ...]) -> list[tuple[Order, Refund]]:
    """Every refund with its order, in order of ``(at, id)``."""
    taken = [(order, refund) for order in orders for refund in order.refunds]
    return sorted(taken, key=lambda each: (each[1].at, each[1].id))
