"""What follows from comparisons that hold together: order among values, rows that must exist, rows that cannot.

Four kinds of knowledge meet in one ordering of values (``ordering``): the comparisons themselves; the order of
constants and of moments in the past; that a part has no more rows, no lower least and no higher greatest than its
whole; and that nothing known happened later than now. From the ordering it is read which selections have rows and which
have none. One with rows has a first row, which meets its conditions; a row that exists is in no empty selection.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise, permutations
from typing import Any, cast, final

from attrs import define, evolve, field

from retention.money import Money
from retention.rules.comparisons import one_of
from retention.rules.constants import counts, family, never_missing
from retention.rules.implication import needed, operands, options, subject
from retention.rules.nodes import (
    FALSE,
    Aggregate,
    Ago,
    All,
    Apply,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Node,
    Not,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.rules.ordering import Ordering
from retention.rules.selections import (
    cell,
    conditions,
    count,
    is_cell,
    is_plain,
    said_of,
    selections,
    unpicked,
    values,
)
from retention.rules.simplify import simplify
from retention.rules.walk import replace_children
from retention.rules.windows import no_later
from retention.schema import Field, Kind, Schema
from retention.spans import Duration

_NOW = Ago(Duration(0))
_ZERO, _ONE = Literal(0), Literal(1)
_LONG_LIST = 100  # options that are tried one by one


@final
@define(eq=False)
class Knowledge:
    """The facts of one branch. ``drawn`` remembers the conclusions that it has had already."""

    facts: Mapping[Rule, None]
    drawn: set[object]
    schema: Schema
    collection: str | None
    inside: Callable[[Events, Events], bool]
    _order: Ordering[Value] = field(factory=Ordering, init=False)
    _terms: dict[Value, None] = field(factory=dict, init=False)
    _rows_of: dict[Events, None] = field(factory=dict, init=False)

    def conclusions(self) -> list[Rule] | None:
        """What follows and was not said before; None if the facts contradict each other."""
        self._gather()
        self._compare()
        self._relate()
        if not self._order.close():
            return None
        found = [rule for key, rule in self._consequences() if self._is_new(key)]
        return None if FALSE in found else found

    def _is_new(self, key: object) -> bool:
        known = key in self.drawn
        self.drawn.add(key)
        return not known

    # What is spoken of. -----------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Values that are certainly there, and every selection."""
        self._terms.update(dict.fromkeys((_ZERO, _ONE, _NOW)))  # first: True and 1 are one term, and that a number
        for fact in self.facts:
            self._terms.update(dict.fromkeys(_present(fact)))
            self._terms.update(dict.fromkeys(each for each in values(fact) if self._is_sure(each)))
            for rows in selections(fact):
                self._rows_of.update({rows: None, unpicked(rows): None})
        self._terms.update(dict.fromkeys(count(rows) for rows in self._rows_of))

    def _is_sure(self, value: Value) -> bool:
        match value:
            case Attribute(name):
                return name in self.schema.attributes and self.schema.attributes[name].required
            case Column(name) if self.collection is not None:
                return self._column(self.collection, name).required
        return never_missing(value)

    def _column(self, collection: str, name: str) -> Field:
        return self.schema.collection(collection).column(name)

    # Order. -----------------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        order = self._order
        for fact in self.facts:
            match fact:
                case Compare("==", left, right):
                    order.equal(left, right)
                case Compare("<", left, right) | Compare(">", right, left):
                    order.less(left, right)
                case Compare("<=", left, right) | Compare(">=", right, left):
                    order.at_most(left, right)
                case Not(Compare("==", left, right)) if left in self._terms and right in self._terms:
                    order.unequal(left, right)
                case Not(IsIn(value, constants)) if value in self._terms:
                    for each in map(Literal, constants):
                        if each in self._terms:
                            order.unequal(value, each)

    def _relate(self) -> None:
        """The order that holds whatever the customer did."""
        for literals in self._literals().values():
            for low, high in pairwise(sorted(literals, key=lambda each: cast(Any, each.value))):
                self._order.less(low, high)
        for one, other in permutations([each for each in self._terms if isinstance(each, Ago)], 2):
            if no_later(one.span, other.span):
                self._order.at_most(one, other)
        for term in self._terms:
            self._limit(term)
        aggregates = [each for each in self._terms if isinstance(each, Aggregate)]
        for part, whole in permutations(aggregates, 2):
            if self._is_at_most(part, whole):
                self._order.at_most(part, whole)

    def _literals(self) -> dict[str, list[Literal]]:
        found: dict[str, list[Literal]] = {}
        for term in self._terms:
            if isinstance(term, Literal):
                found.setdefault(family(term.value), []).append(term)
        return found

    def _limit(self, term: Value) -> None:
        order = self._order
        if counts(term):
            order.at_most(_ZERO, term)
        match term:
            case Aggregate("count", Events(pick=int())):
                order.at_most(term, _ONE)
            case Apply("bucket"):
                order.at_most(_ZERO, term)
                order.less(term, _ONE)
            case Shift(inner, _, sign) if inner in self._terms:
                order.at_most(inner, term) if sign == 1 else order.at_most(term, inner)
            case Column(name) if self.collection is not None and self._is_past(self.collection, name):
                order.at_most(term, _NOW)
            case Aggregate("first" | "min" | "max", rows, str(name)) if self._is_past(rows.collection, name):
                order.at_most(term, _NOW)

    def _is_past(self, collection: str, name: str) -> bool:
        return name == "at" or self._column(collection, name).occurs

    def _is_at_most(self, one: Aggregate, other: Aggregate) -> bool:
        """``one <= other`` for every customer for whom both are there."""
        match one, other:
            case (Aggregate("count" | "distinct"), Aggregate("count")) | (Aggregate("distinct"), Aggregate("distinct")):
                return other.column in (None, one.column) and self.inside(one.events, other.events)
            case Aggregate("first", earlier, "at"), Aggregate("first", later, "at") if _comes_before(earlier, later):
                return True
        return self._is_bound(_least(one), other) or self._is_bound(_greatest(other), one)

    def _is_bound(self, extreme: tuple[Events, str] | None, value: Aggregate) -> bool:
        """The least or greatest of a column bounds the cells of every part of it, and what lies between them."""
        if extreme is None or value.column != extreme[1] or value.function not in ("first", "min", "max", "mean"):
            return False
        return self.inside(value.events, extreme[0])

    # Consequences. ----------------------------------------------------------------------------------------------------

    def _consequences(self) -> Iterator[tuple[object, Rule]]:
        for fact in self.facts:
            yield from _of_fact(fact)
        for term in self._terms:
            if isinstance(term, Aggregate) and not never_missing(term):
                yield ("there", term), _at_least(abs(term.events.pick or 1), term.events)
        rows = dict.fromkeys(self._existing_rows())
        for row in rows:
            met = tuple(said_of(each, row) for each in conditions(row))
            yield ("row", row), All((*met, Not(Missing(cell(row, "at")))))
        for empty in [each for each in self._rows_of if self._is_empty(each)]:
            yield from self._of_empty(empty, rows)
        for fact in self.facts:
            yield from self._of_options(fact)

    def _existing_rows(self) -> Iterator[Events]:
        for term in self._terms:
            if is_cell(term):
                yield cast(Aggregate, term).events
        for rows in self._rows_of:
            if rows.pick is None and rows.where is not None and self._order.is_at_most(_ONE, count(rows)):
                yield evolve(rows, pick=1)

    def _is_empty(self, rows: Events) -> bool:
        return rows.pick is None and self._order.is_at_most(count(rows), _ZERO)

    def _of_empty(self, empty: Events, rows: Mapping[Events, None]) -> Iterator[tuple[object, Rule]]:
        for term in self._terms:
            if isinstance(term, Aggregate) and term.function == "sum" and term.events == empty:
                yield from ((("sum", term, zero), Compare("==", term, zero)) for zero in self._zeros(term))
        if not is_plain(empty):
            return
        for term in self._terms:
            if isinstance(term, Aggregate) and term.events.collection == empty.collection:
                yield from _of_extreme(term)
        for row in rows:
            if row.collection == empty.collection:
                yield ("not in", row, empty), Not(All(tuple(said_of(each, row) for each in conditions(empty))))

    def _zeros(self, total: Aggregate) -> Iterator[Literal]:
        if self._column(total.events.collection, str(total.column)).kind is Kind.NUMBER:
            yield _ZERO
        else:
            amounts = [each.value for each in self._terms if isinstance(each, Literal)]
            yield from (Literal(Money(0, each.currency)) for each in amounts if isinstance(each, Money))

    def _of_options(self, fact: Rule) -> Iterator[tuple[object, Rule]]:
        """The options that every other fact about the value admits."""
        listed, value = options(fact), subject(fact)
        if listed is None or value is None or len(listed) > _LONG_LIST:
            return
        for other in self.facts:
            key = ("options", fact, other)
            if other is not fact and key not in self.drawn and value in values(other):
                left = tuple(each for each in listed if simplify(_replaced(other, value, each)) != FALSE)
                if len(left) < len(listed):
                    yield key, one_of(value, left)
                else:
                    self.drawn.add(key)


