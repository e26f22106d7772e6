"""From a rule and an instant to terms: the only place where set-based engines learn what a rule means.

Here are the rules; what their values become is said in ``values``, and which rows they speak of in ``selections``.
"""

from datetime import UTC, date, datetime
from typing import Any, assert_never, cast, final

from retention.errors import RuleCurrencyMismatch, UnsupportedRule
from retention.rules.backends.reference import currencies, plain, unresolved
from retention.rules.backends.sets.anniversaries import returns_on
from retention.rules.backends.sets.build import absent, among, both, compare, either, exists, negation, several
from retention.rules.backends.sets.layout import CURRENCY, Layout
from retention.rules.backends.sets.moments import Moment, Moving, compare_days, compare_moments
from retention.rules.backends.sets.ratios import compare_ratios, is_missing, ratio_among
from retention.rules.backends.sets.reading import is_of_row
from retention.rules.backends.sets.selections import Selections
from retention.rules.backends.sets.terms import (
    NEVER,
    Constant,
    Followed,
    Selection,
    Term,
    Test,
    Trait,
)
from retention.rules.backends.sets.values import Values
from retention.rules.kinds import MIRRORED
from retention.rules.nodes import (
    Aggregate,
    All,
    Anniversary,
    AnyOf,
    AtLeast,
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
    Value,
)
from retention.schema import Kind
from retention.spans import Duration, Months, local, utc

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
    return _Lowering(as_of, layout).selections.where(events)


@final
class _Lowering:
    """One instant on its wall clock, and the tables. ``rows`` is the collection whose row is at hand, if one is."""

    def __init__(self, as_of: datetime, layout: Layout[Any, Any]) -> None:
        self._now = utc(as_of)
        self._zone = as_of.tzinfo or UTC
        there = local(self._now, self._zone)
        self._today = there.date()
        self.selections = Selections(self._now, layout, self.test)
        self._values = Values(there, self._zone, layout, self.selections)

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
                return returns_on(self._values.plain(value, rows), window, leap, self._today)
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
            return self._has(left, self._values.plain(right, rows), rows)
        kind = self._values.kind(left, rows)
        if kind in _NUMBERS:
            return self._existence(operator, left, right) or compare_ratios(
                operator, self._values.number(left, rows), self._values.number(right, rows)
            )
        if kind is Kind.INSTANT:
            return compare_moments(
                operator, self._values.moment(left, rows), self._values.moment(right, rows), self._zone
            )
        if kind is Kind.DATE:
            return self._dates(operator, left, right, rows)
        return compare(operator, self._values.plain(left, rows), self._values.plain(right, rows))

    def _existence(self, operator: Comparison, left: Value, right: Value) -> Test | None:
        """``count() >= 1`` and ``count() == 0`` need no counting."""
        if not isinstance(left, Aggregate) or left.function != "count" or not isinstance(right, Literal):
            return None
        at_least_one = (operator, right.value) in ((">=", 1), (">", 0))
        if not at_least_one and (operator, right.value) not in (("==", 0), ("<", 1), ("<=", 0)):
            return None
        found = exists(left.events.collection, self.selections.where(left.events))
        return found if at_least_one else negation(found)

    def _dates(self, operator: Comparison, left: Value, right: Value, rows: str | None) -> Test:
        one, other = self._values.date(left, rows), self._values.date(right, rows)
        if isinstance(one, Moving) and isinstance(other, Constant):
            return compare_days(operator, one, cast(date, other.value), self._zone)
        if isinstance(other, Moving) and isinstance(one, Constant):
            return compare_days(MIRRORED[operator], other, cast(date, one.value), self._zone)
        known = (each.known for each in (one, other) if isinstance(each, Moving))
        return both(*known, compare(operator, self._values.day(one), self._values.day(other)))

    def _has(self, labels: Value, wanted: Term, rows: str | None) -> Test:
        if not isinstance(labels, Aggregate):
            return compare("has", self._values.stored(labels, rows), wanted)
        if is_of_row(wanted):
            raise UnsupportedRule("the labels of one row are searched for what another row says")
        collection, where = labels.events.collection, self.selections.one_row(labels)
        return exists(collection, both(where, compare("has", self.selections.cell(collection, labels.column), wanted)))

    def _membership(self, value: Value, options: tuple[Scalar, ...], rows: str | None) -> Test:
        kind = self._values.kind(value, rows)
        constants = tuple(map(plain, options))
        if kind in _NUMBERS:
            return ratio_among(self._values.number(value, rows), constants)
        if kind is Kind.INSTANT:
            found = self._values.moment(value, rows)
            if isinstance(found, Moving) and not found.steps:
                return both(found.known, among(found.stored, map(utc, constants)))
            return either(*(compare_moments("==", found, utc(each), self._zone) for each in constants))
        if kind is Kind.DATE and isinstance(self._values.date(value, rows), Moving):
            return either(*(self._dates("==", value, Literal(each), rows) for each in constants))
        return among(self._values.plain(value, rows), constants)

    def _missing(self, value: Value, rows: str | None) -> Test:
        kind = self._values.kind(value, rows)
        if kind in _NUMBERS:
            return is_missing(self._values.number(value, rows))
        if kind is Kind.INSTANT:
            return self._absent(self._values.moment(value, rows))
        if kind is Kind.DATE:
            found = self._values.date(value, rows)
            return self._absent(found) if isinstance(found, Moving) else absent(found)
        if kind is Kind.LABELS and isinstance(value, Aggregate):
            collection, where = value.events.collection, self.selections.one_row(value)
            return negation(
                exists(collection, both(where, negation(absent(self.selections.cell(collection, value.column)))))
            )
        return absent(self._values.plain(value, rows))

    def _absent(self, moment: Moment) -> Test:
        if not isinstance(moment, Moving):
            return NEVER
        return either(absent(moment.stored), negation(moment.known))

    def _follows(self, rule: Follows) -> Test:
        if isinstance(rule.within, Months) and rule.within.count:
            raise UnsupportedRule("a sequence within calendar months", hint="Write it with days")
        span = rule.within.microseconds if isinstance(rule.within, Duration) else 0
        first, then = (Selection(each.collection, self.selections.where(each)) for each in (rule.first, rule.then))
        if first.where == NEVER or (then.where == NEVER and not rule.missed):
            return NEVER
        return Followed(first, then, span, rule.missed, self._now)
