"""A made-up customer who is in a rule: the proof that it is not empty, and something to look at.

Customers are made of what the rule itself mentions: its constants and the values next to them, moments at and around
its cut-offs, as many rows as it counts. The choices follow a fixed sequence, so the same rule gives the same example.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar, assert_never, cast, final, get_args

from attrs import define, frozen

from retention.activity import Activity, Event
from retention.cart import CartEvent
from retention.customer import Customer
from retention.errors import FactError
from retention.money import Money
from retention.order import Order, OrderLine, Refund
from retention.profile import Fact, Profile
from retention.rules.backends.evaluate import compile_rule
from retention.rules.backends.reference import holds
from retention.rules.nodes import (
    FALSE,
    Aggregate,
    Ago,
    Anniversary,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    MonthDays,
    NearDays,
    NearMonths,
    Node,
    Reference,
    Rule,
    Scalar,
    Shift,
)
from retention.rules.selections import canonical
from retention.rules.simplify import simplify
from retention.rules.walk import children, iter_nodes
from retention.schema import STANDARD, Field, Kind, Schema
from retention.spans import TICK, Duration, Span, ago

ATTEMPTS = 1500
_AS_OF = datetime(2026, 3, 18, 12, tzinfo=UTC)  # in the middle of its week, month and year
_MOST_ROWS = 30

Place: TypeAlias = tuple[str | None, str]
"""A collection and a column of it; an attribute has no collection."""

_T = TypeVar("_T")


@final
@frozen
class Example:
    """A customer and an instant at which the customer is in the rule."""

    profile: Profile
    as_of: datetime


def example(rule: Rule, schema: Schema = STANDARD, *, attempts: int = ATTEMPTS) -> Example | None:
    """A customer who is in the rule. None says only that none was found. Costs up to about 0.1 ms an attempt."""
    simple = simplify(rule)
    if simple == FALSE or any(isinstance(each, Reference) for each in iter_nodes(simple)):
        return None
    makings = _Makings.of(canonical(simple), schema)
    check = compile_rule(simple, schema).at(makings.as_of)
    for _ in range(attempts):
        try:
            profile = makings.profile()
        except FactError:  # what the rule asks for cannot be: a seventh star
            continue
        if check(profile) and holds(rule, profile, makings.as_of, schema):
            return Example(profile, makings.as_of)
    return None


@final
@define(eq=False)
class _Chance:
    """A fixed sequence of choices; the numbers are Knuth's (MMIX)."""

    state: int = 1

    def one(self, options: Sequence[_T]) -> _T:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return options[(self.state >> 33) % len(options)]


@final
@define(eq=False)
class _Makings:
    """What customers are made of: for each place that the rule looks at, the values to try."""

    schema: Schema
    as_of: datetime
    currency: str
    pools: Mapping[Place, Sequence[Any]]
    moments: Sequence[datetime]
    sizes: Mapping[str, Sequence[int]]
    chance: _Chance

    @classmethod
    def of(cls, rule: Rule, schema: Schema) -> "_Makings":
        constants: dict[Place, list[Scalar]] = {}
        sizes: dict[str, set[int]] = {}
        for place, found in _places(rule, None):
            constants.setdefault(place, []).extend(found)
        for node in iter_nodes(rule):
            if isinstance(node, Events):
                sizes.setdefault(node.collection, {0, 1, 2, 12}).add(abs(node.pick or 1))
        for name, number in _counted(rule):
            sizes[name].update(each for each in (number - 1, number, number + 1) if 0 <= each <= _MOST_ROWS)
        literals = [each for found in constants.values() for each in found]
        instants = [_noon(each) for each in literals if isinstance(each, date) and 1100 < each.year < 9000]
        as_of = max([_AS_OF, *(each + timedelta(days=1) for each in instants)])
        currencies = [each.currency for each in literals if isinstance(each, Money)]
        currency = schema.currency or next(iter(currencies), "KRW")
        moments = _moments(rule, instants, as_of)
        dates = _dates(rule, as_of.date())
        pools = {
            place: _pool(_field(place, schema), found, moments, dates, currency) for place, found in constants.items()
        }
        return cls(
            schema, as_of, currency, pools, moments, {name: sorted(each) for name, each in sizes.items()}, _Chance()
        )

    def profile(self) -> Profile:
        """The next customer. Raises FactError when the facts cannot be."""
        known = {name: self.chance.one(pool) for (collection, name), pool in self.pools.items() if collection is None}
        own = {name: known.pop(name) for name in list(known) if name not in STANDARD.attributes}
        known = {name: value for name, value in known.items() if value is not None}
        customer = Customer(**{"id": "someone", **known, "attributes": own})
        facts = [each for name in self.sizes for each in self._facts(name)]
        return Profile.build(customer, facts, schema=self.schema)

    def _facts(self, collection: str) -> Iterator[Fact]:
        """Rows of few sorts, so that several meet the same conditions."""
        size = self.chance.one(self.sizes[collection])
        sorts = [self._row(collection) for _ in range(self.chance.one((1, 1, 2, 3)))]
        together = self.chance.one((True, False))
        for number in range(size):
            row = dict(self.chance.one(sorts))
            if not together:
                row["at"] = self.chance.one(self.moments)
            yield _fact(collection, f"{collection}-{number}", row, self.currency)

    def _row(self, collection: str) -> dict[str, Any]:
        row = {name: self.chance.one(pool) for (of, name), pool in self.pools.items() if of == collection}
        return {**row, "at": self.chance.one(self.moments)}


