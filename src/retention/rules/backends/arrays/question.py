"""Terms and tests read over a snapshot, each once."""

from typing import Any, Final, TypeAlias, assert_never, final

import numpy as np
from attrs import field, frozen

from retention.errors import UnmappedName
from retention.rules.backends.arrays import reductions, values
from retention.rules.backends.arrays.columns import Column, Labels, Mask, Numbers, Whole, Words, spread
from retention.rules.backends.arrays.refunds import refunded
from retention.rules.backends.arrays.selections import (
    Places,
    Selected,
    Stretches,
    as_places,
    everything,
    first_beyond,
    for_customers,
    nth,
    stretches_of,
    windowed,
)
from retention.rules.backends.arrays.snapshot import Snapshot
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.values import Values
from retention.rules.backends.arrays.zones import FIRST, LAST, local_days
from retention.rules.backends.sets.reading import conjuncts, is_of_row
from retention.rules.backends.sets.terms import (
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
from retention.schema import Kind

AT: Final = Cell("at", Kind.INSTANT)
_BOUNDS: Final = ("<", "<=", ">", ">=", "==")


@final
@frozen(eq=False)
class Scope:
    """What terms are read of: all customers (``rows`` is None), or some rows. What was read of it is kept."""

    count: int
    rows: Places | None = None
    found: dict[Term | Test, Any] = field(factory=dict, init=False)


@final
class Question:
    """One reading of a snapshot; several tests asked together share what they have in common."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._customers = Scope(len(snapshot))
        self._selected: dict[tuple[str, Test], Selected] = {}

    def answer(self, test: Test) -> Mask:
        """For which customers a test is true."""
        return self._truth(test, self._customers)

    # Tests. -----------------------------------------------------------------------------------------------------------

    def _truth(self, test: Test, scope: Scope) -> Mask:
        known = scope.found.get(test)
        if known is None:
            found = self._of_customer_truth(test, scope) if self._is_borrowed(test, scope) else self._test(test, scope)
            known = scope.found[test] = np.broadcast_to(found, scope.count)
        result: Mask = known
        return result

    def _is_borrowed(self, term: Term | Test, scope: Scope) -> bool:
        """Whether a term that is asked of rows speaks of their customers alone."""
        return scope.rows is not None and not is_of_row(term) and not isinstance(term, Constant)

    def _of_customer_truth(self, test: Test, scope: Scope) -> Mask:
        assert scope.rows is not None
        return self._truth(test, self._customers)[scope.rows.owners]

    def _test(self, test: Test, scope: Scope) -> Mask:
        match test:
            case Both(tests):
                return np.logical_and.reduce([self._truth(each, scope) for each in tests]) if tests else _TRUE
            case Either(tests):
                return np.logical_or.reduce([self._truth(each, scope) for each in tests]) if tests else ~_TRUE
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
                return self._absent(inner, scope)
            case Picked(where, position):
                return self._is_picked(where, position, scope)
            case Followed():
                return self._followed(test)
            case _:
                assert_never(test)

    def _absent(self, term: Term, scope: Scope) -> Mask:
        if not _is_labels(term):
            return values.absent(self._value(term, scope))
        missing = self._labels(term, scope).missing
        return ~_TRUE if missing is None else self._laid(missing, scope)

    def _is_picked(self, where: Test, position: int, scope: Scope) -> Mask:
        assert scope.rows is not None
        picked = self._picked(scope.rows.table, where, position)
        wanted = np.zeros(len(picked.table), np.bool_)
        wanted[picked.rows] = True
        return wanted[scope.rows.rows]

    def _followed(self, test: Followed) -> Mask:
        first, then = as_places(self._select(test.first)), self._select(test.then)
        at, starts, stops = stretches_of(then, self._customers.count)
        begin = first.table.at[first.rows]
        end = begin + test.microseconds
        stops = stops[first.owners]
        place = first_beyond(at, starts[first.owners], stops, begin, strict=True)
        seen = place < stops
        seen[seen] = at[place[seen]] <= end[seen]
        if test.missed:
            seen = ~seen & (end <= values.as_number(test.as_of))
        found = np.zeros(self._customers.count, np.bool_)
        found[first.owners[seen]] = True
        return found

    # Labels. ----------------------------------------------------------------------------------------------------------

    def _labels(self, term: Term, scope: Scope) -> Labels:
        """The whole column that a term of labels speaks of."""
        match term:
            case Trait(name):
                column = self._attribute(name)
            case Cell(name) if scope.rows is not None:
                column = scope.rows.table.columns[name]
            case _:
                raise AssertionError(f"{term} are no labels")
        assert isinstance(column, Labels)
        return column

    def _laid(self, whole: Whole, scope: Scope) -> Whole:
        """What is known of every row of a column, of those at hand."""
        return whole if scope.rows is None else whole[scope.rows.rows]

    def _has(self, left: Term, right: Term, scope: Scope) -> Mask:
        labels = self._labels(left, scope)
        counts = np.diff(labels.offsets)
        if isinstance(right, Constant):
            holding = np.zeros(len(counts), np.bool_)
            hits = np.flatnonzero(labels.codes == values.code_of(labels.texts, right.value))
            holding[np.searchsorted(labels.offsets, hits, side="right") - 1] = True
            return self._laid(holding, scope)
        wanted = self._value(right, scope)
        assert wanted.texts is not None
        codes = wanted.texts.codes_in(labels.texts)[wanted.data]
        rows = np.arange(scope.count) if scope.rows is None else scope.rows.rows
        asked = np.repeat(np.arange(scope.count), counts[rows])
        hits = labels.codes[spread(labels.offsets[rows], counts[rows])] == codes[asked]
        return np.bincount(asked[hits], minlength=scope.count) > 0

    # Values. ----------------------------------------------------------------------------------------------------------

    def _value(self, term: Term, scope: Scope) -> Values:
        known = scope.found.get(term)
        if known is None:
            known = self._borrowed(term, scope) if self._is_borrowed(term, scope) else self._read(term, scope)
            scope.found[term] = known
        result: Values = known
        return result

    def _borrowed(self, term: Term, scope: Scope) -> Values:
        assert scope.rows is not None
        return self._value(term, self._customers).spread(scope.rows.owners)

    def _read(self, term: Term, scope: Scope) -> Values:
        match term:
            case Constant(fixed):
                return values.constant(fixed)
            case Cell(name):
                assert scope.rows is not None
                return values.of_column(scope.rows.table.columns[name]).spread(scope.rows.rows)
            case Trait(name):
                return values.of_column(self._attribute(name))
            case Refunded(as_of):
                assert scope.rows is not None
                whole = refunded(self._snapshot.tables, values.as_number(as_of))
                return Values(whole[scope.rows.rows])
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
                labels = self._labels(inner, scope)
                sizes = Values(np.diff(labels.offsets), labels.missing)
                return sizes if scope.rows is None else sizes.spread(scope.rows.rows)
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
        if tally.value is None:
            return reductions.counts(found, customers)
        if isinstance(found, Stretches) and isinstance(tally.value, Cell):
            if tally.value == AT and tally.function in ("min", "max"):
                return reductions.extreme_at(found, latest=tally.function == "max")
            if tally.function == "sum":
                kept = reductions.sums_of_column(found, tally.value.column)
                if kept is not None:
                    return kept
        places = as_places(found)
        cells = self._value(tally.value, Scope(len(places.rows), places))
        return reductions.reduced(tally.function, places.owners, cells, customers)

    def _select(self, selection: Selection) -> Selected:
        """The rows of a selection; no more of them are looked at than a window leaves."""
        key = selection.collection, selection.where
        if key not in self._selected:
            self._selected[key] = self._find(self._table(selection.collection), conjuncts(selection.where))
        return self._selected[key]

    def _find(self, table: Table, tests: tuple[Test, ...]) -> Selected:
        picks = [each for each in tests if isinstance(each, Picked)]
        if picks:
            pick = picks[0]
            return self._narrowed(
                self._picked(table, pick.where, pick.position), [each for each in tests if each is not pick]
            )
        found, rest = everything(table), []
        for test in tests:
            match test:
                case Is(operator, left, right) if left == AT and operator in _BOUNDS and not is_of_row(right):
                    found = windowed(found, operator, self._value(right, self._customers))
                case _ if not is_of_row(test):
                    found = for_customers(found, self.answer(test))
                case _:
                    rest.append(test)
        return self._narrowed(as_places(found), rest) if rest else found

    def _narrowed(self, places: Places, tests: list[Test]) -> Places:
        for test in tests:
            places = places.where(self._truth(test, Scope(len(places.rows), places)))
        return places

    def _picked(self, table: Table, where: Test, position: int) -> Places:
        name = next(name for name, each in self._snapshot.tables.items() if each is table)
        return nth(self._select(Selection(name, where)), position)

    def _table(self, collection: str) -> Table:
        self._snapshot.layout.source(collection)
        return self._snapshot.tables[collection]


_TRUE: Final = np.ones((), np.bool_)


def _is_labels(term: Term) -> bool:
    return isinstance(term, Trait | Cell) and term.kind is Kind.LABELS
