"""Random valid rules: every kind of node, windows whose edges meet the events of the same scene.

Rules are biased towards being neither always true nor always false, and towards what goes wrong: missing values, equal
instants, clock changes, month ends, 29 February.
"""

from datetime import date
from fractions import Fraction
from itertools import chain
from typing import TypeAlias, assert_never, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from retention.money import Money
from retention.rules.kinds import COMPARABLE, REDUCIBLE
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnniversaryWindow,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    LeapDay,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Operation,
    Reduction,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.schema import STANDARD, Kind, Schema
from retention.spans import days
from retention.testing.choices import Choices
from retention.testing.clues import Clues
from retention.testing.scenes import Scene, choose_moving_span, choose_span, scenes

EXTENDED = STANDARD.extend(
    attributes={
        "shoe_size": Kind.NUMBER,
        "wallet": Kind.AMOUNT,
        "nickname": Kind.TEXT,
        "vip": Kind.FLAG,
        "last_seen": Kind.INSTANT,
        "wedding": Kind.DATE,
        "badges": Kind.LABELS,
    },
    collections={
        "rentals": {
            "bike": Kind.TEXT,
            "minutes": Kind.NUMBER,
            "price": Kind.AMOUNT,
            "insured": Kind.FLAG,
            "due_at": Kind.INSTANT,
            "day": Kind.DATE,
            "extras": Kind.LABELS,
        }
    },
    currency="KRW",
)
"""The standard schema and a small host's own: an attribute of every kind, a collection with a column of every kind."""

_MOST_LEVELS = 4
_NO_CLUES = Clues()
_ROW_KINDS = (Kind.INSTANT, Kind.INSTANT, Kind.NUMBER, Kind.AMOUNT, Kind.TEXT, Kind.FLAG, Kind.DATE, Kind.LABELS)
_KINDS = (Kind.NUMBER, Kind.AMOUNT, Kind.INSTANT, Kind.INSTANT, Kind.TEXT, Kind.DATE, Kind.FLAG, Kind.LABELS)
_COLLECTIONS = ("orders", "orders", "purchases", "cart", "visits", "refunds", "messages")
_WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("added", "removed", "checkout_started", "sent", "opened", "clicked", "issued", "redeemed", "earned"),
    "status": ("placed", "paid", "delivered", "cancelled", "waiting", "published"),
    "channel": ("web", "app", "email", "sms"),
    "category": ("coffee", "tea", "Coffee"),
    "product_id": ("p1", "p2", "p3"),
    "sku": ("s1", "s2"),
    "brand": ("acme", "Acme", ""),
    "country": ("KR", "US"),
    "gender": ("f", "m"),
    "grade": ("gold", "silver"),
    "language": ("ko", "en"),
    "tags": ("vip", "wholesale"),
    "marketing": ("email", "sms"),
    "badges": ("gold", "vip"),
    "extras": ("helmet", "vip"),
    "currency": ("KRW",),
}
_ANY_WORDS = ("", "a", "p1", "coffee", "vip", "web", "ß", "SS", "가")

Collection: TypeAlias = str | None


@st.composite
def rules(draw: st.DrawFn, schema: Schema = STANDARD, scene: Scene | None = None) -> Rule:
    """A valid rule over the schema, free of references; its instants are the scene's (any one if not given)."""
    return write_rule(Choices.drawn(draw), schema, scene or draw(scenes()))


def write_rule(choices: Choices, schema: Schema, scene: Scene, clues: Clues = _NO_CLUES) -> Rule:
    """A valid rule over the schema, its instants the scene's, its thresholds and spans mostly those of the clues."""
    return _Writer(choices, schema, scene, clues).rule(_MOST_LEVELS)


def words(column: str) -> SearchStrategy[str]:
    """Text that rules look for in a column or attribute of that name: what facts should say, too."""
    return st.sampled_from(vocabulary(column))


def vocabulary(column: str) -> tuple[str, ...]:
    """The same, as they are."""
    return _WORDS.get(column, _ANY_WORDS)