# What the rule mentions. ----------------------------------------------------------------------------------------------


def _noon(day: date) -> datetime:
    """The instant itself, or noon of a date."""
    return day if isinstance(day, datetime) else datetime.combine(day, time(12), UTC)


def _places(node: Node, collection: str | None) -> Iterator[tuple[Place, list[Scalar]]]:
    """The places that a rule looks at, each with the constants that it is compared with there."""
    constants: list[Scalar] = []
    stored = list(_stored(node, collection))
    match node:
        case Compare(_, left, right):
            constants = [each.value for each in (*iter_nodes(left), *iter_nodes(right)) if isinstance(each, Literal)]
            stored = [*_stored(left, collection), *_stored(right, collection)]
        case IsIn(value, options):
            constants, stored = list(options), list(_stored(value, collection))
    yield from ((place, constants) for place in stored)
    inner = node.collection if isinstance(node, Events) else collection
    for _, child in children(node):
        yield from _places(child, inner)


def _stored(node: Node, collection: str | None) -> Iterator[Place]:
    match node:
        case Attribute(name):
            yield None, name
        case Column(name):
            yield collection, name
        case Aggregate(_, events, str(column)):
            yield events.collection, column
    if not isinstance(node, Aggregate | Events):
        for _, child in children(node):
            yield from _stored(child, collection)


def _counted(rule: Rule) -> Iterator[tuple[str, int]]:
    for node in iter_nodes(rule):
        match node:
            case Compare(_, Aggregate(_, events), Literal(int(number))):
                yield events.collection, number


def _field(place: Place, schema: Schema) -> Field:
    collection, name = place
    return schema.attribute(name) if collection is None else schema.collection(collection).column(name)


def _moments(rule: Rule, instants: Sequence[datetime], as_of: datetime) -> list[datetime]:
    """The cut-offs, a tick to both sides of each, a moment between each two, and one before all."""
    spans: list[Span] = [Duration(0)]
    for node in iter_nodes(rule):
        match node:
            case Ago(span) | Shift(_, span) | Follows(_, _, span):
                spans.append(span)
    cuts = {as_of - timedelta(days=4000), *instants}
    for span in dict.fromkeys(spans):
        cut = ago(span, as_of)
        cuts |= {cut, *(each - (as_of - cut) for each in instants)}
        cuts |= {ago(other, cut) for other in dict.fromkeys(spans) if isinstance(other, Duration)}
    ordered = sorted(cuts)
    between = [low + (high - low) / 2 for low, high in pairwise(ordered)]
    return [
        *between,
        *ordered,
        *(each + TICK for each in ordered if each < as_of),
        *(each - TICK for each in ordered[1:]),
    ]


def _dates(rule: Rule, today: date) -> list[date]:
    """Days of birth whose return falls into, or just beside, the windows of the rule."""
    found = [today.replace(year=1990), date(1992, 2, 29)]
    for node in iter_nodes(rule):
        if not isinstance(node, Anniversary):
            continue
        match node.window:
            case MonthDays(first, last):
                near = [date(1992, *first), date(1992, *last)]
            case NearDays(first, last):
                near = [today.replace(year=1992) + timedelta(days=each) for each in (first, last) if abs(each) < 9999]
            case NearMonths(first, last):
                near = [date(1992, (today.month - 1 + each) % 12 + 1, 15) for each in (first, last, last + 1)]
            case _:
                assert_never(node.window)
        found += [each + timedelta(days=step) for each in near for step in (0, 1, -1)]
    return found


