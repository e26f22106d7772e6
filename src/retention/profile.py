"""Profile: everything the shop knows of one customer, sorted by time, as every rule engine reads it.

A profile is a value: built from facts in any order, never changed, equal to any other profile of the same facts. What
it keeps besides the facts is a cache of columns, built when a rule first asks for them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter, lt
from typing import Any, NoReturn, Self, TypeAlias, final, get_args

from attrs import evolve, field, frozen

from retention.activity import Activity, Event
from retention.cart import CartEvent
from retention.columns import Columns, Purchase, RefundRow, Rows
from retention.conform import conform_customer, conform_event
from retention.customer import Customer
from retention.errors import DECLARE, CurrencyMismatch, FactError, UnknownName
from retention.order import Order, OrderLine, Refund
from retention.schema import STANDARD, Kind, Schema
from retention.spans import EARLIEST, utc

Fact: TypeAlias = Order | CartEvent | Activity | Event
Row: TypeAlias = Fact | Purchase | RefundRow

_AT = attrgetter("at")
_AT_AND_ID = attrgetter("at", "id")
_NOTHING: tuple[Any, ...] = ()


@final
@frozen(hash=False, repr=False)
class Profile:
    """One customer's facts. Build it with ``Profile.build``.

    ``currency`` is the one currency of all its amounts, None if it has none. ``latest`` is the last instant at which
    anything in it becomes known; asked about an earlier instant, an engine reads ``until(as_of)`` instead.
    ``columns["orders.total"]`` holds the cells of a column in order of ``(at, id)``, amounts as integer minor units;
    ``columns["orders.total KRW"]`` is the same and raises CurrencyMismatch unless they are in won.
    """

    customer: Customer
    schema: Schema = field(eq=False)
    _rows: Rows
    currency: str | None
    latest: datetime
    columns: Columns = field(eq=False)

    @classmethod
    def build(cls, customer: Customer, facts: Iterable[Fact] = (), *, schema: Schema = STANDARD) -> Self:
        """A profile of these facts, whatever their order.

        A fact that comes twice is kept once. Raises FactError for two different facts of one collection with the same
        id, CurrencyMismatch for amounts in two currencies, UnknownName for an attribute or collection that the schema
        does not declare. Costs O(n), O(n log n) for facts that come out of order.
        """
        if not isinstance(facts, Iterable):
            hint = "Give a list: Profile.build(customer, [order])"
            raise FactError("Profile.facts", "is not a list of facts", got=facts, hint=hint)
        customer = conform_customer(customer, schema)
        grouped: dict[str, list[Any]] = {}
        for fact in facts:
            if type(fact) is Event:
                fact = conform_event(fact, schema)
                collection = fact.collection
            else:
                collection = _COLLECTIONS.get(type(fact)) or _no_fact(fact)
                if collection not in schema.collections:
                    raise UnknownName("collection", collection, schema.collections, otherwise=DECLARE)
            grouped.setdefault(collection, []).append(fact)
        rows: dict[str, tuple[Any, ...]] = {}
        instants: dict[str, tuple[datetime, ...]] = {}
        for collection, several in grouped.items():
            rows[collection], instants[collection + ".at"] = _in_order(collection, several)
        currency = _one_currency(rows, schema)
        columns = Columns(rows, currency, schema, instants)
        return cls(customer, schema, rows, currency, _latest(rows, instants), columns)

    def rows(self, collection: str) -> tuple[Row, ...]:
        """The rows of a collection in order of ``(at, id)``. Raises UnknownName."""
        self.schema.collection(collection)
        return self.columns.rows(collection)

    def cell(self, row: Row, column: str) -> Any:
        """What a row says in a column, amounts as Money; None if missing."""
        return row.data.get(column) if isinstance(row, Event) and column not in ("id", "at") else getattr(row, column)

    def value(self, attribute: str) -> Any:
        """What the customer's attribute of that name is, amounts as Money; None if missing. Raises UnknownName."""
        self.schema.attribute(attribute)
        if attribute in STANDARD.attributes:
            return getattr(self.customer, attribute)
        return self.customer.attributes.get(attribute)

    def facts(self) -> Iterator[Fact]:
        """Every fact, collection by collection, each in order of time."""
        return chain.from_iterable(self._rows.values())

    def adding(self, *facts: Fact) -> "Profile":
        """This profile and more facts; one whose id is there already takes the place of the older one."""
        newer = {(fact.collection, fact.id) for fact in facts}
        kept = (fact for fact in self.facts() if (fact.collection, fact.id) not in newer)
        return Profile.build(self.customer, (*kept, *facts), schema=self.schema)

    def merge(self, other: "Profile") -> "Profile":
        """Two records of one person as one: this customer, completed by the other, with the facts of both."""
        return Profile.build(self.customer.merge(other.customer), (*self.facts(), *other.facts()), schema=self.schema)

    def until(self, as_of: datetime) -> "Profile":
        """What was known at ``as_of``: later rows, refunds and deliveries do not exist. Self if nothing is later.

        Attributes are not dated: they are what the host says now. Raises NaiveInstant.
        """
        now = utc(as_of)
        if self.latest <= now:
            return self
        rows: dict[str, tuple[Any, ...]] = {}
        instants: dict[str, tuple[datetime, ...]] = {}
        for collection, several in self._rows.items():
            column = self.columns[collection + ".at"]
            known = bisect_right(column, now)
            if known:
                kept = several[:known]
                rows[collection] = tuple(_order_until(each, now) for each in kept) if collection == "orders" else kept
                instants[collection + ".at"] = column[:known]
        columns = Columns(rows, self.currency, self.schema, instants)
        return evolve(self, rows=rows, latest=_latest(rows, instants), columns=columns)

    def instants(self, collections: Iterable[str] | None = None) -> tuple[datetime, ...]:
        """The instants at which something became known, sorted, each once; of these collections, or of all of them.

        With orders come their payments, deliveries, confirmations and refunds; with refunds their orders.
        """
        read = set(self._rows if collections is None else collections)
        if "refunds" in read:
            read.add("orders")
        orders = self._rows.get("orders", _NOTHING) if "orders" in read else _NOTHING
        ats = (self.columns[collection + ".at"] for collection in read)
        return tuple(sorted({*chain.from_iterable(ats), *chain.from_iterable(map(_known_at, orders))}))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(rows)} {collection}" for collection, rows in self._rows.items())
        return f"Profile({self.customer.id!r}, {sizes or 'no facts'})"


