"""Terms and tests read over a snapshot, each once."""

from functools import reduce
from typing import TYPE_CHECKING, Final, assert_never, final

import numpy as np

from retention.rules.backends.arrays import reductions, values
from retention.rules.backends.arrays.columns import Column, Labels, Mask, Rows, Whole, spread
from retention.rules.backends.arrays.refunds import refunded
from retention.rules.backends.arrays.scope import RowScope, Scope
from retention.rules.backends.arrays.selections import (
    Places,
    Selected,
    Stretches,
    as_places,
    bounds_of,
    everything,
    first_later,
    for_customers,
    from_instant,
    nth,
    through_instant,
)
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.values import Values
from retention.rules.backends.arrays.windows import ORDERS, Window
from retention.rules.backends.arrays.zones import FIRST, LAST, local_days
from retention.rules.backends.sets.reading import conjuncts, is_of_row
from retention.rules.backends.sets.terms import (
    AT,
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Selection,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Test,
    Trait,
)
from retention.rules.nodes import Comparison
from retention.schema import Kind

if TYPE_CHECKING:
    from retention.rules.backends.arrays.snapshot import Snapshot

_MOST: Final = 0.5
"""Where windows leave a larger part of a collection, its columns are read whole and not row by row."""
_TRUE: Final = np.ones((), np.bool_)