# Values to try. -------------------------------------------------------------------------------------------------------


def _pool(
    field: Field, constants: list[Scalar], moments: Sequence[datetime], dates: Sequence[date], currency: str
) -> Sequence[Any]:
    found = _values(field.kind, constants, moments, dates, currency)
    if field.name == "id":
        found += [f"id-{number}" for number in range(50)]  # enough for most buckets
    return found if field.required else [*found, None]


def _values(
    kind: Kind, constants: list[Scalar], moments: Sequence[datetime], dates: Sequence[date], currency: str
) -> list[Any]:
    match kind:
        case Kind.NUMBER:
            numbers = [cast(Fraction, each) for each in constants if isinstance(each, int | Fraction)]
            return [0, 1, 3, *(number + step for number in numbers for step in (0, 0, 1, -1))]
        case Kind.AMOUNT:
            minors = [each.minor for each in constants if isinstance(each, Money)]
            beside = (minor + step for minor in minors for step in (0, 0, 1, -1, -(minor // 2)))
            return [Money(each, currency) for each in (0, 1000, *beside)]
        case Kind.TEXT:
            texts = [each for each in constants if isinstance(each, str)]
            return ["another", *texts, *texts, *(f"{each}x" for each in texts), *(f"x{each.upper()}" for each in texts)]
        case Kind.FLAG:
            return [True, False]
        case Kind.INSTANT:
            return list(moments)
        case Kind.DATE:
            near = [each for each in constants if isinstance(each, date) and not isinstance(each, datetime)]
            return [*dates, *near, *(each + timedelta(days=step) for each in near for step in (1, -1))]
        case Kind.LABELS:
            labels = [each for each in constants if isinstance(each, str)]
            return [frozenset(), frozenset(labels), *(frozenset({each}) for each in labels), frozenset({"another"})]
        case _:
            assert_never(kind)


# Facts. ---------------------------------------------------------------------------------------------------------------

_CLASSES: Mapping[str, Any] = {each.collection: each for each in (CartEvent, *get_args(Activity))}
_REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "cart": {"kind": "added"},
    "messages": {"kind": "sent"},
    "consents": {"channel": "email", "given": True},
    "coupons": {"kind": "issued"},
    "points": {"kind": "earned", "amount": 1},
    "credits": {"kind": "issued"},
    "referrals": {"kind": "invited"},
    "restock_requests": {"product_id": "p1"},
}


def _fact(collection: str, id: str, row: dict[str, Any], currency: str) -> Fact:
    if collection not in STANDARD.collections:
        return Event(collection, id, row.pop("at"), row)
    given = {name: value for name, value in row.items() if value is not None}
    given = {"id": id, **_REQUIRED.get(collection, {}), **given}
    match collection:
        case "orders":
            return _order(given, currency)
        case "purchases":
            order = {"id": str(given.pop("order_id", id)), "at": given.pop("at")}
            return Order(**order, lines=(_line(given, currency),))
        case "refunds":
            amount = given.pop("amount", Money(1000, currency))
            order = {"id": str(given.pop("order_id", f"of-{id}")), "at": given["at"]}
            return Order(**order, total=amount, refunds=(Refund(amount=amount, **given),))
        case _:
            return cast(Fact, _CLASSES[collection](**given))


def _order(given: dict[str, Any], currency: str) -> Order:
    quantity, refunded, amount = (given.pop(each, None) for each in ("item_count", "refunded", "subtotal"))
    given.pop("currency", None)
    if quantity or amount is not None:
        line = {"product_id": "p1", "quantity": quantity or 1}
        given["lines"] = (_line({**line, "amount": amount or Money(1000, currency)}, currency),)
    given.setdefault("total", amount or Money(1000, currency))
    if refunded:
        given["refunds"] = (Refund("1", given["at"], refunded),)
    return Order(**given)


def _line(given: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(**{"product_id": "p1", "amount": Money(1000, currency), **given})
