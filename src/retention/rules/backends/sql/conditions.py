"""Tests as conditions. A condition is true where its test is, and false or NULL where it is not.

NULL counts as false wherever a condition stands by itself (``WHERE``, ``CASE WHEN``, ``AND``, ``OR``), so that columns
are compared plainly and indexes stay usable. Only beneath a negation and in an answer it is made false expressly.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any, assert_never, cast, final
from typing import Literal as OneOf

import sqlalchemy as sa
from attrs import evolve

from retention.rules.backends.sets.kept_instants import cut
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.terms import (
    Absent,
    Among,
    Both,
    Constant,
    Either,
    Fixed,
    Followed,
    Is,
    Negation,
    Picked,
    Several,
    Tally,
    Term,
    Test,
    Trait,
)
from retention.rules.backends.sql.instants import Instant, alike, bound_type
from retention.rules.backends.sql.native import Native
from retention.rules.backends.sql.readings import Find, Readings
from retention.rules.backends.sql.values import Expression, has_label
from retention.schema import Kind

Ordering = OneOf["==", "<", "<=", ">", ">="]

_COMPARED: Mapping[Ordering, Callable[[Any, Any], Any]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_FLAG = sa.Boolean()


@final
class Conditions:
    """Says tests over values that are read; ``known`` are answers that are there already, never NULL."""

    def __init__(self, read: Readings, known: Mapping[Test, Expression]) -> None:
        self.read = read
        self.known = known

    def knows(self, test: Test) -> bool:
        return test in self.known

    def over(self, find: Find, known: Mapping[Test, Expression]) -> "Conditions":
        """Says tests over what is found elsewhere, in the same statement."""
        return Conditions(self.read.over(find), known)

    def holds(self, test: Test) -> Expression:
        """True where the test is true, false or NULL elsewhere."""
        known = self.known.get(test)
        if known is not None:
            return known
        match test:
            case Both(tests):
                return sa.and_(sa.true(), *map(self.holds, tests))
            case Either(tests):
                return sa.or_(sa.false(), *map(self.holds, tests))
            case Negation(Absent(value)):
                return self.read.any(value).is_not(None)
            case Negation(inner):
                return sa.not_(self.answer(inner))
            case Several(count, tests):
                ones: list[Expression] = [sa.case((self.holds(each), 1), else_=0) for each in tests]
                return sum(ones[1:], ones[0]) >= self.read.constants.number(count)
            case Is():
                return self._comparison(test)
            case Among(value, options):
                return self._among(value, options)
            case Absent(value):
                return self.read.any(value).is_(None)
            case Picked() | Followed():
                return self.read.find(test).column
            case _:
                assert_never(test)

    def answer(self, test: Test) -> Expression:
        """True or false, never NULL."""
        condition = self.holds(test)
        return sa.func.coalesce(condition, sa.false(), type_=_FLAG) if self._may_be_null(test) else condition

    def _may_be_null(self, test: Test) -> bool:
        if self.knows(test):
            return False
        match test:
            case Both(tests) | Either(tests):
                return any(map(self._may_be_null, tests))
            case Is(operator, Trait() | Tally() as left, Constant()) if operator in _COMPARED:
                return not self.read.find(left).is_filled
            case Is() | Among() | Picked():
                return True
            case Negation() | Several() | Absent() | Followed():
                return False
            case _:
                assert_never(test)

    def _comparison(self, test: Is) -> Expression:
        read, left, right = self.read, test.left, test.right
        match test.operator:
            case "has":
                return has_label(read.labels(left), read.text(right))
            case "contains" | "starts_with" | "ends_with":
                return Native(test.operator, read.text(left), read.text(right), type_=_FLAG)
            case "==" | "<" | "<=" | ">" | ">=":
                return self._compared(test.operator, left, right)
            case _:
                assert_never(test.operator)

    def _compared(self, operator: Ordering, left: Term, right: Term) -> Expression:
        read, compare = self.read, _COMPARED[operator]
        match kind_of(left):
            case Kind.INSTANT if isinstance(right, Constant):
                return self._at(operator, self._beside(operator, left), cast(datetime, right.value))
            case Kind.INSTANT:
                return _said(compare(*alike(read.instant(left), read.instant(right))))
            case Kind.NUMBER | Kind.AMOUNT:
                return _said(compare(self._counted(operator, left, right), read.number(right)))
            case Kind.TEXT:
                read.refuse_foreign(left, (right,))
                return _said(compare(read.exact_text(left), read.exact_text(right)))
            case Kind.FLAG | Kind.DATE:
                column = read.plain(left)
                return _said(compare(column, read.plain(right, column)))
            case Kind.LABELS:
                raise AssertionError("labels are not compared")
            case _ as unreachable:
                assert_never(unreachable)

    def _counted(self, operator: Ordering, left: Term, right: Term) -> Expression:
        """A number to be compared; a count of what was not found stays NULL if 0 would not pass either."""
        if isinstance(left, Tally) and isinstance(right, Constant) and not _COMPARED[operator](0, right.value):
            return self.read.find(left).column
        return self.read.number(left)

    def _beside(self, operator: Ordering, left: Term) -> Instant:
        """An instant beside a constant, filled if it has been."""
        found = self.read.instant(left)
        return evolve(found, column=self.read.find(left).beside(operator)) if isinstance(left, Trait | Tally) else found

    def _at(self, operator: Ordering, left: Instant, right: datetime) -> Expression:
        """An instant beside a constant: the constant becomes what the column keeps."""
        column, bounds, bind = left.column, cut(right, left.form), self.read.constants.bind
        least = bind(bounds.least, bound_type(column, left.form, shortest=True))
        most = bind(bounds.most, bound_type(column, left.form))
        match operator:
            case ">":
                return column > most
            case "<=":
                return column <= most
            case ">=":
                return column >= least
            case "<":
                return column < least
            case "==":
                if bounds.least != bounds.most:
                    return sa.and_(column >= least, column <= most)
                return Native("same_wall", column, most, least, type_=_FLAG) if least is not most else column == most
            case _:
                assert_never(operator)

    def _among(self, value: Term, options: tuple[Fixed, ...]) -> Expression:
        read = self.read
        match kind_of(value):
            case Kind.NUMBER | Kind.AMOUNT:
                return read.number(value).in_(read.constants.numbers([int(cast(int, each)) for each in options]))
            case Kind.TEXT:
                read.refuse_foreign(value, map(Constant, options))
                return read.exact_text(value).in_(read.constants.texts([str(each) for each in options]))
            case _:
                return sa.or_(*(self._compared("==", value, Constant(each)) for each in options))


def _said(condition: Any) -> Expression:
    return cast(Expression, condition)
