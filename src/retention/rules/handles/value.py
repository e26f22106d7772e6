"""What every value handle shares: missing or not, comparison with its own kind, and no truth of its own."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Generic, NoReturn, TypeVar

from attrs import field, frozen

from retention.errors import WrongKind
from retention.rules import nodes
from retention.rules.handles.constants import constant, described, mismatch, one_currency
from retention.rules.handles.scope import R, Scope
from retention.rules.rule import RowRule, Rule, Undecided, conjunction, negation, shown
from retention.schema import Kind

_PRECEDENCE = "& and | bind tighter than comparisons: write (orders.count() >= 3) & (cart.count() == 0)"

Operand = TypeVar("Operand")
"""What a kind of value can be compared with: constants, and handles of the same kind."""

_INSTEAD = {
    Kind.TEXT: "Ask text with ==, is_in, contains, starts_with or ends_with",
    Kind.LABELS: "Ask labels with has, has_any, has_all or count()",
}


@frozen(eq=False, repr=False)
class Value(Undecided, Generic[R]):
    """A value that a customer, or one row, is asked for; compare it and a rule comes out.

    Handles cannot be dictionary keys or members of a set: ``==`` makes a rule. ``handle.node`` is hashable.
    """

    kind: ClassVar[Kind]
    _compared_with: ClassVar[Kind | None] = None  # None: its own kind

    node: nodes.Value
    _scope: Scope[R] = field(alias="scope")

    def is_missing(self) -> R:
        """Nothing is known here."""
        return self._scope.rule(nodes.Missing(self.node))

    def is_present(self) -> R:
        """Something is known here."""
        return self._scope.rule(negation(nodes.Missing(self.node)))

    def __repr__(self) -> str:
        return shown(self.node)

    def _subject(self) -> str:
        return "a value in a rule"

    def _compare(self, operator: nodes.Comparison, other: object) -> R:
        found = self._operand(other)
        if found is None:
            return NotImplemented  # type: ignore[no-any-return]  # as a comparison may
        node, scope = found
        return scope.rule(self._comparison(operator, node))

    def _compare_all(self, *tests: tuple[nodes.Comparison, object]) -> R:
        scope: Scope[R] = self._scope
        sides: list[nodes.Value] = []
        for _, other in tests:
            node, joined = self._needed(other)
            scope = scope.joined(joined)
            sides.append(node)
        one_currency(*sides)
        compared = (self._comparison(operator, node) for (operator, _), node in zip(tests, sides, strict=True))
        return scope.rule(conjunction(*compared))

    def _comparison(self, operator: nodes.Comparison, other: nodes.Value) -> nodes.Compare:
        one_currency(self.node, other)
        return nodes.Compare(operator, self.node, other)

    def _options(self, given: Iterable[object]) -> tuple[nodes.Scalar, ...]:
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            raise WrongKind("is_in takes several options", hint='Write x.is_in(["KR", "JP"])')
        literals = [self._fitting(*constant(each)) for each in given]
        one_currency(self.node, *literals)
        if isinstance(given, (set, frozenset)):  # a set has no order, and equal rules should be equal data
            literals.sort(key=lambda each: each.value)
        return tuple(dict.fromkeys(each.value for each in literals))

    def _needed(self, other: object) -> tuple[nodes.Value, Scope[R]]:
        found = self._operand(other)
        if found is None:
            problem = "a value of the customer is asked about a column of one row"
            raise WrongKind(problem, hint="Begin with the row's column: orders.total.between(low, high)")
        return found

    def _operand(self, other: object) -> tuple[nodes.Value, Scope[R]] | None:
        """The node of the other side and the scope of both; None when the other side has to make the rule.

        A column compared with a value of the customer is a rule about the row, whichever stands on the left.
        """
        if isinstance(other, Value):
            if other.kind is not (self._compared_with or self.kind):
                raise mismatch(self.kind, other.kind)
            if self._scope.rows is None and other._scope.rows is not None:
                return None
            return other.node, self._scope.joined(other._scope)
        if isinstance(other, (Rule, RowRule)):
            raise WrongKind("a value cannot be compared with a rule", hint=_PRECEDENCE)
        return self._fitting(*constant(other)), self._scope

    def _fitting(self, kind: Kind, literal: nodes.Literal) -> nodes.Literal:
        if kind is not (self._compared_with or self.kind):
            raise mismatch(self.kind, kind)
        return literal

    def _misplaced(self, other: object) -> NoReturn:
        raise WrongKind("a value is neither true nor false, so & and | cannot take it", hint=_PRECEDENCE)

    def _unordered(self, other: object) -> NoReturn:
        raise WrongKind(f"{described(self.kind)} has no order", hint=_INSTEAD.get(self.kind, ""))

    def _unequal(self, other: object) -> NoReturn:
        raise WrongKind(f"{described(self.kind)} cannot be compared as a whole", hint=_INSTEAD.get(self.kind, ""))

    if not TYPE_CHECKING:  # a type checker says of itself that these are not there
        __and__ = __or__ = __rand__ = __ror__ = _misplaced
        __lt__ = __le__ = __gt__ = __ge__ = _unordered
        __eq__ = __ne__ = _unequal


class Equated(Value[R], Generic[R, Operand]):
    """A value that is equal to another or not. ``!=`` is the exact complement of ``==``, so true of the missing."""

    __slots__ = ()
    __hash__: ClassVar[None]  # type: ignore[assignment]  # a set would ask whether two handles are equal

    def __eq__(self, other: Operand) -> R:  # type: ignore[override]  # == makes a rule here, not a bool
        return self._compare("==", other)

    def __ne__(self, other: Operand) -> R:  # type: ignore[override]
        found = self._operand(other)
        if found is None:
            return NotImplemented
        node, scope = found
        return scope.rule(negation(self._comparison("==", node)))


class Ordered(Equated[R, Operand]):
    """A value that comes before or after another; every comparison with the missing is false."""

    __slots__ = ()

    def __lt__(self, other: Operand) -> R:
        return self._compare("<", other)

    def __le__(self, other: Operand) -> R:
        return self._compare("<=", other)

    def __gt__(self, other: Operand) -> R:
        return self._compare(">", other)

    def __ge__(self, other: Operand) -> R:
        return self._compare(">=", other)
