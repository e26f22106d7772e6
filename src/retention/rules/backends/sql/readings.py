"""Terms as expressions over what is found."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeAlias, assert_never, cast, final

import sqlalchemy as sa
from sqlalchemy import BigInteger, LargeBinary, Numeric, Text

from retention.errors import RuleError, UnsupportedRule
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.terms import (
    Bucket,
    Cell,
    Constant,
    Day,
    Folded,
    Followed,
    Later,
    MonthDay,
    Picked,
    Product,
    Refunded,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Trait,
)
from retention.rules.backends.sql.instants import Instant, day, later
from retention.rules.backends.sql.native import Native
from retention.rules.backends.sql.values import (
    Constants,
    Expression,
    Found,
    instant,
    plainly,
    present,
    size,
    text,
    whole,
)
from retention.schema import Kind

Leaf: TypeAlias = Cell | Trait | Refunded | Tally | Picked | Followed
Find: TypeAlias = Callable[[Leaf], Found]

_BYTES = LargeBinary()


@final
class Readings:
    """Reads terms from what ``find`` finds; ``exponent`` is that of the shop's currency."""

    def __init__(self, find: Find, constants: Constants, exponent: int) -> None:
        self.find = find
        self.constants = constants
        self._exponent = exponent

    def over(self, find: Find) -> "Readings":
        """Reads what is found elsewhere, in the same statement."""
        return Readings(find, self.constants, self._exponent)

    def number(self, term: Term) -> Expression:
        """A number or an amount, whole."""
        match term:
            case Constant(value):
                return self.constants.number(cast(int, value))
            case Cell() | Trait() | Refunded() | Tally():
                return whole(self.find(term), self.constants, self._exponent)
            case Sum(left, right):
                return _long(self.number(left)) + _long(self.number(right))
            case Product(left, right):
                wide: Expression = Native("wide", self.number(left), type_=Numeric)
                return wide * self.number(right)
            case Sign(value):
                return _sign(self.number(value))
            case MonthDay(value):
                born = self.plain(value)
                return sa.extract("month", born) * 100 + sa.extract("day", born)
            case Size(value):
                return size(self.labels(value))
            case Bucket(value, salt):
                seed = self.constants.bind(f"{salt}\0".encode(), _BYTES)
                return Native("bucket", self.text(value), seed, type_=BigInteger)
            case Later() | Day() | Folded():
                raise AssertionError("no number")
            case _:
                assert_never(term)

    def instant(self, term: Term) -> Instant:
        """An instant that is stored, and perhaps moved."""
        match term:
            case Later(value, by):
                return later(self.instant(value), by)
            case Cell() | Trait() | Tally():
                return instant(self.find(term))
            case (
                Constant() | Refunded() | Sum() | Product() | Sign() | Day() | MonthDay() | Size() | Bucket() | Folded()
            ):
                raise AssertionError("no stored instant")
            case _:
                assert_never(term)

    def text(self, term: Term) -> Expression:
        """A text. Raises UnsupportedRule for one without regard to case: no database folds it as Unicode says."""
        match term:
            case Constant(value):
                return self.constants.text(str(value))
            case Cell() | Trait() | Tally():
                return text(self.find(term))
            case Folded():
                raise UnsupportedRule(
                    "text without regard to case, as Unicode says, is more than databases know",
                    hint="Keep the folded text in a column of its own",
                    ever="never",
                )
            case Refunded() | Sum() | Product() | Sign() | Later() | Day() | MonthDay() | Size() | Bucket():
                raise AssertionError("no text")
            case _:
                assert_never(term)

    def exact_text(self, term: Term) -> Expression:
        """A text that is equal to another only if it is the same."""
        return Native("exact_text", self.text(term), type_=Text)

    def refuse_foreign(self, term: Term, options: Iterable[Term]) -> None:
        """Raises RuleError if a column that is declared to hold some texts can hold none of these.

        A rule that says ``paid`` where the names of a Python enum are kept, ``PAID``, would be false of every row.
        """
        if not isinstance(term, Cell | Trait):
            return
        type_ = self.find(term).column.type
        asked = [each.value if isinstance(each, Constant) else None for each in options]
        if isinstance(type_, sa.Enum) and type_.enums and not {None, *type_.enums} & {*asked}:
            name = term.column if isinstance(term, Cell) else term.name
            known = ", ".join(map(repr, type_.enums[:12]))
            raise RuleError(
                f"{name} never is what the rule compares it with",
                hint=f"Its type Enum holds {known}; to hold the values of a Python enum it takes values_callable=...",
            )

    def plain(self, term: Term, beside: Expression | None = None) -> Expression:
        """A flag or a date; a constant becomes what the column beside it holds."""
        match term:
            case Constant(value):
                return self.constants.plain(cast("bool | date", value), beside)
            case Cell() | Trait() | Tally():
                return plainly(self.find(term))
            case Day(value, zone):
                return day(self.instant(value), zone)
            case Refunded() | Sum() | Product() | Sign() | Later() | MonthDay() | Size() | Bucket() | Folded():
                raise AssertionError("neither flag nor date")
            case _:
                assert_never(term)

    def labels(self, term: Term) -> Found:
        """Labels, as they are stored."""
        if not isinstance(term, Cell | Trait):
            raise AssertionError("labels are neither calculated nor tallied")
        return self.find(term)

    def any(self, term: Term) -> Expression:
        """A value of any kind, to be asked whether it is there."""
        match kind_of(term):
            case Kind.NUMBER | Kind.AMOUNT:
                return self.number(term)
            case Kind.INSTANT:
                return self.instant(term).column
            case Kind.TEXT:
                return self.text(term.value if isinstance(term, Folded) else term)
            case Kind.FLAG | Kind.DATE:
                return self.plain(term)
            case Kind.LABELS:
                return present(self.labels(term))
            case _ as unreachable:
                assert_never(unreachable)


def _long(number: Expression) -> Expression:
    """A sum of two short whole numbers may be a long one."""
    short = isinstance(number.type, sa.Integer) and not isinstance(number.type, BigInteger)
    return sa.cast(number, BigInteger) if short else number


def _sign(number: Expression) -> Expression:
    ways: Any = ((number > 0, 1), (number < 0, -1), (number == 0, 0))
    return sa.case(*ways)