_COLLECTIONS: dict[type, str] = {each: each.collection for each in (Order, CartEvent, *get_args(Activity))}


def checked_facts(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The same. Raises FactError for what is no fact by its class."""
    for each in facts:
        if type(each) is not Event and type(each) not in _COLLECTIONS:
            _no_fact(each)
    return facts


def _no_fact(given: Any) -> NoReturn:
    hint = "Give Order, CartEvent, Visit, …"
    if isinstance(given, OrderLine | Refund):
        hint = "Give it inside its Order"
    elif isinstance(given, list | tuple):
        hint = "Give each by itself: *facts"
    raise FactError("Profile.facts", "is not a fact by itself", got=given, hint=hint)


def _in_order(collection: str, facts: list[Any]) -> tuple[tuple[Any, ...], tuple[datetime, ...]]:
    """Facts sorted by ``(at, id)`` with doubles dropped, and their instants."""
    instants = tuple(map(_AT, facts))
    if len({fact.id for fact in facts}) < len(facts):
        facts = _without_doubles(collection, facts)
    elif all(map(lt, instants, instants[1:])):
        return tuple(facts), instants
    ordered = tuple(sorted(facts, key=_AT_AND_ID))
    return ordered, tuple(map(_AT, ordered))


def _without_doubles(collection: str, facts: list[Any]) -> list[Any]:
    kept: dict[str, Any] = {}
    for fact in facts:
        if kept.setdefault(fact.id, fact) != fact:
            raise FactError(
                f"{collection}.id", "is the id of two different facts", got=fact, hint="Give only the newer of them"
            )
    return list(kept.values())


def _one_currency(rows: Mapping[str, tuple[Any, ...]], schema: Schema) -> str | None:
    """The currency of all amounts. The amounts of one order already agree."""
    found = schema.currency
    for collection, several in rows.items():
        for currency in _currencies(collection, several, schema):
            if found is None:
                found = currency
            elif currency != found:
                raise CurrencyMismatch(collection, found, currency)
    return found


def _currencies(collection: str, rows: tuple[Any, ...], schema: Schema) -> set[str]:
    if collection == "orders":
        return {order.currency for order in rows} - {None}
    names = [each.name for each in schema.collections[collection].columns.values() if each.kind is Kind.AMOUNT]
    found = set()
    for name in names:
        for row in rows:
            money = row.data.get(name) if isinstance(row, Event) else getattr(row, name)
            if money is not None:
                found.add(money.currency)
    return found


def _latest(rows: Mapping[str, tuple[Any, ...]], instants: Mapping[str, tuple[datetime, ...]]) -> datetime:
    latest = max((column[-1] for column in instants.values()), default=EARLIEST)
    for order in rows.get("orders", _NOTHING):
        if order.settled_at > latest:
            latest = order.settled_at
    return latest


def _known_at(order: Order) -> Iterator[datetime]:
    for instant in (order.paid_at, order.delivered_at, order.confirmed_at):
        if instant is not None and instant > order.at:  # what came before the order was not known before it
            yield instant
    for refund in order.refunds:
        yield refund.at


def _order_until(order: Order, now: datetime) -> Order:
    if order.settled_at <= now:
        return order
    later: dict[str, Any] = {
        name: None
        for name in ("paid_at", "delivered_at", "confirmed_at")
        if (instant := getattr(order, name)) is not None and instant > now
    }
    return evolve(order, **later, refunds=tuple(refund for refund in order.refunds if refund.at <= now))
