"""Orders out of a CSV file: good rows become facts, bad rows become problems with their line numbers.

Several rows with one order id are the lines of one order. What belongs to the order (customer, instant, total, …) may
stand on each of its rows or on the first alone. Nothing here opens a file: text lines come in, facts go out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import TypeVar, final

from attrs import asdict, define, field, frozen

from retention.adapters.cells import CellForm, Unreadable, quantity
from retention.errors import ConfigurationError, FactError, nearest
from retention.money import Money
from retention.order import Order, OrderLine

_T = TypeVar("_T")

_FIELDS = {"id": "order", "product_id": "product"}  # where a fact calls it otherwise
_OF_ORDER = ("customer", "order", "at", "total", "status", "channel", "coupon")


@final
@frozen
class OrderColumns:
    """Which column of the file holds what; None where the file has no such column.

    ``line_amount`` is the price of the whole line, ``unit_price`` that of one piece; one of them, or ``total``, must be
    there. Without ``total`` an order's total is the sum of its lines.
    """

    customer: str = "customer_id"
    order: str = "order_id"
    at: str = "placed_at"
    total: str | None = None
    status: str | None = None
    channel: str | None = None
    coupon: str | None = None
    product: str | None = None
    category: str | None = None
    brand: str | None = None
    quantity: str | None = None
    line_amount: str | None = None
    unit_price: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.total or self.line_amount or self.unit_price):
            raise ConfigurationError("no column holds money", hint="Name the total, the line amount or the unit price")
        if self.line_amount and self.unit_price:
            raise ConfigurationError("both a line amount and a unit price are named", hint="Name one of them")

    @property
    def has_lines(self) -> bool:
        """True when rows say what was bought, not only that an order was placed."""
        return bool(self.line_amount or self.unit_price)

    def named(self) -> Mapping[str, str]:
        """The columns that the file must have, by what they hold."""
        return {role: name for role, name in asdict(self).items() if name is not None}


@final
@frozen
class Problem:
    """A row, or an order, that was left out. ``line`` counts from 1, the header's; ``column`` is "" for a whole row."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.column + ' ' if self.column else ''}{self.reason}"


@final
@frozen
class OrderReading:
    """What a file gave: each customer's orders, in the order of the file, and what was left out, by line."""

    orders: Mapping[str, tuple[Order, ...]]
    problems: tuple[Problem, ...]
    rows: int

    @property
    def order_count(self) -> int:
        return sum(map(len, self.orders.values()))


def read_orders(
    lines: Iterable[str],
    columns: OrderColumns,
    form: CellForm,
    *,
    delimiter: str = ",",
    progress: Callable[[int, int | None], None] | None = None,
) -> OrderReading:
    """The orders in the text lines of a CSV file, read once; memory holds the facts and the problems.

    ``progress`` is called with the number of rows so far, and None for their total, every 1,000 rows. Raises
    ConfigurationError when the header lacks a column, with the nearest name for each.
    """
    rows = _rows(lines, delimiter)
    header = next(rows, None)
    if header is None:
        raise ConfigurationError("the file is empty", hint="The first row names the columns")
    reader = _Reader(_Plan.of([name.strip() for name in header.cells], columns, delimiter), form, columns.has_lines)
    count = 0
    for count, row in enumerate(rows, 1):
        reader.take(row)
        if progress is not None and count % 1000 == 0:
            progress(count, None)
    if progress is not None:
        progress(count, count)
    return reader.finish(count)