def _present(fact: Rule) -> Iterator[Value]:
    match fact:
        case Not(Missing(value)):
            return operands(value)
    return needed(fact)


def _of_fact(fact: Rule) -> Iterator[tuple[object, Rule]]:
    match fact:
        case Compare("has", labels):
            yield ("labels", labels), Compare(">=", Apply("size", labels), _ONE)
        case Follows(first, then, _, missed):
            yield ("first", first), _at_least(1, first)
            if not missed:
                yield ("then", then), _at_least(1, then)


def _of_extreme(value: Aggregate) -> Iterator[tuple[object, Rule]]:
    """Some row has the least or greatest cell."""
    if value.function in ("min", "max") and value.column is not None:
        reaches = Compare("==", Column(value.column), value)
        yield ("reached", value), _at_least(1, Events(value.events, reaches))


def _at_least(number: int, rows: Events) -> Rule:
    return Compare(">=", count(unpicked(rows)), Literal(number))


def _comes_before(one: Events, other: Events) -> bool:
    """Two rows of one selection, counted from the same end."""
    first, second = one.pick or 0, other.pick or 0
    return unpicked(one) == unpicked(other) and first * second > 0 and first < second


def _least(value: Aggregate) -> tuple[Events, str] | None:
    return _extreme(value, "min", 1)


def _greatest(value: Aggregate) -> tuple[Events, str] | None:
    return _extreme(value, "max", -1)


def _extreme(value: Aggregate, function: str, end: int) -> tuple[Events, str] | None:
    """The selection and the column that a value is the least, or the greatest, of; rows are in order of ``at``."""
    if value.column is None:
        return None
    if value.function == function:
        return value.events, value.column
    if is_cell(value) and value.column == "at" and value.events.pick == end:
        return unpicked(value.events), value.column
    return None


def _replaced(rule: Rule, value: Value, constant: Scalar) -> Rule:
    def change(node: Node) -> Node:
        if isinstance(node, Events):
            return node  # columns in there are those of other rows
        return Literal(constant) if node == value else replace_children(node, change)

    return cast(Rule, change(rule))
