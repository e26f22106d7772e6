"""Whom a handle speaks of: the customer, or one row of a collection."""

from typing import Any, Generic, Protocol, TypeVar, final

from attrs import frozen

from retention.rules import nodes
from retention.rules.rule import C, RowRule, Rule, Undecided, common_rows

R = TypeVar("R", bound=Undecided)
"""The rule that a comparison gives: ``Rule``, or ``RowRule`` of a collection."""

R_co = TypeVar("R_co", bound=Undecided, covariant=True)


class Scope(Protocol[R_co]):
    """Makes rules of its own type. ``rows`` is the selection whose rows are meant, None for the customer."""

    @property
    def rows(self) -> nodes.Events | None: ...

    def rule(self, node: nodes.Rule) -> R_co:
        """The node as a rule of this scope."""

    def joined(self, other: "Scope[Any]") -> "Scope[R_co]":
        """This scope, narrowed to what ``other`` speaks of. Raises WrongKind when they have no row in common."""


@final
@frozen(eq=False, repr=False)
class CustomerScope:
    rows: None = None

    def rule(self, node: nodes.Rule) -> Rule:
        return Rule(node)

    def joined(self, other: Scope[Any]) -> "CustomerScope":
        return self


@final
@frozen(eq=False, repr=False)
class RowScope(Generic[C]):
    rows: nodes.Events

    def rule(self, node: nodes.Rule) -> RowRule[C]:
        return RowRule(node, self.rows)

    def joined(self, other: Scope[Any]) -> "RowScope[C]":
        return self if other.rows is None else RowScope(common_rows(self.rows, other.rows))


CUSTOMER = CustomerScope()
