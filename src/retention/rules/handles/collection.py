"""Collections: narrow the rows, then count them, ask for one of them, or look at what followed what."""

from datetime import datetime
from typing import Any, Self, TypeAlias, TypeVar, overload

from attrs import evolve

from retention.errors import RuleError, WrongKind
from retention.rules import nodes
from retention.rules.handles.columns import picked
from retention.rules.handles.constants import a_moving_span
from retention.rules.handles.fields import Attributes, InstantField, Rows, TextField
from retention.rules.handles.instants import Instant
from retention.rules.handles.numbers import Number
from retention.rules.handles.scope import CUSTOMER
from retention.rules.rule import RowRule, Rule, conjunction, narrowed_from, shown
from retention.schema import STANDARD, Kind, Schema
from retention.spans import Duration, Months, MovingSpan, Span

CustomerInstant: TypeAlias = datetime | Instant[Rule]

S = TypeVar("S", Duration, Months)
"""Two spans that are added up are of one family, exact or calendar."""


class Collection(Rows):
    """Rows of what happened, in order of ``(at, id)``. A host declares its own as a subclass with fields.

    What narrows it gives a collection again: ``where`` and windows add up, and ``first``, ``last`` and ``nth`` take one
    row out of what has been narrowed so far.
    """

    id = TextField()
    at = InstantField()

    def where(self, *rules: RowRule[Self]) -> Self:
        """The rows for which every rule holds. Raises WrongKind for a rule about anything else than these rows."""
        return self._where(*(self._about_its_rows(rule) for rule in rules))

    def within(self, span: Span) -> Self:
        """The rows of the span up to ``as_of``, its older end outside; whole local days include their first instant."""
        return self.where(self.at.within(span))

    def older_than(self, span: Span) -> Self:
        """The rows from the span ago or longer."""
        return self.where(self.at.older_than(span))

    def since(self, instant: CustomerInstant) -> Self:
        """The rows at the instant and later."""
        return self.where(self.at >= instant)

    def after(self, instant: CustomerInstant) -> Self:
        """The rows later than the instant."""
        return self.where(self.at > instant)

    def before(self, instant: CustomerInstant) -> Self:
        """The rows earlier than the instant."""
        return self.where(self.at < instant)

    @overload
    def between(self, first: Span, last: Span) -> Self: ...
    @overload
    def between(self, first: CustomerInstant, last: CustomerInstant) -> Self: ...
    def between(self, first: Any, last: Any) -> Self:
        """Of two spans: ``as_of - last < at <= as_of - first``. Of two instants: ``first <= at < last``."""
        return self.where(self.at.between(first, last))

    def first(self) -> Self:
        """The first row alone."""
        return self.nth(1)

    def last(self) -> Self:
        """The last row alone."""
        return self.nth(-1)

    def nth(self, n: int) -> Self:
        """The ``n``-th row alone: 1 is the first, 2 the second, -1 the last."""
        return self._of(picked(self.node, n))

    def count(self) -> Number[Rule]:
        """How many rows there are; 0 of none."""
        return Number(nodes.Aggregate("count", self.node), CUSTOMER)

    def any(self) -> Rule:
        """There is a row."""
        return self.count() >= 1

    def none(self) -> Rule:
        """There is no row."""
        return self.count() == 0

    def followed_by(self, then: "Collection", *, within: MovingSpan) -> Rule:
        """Some row has one of ``then`` after it, no later than the span; one at the same instant does not count."""
        return Rule(nodes.Follows(self.node, _rows(then), a_moving_span(within)))

    def not_followed_by(self, then: "Collection", *, within: MovingSpan) -> Rule:
        """Some row saw the span pass with no row of ``then`` after it.

        Not the complement of ``followed_by``: one visit may be followed and another not, and a span that still runs
        has decided nothing.
        """
        return Rule(nodes.Follows(self.node, _rows(then), a_moving_span(within), missed=True))

    def stopped(self, *, quiet: S, active: S) -> Rule:
        """Rows in the ``active`` span that ended ``quiet`` ago, and none since."""
        return self.between(quiet, _sum(quiet, active)).any() & self.within(quiet).none()

    def restarted(self, *, quiet: S, active: S) -> Rule:
        """Rows in the ``active`` span up to now, none in the ``quiet`` span before it, and some before that."""
        before = _sum(active, quiet)
        return self.within(active).any() & self.between(active, before).none() & self.older_than(before).any()

    def in_periods(self, count: int, *, of: int, every: MovingSpan) -> Rule:
        """Rows in at least ``count`` of the last ``of`` periods, laid end to end back from ``as_of``."""
        if not 1 <= count <= of <= 366:
            raise RuleError("in_periods counts some of the last periods", hint="in_periods(3, of=4, every=weeks(1))")
        span = a_moving_span(every)
        periods = [self.within(span), *(self.between(span * i, span * (i + 1)) for i in range(1, of))]
        return Rule(nodes.AtLeast(count, tuple(period.any().node for period in periods)))

    @classmethod
    def columns(cls) -> dict[str, Kind]:
        """The declared columns by name, as ``Schema.extend`` takes them; ``id`` and ``at`` go without saying."""
        return {name: kind for name, kind in cls._declared().items() if name not in ("id", "at")}

    def __repr__(self) -> str:
        return shown(self.node)

    def _of(self, node: nodes.Events) -> Self:
        return type(self)(node)

    def _where(self, *rules: nodes.Rule) -> Self:
        if not rules:
            return self
        if self.node.pick is not None:
            return self._of(nodes.Events(self.node, where=conjunction(*rules)))
        before = () if self.node.where is None else (self.node.where,)
        return self._of(evolve(self.node, where=conjunction(*before, *rules)))

    def _about_its_rows(self, rule: object) -> nodes.Rule:
        name = self.node.collection
        if not isinstance(rule, RowRule):
            hint = f"Compare a column: {name}.where({name}.id == …); combine rules about the customer outside, with &"
            raise WrongKind(f"{name}.where takes rules about a row of {name}", hint=hint)
        if rule.rows.collection != name:
            problem = f"a rule about a row of {rule.rows.collection} says nothing about a row of {name}"
            raise WrongKind(problem, hint=f"Begin with a column of {name}")
        if not narrowed_from(rule.rows, self.node):
            problem = f"a rule about some rows of {name} is put to others"
            raise WrongKind(problem, hint=f"Write the columns of the plain collection: {name}.where({name}.… == …)")
        return rule.node


def declare(*parts: Collection | Attributes, currency: str | None = None, schema: Schema = STANDARD) -> Schema:
    """The schema with what a host's own collections and customer declare.

    Raises ConfigurationError for a name that is taken or unusable.
    """
    customers = [part for part in parts if isinstance(part, Attributes)]
    collections = [part for part in parts if isinstance(part, Collection)]
    return schema.extend(
        attributes={name: kind for each in customers for name, kind in each.own_attributes().items()},
        collections={each.node.collection: each.columns() for each in collections},
        currency=currency,
    )


def _rows(of: object) -> nodes.Events:
    if isinstance(of, Collection):
        return of.node
    raise WrongKind("what follows rows is rows", hint="Write views.followed_by(orders, within=days(3))")


def _sum(one: S, other: S) -> S:
    try:
        return one + other
    except (AttributeError, TypeError):
        problem = "the two spans cannot be added up"
        raise WrongKind(problem, hint="Give both as days(30) or both as months(1)") from None