class _Writer:
    """Writes one rule; ``levels`` counts down, ``within`` is the collection of the nearest ``where``."""

    def __init__(self, choices: Choices, schema: Schema, scene: Scene, clues: Clues) -> None:
        self.choices = choices
        self.one_of = choices.one_of
        self.chance = choices.chance
        self.schema = schema
        self.scene = scene
        self.clues = clues
        self.currency = schema.currency or "KRW"
        used = [each for each in _COLLECTIONS if each in schema.collections]
        own = [each for each in schema.collections if each not in STANDARD.collections]
        usual = (*used * 2, *schema.collections, *own * 6)
        self.collections = (*usual, *clues.collections(usual) * 4)

    # Rules. -----------------------------------------------------------------------------------------------------------

    def rule(self, levels: int, within: Collection = None) -> Rule:
        if levels > 1 and self.chance(3):
            return self.compound(levels - 1, within)
        return self.leaf(levels - 1, within)

    def compound(self, levels: int, within: Collection) -> Rule:
        form = self.one_of("all", "any", "not", "not", "at least", "named")
        if form == "not":
            return Not(self.rule(levels, within))
        if form == "named":
            return Named(self.one_of("regulars", "slipping away", 'said "no"'), self.rule(levels, within))
        several = tuple(self.rule(levels, within) for _ in range(self.one_of(2, 2, 2, 2, 3, 3, 1, 0)))
        if form == "at least":
            return AtLeast(self.one_of(1, len(several), self.choices.below(len(several) + 2)), several)
        return All(several) if form == "all" else AnyOf(several)

    def leaf(self, levels: int, within: Collection) -> Rule:
        form = self.choices.below(18)
        if form <= 5:
            return self.comparison(levels, within)
        if form == 6:
            return self.membership(levels, within)
        if form == 7:
            return Missing(self.value(self.one_of(*_KINDS), levels, within))
        if form == 8:
            return Anniversary(self.value(Kind.DATE, levels, within), self.anniversary_window(), self.leap_day())
        if form == 9:
            return self.follows(levels)
        return self.window(levels, within)

    def comparison(self, levels: int, within: Collection) -> Rule:
        left = self.one_of(*(_ROW_KINDS if within else _KINDS))
        pairs = [(name, right) for name, fitting in COMPARABLE.items() for first, right in fitting if first is left]
        operator, right = self.one_of(*pairs)
        one = self.value(left, levels, within)
        if isinstance(one, Literal):
            other = self.stored(right, within)
            return Compare(operator, Literal(self.scalar(left, other, within)), other)
        literal = right is not Kind.LABELS and not self.chance(4)
        other = Literal(self.scalar(right, one, within)) if literal else self.value(right, levels, within)
        return Compare(operator, one, other)

    def window(self, levels: int, within: Collection) -> Rule:
        """An instant against a moving cut-off, from either side of the sign."""
        if within and self.chance(2):
            instant: Value = Column("at")
        else:
            instant = self.value(Kind.INSTANT, levels, within)
        operator = self.one_of(">", ">=", "<", "<=", ">", "<=", "==")
        if self.chance(4):
            return Compare(operator, self.cut_off(instant, within), instant)
        return Compare(operator, instant, self.cut_off(instant, within))

    def cut_off(self, instant: Value, within: Collection) -> Value:
        """As of now less a span, seldom moved again; it often falls on the instant that it is compared with."""
        met = None if self.chance(4) else self.clues.span(self.choices, instant, within)
        cut_off: Value = Ago(met or choose_span(self.choices))
        return Shift(cut_off, choose_moving_span(self.choices), self.one_of(1, -1)) if self.chance(6) else cut_off

    def membership(self, levels: int, within: Collection) -> Rule:
        kind = self.one_of(Kind.TEXT, Kind.TEXT, Kind.NUMBER, Kind.AMOUNT, Kind.DATE, Kind.INSTANT, Kind.FLAG)
        value = self.value(kind, levels, within)
        return IsIn(value, tuple(self.scalar(kind, value, within) for _ in range(self.one_of(2, 1, 0, 3))))

    def anniversary_window(self) -> AnniversaryWindow:
        form = self.one_of("near days", "near days", "near months", "month days")
        if form == "month days":
            return MonthDays(self.month_day(), self.month_day())
        if form == "near months":
            month = self.one_of(0, 0, -1, 1, 11, -12)
            return NearMonths(month, min(month + self.one_of(0, 0, 1, 11, 23), 12))
        day = self.one_of(0, 0, -1, 1, -30, 29, -365, 58)
        return NearDays(day, min(day + self.one_of(0, 0, 1, 7, 30, 364, 365, 700), 366))

    def month_day(self) -> tuple[int, int]:
        focus = self.scene.focus
        options = ((focus.month, focus.day), (2, 28), (2, 29), (3, 1), (12, 31), (1, 1), (7, 15))
        found: tuple[int, int] = self.one_of(*options)
        return found

    def leap_day(self) -> LeapDay:
        found: LeapDay = self.one_of(*get_args(LeapDay))
        return found

    def follows(self, levels: int) -> Rule:
        first, then = self.events(levels - 1), self.events(levels - 1)
        return Follows(first, then, choose_moving_span(self.choices), self.choices.flag())

    # Selections. ------------------------------------------------------------------------------------------------------

    def events(self, levels: int) -> Events:
        source: str | Events = self.one_of(*self.collections)
        if levels > 1 and self.chance(6):
            source = self.events(levels - 1)
        name = source if isinstance(source, str) else source.collection
        where = self.where(levels, name) if levels > 0 and self.chance(2) else None
        return Events(source, where, self.one_of(1, -1, 2, -2, 3) if self.chance(4) else None)

    def where(self, levels: int, name: str) -> Rule:
        """What ``within(span)``, ``between(a, b)`` and ``where(...)`` lower to, alone or together."""
        form = self.one_of("window", "two windows", "rule", "both")
        if form == "rule":
            return self.rule(levels - 1, name)
        at = Column("at")
        cut_offs: tuple[Rule, ...] = (Compare(self.one_of(">", ">="), at, self.cut_off(at, name)),)
        if form == "two windows":
            cut_offs += (Compare(self.one_of("<=", "<"), at, self.cut_off(at, name)),)
        return All((*cut_offs, self.rule(levels - 1, name))) if form == "both" else All(cut_offs)

    # Values. ----------------------------------------------------------------------------------------------------------

    def value(self, kind: Kind, levels: int, within: Collection) -> Value:
        form = self.choices.below(10)
        if form == 0 and kind is not Kind.LABELS:
            return Literal(self.scalar(kind))
        if form <= 5 or levels <= 0:
            return self.stored(kind, within)
        if form <= 7:
            return self.aggregate(kind, levels)
        return self.computed(kind, levels - 1, within)

    def stored(self, kind: Kind, within: Collection) -> Value:
        """An attribute, or a column if there is a row to look at, or else a value out of a collection."""
        if within is not None and not self.chance(4):
            columns = [each.name for each in self.schema.collections[within].columns.values() if each.kind is kind]
            if columns:
                return Column(self.one_of(*columns))
        attributes = tuple(each.name for each in self.schema.attributes.values() if each.kind is kind)
        attributes += self.clues.attributes(attributes) * 4
        return Attribute(self.one_of(*attributes)) if attributes else self.aggregate(kind, 1)

    def aggregate(self, kind: Kind, levels: int) -> Value:
        if kind is Kind.NUMBER and self.chance(2):
            return Aggregate("count", self.events(levels))
        if kind is Kind.NUMBER and self.chance(4):
            events = self.events(levels)
            return Aggregate("distinct", events, self.column_of(events, REDUCIBLE["distinct"]))
        events = self.events(levels)
        if not self.has(kind, events):
            names = [each for each in self.schema.collections if self.has(kind, Events(each))]
            if not names:
                return self.computed(kind, 0, None)
            events = Events(self.one_of(*names))
        functions = [name for name, kinds in REDUCIBLE.items() if kind in kinds and name != "distinct"]
        function: Reduction = self.one_of(*functions)
        return Aggregate(function, events, self.column_of(events, frozenset({kind})))

    def has(self, kind: Kind, events: Events) -> bool:
        return any(each.kind is kind for each in self.schema.collections[events.collection].columns.values())

    def column_of(self, events: Events, kinds: frozenset[Kind]) -> str:
        columns = self.schema.collections[events.collection].columns.values()
        found: str = self.one_of(*(each.name for each in columns if each.kind in kinds))
        return found

    def computed(self, kind: Kind, levels: int, within: Collection) -> Value:
        match kind:
            case Kind.NUMBER:
                return self.number(levels, within)
            case Kind.AMOUNT:
                return self.amount(levels, within)
            case Kind.TEXT:
                return Apply("casefold", self.value(kind, levels, within))
            case Kind.INSTANT:
                return self.instant(levels, within)
            case Kind.DATE:
                return Apply("local_date", self.value(Kind.INSTANT, levels, within))
            case Kind.FLAG:
                return Literal(self.choices.flag())
            case Kind.LABELS:
                return self.stored(kind, within)
            case _:
                assert_never(kind)

    def number(self, levels: int, within: Collection) -> Value:
        form = self.one_of("arithmetic", "size", "bucket", "ratio")
        if form == "size":
            return Apply("size", self.stored(Kind.LABELS, within))
        if form == "bucket":
            return Apply("bucket", Attribute("id"), self.one_of("", "spring"))
        kind = Kind.AMOUNT if form == "ratio" else Kind.NUMBER
        operation: Operation = "/" if form == "ratio" else self.one_of(*get_args(Operation))
        return Arithmetic(operation, self.value(kind, levels, within), self.value(kind, levels, within))

    def amount(self, levels: int, within: Collection) -> Value:
        operation: Operation = self.one_of(*get_args(Operation))
        if operation in ("+", "-"):
            kinds = (Kind.AMOUNT, Kind.AMOUNT)
        elif operation == "*" and self.chance(2):
            kinds = (Kind.NUMBER, Kind.AMOUNT)
        else:
            kinds = (Kind.AMOUNT, Kind.NUMBER)
        return Arithmetic(operation, *(self.value(each, levels, within) for each in kinds))

    def instant(self, levels: int, within: Collection) -> Value:
        if self.chance(2):
            return Shift(self.value(Kind.INSTANT, levels, within), choose_moving_span(self.choices), self.one_of(1, -1))
        return Ago(days(0)) if self.chance(8) else self.stored(Kind.INSTANT, within)

    # Constants. -------------------------------------------------------------------------------------------------------

    def scalar(self, kind: Kind, beside: Value | None = None, within: Collection = None) -> Scalar:
        """A constant of a kind, likely to be met in the place that it is compared with."""
        if beside is not None and not self.chance(8):
            met = self.clues.near(self.choices, kind, beside, within, self.currency)
            if met is not None:
                return met
        found: Scalar
        match kind:
            case Kind.NUMBER:
                found = self.one_of(1, 2, 3, 0, 5, 10, -1, Fraction(1, 2), Fraction(5, 2), 100)
            case Kind.AMOUNT:
                found = Money(self.one_of(1000, 0, 500, 2000, 1, -1000, 10_000), self.currency)
            case Kind.TEXT:
                found = self.word(beside)
            case Kind.FLAG:
                found = self.choices.flag()
            case Kind.INSTANT:
                found = self.scene.choose_instant(self.choices)
            case Kind.DATE:
                found = self.date()
            case Kind.LABELS:
                raise AssertionError("there are no constant labels")
            case _:
                assert_never(kind)
        return found

    def word(self, beside: Value | None) -> str:
        if isinstance(beside, Attribute | Column):
            return self.choices.among(vocabulary(beside.name))
        if isinstance(beside, Aggregate):
            return self.choices.among(vocabulary(str(beside.column)))
        return self.choices.among((*_ANY_WORDS, *chain(*_WORDS.values())))

    def date(self) -> date:
        found: date = self.one_of(self.scene.focus.date(), date(2000, 2, 29), date(1999, 12, 31), date(2024, 2, 28))
        return found
