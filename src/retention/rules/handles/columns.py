"""Columns of a collection: in a ``where`` the cell of one row, outside of it many cells made into one value."""

from abc import abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from attrs import evolve

from retention.errors import RuleError
from retention.rules import nodes
from retention.rules.handles.instants import Date, Instant
from retention.rules.handles.numbers import Amount, Number
from retention.rules.handles.scope import CUSTOMER
from retention.rules.handles.texts import Labels, Text
from retention.rules.handles.value import Value
from retention.rules.rule import C, RowRule, Rule
from retention.schema import Kind

V = TypeVar("V")
"""The handle, about the customer, that an aggregate of the column gives."""


def picked(rows: nodes.Events, n: int) -> nodes.Events:
    """The ``n``-th row alone, 1 the first and -1 the last; of a selection that has picked already, of that."""
    if type(n) is not int or n == 0:
        raise RuleError("nth counts from 1, or from -1 for the last", hint="Write orders.nth(2) for the second order")
    return nodes.Events(rows, pick=n) if rows.pick is not None else evolve(rows, pick=n)


class Picked(Value[RowRule[C]], Generic[C, V]):
    """The cell of one row. Missing when there is no such row, or nothing in it."""

    __slots__ = ()

    def first(self) -> V:
        """The cell of the first row."""
        return self._reduced("first")

    def last(self) -> V:
        """The cell of the last row."""
        return self._reduced("last")

    def nth(self, n: int) -> V:
        """The cell of the ``n``-th row: 1 is the first, 2 the second, -1 the last."""
        return self._of_customer(nodes.Aggregate("first", picked(self._rows, n), self._column))

    @abstractmethod
    def _of_customer(self, node: nodes.Aggregate) -> V:
        """The node as a handle about the customer."""

    def _reduced(self, function: nodes.Reduction) -> V:
        return self._of_customer(nodes.Aggregate(function, self._rows, self._column))

    @property
    def _rows(self) -> nodes.Events:
        assert self._scope.rows is not None  # a column is always of a collection
        return self._scope.rows

    @property
    def _column(self) -> str:
        assert isinstance(self.node, nodes.Column)
        return self.node.name


class Counted(Picked[C, V]):
    """A column whose cells can be told apart."""

    __slots__ = ()

    def distinct(self) -> Number[Rule]:
        """How many different cells there are, the missing left out."""
        return Number(nodes.Aggregate("distinct", self._rows, self._column), CUSTOMER)


class Ranged(Counted[C, V]):
    """A column with a least and a greatest cell."""

    __slots__ = ()

    def min(self) -> V:
        """The least cell; missing if there is none."""
        return self._reduced("min")

    def max(self) -> V:
        """The greatest cell; missing if there is none."""
        return self._reduced("max")


class Summed(Ranged[C, V]):
    """A column whose cells add up."""

    __slots__ = ()

    def sum(self) -> V:
        """All cells together; 0 of none."""
        return self._reduced("sum")

    def mean(self) -> V:
        """The exact mean of the cells that are there; missing of none."""
        return self._reduced("mean")


class NumberColumn(Number[RowRule[C]], Summed[C, Number[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Number[Rule]:
        return Number(node, CUSTOMER)


class AmountColumn(Amount[RowRule[C]], Summed[C, Amount[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Amount[Rule]:
        return Amount(node, CUSTOMER)


class TextColumn(Text[RowRule[C]], Counted[C, Text[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Text[Rule]:
        return Text(node, CUSTOMER)


class InstantColumn(Instant[RowRule[C]], Ranged[C, Instant[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Instant[Rule]:
        return Instant(node, CUSTOMER)


class DateColumn(Date[RowRule[C]], Ranged[C, Date[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Date[Rule]:
        return Date(node, CUSTOMER)


class LabelsColumn(Labels[RowRule[C]], Picked[C, Labels[Rule]]):
    __slots__ = ()

    def _of_customer(self, node: nodes.Aggregate) -> Labels[Rule]:
        return Labels(node, CUSTOMER)


class Flag(Rule):
    """A flag is a rule itself: true where it is known to be true. ``~flag`` holds for the false and the missing."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.FLAG

    @classmethod
    def of(cls, value: nodes.Value) -> "Flag":
        """The flag that a value is."""
        return cls(_is(value, True))

    def is_false(self) -> Rule:
        """Known to be false; ``~flag`` is true of the missing as well."""
        return Rule(_is(_flagged(self), False))

    def is_missing(self) -> Rule:
        """Nothing is known here."""
        return Rule(nodes.Missing(_flagged(self)))

    def is_present(self) -> Rule:
        """Something is known here."""
        return Rule(nodes.Not(nodes.Missing(_flagged(self))))


class FlagColumn(RowRule[C]):
    """A flag of one row is a rule about that row; over the rows it has a first, a last and an nth."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.FLAG

    @classmethod
    def of(cls, column: nodes.Column, rows: nodes.Events) -> "FlagColumn[C]":
        """The flag that a column is."""
        return cls(_is(column, True), rows)

    def is_false(self) -> RowRule[C]:
        """Known to be false; ``~flag`` is true of the missing as well."""
        return RowRule(_is(_flagged(self), False), self.rows)

    def is_missing(self) -> RowRule[C]:
        """Nothing is known here."""
        return RowRule(nodes.Missing(_flagged(self)), self.rows)

    def is_present(self) -> RowRule[C]:
        """Something is known here."""
        return RowRule(nodes.Not(nodes.Missing(_flagged(self))), self.rows)

    def first(self) -> Flag:
        """The flag of the first row."""
        return self._reduced("first", self.rows)

    def last(self) -> Flag:
        """The flag of the last row."""
        return self._reduced("last", self.rows)

    def nth(self, n: int) -> Flag:
        """The flag of the ``n``-th row: 1 is the first, 2 the second, -1 the last."""
        return self._reduced("first", picked(self.rows, n))

    def distinct(self) -> Number[Rule]:
        """How many different flags there are: 0, 1 or 2."""
        return Number(nodes.Aggregate("distinct", self.rows, _name(self)), CUSTOMER)

    def _reduced(self, function: nodes.Reduction, rows: nodes.Events) -> Flag:
        return Flag.of(nodes.Aggregate(function, rows, _name(self)))


def _is(value: nodes.Value, wanted: bool) -> nodes.Compare:
    return nodes.Compare("==", value, nodes.Literal(wanted))


def _flagged(flag: Flag | FlagColumn[Any]) -> nodes.Value:
    assert isinstance(flag.node, nodes.Compare)  # of() made it
    return flag.node.left


def _name(flag: FlagColumn[Any]) -> str:
    column = _flagged(flag)
    assert isinstance(column, nodes.Column)
    return column.name
