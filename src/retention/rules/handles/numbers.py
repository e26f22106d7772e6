"""Numbers and amounts of money: comparison and exact arithmetic."""

# mypy: disable-error-code="misc, no-any-return"
# misc: mypy cannot see that an operator with the customer on the left and a row on the right leaves the answer to the
# right (_calculate says NotImplemented), and calls the pair unsafe. no-any-return: the table in _result gives the type.

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, TypeAlias, overload

from retention.errors import WrongKind
from retention.money import Money
from retention.rules import nodes
from retention.rules.handles.constants import constant, described, one_currency
from retention.rules.handles.scope import R, Scope
from retention.rules.handles.value import Operand, Ordered, Value
from retention.rules.rule import Rule
from retention.schema import Kind

Numeric: TypeAlias = int | float | Decimal | Fraction
NumberOperand: TypeAlias = "Numeric | Number[R] | Number[Rule]"
AmountOperand: TypeAlias = "Money | Amount[R] | Amount[Rule]"


class Calculated(Ordered[R, Operand]):
    """What numbers and amounts share. The result's kind follows from the operands'; nothing else is ever calculated."""

    __slots__ = ()

    def between(self, low: Operand, high: Operand) -> R:
        """``low <= value <= high``, both ends inside."""
        return self._compare_all((">=", low), ("<=", high))

    def _calculate(self, operation: nodes.Operation, other: object, *, reflected: bool = False) -> Any:
        kind, node, scope = self._with(other)
        mine, theirs = (self.kind, self.node), (kind, node)
        (left_kind, left), (right_kind, right) = (theirs, mine) if reflected else (mine, theirs)
        result = _result(operation, left_kind, right_kind)
        if result is None:
            problem = f"{described(left_kind)} {operation} {described(right_kind)} has no meaning"
            raise WrongKind(problem, hint=_MEANING[operation])
        if scope is None:
            return NotImplemented
        one_currency(left, right)
        return result(nodes.Arithmetic(operation, left, right), scope)

    def _with(self, other: object) -> tuple[Kind, nodes.Value, Scope[R] | None]:
        """The other operand and the scope of both; no scope when the other side has to make the result."""
        if not isinstance(other, Value):
            return (*constant(other), self._scope)
        if self._scope.rows is None and other._scope.rows is not None:
            return other.kind, other.node, None
        return other.kind, other.node, self._scope.joined(other._scope)


class Number(Calculated[R, "Numeric | Number[R] | Number[Rule]"]):
    """An exact number: whole, or a fraction. A float means its shortest decimal: 0.1 is a tenth."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.NUMBER

    def is_in(self, options: Iterable[Numeric]) -> R:
        """Equal to one of the options; never true of a missing number."""
        return self._scope.rule(nodes.IsIn(self.node, self._options(options)))

    def __add__(self, other: "NumberOperand[R]") -> "Number[R]":
        return self._calculate("+", other)

    def __radd__(self, other: "NumberOperand[R]") -> "Number[R]":
        return self._calculate("+", other, reflected=True)

    def __sub__(self, other: "NumberOperand[R]") -> "Number[R]":
        return self._calculate("-", other)

    def __rsub__(self, other: "NumberOperand[R]") -> "Number[R]":
        return self._calculate("-", other, reflected=True)

    @overload
    def __mul__(self, other: "NumberOperand[R]") -> "Number[R]": ...
    @overload
    def __mul__(self, other: "AmountOperand[R]") -> "Amount[R]": ...
    def __mul__(self, other: object) -> Any:
        return self._calculate("*", other)

    @overload
    def __rmul__(self, other: "NumberOperand[R]") -> "Number[R]": ...
    @overload
    def __rmul__(self, other: "AmountOperand[R]") -> "Amount[R]": ...
    def __rmul__(self, other: object) -> Any:
        return self._calculate("*", other, reflected=True)

    def __truediv__(self, other: "NumberOperand[R]") -> "Number[R]":
        return self._calculate("/", other)

    @overload
    def __rtruediv__(self, other: "NumberOperand[R]") -> "Number[R]": ...
    @overload
    def __rtruediv__(self, other: "AmountOperand[R]") -> "Amount[R]": ...
    def __rtruediv__(self, other: object) -> Any:
        return self._calculate("/", other, reflected=True)


class Amount(Calculated[R, "Money | Amount[R] | Amount[Rule]"]):
    """An amount of money in the shop's currency; a bare number is refused, and so is a second currency."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.AMOUNT

    def is_in(self, options: Iterable[Money]) -> R:
        """Equal to one of the options; never true of a missing amount."""
        return self._scope.rule(nodes.IsIn(self.node, self._options(options)))

    def __add__(self, other: "AmountOperand[R]") -> "Amount[R]":
        return self._calculate("+", other)

    def __radd__(self, other: "AmountOperand[R]") -> "Amount[R]":
        return self._calculate("+", other, reflected=True)

    def __sub__(self, other: "AmountOperand[R]") -> "Amount[R]":
        return self._calculate("-", other)

    def __rsub__(self, other: "AmountOperand[R]") -> "Amount[R]":
        return self._calculate("-", other, reflected=True)

    def __mul__(self, other: "NumberOperand[R]") -> "Amount[R]":
        return self._calculate("*", other)

    def __rmul__(self, other: "NumberOperand[R]") -> "Amount[R]":
        return self._calculate("*", other, reflected=True)

    @overload
    def __truediv__(self, other: "NumberOperand[R]") -> "Amount[R]": ...
    @overload
    def __truediv__(self, other: "AmountOperand[R]") -> Number[R]: ...
    def __truediv__(self, other: object) -> Any:
        return self._calculate("/", other)

    def __rtruediv__(self, other: "AmountOperand[R]") -> Number[R]:
        return self._calculate("/", other, reflected=True)


_MEANING: dict[nodes.Operation, str] = {
    "+": "Add numbers to numbers and money to money",
    "-": "Subtract numbers from numbers and money from money",
    "*": "Multiply by a number",
    "/": "Divide by a number, or money by money",
}


def _result(operation: nodes.Operation, left: Kind, right: Kind) -> type[Number[Any]] | type[Amount[Any]] | None:
    match operation, left, right:
        case _, Kind.NUMBER, Kind.NUMBER:
            return Number
        case (("+" | "-"), Kind.AMOUNT, Kind.AMOUNT):
            return Amount
        case "*", Kind.NUMBER, Kind.AMOUNT:
            return Amount
        case (("*" | "/"), Kind.AMOUNT, Kind.NUMBER):
            return Amount
        case "/", Kind.AMOUNT, Kind.AMOUNT:
            return Number
        case _:
            return None