@final
@frozen
class _Row:
    """The cells of one record, and the line of the file on which it begins."""

    line: int
    cells: list[str]
    broken: str = ""


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[_Row]:
    """The records that are not blank. A record that the format forbids is given as broken, and reading goes on."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(line, [], f"is not CSV: {error}")
            continue
        if any(cells):
            yield _Row(line, cells)


@final
@frozen
class _Plan:
    """Where in a record each thing stands."""

    names: Mapping[str, str]
    places: Mapping[str, int]
    width: int

    @classmethod
    def of(cls, header: list[str], columns: OrderColumns, delimiter: str) -> "_Plan":
        names = columns.named()
        _check(header, names, delimiter)
        return cls(names, {role: header.index(name) for role, name in names.items()}, len(header))

    def texts(self, cells: list[str]) -> dict[str, str]:
        """The cells by what they hold."""
        return {role: cells[place] for role, place in self.places.items()}


def _check(header: list[str], names: Mapping[str, str], delimiter: str) -> None:
    """Raises ConfigurationError unless the header has every column, once."""
    complaints = []
    for name in names.values():
        if name not in header:
            like = nearest(name, header)
            complaints.append(f"no column is called {name!r}" + (f" (did you mean {like!r}?)" if like else ""))
        elif header.count(name) > 1:
            complaints.append(f"{header.count(name)} columns are called {name!r}")
    if complaints:
        raise ConfigurationError("; ".join(complaints), hint=_repair(header, delimiter))


def _repair(header: list[str], delimiter: str) -> str:
    if len(header) == 1:
        other = next((each for each in ";\t|," if each != delimiter and each in header[0]), None)
        if other:
            return f"The header is one column when cut at {delimiter!r}; it looks as if {other!r} were the delimiter"
    shown = ", ".join(repr(name) for name in header[:20]) + (", …" if len(header) > 20 else "")
    return f"The columns are {shown}"


class _Refused(Exception):
    """This row cannot be used."""

    def __init__(self, role: str, reason: str) -> None:
        super().__init__(role, reason)
        self.role = role
        self.reason = reason


@final
@define
class _Draft:
    """An order of which more rows may come."""

    line: int
    texts: Mapping[str, str]
    at: datetime
    total: Money | None
    lines: list[OrderLine] = field(factory=list)

    def order(self) -> Order:
        text = self.texts.get
        return Order(
            self.texts["order"],
            self.at,
            lines=tuple(self.lines),
            total=self.total,
            status=text("status") or "placed",
            channel=text("channel") or None,
            coupon=text("coupon") or None,
        )


@final
class _Reader:
    """Collects drafts by order id while rows come in."""

    def __init__(self, plan: _Plan, form: CellForm, has_lines: bool) -> None:
        self._plan = plan
        self._instant = form.instant
        self._amount = cache(form.amount)  # a shop has few prices and many rows
        self._quantity = cache(quantity)
        self._has_lines = has_lines
        self._drafts: dict[str, _Draft] = {}
        self._problems: list[Problem] = []

    def take(self, row: _Row) -> None:
        try:
            self._use(row)
        except _Refused as refusal:
            self._problems.append(Problem(row.line, self._plan.names.get(refusal.role, ""), refusal.reason))

    def finish(self, rows: int) -> OrderReading:
        orders: dict[str, list[Order]] = {}
        for draft in self._drafts.values():
            try:
                orders.setdefault(draft.texts["customer"], []).append(draft.order())
            except FactError as error:
                self._problems.append(self._untrue(draft.line, error))
        self._problems.sort(key=lambda problem: problem.line)
        kept = {customer: tuple(several) for customer, several in orders.items() if several}
        return OrderReading(kept, tuple(self._problems), rows)

    def _use(self, row: _Row) -> None:
        if row.broken:
            raise _Refused("", row.broken)
        if len(row.cells) != self._plan.width:
            raise _Refused("", f"has {len(row.cells)} cells where the header has {self._plan.width}")
        texts = self._plan.texts(row.cells)
        _decoded(texts)
        line = self._line(texts) if self._has_lines else None
        draft = self._drafts.get(texts["order"])
        if draft is None:
            draft = self._drafts[texts["order"]] = self._begin(row.line, texts)
        elif line is None:
            raise _Refused("order", f"is that of line {draft.line} again")
        else:
            _agree(draft, texts)
        if line is not None:
            draft.lines.append(line)

    def _begin(self, line: int, texts: Mapping[str, str]) -> _Draft:
        for role in ("customer", "order", "at"):
            if not texts[role]:
                raise _Refused(role, "is empty")
        at = self._read("at", texts["at"], self._instant)
        total = self._read("total", texts["total"], self._amount) if "total" in texts else None
        return _Draft(line, {role: texts[role] for role in _OF_ORDER if role in texts}, at, total)

    def _line(self, texts: Mapping[str, str]) -> OrderLine:
        pieces = self._read("quantity", texts["quantity"], self._quantity) if texts.get("quantity") else 1
        if pieces < 0:
            raise _Refused("quantity", "is negative")
        try:
            return OrderLine(
                texts.get("product") or "unknown",
                amount=self._line_amount(texts, pieces),
                quantity=pieces,
                category=texts.get("category") or None,
                brand=texts.get("brand") or None,
            )
        except FactError as error:
            role, reason = self._told(error)
            raise _Refused(role, reason) from None

    def _untrue(self, line: int, error: FactError) -> Problem:
        role, reason = self._told(error)
        return Problem(line, self._plan.names.get(role, ""), reason)

    def _told(self, error: FactError) -> tuple[str, str]:
        """What was refused, as a column of the file and what is said of it."""
        _, _, name = error.field.rpartition(".")
        reason = error.problem.removeprefix(f"{error.field}: ").removesuffix(f" (got {error.got})")
        roles = ("line_amount", "unit_price") if name == "amount" else (_FIELDS.get(name, name),)
        role = next((role for role in roles if role in self._plan.names), "")
        return role, reason if role else f"makes no order: its {name} {reason}"

    def _line_amount(self, texts: Mapping[str, str], pieces: int | Fraction) -> Money:
        if "line_amount" in texts:
            return self._read("line_amount", texts["line_amount"], self._amount)
        return self._read("unit_price", texts["unit_price"], self._amount).times(pieces, rounding="half_up")

    def _read(self, role: str, text: str, reader: Callable[[str], _T]) -> _T:
        if not text:
            raise _Refused(role, "is empty")
        try:
            return reader(text)
        except Unreadable as error:
            raise _Refused(role, error.reason) from None


def _agree(draft: _Draft, texts: Mapping[str, str]) -> None:
    """What belongs to the order is the same on every row, or blank after the first."""
    for role, first in draft.texts.items():
        if texts[role] and texts[role] != first:
            raise _Refused(role, f"is not that of line {draft.line}, where the order begins")


def _decoded(texts: Mapping[str, str]) -> None:
    """Undecodable bytes have come as lone surrogates; refused, because an id with one in it is not that id."""
    for role, text in texts.items():
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise _Refused(role, "holds bytes that are not of the file's encoding") from None