@final
class Question:
    """One reading of a snapshot; several tests asked together share what they have in common."""

    def __init__(self, snapshot: "Snapshot") -> None:
        self._snapshot = snapshot
        self._customers = Scope(len(snapshot))
        self._selected: dict[Selection, Selected] = {}
        self._whole: dict[str, Scope] = {}

    def answer(self, test: Test) -> Mask:
        """For which customers a test is true."""
        return self._truth(test, self._customers)

    def value(self, term: Term) -> Values:
        """A value of each customer."""
        return self._value(term, self._customers)

    # Tests. -----------------------------------------------------------------------------------------------------------

    def _truth(self, test: Test, scope: Scope) -> Mask:
        known = scope.found.get(test)
        if known is None:
            if scope.rows is not None and not is_of_row(test):
                found = self.answer(test)[scope.rows.owners]
            else:
                found = self._test(test, scope)
            known = scope.found[test] = np.broadcast_to(found, scope.count)
        result: Mask = known
        return result

    def _test(self, test: Test, scope: Scope) -> Mask:
        match test:
            case Both(tests):  # one by one: the reduction of NumPy copies all of them into one array first
                return reduce(np.logical_and, [self._truth(each, scope) for each in tests]) if tests else _TRUE
            case Either(tests):
                return reduce(np.logical_or, [self._truth(each, scope) for each in tests]) if tests else ~_TRUE
            case Negation(inner):
                return ~self._truth(inner, scope)
            case Several(count, tests):
                holding = np.zeros(scope.count, np.int32)
                for each in tests:
                    holding += self._truth(each, scope)
                return holding >= count
            case Is("has", left, right):
                return self._has(left, right, scope)
            case Is(operator, left, Constant(fixed)):
                return values.compared_with(operator, self._value(left, scope), fixed)
            case Is(operator, left, right):
                return values.compared(operator, self._value(left, scope), self._value(right, scope))
            case Among(inner, options):
                return values.among(self._value(inner, scope), options)
            case Absent(inner):
                return values.absent(self._sizes(inner, scope) if _is_labels(inner) else self._value(inner, scope))
            case Picked(where, position):
                return self._is_picked(where, position, scope.rows)
            case Followed():
                return self._followed(test)
            case _:
                assert_never(test)

    def _is_picked(self, where: Test, position: int, rows: RowScope | None) -> Mask:
        assert rows is not None
        wanted = np.zeros(len(rows.table), np.bool_)
        wanted[self._picked(rows.collection, where, position).rows] = True
        return rows.laid(wanted)

    def _followed(self, test: Followed) -> Mask:
        first, then = as_places(self._select(test.first)), self._select(test.then)
        at, starts, stops = bounds_of(then, self._customers.count)
        begin = first.table.at[first.rows]
        end = begin + test.microseconds
        stops = stops[first.owners]
        place = first_later(at, starts[first.owners], stops, begin)
        seen = place < stops
        seen[seen] = at[place[seen]] <= end[seen]
        if test.missed:
            seen = ~seen & (end <= values.as_number(test.as_of))
        found = np.zeros(self._customers.count, np.bool_)
        found[first.owners[seen]] = True
        return found

    # Labels. ----------------------------------------------------------------------------------------------------------

    def _labels(self, term: Term, scope: Scope) -> tuple[Labels, Rows | None]:
        """The column that a term of labels speaks of, and its rows that are at hand (None for all of them)."""
        if isinstance(term, Trait):
            column = self._attribute(term.name)
            places: Rows | None = None if scope.rows is None else scope.rows.owners
        else:
            assert isinstance(term, Cell)
            assert scope.rows is not None
            column, places = scope.rows.table.columns[term.column], scope.rows.places
        assert isinstance(column, Labels)
        return column, places

    def _sizes(self, term: Term, scope: Scope) -> Values:
        """How many labels there are."""
        column, places = self._labels(term, scope)
        sizes = Values(np.diff(column.offsets), column.missing)
        return sizes if places is None else sizes.spread(places)

    def _has(self, left: Term, right: Term, scope: Scope) -> Mask:
        column, places = self._labels(left, scope)
        if isinstance(right, Constant):
            holding = column.holding(values.code_of(column.texts, right.value))
            return holding if places is None else holding[places]
        wanted = self._value(right, scope)
        assert wanted.texts is not None
        codes = wanted.texts.codes_in(column.texts)[wanted.data]
        rows = np.arange(scope.count) if places is None else places
        counts = np.diff(column.offsets)[rows]
        asked = np.repeat(np.arange(scope.count), counts)
        hits = column.codes[spread(column.offsets[rows], counts)] == codes[asked]
        return np.bincount(asked[hits], minlength=scope.count) > 0

    # Values. ----------------------------------------------------------------------------------------------------------

    def _value(self, term: Term, scope: Scope) -> Values:
        known = scope.found.get(term)
        if known is None:
            if scope.rows is not None and not is_of_row(term) and not isinstance(term, Constant):
                known = self._value(term, self._customers).spread(scope.rows.owners)
            else:
                known = self._read(term, scope)
            scope.found[term] = known
        result: Values = known
        return result

    def _read(self, term: Term, scope: Scope) -> Values:
        match term:
            case Constant(fixed):
                return values.constant(fixed)
            case Cell(name):
                assert scope.rows is not None
                return scope.rows.values(values.of_column(scope.rows.table.columns[name]))
            case Trait(name):
                return values.of_column(self._attribute(name))
            case Refunded(as_of):
                assert scope.rows is not None
                return scope.rows.values(refunded(self._snapshot.tables, values.as_number(as_of)))
            case Tally():
                return self._tally(term)
            case Sum(left, right):
                return values.added(self._value(left, scope), self._value(right, scope))
            case Product(left, right):
                return values.multiplied(self._value(left, scope), self._value(right, scope))
            case Sign(inner):
                return values.sign(self._value(inner, scope))
            case Later(inner, microseconds):
                moved = self._value(inner, scope)
                return Values(np.clip(moved.data + microseconds, FIRST, LAST), moved.missing)
            case Day(inner, zone):
                instants = self._value(inner, scope)
                return Values(local_days(np.atleast_1d(instants.data), zone), instants.missing)
            case MonthDay(inner):
                return values.month_day(self._value(inner, scope))
            case Size(inner):
                return self._sizes(inner, scope)
            case Bucket(inner, salt):
                return values.buckets(self._value(inner, scope), salt)
            case Folded(inner):
                return values.folded(self._value(inner, scope))
            case _:
                assert_never(term)

    def _attribute(self, name: str) -> Column:
        self._snapshot.layout.place(None, name)
        return self._snapshot.people[name]

    # Rows. ------------------------------------------------------------------------------------------------------------

    def _tally(self, tally: Tally) -> Values:
        found = self._select(Selection(tally.collection, tally.where))
        customers = self._customers.count
        if tally.function == "count" or tally.value is None:
            return reductions.counts(found, customers)
        if isinstance(found, Stretches) and isinstance(tally.value, Cell):
            if tally.value == AT and tally.function in ("min", "max"):
                return reductions.extreme_at(found, latest=tally.function == "max")
            if tally.function == "sum":
                kept = reductions.sums_of_column(found, tally.value.column)
                if kept is not None:
                    return kept
        places = as_places(found)
        cells = self._value(tally.value, Scope.of(tally.collection, places))
        return reductions.reduced(tally.function, places.owners, cells, customers)

    def _select(self, selection: Selection) -> Selected:
        """The rows of a selection; no more of them are looked at than a window leaves."""
        known = self._selected.get(selection)
        if known is None:
            known = self._selected[selection] = self._find(selection.collection, conjuncts(selection.where))
        return known

    def _find(self, collection: str, tests: tuple[Test, ...]) -> Selected:
        pick = next((each for each in tests if isinstance(each, Picked)), None)
        if pick is not None:
            rest = [each for each in tests if each is not pick]
            return self._narrowed(collection, self._picked(collection, pick.where, pick.position), rest)
        table, (window, others) = self._table(collection), Window.of(tests)
        places = window.few(table)
        if places is not None:
            return self._narrowed(collection, Places(table, places), others)
        theirs = [each for each in others if not is_of_row(each) or _is_bound(each)]
        rest = [each for each in others if each not in theirs]
        if rest and not theirs:
            return self._read_whole(collection, window, rest)
        found = self._stretches(table, window, theirs)
        if rest and int(found.counts.sum()) > _MOST * len(table):
            return self._narrowed(collection, self._read_whole(collection, window, rest), theirs)
        return self._narrowed(collection, as_places(found), rest) if rest else found

    def _stretches(self, table: Table, window: Window, theirs: list[Test]) -> Stretches:
        """What a window and tests of the customer leave of each customer's rows."""
        found = through_instant(everything(table), np.array(window.high))
        if window.low > FIRST:
            found = from_instant(found, np.array(window.low))
        for test in theirs:
            if isinstance(test, Is) and _is_bound(test):
                bound = self._value(test.right, self._customers)
                if bound.missing is not None:
                    found = for_customers(found, ~bound.missing)
                found = _bounded(found, test.operator, bound.data)
            else:
                found = for_customers(found, self.answer(test))
        return found

    def _read_whole(self, collection: str, window: Window, tests: list[Test]) -> Places:
        """The rows in a window that pass, every column being read from end to end."""
        table = self._table(collection)
        if collection not in self._whole:
            self._whole[collection] = Scope.whole(collection, table)
        passing = [self._truth(each, self._whole[collection]) for each in tests]
        inside = window.mask(table)
        return Places(table, np.flatnonzero(reduce(np.logical_and, passing if inside is None else [*passing, inside])))

    def _narrowed(self, collection: str, places: Places, tests: list[Test]) -> Places:
        """Rows that pass, each test looking at what the ones before have left."""
        for test in tests:
            passing = self._truth(test, Scope.of(collection, places))
            places = Places(places.table, places.rows[np.flatnonzero(passing)])
        return places

    def _picked(self, collection: str, where: Test, position: int) -> Places:
        return nth(self._select(Selection(collection, where)), position)

    def _table(self, collection: str) -> Table:
        self._snapshot.layout.source(collection)
        return self._snapshot.tables[collection]


def _is_bound(test: Test) -> bool:
    """Whether a test compares when the row happened with a value of the customer."""
    return isinstance(test, Is) and test.left == AT and test.operator in ORDERS and not is_of_row(test.right)


def _bounded(found: Stretches, operator: Comparison, bound: Whole) -> Stretches:
    match operator:
        case "<" | "<=":
            return through_instant(found, bound - (operator == "<"))
        case ">" | ">=":
            return from_instant(found, bound + (operator == ">"))
        case "==":
            return from_instant(through_instant(found, bound), bound)
        case "contains" | "starts_with" | "ends_with" | "has":
            raise AssertionError(f"an instant is not compared by {operator}")
        case _:
            assert_never(operator)


def _is_labels(term: Term) -> bool:
    return isinstance(term, Trait | Cell) and term.kind is Kind.LABELS
