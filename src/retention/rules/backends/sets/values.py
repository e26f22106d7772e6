"""Values as terms: numbers as ratios, instants as moments, everything else plainly."""

from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any, assert_never, cast, final
from typing import Literal as OneOf

from retention.rules.backends.reference import applied, plain
from retention.rules.backends.sets.build import absent, both, negation, tally
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.moments import Moment, Moving, as_term
from retention.rules.backends.sets.ratios import Ratio, calculate, exactly
from retention.rules.backends.sets.selections import Selections
from retention.rules.backends.sets.terms import (
    Bucket,
    Cell,
    Constant,
    Day,
    Fixed,
    Folded,
    Size,
    TallyFunction,
    Term,
    Trait,
)
from retention.rules.kinds import kind_of
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Literal,
    Shift,
    Value,
)
from retention.schema import Kind
from retention.spans import MovingSpan, ago, local, shift, utc


@final
class Values:
    """At an instant on the wall clock of ``zone``. ``rows`` is the collection whose row is at hand, if one is."""

    def __init__(self, as_of: datetime, zone: tzinfo, layout: Layout[Any, Any], selections: Selections) -> None:
        self._as_of = as_of
        self._zone = zone
        self._layout = layout
        self._selections = selections

    def kind(self, value: Value, rows: str | None) -> Kind:
        """What kind of value it is."""
        return kind_of(value, self._layout.schema, rows)

    def number(self, value: Value, rows: str | None) -> Ratio:
        """A number, or an amount in minor units."""
        match value:
            case Literal(constant):
                return exactly(cast("int | Fraction", plain(constant)))
            case Attribute(name):
                return Ratio(self.stored(value, rows), 10 ** self._layout.decimals(None, name))
            case Column(name):
                return Ratio(self.stored(value, rows), self._unit(str(rows), name))
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
            return Ratio(tally("count", collection, self._selections.where(value.events)))
        cell = self._selections.cell(collection, value.column)
        if value.function == "distinct":
            known = self._selections.has_occurred(collection, str(value.column), cell)
            return Ratio(tally("distinct", collection, both(self._selections.where(value.events), known), cell))
        unit = self._unit(collection, str(value.column))
        if value.function in ("first", "last"):
            return Ratio(self._only(value, cell), unit)
        where = self._selections.where(value.events)
        if value.function == "mean":
            present = both(where, negation(absent(cell))) if isinstance(cell, Cell) else where
            return Ratio(tally("sum", collection, where, cell), unit, (tally("count", collection, present),))
        return Ratio(tally(cast(TallyFunction, value.function), collection, where, cell), unit)

    def _only(self, value: Aggregate, cell: Term) -> Term:
        """What ``first`` or ``last`` says."""
        return tally("only", value.events.collection, self._selections.one_row(value), cell)

    def _size(self, labels: Value, rows: str | None) -> Ratio:
        if not isinstance(labels, Aggregate):
            return Ratio(Size(self.stored(labels, rows)))
        return Ratio(self._only(labels, Size(self._selections.cell(labels.events.collection, labels.column))))

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
                return Moving(self.stored(value, rows))
            case Column(name):
                cell = self.stored(value, rows)
                return Moving(cell, known=self._selections.has_occurred(str(rows), name, cell))
            case Aggregate():
                return self._of_rows(value)
            case Arithmetic() | Apply():
                raise AssertionError("a calculation is no instant")
            case _:
                assert_never(value)

    def _moved(self, moment: Moment, span: MovingSpan, sign: OneOf[1, -1]) -> Moment:
        return moment.moved(span, sign) if isinstance(moment, Moving) else shift(moment, span, sign, self._zone)

    def _of_rows(self, value: Aggregate) -> Moment:
        collection, column = value.events.collection, str(value.column)
        cell = self._selections.cell(collection, column)
        known = self._selections.has_occurred(collection, column, cell)
        if value.function in ("min", "max"):
            return Moving(tally(value.function, collection, both(self._selections.where(value.events), known), cell))
        if column == "at":
            extreme: TallyFunction = "min" if value.function == "first" else "max"
            return Moving(tally(extreme, collection, self._selections.where(value.events), cell))
        return Moving(tally("only", collection, both(self._selections.one_row(value), known), cell))

    def date(self, value: Value, rows: str | None) -> Term | Moving:
        """A date; ``Moving`` of a stored instant whose local date is meant."""
        if not isinstance(value, Apply):
            return self.plain(value, rows)
        found = self.moment(value.value, rows)
        return found if isinstance(found, Moving) else Constant(local(found, self._zone).date())

    def day(self, found: Term | Moving) -> Term:
        """The local date of a stored instant; a date as it is."""
        return Day(as_term(found), self._zone) if isinstance(found, Moving) else found

    def plain(self, value: Value, rows: str | None) -> Term:
        """A text, flag or date."""
        match value:
            case Literal(constant):
                return Constant(cast(Fixed, constant))
            case Attribute() | Column():
                return self.stored(value, rows)
            case Aggregate("min" | "max" as function, events, column):
                return tally(
                    function,
                    events.collection,
                    self._selections.where(events),
                    self._selections.cell(events.collection, column),
                )
            case Aggregate():
                return self._only(value, self._selections.cell(value.events.collection, value.column))
            case Apply("casefold", inner):
                found = self.plain(inner, rows)
                return Constant(str(found.value).casefold()) if isinstance(found, Constant) else Folded(found)
            case Apply():
                return self.day(self.date(value, rows))
            case Arithmetic() | Shift() | Ago():
                raise AssertionError("a number or instant is not plain")
            case _:
                assert_never(value)

    def stored(self, value: Value, rows: str | None) -> Term:
        """An attribute, or a column of the row at hand."""
        if isinstance(value, Column):
            return self._selections.cell(str(rows), value.name)
        name = cast(Attribute, value).name
        return Trait(name, self._layout.place(None, name).kind)
