"""From a rule and an instant to terms: the only place where set-based engines learn what a rule means."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, assert_never, cast, final
from typing import Literal as OneOf

from retention.errors import RuleCurrencyMismatch, UnsupportedRule
from retention.rules.backends.reference import applied, currencies, plain, unresolved
from retention.rules.backends.sets.anniversaries import returns_on
from retention.rules.backends.sets.build import absent, among, both, compare, either, exists, negation, several, tally
from retention.rules.backends.sets.layout import CURRENCY, Layout
from retention.rules.backends.sets.moments import Moment, Moving, as_term, compare_days, compare_moments
from retention.rules.backends.sets.ratios import Ratio, calculate, compare_ratios, exactly, is_missing, ratio_among
from retention.rules.backends.sets.reading import is_of_row
from retention.rules.backends.sets.terms import (
    ALWAYS,
    NEVER,
    Bucket,
    Cell,
    Constant,
    Day,
    Fixed,
    Folded,
    Followed,
    Picked,
    Refunded,
    Selection,
    Size,
    TallyFunction,
    Term,
    Test,
    Trait,
)
from retention.rules.kinds import MIRRORED, kind_of
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.schema import Kind
from retention.spans import Duration, Months, MovingSpan, ago, local, shift, utc

_AT = Cell("at", Kind.INSTANT)
_NUMBERS = (Kind.NUMBER, Kind.AMOUNT)


def lower(rule: Rule, as_of: datetime, layout: Layout[Any, Any]) -> Test:
    """What a rule asks of a customer at an instant. The rule is valid in the layout's schema and without references.

    A customer who deals in another currency than the rule's is in neither the rule nor its complement. Raises
    UnmappedName for what the layout does not have, RuleCurrencyMismatch for money that the tables are not in,
    UnsupportedRule for what no set-based engine can do, NaiveInstant.
    """
    test = _Lowering(as_of, layout).test(rule, None)
    spoken = next(currencies(rule), None)
    if spoken is None:
        return test
    if layout.currency not in (None, spoken):
        raise RuleCurrencyMismatch(str(layout.currency), spoken)
    if not layout.maps(None, CURRENCY):
        return test
    dealt = Trait(CURRENCY, Kind.TEXT)
    return both(either(compare("==", dealt, Constant(spoken)), absent(dealt)), test)


def selection(events: Events, as_of: datetime, layout: Layout[Any, Any]) -> Test:
    """The test of a row that leaves a selection. Raises what ``lower`` raises."""
    return _Lowering(as_of, layout).selected(events)


@final
class _Lowering:
    """One instant on its wall clock, and the tables. ``rows`` is the collection whose row is at hand, if one is."""

    def __init__(self, as_of: datetime, layout: Layout[Any, Any]) -> None:
        self._now = utc(as_of)
        self._zone = as_of.tzinfo or UTC
        self._as_of = local(self._now, self._zone)
        self._layout = layout

    # Rules. -----------------------------------------------------------------------------------------------------------

    def test(self, rule: Rule, rows: str | None) -> Test:
        match rule:
            case All(rules):
                return both(*(self.test(each, rows) for each in rules))
            case AnyOf(rules):
                return either(*(self.test(each, rows) for each in rules))
            case Not(inner):
                return negation(self.test(inner, rows))
            case AtLeast(count, rules):
                return several(count, [self.test(each, rows) for each in rules])
            case Compare(operator, left, right):
                return self._comparison(operator, left, right, rows)
            case IsIn(value, options):
                return self._membership(value, options, rows)
            case Missing(value):
                return self._missing(value, rows)
            case Anniversary(value, window, leap):
                return returns_on(self.plain(value, rows), window, leap, self._as_of.date())
            case Follows():
                return self._follows(rule)
            case Reference(key):
                raise unresolved(key)
            case Named(_, inner):
                return self.test(inner, rows)
            case _:
                assert_never(rule)

    def _comparison(self, operator: Comparison, left: Value, right: Value, rows: str | None) -> Test:
        if operator == "has":
            return self._has(left, self.plain(right, rows), rows)
        kind = self._kind(left, rows)
        if kind in _NUMBERS:
            return self._existence(operator, left, right) or compare_ratios(
                operator, self.number(left, rows), self.number(right, rows)
            )
        if kind is Kind.INSTANT:
            return compare_moments(operator, self.moment(left, rows), self.moment(right, rows), self._zone)
        if kind is Kind.DATE:
            return self._dates(operator, left, right, rows)
        return compare(operator, self.plain(left, rows), self.plain(right, rows))

    def _existence(self, operator: Comparison, left: Value, right: Value) -> Test | None:
        """``count() >= 1`` and ``count() == 0`` need no counting."""
        if not isinstance(left, Aggregate) or left.function != "count" or not isinstance(right, Literal):
            return None
        found = exists(left.events.collection, self.selected(left.events))
        if (operator, right.value) in ((">=", 1), (">", 0)):
            return found
        if (operator, right.value) in (("==", 0), ("<", 1), ("<=", 0)):
            return negation(found)
        return None

    def _dates(self, operator: Comparison, left: Value, right: Value, rows: str | None) -> Test:
        one, other = self.date(left, rows), self.date(right, rows)
        if isinstance(one, Moving) and isinstance(other, Constant):
            return compare_days(operator, one, cast(date, other.value), self._zone)
        if isinstance(other, Moving) and isinstance(one, Constant):
            return compare_days(MIRRORED[operator], other, cast(date, one.value), self._zone)
        known = (each.known for each in (one, other) if isinstance(each, Moving))
        return both(*known, compare(operator, self._day(one), self._day(other)))

    def _has(self, labels: Value, wanted: Term, rows: str | None) -> Test:
        if not isinstance(labels, Aggregate):
            return compare("has", self._stored(labels, rows), wanted)
        if is_of_row(wanted):
            raise UnsupportedRule("the labels of one row are searched for what another row says")
        collection, where = self._one_row(labels)
        return exists(collection, both(where, compare("has", self._cell(collection, labels.column), wanted)))

    def _membership(self, value: Value, options: tuple[Scalar, ...], rows: str | None) -> Test:
        kind = self._kind(value, rows)
        constants = tuple(map(plain, options))
        if kind in _NUMBERS:
            return ratio_among(self.number(value, rows), constants)
        if kind is Kind.INSTANT:
            found = self.moment(value, rows)
            if isinstance(found, Moving) and not found.steps:
                return both(found.known, among(found.stored, map(utc, constants)))
            return either(*(compare_moments("==", found, utc(each), self._zone) for each in constants))
        if kind is Kind.DATE and isinstance(self.date(value, rows), Moving):
            return either(*(self._dates("==", value, Literal(each), rows) for each in constants))
        return among(self.plain(value, rows), constants)

    def _missing(self, value: Value, rows: str | None) -> Test:
        kind = self._kind(value, rows)
        if kind in _NUMBERS:
            return is_missing(self.number(value, rows))
        if kind is Kind.INSTANT:
            return self._absent(self.moment(value, rows))
        if kind is Kind.DATE:
            found = self.date(value, rows)
            return self._absent(found) if isinstance(found, Moving) else absent(found)
        if kind is Kind.LABELS and isinstance(value, Aggregate):
            collection, where = self._one_row(value)
            return negation(exists(collection, both(where, negation(absent(self._cell(collection, value.column))))))
        return absent(self.plain(value, rows))

    def _absent(self, moment: Moment) -> Test:
        if not isinstance(moment, Moving):
            return NEVER
        return either(absent(moment.stored), negation(moment.known))

    def _follows(self, rule: Follows) -> Test:
        if isinstance(rule.within, Months) and rule.within.count:
            raise UnsupportedRule("a sequence within calendar months", hint="Write it with days")
        span = rule.within.microseconds if isinstance(rule.within, Duration) else 0
        first, then = (Selection(each.collection, self.selected(each)) for each in (rule.first, rule.then))
        if first.where == NEVER or (then.where == NEVER and not rule.missed):
            return NEVER
        return Followed(first, then, span, rule.missed, self._now)

    # Rows. ------------------------------------------------------------------------------------------------------------

    def selected(self, events: Events) -> Test:
        """The test of a row that leaves the selection; what is later than the instant does not exist."""
        self._layout.source(events.collection)
        if isinstance(events.source, Events):
            found = self.selected(events.source)
        else:
            found = compare("<=", _AT, Constant(self._now))
        if events.where is not None:
            found = both(found, self.test(events.where, events.collection))
        return found if events.pick is None or found == NEVER else Picked(found, events.pick)

    def _one_row(self, value: Aggregate) -> tuple[str, Test]:
        """The row whose cell ``first`` or ``last`` speaks of."""
        where = self.selected(value.events)
        if where != NEVER and not _is_one(value.events):
            where = Picked(where, 1 if value.function == "first" else -1)
        return value.events.collection, where

    def _cell(self, collection: str, column: str | None) -> Term:
        name = str(column)
        if (collection, name) == ("orders", "refunded") and not self._layout.maps(collection, name):
            self._refunds_are_mapped()
            return Refunded(self._now)
        place = self._layout.place(collection, name)
        return Cell(name, place.kind)

    def _refunds_are_mapped(self) -> None:
        for column in ("order_id", "amount"):
            self._layout.place("refunds", column)
        self._layout.place("orders", "id")

    # Values. ----------------------------------------------------------------------------------------------------------

    def _kind(self, value: Value, rows: str | None) -> Kind:
        return kind_of(value, self._layout.schema, rows)

    def number(self, value: Value, rows: str | None) -> Ratio:
        """A number, or an amount in minor units."""
        match value:
            case Literal(constant):
                return exactly(cast("int | Fraction", plain(constant)))
            case Attribute(name):
                return Ratio(self._stored(value, rows), 10 ** self._layout.decimals(None, name))
            case Column(name):
                return Ratio(self._stored(value, rows), self._unit(str(rows), name))
            case Aggregate():
                return self._counted(value)
            case Arithmetic(operation, left, right):
                return calculate(operation, self.number(left, rows), self.number(right, rows))
            case Apply("size", inner):
                return self._size(inner, rows)
            case Apply(_, inner, argument):
                return self._bucket(self.plain(inner, rows), argument)
            case Shift() | Ago():
                raise AssertionError("an instant is no number")
            case _:
                assert_never(value)

    def _unit(self, collection: str, column: str) -> int:
        """How many of its whole units make one."""
        if (collection, column) == ("orders", "refunded"):
            return 1
        places: int = self._layout.decimals(collection, column)
        return int(10**places)

    def _counted(self, value: Aggregate) -> Ratio:
        collection = value.events.collection
        if value.function == "count":
            return Ratio(tally("count", collection, self.selected(value.events)))
        cell = self._cell(collection, value.column)
        if value.function == "distinct":
            known = self._known(collection, str(value.column), cell)
            return Ratio(tally("distinct", collection, both(self.selected(value.events), known), cell))
        unit = self._unit(collection, str(value.column))
        if value.function in ("first", "last"):
            collection, where = self._one_row(value)
            return Ratio(tally("only", collection, where, cell), unit)
        where = self.selected(value.events)
        if value.function == "mean":
            present = both(where, negation(absent(cell))) if self._may_lack(collection, cell) else where
            return Ratio(tally("sum", collection, where, cell), unit, (tally("count", collection, present),))
        return Ratio(tally(cast(TallyFunction, value.function), collection, where, cell), unit)

    def _may_lack(self, collection: str, cell: Term) -> bool:
        return isinstance(cell, Cell) and not self._layout.schema.collection(collection).column(cell.column).required

    def _size(self, labels: Value, rows: str | None) -> Ratio:
        if not isinstance(labels, Aggregate):
            return Ratio(Size(self._stored(labels, rows)))
        collection, where = self._one_row(labels)
        return Ratio(tally("only", collection, where, Size(self._cell(collection, labels.column))))

    def _bucket(self, text: Term, salt: str) -> Ratio:
        if isinstance(text, Constant):
            return exactly(cast(Fraction, applied("bucket", text.value, salt, self._zone)))
        return Ratio(Bucket(text, salt), 2**32)

    def moment(self, value: Value, rows: str | None) -> Moment:
        """An instant: constant, or stored and moved."""
        match value:
            case Literal(constant):
                return utc(cast(datetime, constant))
            case Ago(span):
                return ago(span, self._as_of)
            case Shift(inner, span, sign):
                return self._moved(self.moment(inner, rows), span, sign)
            case Attribute():
                return Moving(self._stored(value, rows))
            case Column(name):
                cell = self._stored(value, rows)
                return Moving(cell, known=self._known(str(rows), name, cell))
            case Aggregate():
                return self._of_rows(value)
            case Arithmetic() | Apply():
                raise AssertionError("a calculation is no instant")
            case _:
                assert_never(value)

    def _moved(self, moment: Moment, span: MovingSpan, sign: OneOf[1, -1]) -> Moment:
        return moment.moved(span, sign) if isinstance(moment, Moving) else shift(moment, span, sign, self._zone)

    def _known(self, collection: str, column: str, cell: Term) -> Test:
        """What has not happened at the instant is missing: a delivery that is still to come."""
        occurs = self._layout.schema.collection(collection).column(column).occurs
        return compare("<=", cell, Constant(self._now)) if occurs else ALWAYS

    def _of_rows(self, value: Aggregate) -> Moment:
        collection, column = value.events.collection, str(value.column)
        cell = self._cell(collection, column)
        known = self._known(collection, column, cell)
        if value.function in ("min", "max"):
            return Moving(tally(value.function, collection, both(self.selected(value.events), known), cell))
        if column == "at":
            extreme: TallyFunction = "min" if value.function == "first" else "max"
            return Moving(tally(extreme, collection, self.selected(value.events), cell))
        collection, where = self._one_row(value)
        return Moving(tally("only", collection, both(where, known), cell))

    def date(self, value: Value, rows: str | None) -> Term | Moving:
        """A date; ``Moving`` of a stored instant whose local date is meant."""
        if not isinstance(value, Apply):
            return self.plain(value, rows)
        found = self.moment(value.value, rows)
        return found if isinstance(found, Moving) else Constant(local(found, self._zone).date())

    def _day(self, found: Term | Moving) -> Term:
        return Day(as_term(found), self._zone) if isinstance(found, Moving) else found

    def plain(self, value: Value, rows: str | None) -> Term:
        """A text, flag or date."""
        match value:
            case Literal(constant):
                return Constant(cast(Fixed, constant))
            case Attribute() | Column():
                return self._stored(value, rows)
            case Aggregate("min" | "max" as function, events, column):
                return tally(function, events.collection, self.selected(events), self._cell(events.collection, column))
            case Aggregate():
                collection, where = self._one_row(value)
                return tally("only", collection, where, self._cell(collection, value.column))
            case Apply("casefold", inner):
                found = self.plain(inner, rows)
                return Constant(str(found.value).casefold()) if isinstance(found, Constant) else Folded(found)
            case Apply():
                return self._day(self.date(value, rows))
            case Arithmetic() | Shift() | Ago():
                raise AssertionError("a number or instant is not plain")
            case _:
                assert_never(value)

    def _stored(self, value: Value, rows: str | None) -> Term:
        if isinstance(value, Column):
            return self._cell(str(rows), value.name)
        name = cast(Attribute, value).name
        return Trait(name, self._layout.place(None, name).kind)


def _is_one(events: Events) -> bool:
    """Whether a selection is of one row at most."""
    return events.pick is not None or (isinstance(events.source, Events) and _is_one(events.source))
